package smtpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

var errTimeout = os.ErrDeadlineExceeded

// session is one connection's conversation. Its goroutine alone touches it.
type session struct {
	srv     *Server
	w       *wire
	remote  netip.AddrPort
	trusted bool

	helo   string
	secure bool
	tx     transaction
	over   bool // hang up after the current answer

	commands, errors, bad, transactions int
}

// transaction is what RSET forgets.
type transaction struct {
	open   bool
	from   string
	size   int64 // SIZE=, 0 when not given
	to     []string
	began  time.Time // of the letter
	letter *letter   // chunks so far
}

func (s *Server) newSession(c net.Conn, remote netip.AddrPort) *session {
	return &session{srv: s, w: newWire(c, s.limits), remote: remote, trusted: s.gate.trusts(remote.Addr())}
}

// run is the whole conversation.
func (s *session) run() {
	defer s.end()
	if !s.greet() {
		return
	}
	for !s.over {
		line, err := s.w.line(s.patience())
		if err != nil {
			s.answer(s.lost(err))
			return
		}
		s.answer(s.do(line))
	}
}

// end runs whatever happened, a panic included, which stops this session and no other.
func (s *session) end() {
	if p := recover(); p != nil {
		s.srv.stats.add(panics, 1)
		s.srv.Log.Error("panic in an SMTP session", "remote", s.remote, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		s.answer(&Reply{421, [3]int{4, 3, 0}, internal.Text})
	}
	s.reset()
	s.w.hangUp()
}

// greet waits a moment for those who cannot, then greets. A TLS or other binary hello
// where a command belongs ends it: such a client would wait for us as we for it.
func (s *session) greet() bool {
	if pause := s.srv.limits.Greeting; pause > 0 && !s.srv.gate.welcome(s.remote.Addr()) {
		s.w.expect(pause)
		_, err := s.w.in.Peek(1)
		switch {
		case err == nil:
			s.answer(s.earlyTalk())
			return false
		case !errors.Is(err, errTimeout):
			s.answer(s.lost(err))
			return false
		}
	}
	if !s.say(&Reply{Code: 220, Text: s.srv.Domain + " ESMTP"}) {
		return false
	}
	s.w.expect(s.patience())
	first, err := s.w.in.Peek(1)
	if err != nil {
		s.answer(s.lost(err))
		return false
	}
	if c := first[0]; c != '\r' && c != '\n' && (c < ' ' || c > '~') {
		s.answer(notHTTP)
		return false
	}
	return true
}

// do carries out one command and returns what to answer; nil when all is said.
func (s *session) do(line []byte) *Reply {
	s.commands++
	s.srv.stats.add(commands, 1)
	l := s.srv.limits
	if s.errors >= l.Errors {
		s.over = true
		return tooManyFaults
	}
	if s.commands > l.Commands && !s.trusted {
		s.over = true
		return tooMuch
	}
	verb, arg, _ := strings.Cut(string(line), " ")
	verb, arg = strings.ToUpper(verb), strings.TrimRight(arg, " ")
	control, eight := hasControl(line)
	if control || eight && verb != "RCPT" { // T-02: an odd recipient is an unknown recipient
		return badBytes
	}
	if command := verbs[verb]; command != nil {
		return command(s, arg)
	}
	if strings.HasPrefix(verb, "STARTTLS") {
		return badArgument
	}
	return badCommand
}

// answer queues r, and sends what is queued unless more commands wait to be answered
// (RFC 2920 3.2). A 421 is the last word of a session.
func (s *session) answer(r *Reply) {
	if r == nil {
		return
	}
	if r.Code < 505 && r.Code >= 500 || r.Code == 555 { // what RFC 5321 calls syntax errors
		s.errors++
		s.srv.stats.add(faults, 1)
	}
	s.over = s.over || r.Code == 421
	fmt.Fprintf(s.w.out, "%s\r\n", r.line())
	if !s.w.pending() || s.over {
		s.over = s.w.out.Flush() != nil || s.over
	}
}

// say answers at once and reports whether it got through.
func (s *session) say(r *Reply) bool {
	s.answer(r)
	s.over = s.w.out.Flush() != nil || s.over
	return !s.over
}

// lost is what is left to say when reading failed.
func (s *session) lost(err error) *Reply {
	s.over = true
	switch {
	case errors.Is(err, errStopping):
		return shuttingDown
	case errors.Is(err, errBadLine):
		return badLine
	case errors.Is(err, errTimeout):
		s.srv.stats.add(timeouts, 1)
		return tooSlow
	case !errors.Is(err, io.EOF):
		s.srv.Log.Debug("SMTP connection lost", "remote", s.remote, "err", err)
	}
	return nil
}

func (s *session) earlyTalk() *Reply {
	s.srv.stats.add(early, 1)
	s.over = true
	return talksTooEarly
}

func (s *session) reset() {
	if l := s.tx.letter; l != nil {
		l.free()
	}
	s.tx = transaction{}
}

func (s *session) patience() time.Duration {
	if !s.trusted && s.srv.gate.stressed() {
		return min(s.srv.limits.StressIdle, s.srv.limits.Idle)
	}
	return s.srv.limits.Idle
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
