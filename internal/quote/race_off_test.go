//go:build !race

package quote

const raceDetector = false
