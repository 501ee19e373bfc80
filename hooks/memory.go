package hooks

import (
	"os"
	"runtime"
	"runtime/debug"
	readings "runtime/metrics"
)

// How Go collects garbage, where the operator has not said otherwise by GOGC. An ordinary letter leaves a hundred times its rows behind, on a
// heap that is small: by itself Go would collect it at every few letters, for a tenth of the time. So a small heap may grow by more than
// its size before it is collected, and a large one by less. Large letters are bytes that cost nothing to look through: while collecting
// takes hardly any time there is more of it, and less memory. A memory limit would not do: above it Go collects without end.
const (
	mostGarbage  = 250      // percent of what is in use
	goGarbage    = 100      // Go's own, to begin with
	leastGarbage = 20       // below it little is gained: what is in use stays
	garbageRoom  = 64 << 20 // bytes, as long as that lies between most and least
	largeHeap    = 64 << 20 // from here on half as many: it holds large letters, and their copies come in blocks as large as they

	cheap = 0.02 // of the time that the process worked: collecting may be more often
	dear  = 0.04 // and here less
)

// TuneMemory sets the pace of collecting, and again after each collection.
func TuneMemory() {
	if os.Getenv("GOGC") != "" {
		return
	}
	p := collector{percent: goGarbage}
	debug.SetGCPercent(p.percent)
	names := []string{"/gc/heap/live:bytes", "/cpu/classes/user:cpu-seconds", "/cpu/classes/gc/mark/assist:cpu-seconds", "/cpu/classes/gc/mark/dedicated:cpu-seconds", "/cpu/classes/gc/pause:cpu-seconds"}
	samples := make([]readings.Sample, len(names))
	for i, name := range names {
		samples[i].Name = name
	}
	seconds := func(i int) float64 { return samples[i].Value.Float64() }
	afterEachCollection(func() {
		readings.Read(samples)
		was := p.percent
		if now := p.next(samples[0].Value.Uint64(), seconds(1), seconds(2)+seconds(3)+seconds(4)); now != was {
			debug.SetGCPercent(now)
		}
	})
}

// collector is how much garbage may come before the next collection, in percent of what is in use, and what was spent until the last one.
type collector struct {
	percent            int
	worked, collecting float64 // seconds of all cores
}

// next is the pace after a collection.
func (p *collector) next(live uint64, worked, collecting float64) int {
	share := (collecting - p.collecting) / max(collecting-p.collecting+worked-p.worked, 1e-6)
	p.worked, p.collecting = worked, collecting
	switch {
	case share > dear:
		p.percent = p.percent * 3 / 2
	case share < cheap:
		p.percent = p.percent * 3 / 4
	}
	p.percent = min(max(p.percent, leastGarbage), garbageFor(live))
	return p.percent
}

// garbageFor is the most that may come, in percent of live bytes, before the next collection.
func garbageFor(live uint64) int {
	room := uint64(garbageRoom)
	if live >= largeHeap {
		room /= 2
	}
	return int(min(max(room*100/max(live, 1), leastGarbage), mostGarbage))
}

// afterEachCollection calls do, one call after the other, from the goroutine that Go keeps for what it has collected.
func afterEachCollection(do func()) {
	var arm func()
	arm = func() {
		runtime.SetFinalizer(new(*int), func(**int) { do(); arm() }) // a pointer: what has none shares its block with others, and waits for them
	}
	arm()
}
