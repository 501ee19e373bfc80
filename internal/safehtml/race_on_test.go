//go:build race

package safehtml

// raceDetector is on: times measured now say nothing about the code.
const raceDetector = true
