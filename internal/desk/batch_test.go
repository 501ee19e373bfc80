package desk

import (
	"errors"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	_ "github.com/pocketbase/pocketbase/migrations" // an app does not start without its own tables
)

// bareApp has PocketBase's own collections only.
func bareApp(t *testing.T) core.App {
	t.Helper()
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: t.TempDir()})
	if err := app.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.ResetBootstrapState() })
	Own(app)
	return app
}

// TestBatch_WhatFailsIsNeitherStoredNorTold tries two letters in one transaction, the second of which fails after it has written.
func TestBatch_WhatFailsIsNeitherStoredNorTold(t *testing.T) {
	app := bareApp(t)
	c := core.NewBaseCollection("things")
	c.Fields.Add(&core.TextField{Name: "name"}, &core.AutodateField{Name: "created", OnCreate: true})
	if err := app.Save(c); err != nil {
		t.Fatal(err)
	}
	var told []string
	app.OnRecordAfterCreateSuccess("things").BindFunc(func(e *core.RecordEvent) error {
		told = append(told, e.Record.GetString("name"))
		return e.Next()
	})
	poison := errors.New("poison")
	letter := func(name string, then error) func(core.App) error {
		return func(tx core.App) error {
			r, err := newRecord(tx, "things")
			return errors.Join(err, set(r, map[string]any{"name": name}), put(tx, r), then)
		}
	}
	var batch *Batch
	err := app.RunInTransaction(func(tx core.App) error {
		batch = NewBatch(tx)
		if fault, err := batch.Try(letter("good", nil)); fault != nil || err != nil {
			t.Error(fault, err)
		}
		if fault, err := batch.Try(letter("bad", poison)); !errors.Is(fault, poison) || err != nil {
			t.Error(fault, err)
		}
		return nil
	})
	if err != nil || len(told) != 0 {
		t.Fatalf("told %v before Tell, %v", told, err)
	}
	batch.Tell()
	stored, err := app.FindAllRecords("things")
	if err != nil || len(stored) != 1 || len(told) != 1 || told[0] != "good" || stored[0].GetString("name") != "good" || stored[0].GetDateTime("created").IsZero() {
		t.Errorf("stored %v, told %v, %v", stored, told, err)
	}
}
