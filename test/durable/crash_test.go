package durable

import (
	"database/sql"
	"fmt"
	"testing"
	"time"
)

// TestRT01_KilledAtEachStage kills the program at c1…c8 (threats 3.2) while eight letters are on their way, and then sends again what
// was not answered, as their senders would.
func TestRT01_KilledAtEachStage(t *testing.T) {
	s := newSeed(t, 50, 0)
	for _, stage := range []string{"c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c1:5", "c5:3", "c6:4", "c7:2", "c8:2"} {
		t.Run(stage, func(t *testing.T) {
			d := newDaemon(t, s)
			d.start("ASIDE_CRASH_AT=" + stage)
			g, stop := &log{}, make(chan struct{})
			wg := pour(t, d, s, 8, stop, g)
			d.died()
			close(stop)
			wg.Wait()
			d.start()
			d.check(g)
			g.again(t, d)
			d.check(g)
		})
	}
}

// TestRT01_KilledAround250 kills the program when the answer is on its way (c9) and when it has just been read (c10).
func TestRT01_KilledAround250(t *testing.T) {
	s := newSeed(t, 50, 0)
	t.Run("c9: stored and answered, the answer not read", func(t *testing.T) {
		d := newDaemon(t, s)
		d.start()
		l, err := dial(d.smtp)
		if err != nil {
			t.Fatal(err)
		}
		defer l.c.Close()
		m, g := s.letterTo(0), &log{}
		for _, command := range []string{"MAIL FROM:<" + m.from + ">", "RCPT TO:<" + m.to + ">", "DATA"} {
			if _, err := l.say("%s", command); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.body(m); err != nil {
			t.Fatal(err)
		}
		db := d.open()
		defer db.Close()
		waitFor(t, db, 1)
		d.kill()
		code, _ := l.code() // 250, or nothing: both happen
		g.note(m, code)
		d.start()
		d.check(g)
		g.unsure = []letter{m} // whichever it was, a sender that did not see it sends again
		g.again(t, d)
		if d.check(g); count(t, db, "SELECT count(*) FROM side_messages") != 1 {
			t.Fatal("R-3: a letter sent again shows twice")
		}
	})
	t.Run("c10: the answer read, nothing else done", func(t *testing.T) {
		d := newDaemon(t, s)
		for i := range 5 {
			d.start()
			l, err := dial(d.smtp)
			if err != nil {
				t.Fatal(err)
			}
			g, m := &log{}, s.letterTo(3*i+2)
			code, _ := l.send(m)
			d.kill()
			l.c.Close()
			if g.note(m, code); code != 250 {
				t.Fatalf("answer %d", code)
			}
			d.start()
			d.check(g)
			d.kill()
		}
	})
}

// waitFor waits until n messages are in the database.
func waitFor(t testing.TB, db *sql.DB, n int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if count(t, db, fmt.Sprintf("SELECT count(*) >= %d FROM side_messages", n)) == 1 {
			return
		}
	}
	t.Fatal("the letter was never stored")
}
