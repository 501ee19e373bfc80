//go:build race

package email

// raceDetector is on: times measured now say nothing about the code.
const raceDetector = true
