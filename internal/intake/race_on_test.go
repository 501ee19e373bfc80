//go:build race

package intake

// raceDetector tells that everything takes many times as long.
const raceDetector = true
