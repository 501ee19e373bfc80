package hooks

import (
	"context"
	"sync/atomic"

	"github.com/pocketbase/pocketbase/core"
)

// The write-ahead log is moved into the database beside the letters that are being committed: SQLite's own way, in the commit that makes it
// too long, would have one letter in a hundred wait for what all of them wrote. That way remains for what this one does not keep up
// with (checkpointPages).
const (
	checkpointDue   = 2000 // pages: a hundred ordinary letters, or seven of 1 MB
	letterPages     = 20   // that a letter writes besides itself, many of them the same ones again
	pageBytes       = 4096
	checkpointTurns = 4 // each turn moves what was written during the one before; a log that is moved whole begins anew
)

// checkpoints moves the log after so many pages.
type checkpoints struct {
	written atomic.Int64 // pages
	due     chan struct{}
}

func newCheckpoints() *checkpoints { return &checkpoints{due: make(chan struct{}, 1)} }

// note counts a letter that was committed.
func (c *checkpoints) note(bytes int) {
	if c.written.Add(int64(letterPages+bytes/pageBytes)) < checkpointDue {
		return
	}
	c.written.Store(0)
	select {
	case c.due <- struct{}{}:
	default:
	}
}

// run owns the goroutine that moves it, until ctx ends.
func (c *checkpoints) run(ctx context.Context, app core.App) {
	for {
		select {
		case <-c.due:
			for range checkpointTurns {
				if moved, err := moveLog(app); err != nil || moved {
					break
				}
			}
		case <-ctx.Done():
			return
		}
	}
}

// moveLog moves what nobody reads any more, waits for nobody, and tells whether that was all.
func moveLog(app core.App) (all bool, err error) {
	var busy, pages, moved int
	err = app.ConcurrentDB().NewQuery("PRAGMA wal_checkpoint(PASSIVE)").Row(&busy, &pages, &moved)
	return pages == moved, err
}
