package durable

import (
	"sync"
	"testing"
	"time"
)

// TestO11_GracefulStopUnderLoad sends SIGTERM while fifty letters are on their way: each is stored and answered, or told 421
// or cut off and sent again. Then the same with letters that are half sent.
func TestO11_GracefulStopUnderLoad(t *testing.T) {
	s := newSeed(t, 200, 0)
	d, g := newDaemon(t, s), &log{}
	for range 3 {
		d.start()
		stop := make(chan struct{})
		wg := pour(t, d, s, 50, stop, g)
		time.Sleep(150 * time.Millisecond)
		if took := d.stop(); took > 5*time.Second {
			t.Errorf("R-10: the stop took %v", took)
		}
		close(stop)
		wg.Wait()
	}
	for code := range g.codes {
		if code != 250 && code != 421 && code != 0 {
			t.Errorf("R-10: a letter was answered %d", code)
		}
	}
	d.start()
	d.check(g)
	g.again(t, d)
	d.check(g)
	t.Logf("answers %v", g.codes)
}

// TestO11_LettersUnderWayAreTakenIn sends SIGTERM in the middle of letters: those that finish in time are stored and told 250.
func TestO11_LettersUnderWayAreTakenIn(t *testing.T) {
	s := newSeed(t, 50, 0)
	d, g := newDaemon(t, s), &log{}
	d.start()
	var ready, done sync.WaitGroup
	stopping := make(chan struct{})
	for i := range 20 {
		ready.Add(1)
		done.Go(func() {
			m := s.letterTo(i)
			l, err := dial(d.smtp)
			if err != nil {
				t.Error(err)
				ready.Done()
				return
			}
			defer l.c.Close()
			for _, command := range []string{"MAIL FROM:<" + m.from + ">", "RCPT TO:<" + m.to + ">", "DATA"} {
				_, _ = l.say("%s", command)
			}
			_, _ = l.c.W.WriteString(m.raw[:20])
			_ = l.c.W.Flush()
			ready.Done()
			<-stopping
			time.Sleep(300 * time.Millisecond)
			_, _ = l.c.W.WriteString(m.raw[20:] + ".\r\n")
			_ = l.c.W.Flush()
			code, _ := l.code()
			g.note(m, code)
		})
	}
	ready.Wait()
	time.Sleep(100 * time.Millisecond)
	close(stopping)
	took := d.stop()
	done.Wait()
	if g.count() != 20 || took > 5*time.Second {
		t.Errorf("of 20 letters under way %d were taken in %v: %v", g.count(), took, g.codes)
	}
	d.start()
	d.check(g)
}
