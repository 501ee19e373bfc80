package durable

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestRT05_FailingDisk lets the disk fail through strace: a call after some that worked, and for a while every one. There is never a 250
// for what is not stored, never a 5xx, and when the disk is well again so are we, without a restart or with one.
func TestRT05_FailingDisk(t *testing.T) {
	requires(t, "strace")
	s := newSeed(t, 100, 0)
	for _, c := range []struct{ name, inject string }{
		{"EIO at a flush", "fsync,fdatasync:error=EIO:when=30..34"},
		{"EIO at every other flush", "fsync,fdatasync:error=EIO:when=20+2"},
		{"ENOSPC at a write", "pwrite64:error=ENOSPC:when=200..210"},
		{"ENOSPC now and then", "pwrite64:error=ENOSPC:when=100+17"},
		{"EIO at a write", "pwrite64:error=EIO:when=150+40"},
		{"a folder for files cannot be made", "mkdirat:error=ENOSPC:when=10+2"},
		{"a file cannot be put in place", "renameat,renameat2,rename:error=EIO:when=4+2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDaemon(t, s)
			d.start() // its first start, with all that writes, is not what fails here
			d.kill()
			calls, _, _ := strings.Cut(c.inject, ":")
			d.under = []string{"strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=" + calls, "-e", "inject=" + c.inject}
			d.start()
			g, stop := &log{}, make(chan struct{})
			wg := pour(t, d, s, 6, stop, g)
			for began := time.Now(); time.Since(began) < faultTime() || !g.telling() && time.Since(began) < patience; time.Sleep(10 * time.Millisecond) {
			}
			close(stop)
			wg.Wait()
			d.kill()
			d.under = nil
			d.start()
			d.check(g)
			if !g.telling() {
				t.Errorf("the test proves little: answers %v", g.codes)
			}
			g.again(t, d)
			d.check(g)
			t.Logf("answers %v", g.codes)
		})
	}
}

// patience is how long a slow machine is given until its disk has failed and worked.
const patience = 30 * time.Second

func faultTime() time.Duration {
	if soak {
		return 20 * time.Second
	}
	return 700 * time.Millisecond
}

// TestRT05_FullDisk lets the program run out of room for good and come back to it.
func TestRT05_FullDisk(t *testing.T) {
	requires(t, "strace")
	s := newSeed(t, 50, 0)
	d := newDaemon(t, s)
	d.start()
	d.kill()
	const from, to = 60, 160 // writes that find no room
	d.under = []string{"strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", fmt.Sprintf("inject=pwrite64:error=ENOSPC:when=%d..%d", from, to)}
	d.start()
	g := &log{}
	turned := 0
	for i := range 200 {
		l, err := dial(d.smtp)
		if err != nil {
			t.Fatal(err)
		}
		m := s.letterTo(i)
		code, _ := l.send(m)
		l.c.Close()
		g.note(m, code)
		switch {
		case code >= 500 || code == 0:
			t.Fatalf("R-6: a full disk is answered %d", code)
		case code >= 400:
			turned++
		case turned > 0: // room again, and the same process takes mail
			d.check(g)
			t.Logf("%d letters were turned away, then %d was answered", turned, code)
			return
		}
	}
	t.Fatalf("it never recovered: %v", g.codes)
}
