package intake

import (
	"errors"
	"sync"
	"time"

	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/core"
)

// ErrFull asks the sender to come again later: a stranger may not fill the disk (F-07), and what does not come in is not lost.
var ErrFull = errors.New("no room for more")

// stillFull is how long an address that had no room is refused at RCPT, before its letter is sent.
const stillFull = 5 * time.Minute

// full remembers those addresses.
type full struct {
	mu    sync.Mutex
	since map[string]time.Time
}

func (f *full) is(addr string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	at, ok := f.since[addr]
	return ok && now.Sub(at) < stillFull
}

func (f *full) add(addr string, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.since == nil || len(f.since) > bound {
		f.since = map[string]time.Time{}
	}
	f.since[addr] = now
}

// room asks for room for the letter in the place it goes to; words are what agents should know about it.
func (l *letter) room(tx core.App, r *route, conversation *core.Record, doubtful bool) (words string, err error) {
	if r.project == nil {
		return "", nil // the operator's own
	}
	words, err = desk.Room(tx, r.project, conversation, len(l.envelope.Data), doubtful)
	if desk.IsKind(err, desk.TooLarge) {
		l.in.full.add(l.addr, l.in.now())
		tx.Logger().Warn("a letter found no room", "project", r.project.Id, "bytes", len(l.envelope.Data), "why", err)
		return "", ErrFull
	}
	return words, err
}
