//go:build race

package test

// raceDetector is on. PocketBase reloads its settings while its own logger reads them, which is a race of its own: the one route
// that does so is asked without the detector.
const raceDetector = true
