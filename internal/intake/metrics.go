package intake

import (
	"errors"
	"time"

	"aside/internal/email"
)

// Observer is told what the way in does, for metrics. It is called on the way of every letter: it counts and returns.
type Observer interface {
	// Commit tells of one transaction: how many letters it held, how long it and its flush took, and whether it failed.
	Commit(letters int, took time.Duration, err error)
	// Letter tells what became of one letter: stored, refused, unknown, temporary, malformed or failed.
	Letter(outcome string)
}

// silent observes nothing.
type silent struct{}

func (silent) Commit(int, time.Duration, error) {}
func (silent) Letter(string)                    {}

// observer is the one that was given, or one that sees nothing.
func (in *Intake) observer() Observer {
	if in.Observer == nil {
		return silent{}
	}
	return in.Observer
}

// outcome names what became of a letter.
func outcome(err error) string {
	var refused *Refused
	var malformed *email.Malformed
	var complex *email.TooComplex
	switch {
	case err == nil:
		return "stored"
	case errors.Is(err, ErrUnknown):
		return "unknown"
	case errors.Is(err, ErrTemporary):
		return "temporary"
	case errors.As(err, &refused):
		return "refused"
	case errors.As(err, &malformed), errors.As(err, &complex), errors.Is(err, ErrHops):
		return "malformed"
	}
	return "failed"
}
