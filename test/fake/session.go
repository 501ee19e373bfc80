package fake

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

// session is one connection to an MX: the server's side of RFC 5321, told plainly.
type session struct {
	mx     *MX
	conn   net.Conn
	r      *bufio.Reader
	number int

	name, user, pass string
	cert             *tls.Certificate
	wrap             bool
	mechs, exts      []string

	secure  bool
	sni     string
	who     string // logged in as
	helo    string
	letter  Letter
	hasFrom bool
}

// errHangup ends a session on purpose.
var errHangup = errors.New("hung up")

func (s *session) serve() {
	s.r = bufio.NewReader(s.conn)
	if s.wrap && s.startTLS() != nil {
		return
	}
	err := s.step(Connect, "", func() error { return s.say("220 %s ESMTP fake", s.name) })
	for err == nil {
		var line string
		if line, err = s.r.ReadString('\n'); err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.note(line)
		err = s.command(line)
	}
}

func (s *session) note(line string) { s.mx.set(func() { s.mx.commands = append(s.mx.commands, line) }) }

// command does one command line.
func (s *session) command(line string) error {
	verb, arg, _ := strings.Cut(line, " ")
	switch verb = strings.ToUpper(verb); verb {
	case "EHLO", "HELO":
		return s.step(Helo, line, func() error { return s.hello(verb, arg) })
	case "STARTTLS":
		return s.step(StartTLS, line, s.upgrade)
	case "AUTH":
		return s.step(Auth, line, func() error { return s.auth(arg) })
	case "MAIL":
		return s.step(Mail, line, func() error { return s.mail(arg) })
	case "RCPT":
		return s.step(Rcpt, line, func() error { return s.rcpt(arg) })
	case "DATA":
		return s.step(Data, line, s.data)
	case "RSET":
		return s.step(Reset, line, func() error { s.reset(); return s.say("250 2.0.0 forgotten") })
	case "NOOP":
		return s.say("250 2.0.0 nothing done")
	case "QUIT":
		return s.step(Quit, line, func() error { s.say("221 2.0.0 bye"); return errHangup })
	}
	return s.say("500 5.5.2 what is that")
}

// step does the right thing, unless a fault says otherwise.
func (s *session) step(stage Stage, line string, right func() error) error {
	f, ok := s.mx.fault(stage, line)
	if !ok {
		return right()
	}
	time.Sleep(f.wait)
	if f.right {
		return right()
	}
	if stage == Dot && f.keep {
		s.mx.keep(s.letter)
	}
	for err := s.drip(f.raw, f.gap); err != nil || f.flood; err = s.write(f.raw) {
		if err != nil {
			return err
		}
	}
	if stage == Dot {
		s.reset()
	}
	if f.drop {
		return errHangup
	}
	return nil
}

func (s *session) say(format string, args ...any) error {
	return s.write(fmt.Sprintf(format, args...) + "\r\n")
}

func (s *session) drip(raw string, gap time.Duration) error {
	if gap == 0 {
		return s.write(raw)
	}
	for i := range len(raw) {
		if err := s.write(raw[i : i+1]); err != nil {
			return err
		}
		time.Sleep(gap)
	}
	return nil
}

func (s *session) write(raw string) error {
	_, err := s.conn.Write([]byte(raw))
	return err
}

func (s *session) hello(verb, name string) error {
	s.reset()
	s.helo = name
	if verb == "HELO" {
		return s.say("250 %s", s.name)
	}
	lines := append([]string{s.name + " is pleased"}, s.exts...)
	if s.cert != nil && !s.secure {
		lines = append(lines, "STARTTLS")
	}
	if len(s.mechs) > 0 {
		lines = append(lines, "AUTH "+strings.Join(s.mechs, " "))
	}
	return s.write(Refuse(250, strings.Join(lines, "\n")).raw)
}

func (s *session) upgrade() error {
	if s.cert == nil || s.secure {
		return s.say("502 5.5.1 no TLS here")
	}
	if err := s.say("220 2.0.0 go ahead"); err != nil {
		return err
	}
	return s.startTLS()
}

func (s *session) startTLS() error {
	conn := tls.Server(s.conn, &tls.Config{Certificates: []tls.Certificate{*s.cert}})
	if err := conn.Handshake(); err != nil {
		return err
	}
	s.conn, s.r, s.secure, s.helo = conn, bufio.NewReader(conn), true, ""
	s.sni = conn.ConnectionState().ServerName
	return nil
}

func (s *session) mail(arg string) error {
	from, params, ok := path(arg, "FROM:")
	switch {
	case s.helo == "":
		return s.say("503 5.5.1 say hello first")
	case len(s.mechs) > 0 && s.who == "":
		return s.say("530 5.7.0 log in first")
	case s.hasFrom:
		return s.say("503 5.5.1 one sender at a time")
	case !ok:
		return s.say("501 5.5.4 MAIL FROM:<address>")
	}
	s.hasFrom = true
	s.letter.From, s.letter.Params = from, params
	return s.say("250 2.1.0 sender ok")
}

func (s *session) rcpt(arg string) error {
	to, params, ok := path(arg, "TO:")
	switch {
	case !s.hasFrom:
		return s.say("503 5.5.1 MAIL first")
	case !ok || params != "":
		return s.say("501 5.5.4 RCPT TO:<address>")
	}
	s.letter.To = append(s.letter.To, to)
	return s.say("250 2.1.5 recipient ok")
}

func (s *session) data() error {
	if len(s.letter.To) == 0 {
		return s.say("503 5.5.1 RCPT first")
	}
	if err := s.say("354 go ahead"); err != nil {
		return err
	}
	body, err := readData(s.r)
	if err != nil {
		return err
	}
	l := &s.letter
	l.Data, l.At, l.Session, l.Helo, l.TLS, l.SNI, l.User = body, time.Now(), s.number, s.helo, s.secure, s.sni, s.who
	l.Remote, _ = netip.ParseAddrPort(s.conn.RemoteAddr().String())
	return s.step(Dot, l.From+" "+strings.Join(l.To, " "), func() error {
		s.mx.keep(s.letter)
		s.reset()
		return s.say("250 2.0.0 kept")
	})
}

func (s *session) reset() { s.letter, s.hasFrom = Letter{}, false }

// path takes "FROM:<a@b> SIZE=1" apart.
func path(arg, prefix string) (addr, params string, ok bool) {
	if len(arg) < len(prefix) || !strings.EqualFold(arg[:len(prefix)], prefix) {
		return "", "", false
	}
	rest, ok := strings.CutPrefix(arg[len(prefix):], "<")
	if !ok {
		return "", "", false
	}
	addr, params, ok = strings.Cut(rest, ">")
	return addr, strings.TrimPrefix(params, " "), ok
}

// readData reads up to CRLF.CRLF and to nothing less (RFC 5321 4.1.1.4): a bare CR or
// LF is part of the letter, for the test to find.
func readData(r *bufio.Reader) ([]byte, error) {
	var body []byte
	fresh := true // the last line ended in CRLF
	for {
		line, err := r.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		if fresh && bytes.Equal(line, []byte(".\r\n")) {
			return body, nil
		}
		if fresh && line[0] == '.' {
			line = line[1:]
		}
		body = append(body, line...)
		fresh = bytes.HasSuffix(line, []byte("\r\n"))
	}
}
