// Package durable holds the built binary to the promises of threats.md 3.1: what got a 250 is there, whole and once, after kill -9
// at every stage and at random, failing disks, a locked database, a full group commit with a poisoned letter, a power cut; what got
// none is not there by halves. Its tests drive the program from outside, as a mail server and a crash would.
//
// It is tests only. The short forms run in `go test`; ASIDE_SOAK=1 runs the long ones, ASIDE_INTEROP=1 real mail servers as peers,
// ASIDE_BENCH_DOOR=1 the race against Postfix+OpenDKIM, ASIDE_MEMORY=1 the memory figures.
package durable
