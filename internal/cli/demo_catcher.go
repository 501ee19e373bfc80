package cli

import (
	"context"
	"io"
	"net"
	"sort"
	"strings"
	"sync"
	"time"

	"aside/internal/email"

	"github.com/emersion/go-smtp"
)

// Bounds of the catcher; who plays with a demo for days loses the oldest letters, not the machine.
const (
	maxCaught      = 500
	maxCaughtBytes = 30 << 20 // more than our own largest letter
	catcherTimeout = time.Minute
)

// caughtLetter is one letter as its recipient's server took it.
type caughtLetter struct {
	ID      int
	From    string // envelope sender
	To      string // envelope recipient: whose mailbox it lies in
	Raw     []byte
	At      time.Time
	Message *email.Message
	Answers []sentAnswer // what was answered from here, oldest first
}

// catcher is the demo's rest of the world for outgoing mail: a server that takes every letter and keeps it in memory.
type catcher struct {
	listener net.Listener
	server   *smtp.Server

	mu      sync.Mutex
	letters []*caughtLetter // oldest first
	last    int             // ID of the newest
	version int             // counts every change, for pages that refresh themselves
	changed chan struct{}   // closed at the next change
}

// newCatcher listens on a free loopback port until close.
func newCatcher() (*catcher, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &catcher{listener: l, changed: make(chan struct{})}
	c.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &catching{c: c}, nil }))
	c.server.Domain, c.server.MaxMessageBytes = "caught.test", maxCaughtBytes
	c.server.WriteTimeout = catcherTimeout
	go c.server.Serve(l) //nolint:errcheck // ends with close
	return c, nil
}

func (c *catcher) addr() string { return c.listener.Addr().String() }

func (c *catcher) close() { _ = c.server.Close() }

// add keeps a letter, once for each recipient.
func (c *catcher) add(from string, to []string, raw []byte) error {
	m, err := email.Parse(raw)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range to {
		c.last++
		c.letters = append(c.letters, &caughtLetter{ID: c.last, From: from, To: strings.ToLower(one), Raw: raw, At: time.Now(), Message: m})
	}
	if extra := len(c.letters) - maxCaught; extra > 0 {
		c.letters = append([]*caughtLetter(nil), c.letters[extra:]...)
	}
	c.bump()
	return nil
}

// bump tells those who wait. The lock is held.
func (c *catcher) bump() {
	c.version++
	close(c.changed)
	c.changed = make(chan struct{})
}

// all gives copies, newest first, and the version they are of.
func (c *catcher) all() ([]caughtLetter, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]caughtLetter, 0, len(c.letters))
	for _, l := range c.letters {
		list = append(list, *l)
	}
	sort.SliceStable(list, func(i, j int) bool {
		if !list[i].At.Equal(list[j].At) {
			return list[i].At.After(list[j].At)
		}
		return list[i].ID > list[j].ID
	})
	return list, c.version
}

// answered writes down what was answered from a letter.
func (c *catcher) answered(id int, a sentAnswer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.letters {
		if l.ID == id {
			l.Answers = append(l.Answers[:len(l.Answers):len(l.Answers)], a) // copies given out keep theirs
			c.bump()
		}
	}
}

// wait blocks until a letter to an address came after the one numbered after.
func (c *catcher) wait(ctx context.Context, to string, after int) (caughtLetter, error) {
	for {
		c.mu.Lock()
		changed := c.changed
		for _, l := range c.letters {
			if l.To == to && l.ID > after {
				c.mu.Unlock()
				return *l, nil
			}
		}
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return caughtLetter{}, ctx.Err()
		}
	}
}

// newest is the ID of the last letter.
func (c *catcher) newest() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// date moves the letters after the one numbered after, and answers given since, to another time, for sample data of days ago.
func (c *catcher) date(after int, since, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.letters {
		if l.ID > after {
			l.At = at
		}
		for i := range l.Answers {
			if !l.Answers[i].At.Before(since) {
				l.Answers[i].At = at
			}
		}
	}
}

// catching is one SMTP session.
type catching struct {
	c    *catcher
	from string
	to   []string
}

func (s *catching) Mail(from string, _ *smtp.MailOptions) error { s.from, s.to = from, nil; return nil }
func (s *catching) Rcpt(to string, _ *smtp.RcptOptions) error   { s.to = append(s.to, to); return nil }
func (s *catching) Reset()                                      { s.from, s.to = "", nil }
func (s *catching) Logout() error                               { return nil }

func (s *catching) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return s.c.add(s.from, s.to, raw)
}
