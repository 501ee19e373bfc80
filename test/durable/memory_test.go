package durable

import (
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMemory prints the peak of what is resident under the loads that issue 3 names, each on a fresh server.
func TestMemory(t *testing.T) {
	if os.Getenv("ASIDE_MEMORY") == "" {
		t.Skip("takes minutes: ASIDE_MEMORY=1")
	}
	s := newSeed(t, 200, 0)
	for _, c := range []struct {
		name  string
		limit int64 // MiB
		load  func(*testing.T, *daemon)
	}{
		{"nothing at all", 80, func(*testing.T, *daemon) { time.Sleep(time.Second) }},
		{"10,000 bad recipients", 120, badRecipients},
		{"600 connections that say hello and wait", 160, func(t *testing.T, d *daemon) { manyConnections(t, d, time.Second, "EHLO x\r\n", 0) }},
		{"500 slowloris for a minute", 160, func(t *testing.T, d *daemon) { manyConnections(t, d, time.Minute, "E", 2*time.Second) }},
		{"100 letters of 25 MiB at once", 350, func(t *testing.T, d *daemon) { giants(t, d, s) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDaemon(t, s)
			d.args = append(d.args, "--smtpTrusted", "127.0.0.0/8") // strangers from one address would be turned away at once
			d.start()
			before := memory(t, d.pid(), "VmRSS")
			c.load(t, d)
			peak, after := memory(t, d.pid(), "VmHWM"), memory(t, d.pid(), "VmRSS")
			t.Logf("%s: %d MiB before, peak %d MiB, %d MiB after", c.name, before>>20, peak>>20, after>>20)
			if peak>>20 > c.limit {
				t.Errorf("R-9: the peak is over %d MiB", c.limit)
			}
		})
	}
}

func badRecipients(t *testing.T, d *daemon) {
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			l, err := dial(d.smtp)
			if err != nil {
				t.Error(err)
				return
			}
			defer l.c.Close()
			_, _ = l.say("MAIL FROM:<bob@ext.test>")
			for range 500 {
				code, err := l.say("RCPT TO:<reply+aaaxdkvgpzyclfcewvywgbqvhiytb6gqp5zsoaxlo3pyt6kezfm6ptag@in.test>")
				if err != nil || code >= 421 && code < 500 {
					l.c.Close()
					if l, err = dial(d.smtp); err != nil {
						t.Error(err)
						return
					}
					_, _ = l.say("MAIL FROM:<bob@ext.test>")
				}
			}
		})
	}
	wg.Wait()
}

// manyConnections opens six hundred and drips on each of them.
func manyConnections(t *testing.T, d *daemon, hold time.Duration, text string, every time.Duration) {
	var all []net.Conn
	for range 600 {
		c, err := net.Dial("tcp", d.smtp)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		all = append(all, c)
	}
	for end := time.Now().Add(hold); time.Now().Before(end); time.Sleep(max(every, 100*time.Millisecond)) {
		for _, c := range all {
			_, _ = c.Write([]byte(text)) // some are shut by now
		}
		if every == 0 {
			time.Sleep(hold)
		}
	}
}

// giants sends the largest letters there may be, a hundred at once. What is told 452 comes again.
func giants(t *testing.T, d *daemon, s *seed) {
	line := strings.Repeat("x", 76) + "\r\n"
	body := strings.Repeat(line, (25<<20-2000)/len(line))
	var wg sync.WaitGroup
	g := &log{}
	for i := range 100 {
		wg.Go(func() {
			m := s.letterTo(3*i + 1)
			m.raw = strings.SplitAfter(m.raw, "\r\n\r\n")[0] + body
			for range 200 {
				code := 0
				if l, err := dial(d.smtp); err == nil {
					code, _ = l.send(m)
					l.c.Close()
				}
				if code == 250 {
					g.note(m, code)
					return
				}
				g.mu.Lock()
				if g.codes == nil {
					g.codes = map[int]int{}
				}
				g.codes[code]++
				g.mu.Unlock()
				time.Sleep(200 * time.Millisecond)
			}
		})
	}
	wg.Wait()
	t.Logf("%d of 100 taken, answers %v", g.count(), g.codes)
	if g.count() != 100 {
		t.Errorf("R-6: only %d giants were taken in the end", g.count())
	}
}
