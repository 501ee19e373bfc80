//go:build !crash

// Package crash marks the stages between which a test may kill the program (threats 3.2: c1…c8 on the way in, s1…s9 on the way out).
// Only a binary built with -tags crash does anything there.
package crash

// Point is one of the stages.
func Point(string) {}
