package durable

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestRT02_KilledAtRandom kills the program again and again under load. What got 250 is there, once and whole, after every restart.
func TestRT02_KilledAtRandom(t *testing.T) {
	kills := 25
	if soak {
		kills = 1000
	}
	s := newSeed(t, 400, 0)
	d, g := newDaemon(t, s), &log{}
	for i := 0; i < kills || g.count() < kills && i < 10*kills; i++ { // more of them where the machine is slow and few letters get through
		d.start()
		stop := make(chan struct{})
		wg := pour(t, d, s, 8, stop, g)
		time.Sleep(time.Duration(rand.IntN(150)) * time.Millisecond)
		d.kill()
		close(stop)
		wg.Wait()
		if i%25 == 24 || soak && i%5 == 0 || !soak && i%3 == 0 {
			d.start()
			d.check(g)
			g.again(t, d)
			d.kill()
		}
	}
	d.start()
	d.check(g)
	if len(g.acked) < kills {
		t.Errorf("only %d letters were taken between %d kills: the test proves little", len(g.acked), kills)
	}
	t.Logf("%d kills, %d letters answered 250, answers %v", kills, len(g.acked), g.codes)
}
