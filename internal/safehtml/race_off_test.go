//go:build !race

package safehtml

const raceDetector = false
