//go:build !crash

package outbox

// crashPoint is where a test may kill the program (threats 3.2, s1, s2, s7, s8, s9): only a binary built with -tags crash has it.
func crashPoint(string) {}
