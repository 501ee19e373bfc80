package hooks

import (
	"database/sql"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"aside/internal/statement"

	"github.com/pocketbase/dbx"
)

// Connections is how many readers the database serves at once: PocketBase's default of 120, each with a cache of 32 MB, takes
// 741 MB under load and is slower (measured: docs/decisions.md).
func Connections() int { return max(4, 2*runtime.NumCPU()) }

// checkpointPages (of 4 KB) are the most that the write-ahead log holds before the commit that made it so long moves them into the database.
// It is the bound for what checkpoints does not keep up with; SQLite's own is 1000.
const checkpointPages = 8000

// Connect opens a database as PocketBase does, but data.db flushes at every commit (synchronous=FULL): what we have answered 250 to
// survives a power cut (threats D4). The log database may lose its last lines. A transaction takes the write lock when it begins: only
// there does SQLite wait for another process to give it up (RT-07). What is deleted is overwritten with zeros, so that a person who was
// erased is in no free page (desk.Scour).
func Connect(path string) (*dbx.DB, error) {
	synchronous := "FULL"
	if strings.HasSuffix(path, "auxiliary.db") {
		synchronous = "NORMAL"
	}
	db, err := sql.Open(keeping(), path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=wal_autocheckpoint("+strconv.Itoa(checkpointPages)+
		")&_pragma=journal_size_limit(200000000)&_pragma=synchronous("+synchronous+
		")&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=secure_delete(ON)&_pragma=cache_size(-16000)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	return dbx.NewFromDB(db, "sqlite"), nil
}

// keeping is the name of SQLite's driver with statements kept: PocketBase and we build the same few texts for every letter and page,
// and preparing them took more time than running them.
var keeping = sync.OnceValue(func() string {
	const name = "aside-sqlite"
	plain, err := sql.Open("sqlite", "")
	if err != nil {
		return "sqlite" // not linked in: the next Open says so
	}
	defer plain.Close()
	sql.Register(name, statement.Driver{Driver: plain.Driver()})
	return name
})
