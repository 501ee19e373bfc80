package courier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
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

// cause is a sentence for people in front of an error for the log. The words of network
// errors name sockets and name servers, which is nothing to show.
type cause struct {
	words string
	err   error
}

func (c *cause) Error() string { return c.words }
func (c *cause) Unwrap() error { return c.err }

// root is the error at the bottom of f: what the log gets beside the words.
func (f *Failure) root() error {
	err := f.Err
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(next) {
		err = next
	}
	return err
}

// network makes words of an error of the operating system or the net package.
func network(err error) error {
	var op *net.OpError
	words := err.Error()
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		words = "no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		words = "the connection was closed"
	case errors.Is(err, net.ErrClosed), errors.Is(err, context.Canceled):
		words = "the attempt was ended"
	case errors.As(err, &op):
		words = op.Err.Error() // without the addresses around it
	}
	return &cause{words, err}
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
