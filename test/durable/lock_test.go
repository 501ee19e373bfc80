package durable

import (
	"context"
	"testing"
	"time"
)

// TestRT07_LockedDatabase holds the database's write lock from another process: letters wait, and when it takes too long their senders
// are told 451 and come again. Nothing is lost, nothing refused for good.
func TestRT07_LockedDatabase(t *testing.T) {
	t.Parallel() // it waits, and nothing else
	s := newSeed(t, 50, 0)
	d := newDaemon(t, s)
	d.start()
	db := d.open()
	defer db.Close()
	hold := func() func() {
		c, err := db.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.ExecContext(context.Background(), "BEGIN IMMEDIATE"); err != nil {
			t.Fatal(err)
		}
		return func() {
			_, _ = c.ExecContext(context.Background(), "ROLLBACK")
			c.Close()
		}
	}
	g := &log{}
	release := hold()
	time.AfterFunc(time.Second, release)
	one(t, d, s.letterTo(1), g)
	if len(g.acked) != 1 {
		t.Errorf("a lock of a second is waited for, got %v", g.codes)
	}
	release = hold()
	one(t, d, s.letterTo(2), g)
	if g.codes[451] != 1 {
		t.Errorf("a lock that stays is answered 451, got %v", g.codes)
	}
	release()
	g.again(t, d)
	d.check(g)
}

func one(t testing.TB, d *daemon, m letter, g *log) {
	t.Helper()
	l, err := dial(d.smtp)
	if err != nil {
		t.Fatal(err)
	}
	defer l.c.Close()
	code, err := l.send(m)
	if err != nil {
		t.Error(err)
	}
	g.note(m, code)
}
