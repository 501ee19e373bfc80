package smtpd

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// door is a listening server under test, ours or another, and what came through it.
type door struct {
	addr string
	mu   sync.Mutex
	got  []*Envelope
	log  lockedText
	drop bool // letters are for nobody
}

// leak is what a database error looks like; no client may ever see any of it.
const leak = "UPDATE side_messages: database is locked (5) (SQLITE_BUSY)"

// known has a few recipients, each with a way of its own to answer.
func (d *door) known(_ context.Context, addr string) error {
	switch local, _, _ := strings.Cut(addr, "@"); strings.ToLower(local) {
	case "reply+good", "reply+two", "reply+three", "postmaster":
		return nil
	case "reply+closed":
		return &Reply{550, [3]int{5, 7, 1}, "This conversation is closed"}
	case "reply+later":
		return &Reply{451, [3]int{4, 4, 3}, "Ask again"}
	case "reply+broken":
		return errors.New(leak)
	case "reply+panic":
		panic(leak)
	}
	return &Reply{550, [3]int{5, 1, 1}, "Address not known here"}
}

// receive stores, unless the letter says how to fail.
func (d *door) receive(ctx context.Context, e *Envelope) error {
	switch {
	case strings.Contains(string(e.Data), "X-Fail: broken"):
		return errors.New(leak)
	case strings.Contains(string(e.Data), "X-Fail: panic"):
		panic(leak)
	case strings.Contains(string(e.Data), "X-Fail: policy"):
		return &Reply{550, [3]int{5, 7, 1}, "rejected by DMARC policy of bank.test\r\n250 2.0.0 OK"}
	case strings.Contains(string(e.Data), "X-Fail: liar"):
		return &Reply{250, [3]int{2, 0, 0}, "stored, or so they say"}
	case strings.Contains(string(e.Data), "X-Slow: "):
		select {
		case <-time.After(300 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.drop {
		d.got = append(d.got, e)
	}
	return nil
}

func (d *door) stored() []*Envelope {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]*Envelope(nil), d.got...)
}

// open starts our server on a free port and stops it with the test.
func open(t testing.TB, set func(*Server)) (*door, *Server) {
	t.Helper()
	d := &door{}
	s := &Server{Domain: "in.test", TLS: testTLS(t), Known: d.known, Receive: d.receive, Log: slog.New(slog.NewJSONHandler(&d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	s.Limits.Greeting = -1
	if set != nil {
		set(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.addr = l.Addr().String()
	go s.Serve(l)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Shutdown(ctx)
	})
	return d, s
}

var testCertificate = sync.OnceValues(func() (*Certificate, error) {
	dir, err := tempDir()
	if err != nil {
		return nil, err
	}
	return SelfSigned(dir, []string{"in.test"})
})

func testTLS(t testing.TB) *tls.Config {
	t.Helper()
	c, err := testCertificate()
	if err != nil {
		t.Fatal(err)
	}
	return c.Config()
}

// lockedText is a log that a test may read while a server writes it.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
