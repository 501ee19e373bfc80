package hooks

import (
	"os"
	"runtime"
	"runtime/debug"
	readings "runtime/metrics"
)

// How Go collects garbage, where the operator has not said otherwise by GOGC. A letter leaves a hundred times its rows behind, on a heap
// that is small: by itself Go would collect it at every few letters. So a small heap may grow by more than its size before it is
// collected; a large one is collected as Go does by itself. A memory limit would not do: above it Go collects without end.
const (
	mostGarbage  = 250      // percent of what is in use
	leastGarbage = 100      // Go's own
	garbageRoom  = 64 << 20 // bytes, as long as that lies between the two
)

// TuneMemory sets the pace of collecting, and again after each collection.
func TuneMemory() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(mostGarbage)
	pace := mostGarbage
	live := []readings.Sample{{Name: "/gc/heap/live:bytes"}}
	afterEachCollection(func() {
		readings.Read(live)
		if percent := garbageFor(live[0].Value.Uint64()); percent != pace {
			pace = percent
			debug.SetGCPercent(percent)
		}
	})
}

// garbageFor is how much may come, in percent of live bytes, before the next collection.
func garbageFor(live uint64) int {
	return int(min(max(garbageRoom*100/max(live, 1), leastGarbage), mostGarbage))
}

// afterEachCollection calls do, one call after the other, from the goroutine that Go keeps for what it has collected.
func afterEachCollection(do func()) {
	var arm func()
	arm = func() {
		runtime.SetFinalizer(new(*int), func(**int) { do(); arm() }) // a pointer: what has none shares its block with others, and waits for them
	}
	arm()
}
