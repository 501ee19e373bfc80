//go:build !crash

package intake

// crashPoint is where a test may kill the program (threats 3.2, c1…c8): only a binary built with -tags crash has it.
func crashPoint(string) {}
