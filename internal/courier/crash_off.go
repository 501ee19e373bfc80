//go:build !crash

package courier

// crashPoint is where a test may kill the program (threats 3.2, s3…s6): only a binary built with -tags crash has it.
func crashPoint(string) {}
