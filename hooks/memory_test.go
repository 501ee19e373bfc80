package hooks

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestASmallHeapIsCollectedLessOftenThanALargeOne(t *testing.T) {
	for live, want := range map[uint64]int{0: 250, 10 << 20: 250, 40 << 20: 160, 63 << 20: 101, 64 << 20: 50, 128 << 20: 25, 1 << 30: 20} {
		if got := garbageFor(live); got != want {
			t.Errorf("%d MiB in use: %d %%, want %d", live>>20, got, want)
		}
	}
}

// Where collecting costs nothing there is more of it, and less where it costs much, within bounds.
func TestWhatCollectingCostsSetsItsPace(t *testing.T) {
	p := collector{percent: mostGarbage}
	worked, collecting := 0.0, 0.0
	run := func(share float64, live uint64) (percent int) {
		for range 20 {
			worked, collecting = worked+1-share, collecting+share
			percent = p.next(live, worked, collecting)
		}
		return percent
	}
	for _, c := range []struct {
		share float64
		live  uint64
		want  int
	}{{0.001, 10 << 20, leastGarbage}, {0.1, 10 << 20, 250}, {0.03, 10 << 20, 250}, {0.1, 1 << 30, leastGarbage}, {0.001, 1 << 30, leastGarbage}, {0.03, 1 << 30, leastGarbage}, {0.1, 40 << 20, 160}} {
		if got := run(c.share, c.live); got != c.want {
			t.Errorf("%v of the time, %d MiB in use: %d %%, want %d", c.share, c.live>>20, got, c.want)
		}
	}
}

// With much in use there are few collections: not one after the other, as above a memory limit.
func TestALargeHeapIsNotCollectedWithoutEnd(t *testing.T) {
	t.Setenv("GOGC", "")
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	TuneMemory()
	var held [][]byte
	for range 700_000 { // some 150 MB
		held = append(held, make([]byte, 200))
	}
	runtime.GC()
	var from, to runtime.MemStats
	runtime.ReadMemStats(&from)
	var garbage []byte
	for range 200_000 { // 400 MB
		garbage = make([]byte, 2000)
	}
	runtime.ReadMemStats(&to)
	if n := to.NumGC - from.NumGC; n > 16 { // a room of 32 MiB each; above a limit there were 35
		t.Errorf("%d collections for 400 MB of garbage beside 150 MB in use", n)
	}
	runtime.KeepAlive(held)
	runtime.KeepAlive(garbage)
}
