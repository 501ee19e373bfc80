package smtpd

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// The session loop was first meant to be go-smtp's (v0.25.1). This file keeps the trial
// that decided otherwise: testdata/faults/gosmtp.txt against that library, bare and
// behind the connection guard of threats.md Appendix B.
//
// A guard below the library sees ciphertext after STARTTLS, and no session method is
// called for NOOP, RSET, EHLO, VRFY, or for anything the library refuses by itself. So
// commands and errors cannot be counted (S-38, S-39), bare LF and control bytes not be
// refused (S-46, S-49), a STARTTLS with junk not be told from one without (S-44); the
// parser takes quotes, routes and brackets off before the session is asked (S-48, S-50),
// and never asks for <postmaster>. What remains is a second SMTP parser in front of the
// first, which is the place smuggling comes from. One loop of our own is less code than
// that, has one parser, and reads DATA a buffer at a time.

// TestGoSMTPFaults shows each known fault there, and that it is none of ours. Should a
// later version cure one, this test says so and the decision can be looked at again.
func TestGoSMTPFaults(t *testing.T) {
	dialogs, err := readDialogs("testdata/faults/gosmtp.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dialogs {
		where, name, _ := strings.Cut(d.name, " ")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mode := d.modes[0]
			if err := d.run(openGoSMTP(t, d.limits, false), mode); err != nil {
				t.Errorf("bare go-smtp has this fault no more: %v", err)
			}
			if where == "bare" {
				d.wait = time.Second // enough to wait in vain
			}
			if err := d.run(openGoSMTP(t, d.limits, true), mode); (err == nil) != (where == "guarded") {
				t.Errorf("guarded go-smtp: %v", err)
			}
			d.wait = time.Second
			ours, _ := open(t, func(s *Server) { s.Limits = d.limits })
			if d.run(ours, mode) == nil {
				t.Error("we have this fault")
			}
		})
	}
}

// D6: there, an idle client outlives Shutdown and Close.
func TestGoSMTPFaults_D6_ShutdownLeavesConnections(t *testing.T) {
	d := &door{}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &goSession{door: d, conn: c}, nil }))
	s.Domain = "in.test"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.addr = l.Addr().String()
	go s.Serve(l)
	p := talk(t, d, "plain", "s <- 220", "c -> EHLO t", "s <- 250")
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); err == nil {
		t.Error("Shutdown waits for the idle no more")
	}
	s.Close()
	p.must(t, "c ->", "NOOP")
	p.must(t, "s <-", "250")
}

// openGoSMTP starts a go-smtp server set up as well as it can be.
func openGoSMTP(t testing.TB, l Limits, guarded bool) *door {
	l = l.withDefaults()
	d := &door{}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &goSession{door: d, conn: c, guarded: guarded}, nil
	}))
	s.Domain, s.TLSConfig, s.MaxRecipients = "in.test", testTLS(t), l.Recipients
	s.MaxMessageBytes, s.MaxLineLength = l.MessageBytes, l.Line
	s.ReadTimeout, s.WriteTimeout = min(l.Idle, l.Data), l.Write
	s.ErrorLog = log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.addr = listener.Addr().String()
	if guarded {
		s.ReadTimeout = 0
		listener = guardListener{listener, l}
	}
	go s.Serve(listener)
	t.Cleanup(func() { s.Close() })
	return d
}

// guardListener and guardConn are Appendix B: deadlines that go-smtp cannot move, and a
// memory of every read error.
type guardListener struct {
	net.Listener
	limits Limits
}

func (l guardListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return &guardConn{Conn: c, limits: l.limits, end: time.Now().Add(l.limits.Session)}, err
}

type guardConn struct {
	net.Conn
	limits Limits
	end    time.Time
	dead   bool
}

func (g *guardConn) SetReadDeadline(time.Time) error { return nil }

func (g *guardConn) Read(p []byte) (int, error) {
	g.Conn.SetReadDeadline(earlier(time.Now().Add(min(g.limits.Idle, g.limits.Data)), g.end))
	n, err := g.Conn.Read(p)
	g.dead = g.dead || err != nil
	return n, err
}

func guardOf(c net.Conn) *guardConn {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	g, _ := c.(*guardConn)
	return g
}

// goSession is the backend: the same recipients and letters as ours.
type goSession struct {
	door    *door
	conn    *smtp.Conn
	guarded bool
	bad     int
	e       Envelope
}

func (s *goSession) Reset()        { s.e = Envelope{} }
func (s *goSession) Logout() error { return nil }

func (s *goSession) Mail(from string, _ *smtp.MailOptions) error {
	if s.guarded && from != "" {
		if _, _, err := SplitAddress(from); err != nil {
			return answer(badAddress)
		}
	}
	s.e.From = from
	return nil
}

func (s *goSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.guarded && s.bad >= BadRecipients {
		s.conn.Conn().Close()
		return answer(tooManyFaults)
	}
	local, domain, err := SplitAddress(to)
	switch {
	case err != nil:
		return s.refuse(answer(badAddress))
	case domain != "in.test" || strings.ContainsAny(local, "@%!"):
		return s.refuse(answer(relayingDenied))
	}
	if err := s.door.known(context.Background(), local+"@"+domain); err != nil {
		return s.refuse(s.answer(err))
	}
	s.e.To = append(s.e.To, local+"@"+domain)
	return nil
}

func (s *goSession) refuse(err error) error {
	s.bad++
	return err
}

func (s *goSession) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	var full *smtp.SMTPError
	if s.guarded && errors.As(err, &full) {
		return err
	}
	if g := guardOf(s.conn.Conn()); g != nil && (err != nil || g.dead) {
		s.conn.Conn().Close()
		return answer(tooSlow)
	}
	if err != nil {
		return err
	}
	l := &letter{limits: Limits{}.withDefaults(), held: &budget{limit: HeldBytes}, buf: data}
	if s.guarded {
		if fault := l.normalise(); fault != nil {
			return answer(fault)
		}
	}
	s.e.Data = l.buf
	e := s.e
	return s.answer(s.door.receive(context.Background(), &e))
}

// answer maps errors as the guard would; bare, they go to the library as they are.
func (s *goSession) answer(err error) error {
	if err == nil {
		return nil
	}
	if !s.guarded {
		var r *Reply
		if errors.As(err, &r) {
			return answer(r)
		}
		return err
	}
	r, _ := refusal(err)
	return answer(r)
}

func answer(r *Reply) error {
	return &smtp.SMTPError{Code: r.Code, EnhancedCode: smtp.EnhancedCode(r.Enhanced), Message: r.Text}
}
