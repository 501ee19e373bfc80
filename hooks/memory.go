package hooks

import (
	"os"
	"runtime/debug"
)

// How Go collects garbage, where the operator has not said otherwise by GOGC and GOMEMLIMIT. A letter leaves a hundred times its rows behind,
// on a heap that is small: by itself Go would collect it at every few letters. Where much is in use it is collected as often as before.
const (
	garbagePercent = 250
	memoryLimit    = 96 << 20 // bytes of Go's own; what SQLite holds (some 40 MB) comes on top
)

// TuneMemory sets both for the process.
func TuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
