package courier

import (
	"fmt"
	"strings"
)

// Failure is how an attempt failed. Neither Permanent nor Unknown: try again later.
type Failure struct {
	// Permanent: the same letter will never be taken; trying again is pointless.
	Permanent bool
	// Unknown: the final dot was sent and the answer lost. The letter may have arrived;
	// a retry must send the same bytes.
	Unknown bool
	// Code and Enhanced are the server's ("550", "5.1.1") or, without an answer, 0 and
	// what RFC 3463 has for the case.
	Code     int
	Enhanced string
	// Response is what the server said, at most 1 KB, control bytes escaped; "" when
	// it said nothing.
	Response string
	// Remote is the host spoken to, or the domain when none was reached.
	Remote string
	// Err is the cause in words, for the log and for an agent: it holds no secret.
	Err error

	final bool // no other server may be asked now
}

// Error is one line: who, what was being done, what was said.
func (f *Failure) Error() string {
	var b strings.Builder
	if f.Remote != "" {
		b.WriteString(f.Remote + ": ")
	}
	b.WriteString(f.Err.Error())
	if f.Response != "" {
		b.WriteString(": " + f.Response)
	}
	return b.String()
}

// Unwrap is the cause.
func (f *Failure) Unwrap() error { return f.Err }

// never is a failure that no retry mends; status is one of RFC 3463.
func never(status, format string, args ...any) *Failure {
	return &Failure{Permanent: true, Enhanced: status, Err: fmt.Errorf(format, args...)}
}

// later is a failure that a retry may mend.
func later(status, format string, args ...any) *Failure {
	return &Failure{Enhanced: status, Err: fmt.Errorf(format, args...)}
}

// at names who failed.
func (f *Failure) at(remote string) *Failure {
	f.Remote = remote
	return f
}

// final marks f as the last word on this attempt.
func final(f *Failure) *Failure {
	f.final = true
	return f
}

// worse picks, of two attempts at one letter, the failure that says more: one that a
// retry may mend over one that it may not, a server's word over a network's silence.
func worse(a, b *Failure) *Failure {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.Permanent != b.Permanent:
		if a.Permanent {
			return b
		}
		return a
	case a.Code == 0 && b.Code != 0:
		return b
	}
	return a
}
