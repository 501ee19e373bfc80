//go:build race

package quote

// raceDetector is on: times measured now say nothing about the code.
const raceDetector = true
