//go:build crash

package outbox

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// crashAt is the stage at which the program kills itself, and crashPast how many times it passes there unharmed: ASIDE_CRASH_AT is
// "s2", or "s2:3" for the fourth time.
var (
	crashAt, crashPast = readCrash(os.Getenv("ASIDE_CRASH_AT"))
	crashSeen          atomic.Int64
)

func readCrash(s string) (string, int64) {
	at, past, _ := strings.Cut(s, ":")
	n, _ := strconv.ParseInt(past, 10, 64) // none given: the first time
	return at, n
}

// crashPoint kills the program as kill -9 does, when this is the stage it was told.
func crashPoint(stage string) {
	if stage != crashAt || crashSeen.Add(1) <= crashPast {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // until the signal has come
}
