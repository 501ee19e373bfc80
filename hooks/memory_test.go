package hooks

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestASmallHeapIsCollectedLessOftenAndALargeOneAsGoDoes(t *testing.T) {
	for live, want := range map[uint64]int{0: 250, 10 << 20: 250, 40 << 20: 160, 64 << 20: 100, 1 << 30: 100} {
		if got := garbageFor(live); got != want {
			t.Errorf("%d MiB in use: %d %%, want %d", live>>20, got, want)
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
	if n := to.NumGC - from.NumGC; n > 6 {
		t.Errorf("%d collections for 400 MB of garbage beside 150 MB in use", n)
	}
	runtime.KeepAlive(held)
	runtime.KeepAlive(garbage)
}
