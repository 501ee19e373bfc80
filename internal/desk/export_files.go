package desk

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// letters writes the letters they sent. Those we sent to them are not in it: what they said is in data/, and the bytes are full of keys.
func (e *export) letters() error {
	for _, table := range []string{"feedback", "customer_messages", "side_messages", "held_mail"} {
		err := e.each(table, theirs[table], func(r *core.Record) error {
			raw, err := Letter(e.App, r.Id)
			if err != nil {
				return nil // written on a page
			}
			name := "letters/" + table + "-" + r.Id + ".eml"
			if !e.fits(int64(len(raw)), name) {
				return nil
			}
			w, err := e.create(name, r.GetDateTime("created").Time())
			if err == nil {
				_, err = w.Write(e.Clean(raw))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// files writes what they attached, each under its own name in a folder of its record.
func (e *export) files() error {
	fsys, err := e.App.NewFilesystem()
	if err != nil {
		return err
	}
	defer fsys.Close()
	for _, table := range []string{"feedback", "customer_messages", "side_messages"} {
		err := e.each(table, theirs[table], func(r *core.Record) error {
			for _, f := range Files(r) {
				name := e.names.unique("files/" + table + "-" + r.Id + "/" + zipName(f.Name))
				if f.Inside {
					e.note("left out: %s, which holds a link or reply address that works", name)
					continue
				}
				if !e.fits(f.Size, name) {
					continue
				}
				if err := e.file(fsys, r, f, name); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *export) file(fsys *filesystem.System, r *core.Record, f File, name string) error {
	in, err := fsys.GetReader(r.BaseFilesPath() + "/" + f.Stored)
	if err != nil {
		e.note("missing: %s", name) // deleted meanwhile
		return nil
	}
	defer in.Close()
	w, err := e.create(name, r.GetDateTime("created").Time())
	if err == nil {
		_, err = io.Copy(w, in)
	}
	return err
}

// fits takes room for a letter or a file, and says so when there is none.
func (e *export) fits(size int64, name string) bool {
	if size > e.room {
		e.note("left out, since the export would be too large: %s", name)
		return false
	}
	e.room -= size
	e.note("%s", name)
	return true
}

// reservedNames mean devices on Windows, whatever ends them (F-03).
var reservedNames = strings.Fields("con prn aux nul com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9")

// zipName is what a stranger's file is called in a zip: a name that no program takes for a path, a device or an option (F-03).
func zipName(s string) string {
	s = fileName(strings.ToValidUTF8(s, ""))
	base, _, _ := strings.Cut(strings.ToLower(s), ".")
	for _, reserved := range reservedNames {
		if strings.TrimSpace(base) == reserved {
			return "_" + s
		}
	}
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "~") {
		return "_" + s
	}
	return s
}

// zipNames keeps names in a zip apart, as file systems do that do not tell capitals.
type zipNames struct{ taken map[string]bool }

func newZipNames() *zipNames { return &zipNames{map[string]bool{}} }

func (z *zipNames) unique(name string) string {
	ext := path.Ext(name)
	for n := 2; z.taken[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(strings.TrimSuffix(name, ext), fmt.Sprintf(" (%d)", n-1)), n, ext)
	}
	z.taken[strings.ToLower(name)] = true
	return name
}
