package smtpd

import (
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
		case err == nil && s.foreigner():
			s.answer(notHTTP)
			return false
		case err == nil:
			s.answer(s.earlyTalk())
			return false
		case !errors.Is(err, errTimeout):
			s.answer(s.lost(err))
			return false
		}
	}
	s.answer(&Reply{Code: 220, Text: s.srv.Domain + " ESMTP"})
	s.w.expect(s.patience())
	if _, err := s.w.in.Peek(1); err != nil {
		s.answer(s.lost(err))
		return false
	}
	if s.foreigner() {
		s.answer(notHTTP)
		return false
	}
	return true
}

// foreigner looks at the first bytes a client sent for another protocol's: a binary
// hello, or a verb of HTTP or of a proxy.
func (s *session) foreigner() bool {
	first, _ := s.w.in.Peek(min(s.w.in.Buffered(), len("CONNECT ")))
	if c := first[0]; c != '\r' && c != '\n' && (c < ' ' || c > '~') {
		return true
	}
	verb, _, found := strings.Cut(string(first), " ")
	return found && foreignVerbs[verb]
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
	switch command := verbs[verb]; {
	case command != nil:
		return command(s, arg)
	case foreignVerbs[verb]:
		s.over = true
		return notHTTP
	case strings.HasPrefix(verb, "STARTTLS"):
		return badArgument
	}
	return badCommand
}

// answer queues r; it is sent with the next read, so that the answers to a pipeline go
// together (RFC 2920 3.2). A 421 is the last word of a session.
func (s *session) answer(r *Reply) {
	if r == nil {
		return
	}
	if r.Code >= 500 && r.Code < 505 || r.Code == 555 { // what RFC 5321 calls syntax errors
		s.errors++
		s.srv.stats.add(faults, 1)
	}
	s.over = s.over || r.Code == 421
	fmt.Fprintf(s.w.out, "%s\r\n", r.line())
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

// hasControl reports bytes that belong in no command; eight reports bytes beyond ASCII.
func hasControl(line []byte) (control, eight bool) {
	for _, c := range line {
		control = control || c < ' ' || c == 0x7F
		eight = eight || c > 0x7F
	}
	return control, eight
}
