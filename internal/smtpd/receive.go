package smtpd

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// finish hands a whole letter on and turns what comes back into the answer.
func (s *session) finish(l *letter) *Reply {
	defer s.reset()
	fault := l.fault
	if fault == nil {
		fault = l.normalise()
	}
	if fault != nil {
		s.srv.stats.add(refusedFor(fault), 1)
		s.over = s.over || fault == badLineEnding
		return fault
	}
	// A sender that is told 421 at its next MAIL puts that letter off for minutes; one whose
	// connection has ended simply opens another (seen with Postfix).
	s.over = s.over || s.transactions >= s.srv.limits.Transactions && !s.trusted
	err := s.receive(&Envelope{
		Remote: s.remote, Helo: s.helo, TLS: s.secure, From: s.tx.from, To: s.tx.to,
		Data: l.buf, Received: s.srv.Now(),
	})
	if err == nil {
		s.srv.stats.add(letters, 1)
		s.srv.stats.add(bytesIn, int64(len(l.buf)))
		s.srv.gate.good(s.remote.Addr())
		return stored
	}
	r, told := refusal(err)
	if !told {
		s.srv.stats.add(lettersFailed, 1)
		s.srv.Log.Error("letter not stored", "remote", s.remote, "bytes", len(l.buf), "err", err)
		return r
	}
	s.srv.stats.add(lettersRefused, 1)
	return r
}

// cut ends a session whose letter did not come whole. The connection never goes on:
// what comes next on it is the rest of a letter, written by who knows whom.
func (s *session) cut(err error) *Reply {
	s.srv.stats.add(lettersCut, 1)
	s.over = true
	switch {
	case errors.Is(err, errLineEnding):
		return badLineEnding
	case errors.Is(err, errFlood):
		return tooLarge
	}
	return s.lost(err)
}

func refusedFor(fault *Reply) counter {
	if fault == noMemory {
		return lettersNoRoom
	}
	return lettersRefused
}

func (s *session) known(addr string) error {
	if s.srv.Known == nil {
		return unknownAddress
	}
	return s.ask(Ask, func(ctx context.Context) error { return s.srv.Known(ctx, addr) })
}

func (s *session) receive(e *Envelope) error {
	if s.srv.Receive == nil {
		return errors.New("smtpd: no Receive")
	}
	return s.ask(Store, func(ctx context.Context) error { return s.srv.Receive(ctx, e) })
}

// ask calls a handler with an end to its time. Its panic is an error like any other:
// the letter is not stored, and the sender will try again.
func (s *session) ask(within time.Duration, handler func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(s.srv.base, within)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			s.srv.stats.add(panics, 1)
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return handler(ctx)
}
