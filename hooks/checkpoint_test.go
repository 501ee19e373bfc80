package hooks

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	_ "github.com/pocketbase/pocketbase/migrations" // an app does not start without its own tables
)

// TestCheckpoints_TheLogIsMovedBesideTheLetters writes as many rows as letters make one due, and finds them in the database itself, while
// nobody closed it and SQLite's own checkpoint is far away.
func TestCheckpoints_TheLogIsMovedBesideTheLetters(t *testing.T) {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: t.TempDir(), DBConnect: Connect})
	if err := app.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.ResetBootstrapState() })
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	logs := newCheckpoints()
	go logs.run(ctx, app)
	size := func() int64 {
		info, err := os.Stat(filepath.Join(app.DataDir(), "data.db"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before := size()
	if _, err := app.NonconcurrentDB().NewQuery("CREATE TABLE x (b BLOB)").Execute(); err != nil {
		t.Fatal(err)
	}
	const letter = 1_000_000
	letters := checkpointDue/(letterPages+letter/pageBytes) + 1
	for i := range letters {
		if size() != before {
			t.Fatalf("the log was moved after %d letters", i)
		}
		if _, err := app.NonconcurrentDB().NewQuery("INSERT INTO x VALUES (zeroblob(1000000))").Execute(); err != nil {
			t.Fatal(err)
		}
		logs.note(letter)
	}
	for end := time.Now().Add(5 * time.Second); size() < before+int64(letters)*letter; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the database has %d bytes, %d before", size(), before)
		}
	}
}
