package hooks

import (
	"runtime"
	"strings"

	"github.com/pocketbase/dbx"
)

// Connections is how many readers the database serves at once: PocketBase's default of 120, each with a cache of 32 MB, takes
// 741 MB under load and is slower (../shared/performance.md).
func Connections() int { return max(4, 2*runtime.NumCPU()) }

// Connect opens a database as PocketBase does, but data.db flushes at every commit (synchronous=FULL): what we have answered 250 to
// survives a power cut (threats D4). The log database may lose its last lines.
func Connect(path string) (*dbx.DB, error) {
	synchronous := "FULL"
	if strings.HasSuffix(path, "auxiliary.db") {
		synchronous = "NORMAL"
	}
	return dbx.Open("sqlite", path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)&_pragma=synchronous("+synchronous+
		")&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-16000)")
}
