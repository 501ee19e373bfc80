package test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// TestRT05_FilesOfAFailedCommitStayUntilTheNextStart holds what a failing disk needs: SQLite may call a commit failed whose log is whole,
// and find it at the next start. Its files must be there then. When it is not found they are swept, and nothing else is.
func TestRT05_FilesOfAFailedCommitStayUntilTheNextStart(t *testing.T) {
	p := newPost(t)
	note := func(app core.App, name string) (path string) {
		t.Helper()
		c, err := app.FindCollectionByNameOrId("notes")
		if err != nil {
			t.Fatal(err)
		}
		f, err := filesystem.NewFileFromBytes([]byte("a parts list"), name)
		if err != nil {
			t.Fatal(err)
		}
		r := core.NewRecord(c)
		r.Load(map[string]any{"project": p.team.Project.Id, "feedback": p.team.Item.Id, "author": p.team.Owner.Id, "body": name, "attachments": []*filesystem.File{f}})
		if err := app.Save(r); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(app.DataDir(), core.LocalStorageDirName, r.BaseFilesPath(), r.GetStringSlice("attachments")[0])
	}
	kept := note(p.App.App, "kept.txt")
	lost := []string{}
	failed := errors.New("the disk said no")
	err := p.RunInTransaction(func(tx core.App) error {
		lost = append(lost, note(tx, "first.txt"), note(tx, "second.txt"))
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	for _, path := range append(lost, kept) {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("after the failed commit: %v", err)
		}
	}
	p.restart(t)
	Eventually(t, "files that nobody names are swept", func() bool {
		for _, path := range lost {
			if _, err := os.Stat(filepath.Dir(path)); err == nil {
				return false
			}
		}
		return true
	})
	if _, err := os.Stat(kept); err != nil {
		t.Errorf("a file that a record names: %v", err)
	}
}
