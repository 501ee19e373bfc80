package desk

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// PocketBase writes a record's files before the commit that names them, and never flushes them. Two things follow for whoever
// promises that nothing is lost and nothing is there by halves: the files are flushed before that commit (FlushFiles), and what
// a killed process wrote for a commit that never came is swept away after the next start (SweepFiles).

// FlushFiles runs save, which uploads what is new on r, and makes those files survive a power cut: each file, then the folders that name
// it. (Saving turns uploads into names, so they are listed before.) Storage that is not this machine's (S3) answers for itself.
func FlushFiles(app core.App, r *core.Record, save func() error) error {
	dir := filepath.Join(app.DataDir(), core.LocalStorageDirName, filepath.FromSlash(r.BaseFilesPath()))
	paths := []string{}
	for _, field := range r.Collection().Fields {
		if field.Type() != core.FieldTypeFile {
			continue
		}
		for _, f := range newFiles(r, field.GetName()) {
			paths = append(paths, filepath.Join(dir, f.Name))
		}
	}
	if err := save(); err != nil || len(paths) == 0 || app.Settings().S3.Enabled {
		return err
	}
	for _, path := range append(paths, dir, filepath.Dir(dir), filepath.Dir(filepath.Dir(dir))) {
		if err := flush(path); err != nil {
			return err
		}
	}
	return nil
}

// KeepFiles writes the files of a record that is not there yet to where it will look for them, and flushes them: before the transaction that
// names them, so that nobody who writes waits for the disk meanwhile. Who keeps files drops them when that record surely does not come.
func KeepFiles(app core.App, collection, id string, uploads []*filesystem.File) error {
	r, fsys, err := shelf(app, collection, id)
	if err != nil {
		return err
	}
	defer fsys.Close()
	r.SetRaw("attachments", uploads)
	return FlushFiles(app, r, func() error {
		for _, f := range uploads {
			if err := fsys.UploadFile(f, r.BaseFilesPath()+"/"+f.Name); err != nil {
				return err
			}
		}
		return nil
	})
}

// DropFiles takes away what KeepFiles wrote.
func DropFiles(app core.App, collection, id string) error {
	r, fsys, err := shelf(app, collection, id)
	if err != nil {
		return err
	}
	defer fsys.Close()
	return errors.Join(fsys.DeletePrefix(r.BaseFilesPath() + "/")...)
}

// shelf is where a record's files lie. The caller closes the storage.
func shelf(app core.App, collection, id string) (*core.Record, *filesystem.System, error) {
	r, err := newRecord(app, collection)
	if err != nil {
		return nil, nil, err
	}
	r.Id = id
	fsys, err := app.NewFilesystem()
	return r, fsys, err
}

// newFiles are the uploads of a record that is being saved.
func newFiles(r *core.Record, field string) []*filesystem.File {
	switch v := r.GetRaw(field).(type) {
	case *filesystem.File:
		return []*filesystem.File{v}
	case []*filesystem.File:
		return v
	case []any:
		files := make([]*filesystem.File, 0, len(v))
		for _, one := range v {
			if f, ok := one.(*filesystem.File); ok {
				files = append(files, f)
			}
		}
		return files
	}
	return nil
}

func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// sweepPage is how many folders are asked about in one query.
const sweepPage = 500

// SweepFiles removes the folders of records that are not there: uploads whose commit never came. Only what is older than before (the
// start of this process) is looked at, so that no upload under way is touched. It reads names and ids, and ends early with ctx.
func SweepFiles(ctx context.Context, app core.App, before time.Time) (removed int, err error) {
	root := filepath.Join(app.DataDir(), core.LocalStorageDirName)
	if app.Settings().S3.Enabled {
		return 0, nil
	}
	collections, err := app.FindAllCollections()
	if err != nil {
		return 0, err
	}
	for _, c := range collections {
		n, err := sweepCollection(ctx, app, filepath.Join(root, c.BaseFilesPath()), c.Name, before)
		if removed += n; err != nil {
			return removed, err
		}
	}
	return removed, nil
}

func sweepCollection(ctx context.Context, app core.App, dir, table string, before time.Time) (removed int, err error) {
	d, err := os.Open(dir)
	if err != nil {
		return 0, nil // no files were ever stored
	}
	defer d.Close()
	for ctx.Err() == nil {
		entries, _ := d.ReadDir(sweepPage) // an error and the end alike: no more entries
		if len(entries) == 0 {
			break
		}
		orphans, err := withoutRecord(app, table, entries, before)
		if err != nil {
			return removed, err
		}
		for _, id := range orphans {
			if err := os.RemoveAll(filepath.Join(dir, id)); err != nil {
				return removed, err
			}
			removed++
		}
	}
	return removed, ctx.Err()
}

// withoutRecord are those of the folders that no record owns.
func withoutRecord(app core.App, table string, entries []os.DirEntry, before time.Time) (orphans []string, err error) {
	old := map[string]bool{}
	ids := make([]any, 0, len(entries))
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() && info.ModTime().Before(before) {
			old[e.Name()] = true
			ids = append(ids, e.Name())
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	there, err := columnOf(app.DB().Select("id").From(table).Where(dbx.HashExp{"id": ids}))
	if err != nil {
		return nil, err
	}
	for _, id := range there {
		delete(old, id)
	}
	for id := range old {
		orphans = append(orphans, id)
	}
	return orphans, nil
}
