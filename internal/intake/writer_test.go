package intake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aside/internal/statement"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	_ "github.com/pocketbase/pocketbase/migrations" // an app does not start without its own tables
	"modernc.org/sqlite"
)

var register = sync.OnceFunc(func() { sql.Register("kept", statement.Driver{Driver: &sqlite.Driver{}}) })

var errPoison = errors.New("poison")

// newTable is an app with one plain table, and counts commits.
func newTable(t *testing.T) (core.App, func() int) {
	t.Helper()
	register()
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: t.TempDir(), DBConnect: func(path string) (*dbx.DB, error) {
		db, err := sql.Open("kept", path+"?_txlock=immediate")
		return dbx.NewFromDB(db, "sqlite"), err
	}})
	if err := app.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.ResetBootstrapState() })
	if _, err := app.NonconcurrentDB().NewQuery("CREATE TABLE x (n INTEGER PRIMARY KEY); INSERT INTO x VALUES (-1)").Execute(); err != nil {
		t.Fatal(err)
	}
	return app, func() (n int) {
		if err := app.DB().NewQuery("SELECT count(*) FROM x WHERE n >= 0").Row(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
}

func insertRow(n int) func(core.App) error {
	return func(tx core.App) error {
		_, err := tx.DB().NewQuery(fmt.Sprintf("INSERT INTO x VALUES (%d)", n)).Execute()
		return err
	}
}

// TestR08_OneBadLetterFailsAlone gathers letters into one commit, some of which fail after they have written.
func TestR08_OneBadLetterFailsAlone(t *testing.T) {
	app, rows := newTable(t)
	var w writer
	w.init()
	bad := map[int]func(core.App) error{
		3: func(tx core.App) error { _ = insertRow(1003)(tx); panic("the parser stumbles") },
		5: func(tx core.App) error { return errors.Join(insertRow(1005)(tx), errPoison) },
		7: func(tx core.App) error { return insertRow(-1)(tx) },    // a row that is there
		9: func(core.App) error { return []error{}[len(os.Args)] }, // an index out of range
	}
	results := make([]error, 20)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			write := bad[i]
			if write == nil {
				write = insertRow(i)
			}
			results[i] = w.store(t.Context(), write)
		})
	}
	for len(w.jobs) < len(results) {
		time.Sleep(time.Millisecond)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	w.run(ctx, app) // commits what waits, and ends
	wg.Wait()
	for i, err := range results {
		if _, isBad := bad[i]; isBad != (err != nil) {
			t.Errorf("letter %d: %v", i, err)
		}
	}
	if n := rows(); n != len(results)-len(bad) {
		t.Errorf("%d rows are stored, not %d: a bad letter left something, or took another with it", n, len(results)-len(bad))
	}
	if !errors.Is(results[5], errPoison) || !strings.Contains(results[3].Error(), "the parser stumbles") {
		t.Errorf("the causes are lost: %v, %v", results[3], results[5])
	}
}

// TestR02_NothingIsStoredWhenTheCommitFails fails the whole transaction: every letter in it is told so.
func TestR02_NothingIsStoredWhenTheCommitFails(t *testing.T) {
	app, rows := newTable(t)
	var w writer
	w.init()
	results := make([]error, 6)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			write := insertRow(i)
			if i == 2 {
				write = func(tx core.App) error { // what a failing disk does: the transaction is gone under us
					_, err := tx.DB().NewQuery("ROLLBACK").Execute()
					return err
				}
			}
			results[i] = w.store(t.Context(), write)
		})
	}
	for len(w.jobs) < len(results) {
		time.Sleep(time.Millisecond)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	w.run(ctx, app)
	wg.Wait()
	stored := 0
	for _, err := range results {
		if err == nil {
			stored++
		}
	}
	if n := rows(); stored != n {
		t.Errorf("%d letters were told they are stored, %d are", stored, n)
	}
	if err := w.store(t.Context(), insertRow(50)); !errors.Is(err, errStopped) {
		t.Errorf("a letter after the end is answered %v", err)
	}
}

// TestR02_AtTheEndEveryLetterIsStoredOrToldSo ends the writer amid letters that come one by one and many at once: whoever is told nil is
// stored, and nobody else.
func TestR02_AtTheEndEveryLetterIsStoredOrToldSo(t *testing.T) {
	app, rows := newTable(t)
	var w writer
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan struct{})
	go func() { defer close(ended); w.run(ctx, app) }()
	const senders, letters = 8, 200
	var stored, refused atomic.Int64
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			for n := range letters {
				switch err := w.store(t.Context(), insertRow(i*letters+n)); {
				case err == nil:
					if stored.Add(1) == senders*letters/4 {
						stop()
					}
				case errors.Is(err, errStopped):
					refused.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	<-ended
	if int64(rows()) != stored.Load() || refused.Load() == 0 || stored.Load()+refused.Load() != senders*letters {
		t.Errorf("%d were told they are stored, %d are; %d were turned away", stored.Load(), rows(), refused.Load())
	}
}
