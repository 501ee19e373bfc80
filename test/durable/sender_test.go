package durable

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// letter is one letter and where it goes.
type letter struct{ from, to, raw string }

var written atomic.Int64

// letterTo writes a letter unlike any other; every third has two files.
func (s *seed) letterTo(i int) letter {
	n := written.Add(1)
	l := letter{from: s.from[i%len(s.from)], to: s.to[i%len(s.to)]}
	head := fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: Re: Hinges\r\nDate: %s\r\nMessage-ID: <%d.%d@load.test>\r\nMIME-Version: 1.0\r\n", l.from, l.to, time.Now().Format(time.RFC1123Z), time.Now().UnixNano(), n)
	text := fmt.Sprintf("Letter %d of the test.\r\n%s\r\n", n, strings.Repeat("The hinge is on its way, with screws.\r\n", int(n%60)))
	if n%3 != 0 {
		l.raw = head + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text
		return l
	}
	noise := make([]byte, 3000)
	_, _ = rand.Read(noise)
	file := "--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"plan%d.pdf\"\r\n\r\n%s\r\n"
	l.raw = head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n" + text + fmt.Sprintf(file, 1, wrapped(noise)) + fmt.Sprintf(file, 2, wrapped([]byte(hex.EncodeToString(noise[:40])))) + "--b--\r\n"
	return l
}

func wrapped(b []byte) string {
	s, out := base64.StdEncoding.EncodeToString(b), strings.Builder{}
	for len(s) > 76 {
		out.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return out.String() + s
}

// line is one SMTP connection. Its errors are the connection's; refusals are codes.
type line struct{ c *textproto.Conn }

func dial(addr string) (*line, error) {
	c, err := textproto.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	l := &line{c}
	if _, _, err = c.ReadResponse(220); err == nil {
		_, err = l.say("EHLO mail.load.test")
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return l, nil
}

func (l *line) say(format string, args ...any) (code int, err error) {
	if err := l.c.PrintfLine(format, args...); err != nil {
		return 0, err
	}
	return l.code()
}

func (l *line) code() (int, error) {
	code, text, err := l.c.ReadResponse(0)
	if leaks(text) {
		return code, fmt.Errorf("an answer shows what is inside: %q", text)
	}
	return code, err
}

// leaks tells whether an answer to a stranger shows the text of an error of ours (D3).
func leaks(text string) bool {
	for _, word := range []string{"sql", "SQL", "database", "disk", "panic", "input/output", "no space", "/tmp"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// send hands one letter over and returns the last code, 0 when the connection ended before there was one.
func (l *line) send(m letter) (code int, err error) {
	for _, command := range []string{fmt.Sprintf("MAIL FROM:<%s> SIZE=%d", m.from, len(m.raw)), "RCPT TO:<" + m.to + ">", "DATA"} {
		if code, err = l.say("%s", command); err != nil || code >= 400 {
			return code, err
		}
	}
	if err := l.body(m); err != nil {
		return 0, err
	}
	return l.code()
}

// body sends a letter's bytes and the final dot. (No line of ours starts with one.)
func (l *line) body(m letter) error {
	if _, err := l.c.W.WriteString(m.raw + ".\r\n"); err != nil {
		return err
	}
	return l.c.W.Flush()
}

// log is what a careful sender keeps: what was answered 250, and what it must send again.
type log struct {
	mu     sync.Mutex
	acked  []letter
	unsure []letter // not answered, or 4xx
	codes  map[int]int
}

func (g *log) note(m letter, code int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.codes == nil {
		g.codes = map[int]int{}
	}
	g.codes[code]++
	if code == 250 {
		g.acked = append(g.acked, m)
		return
	}
	g.unsure = append(g.unsure, m)
}

func (g *log) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.acked)
}

// telling is whether letters were taken and others not, so that something can be said of both.
func (g *log) telling() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.acked) > 0 && len(g.unsure) > 0
}

// pour sends letters over c connections until stop is closed, and logs every answer. A permanent refusal is a fault.
func pour(t testing.TB, d *daemon, s *seed, c int, stop <-chan struct{}, g *log) *sync.WaitGroup {
	var wg sync.WaitGroup
	for range c {
		wg.Go(func() {
			for !over(stop) {
				l, err := dial(d.smtp)
				if err != nil {
					time.Sleep(2 * time.Millisecond)
					continue
				}
				l.pour(t, s, stop, g)
			}
		})
	}
	return &wg
}

func (l *line) pour(t testing.TB, s *seed, stop <-chan struct{}, g *log) {
	defer l.c.Close()
	for !over(stop) {
		m := s.letterTo(int(written.Load()))
		code, err := l.send(m)
		if code >= 500 {
			t.Errorf("R-6: a letter was refused for good: %d", code)
		}
		g.note(m, code)
		if err != nil || code == 421 {
			return
		}
	}
}

func over(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

// again sends what is unsure until it is taken, as a queue does.
func (g *log) again(t testing.TB, d *daemon) {
	t.Helper()
	l, err := dial(d.smtp)
	if err != nil {
		t.Fatal(err)
	}
	defer l.c.Close()
	waiting := g.unsure
	g.unsure = nil
	for _, m := range waiting {
		code, err := l.send(m)
		if code != 250 {
			t.Fatalf("a letter was not taken the second time: %d %v", code, err)
		}
		g.note(m, code)
	}
}
