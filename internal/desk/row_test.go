package desk

import (
	"reflect"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// TestRow_KeepsWhatPocketBaseWould writes the same values by put and by PocketBase's Save, when a record is new and when it is changed, and
// compares the rows, type by type, and what is read from them.
func TestRow_KeepsWhatPocketBaseWould(t *testing.T) {
	app := bareApp(t)
	c := core.NewBaseCollection("things")
	if err := app.Save(c); err != nil {
		t.Fatal(err)
	}
	c.Fields.Add(
		&core.TextField{Name: "word"}, &core.EmailField{Name: "mail"}, &core.URLField{Name: "url"}, &core.EditorField{Name: "markup"},
		&core.NumberField{Name: "number"}, &core.BoolField{Name: "yes"}, &core.DateField{Name: "day"}, &core.JSONField{Name: "json", MaxSize: 1000},
		&core.RelationField{Name: "other", CollectionId: c.Id, MaxSelect: 1}, &core.RelationField{Name: "others", CollectionId: c.Id, MaxSelect: 9},
		&core.SelectField{Name: "kind", Values: []string{"a", "b"}, MaxSelect: 1}, &core.SelectField{Name: "kinds", Values: []string{"a", "b"}, MaxSelect: 2})
	if err := app.Save(c); err != nil {
		t.Fatal(err)
	}
	first := core.NewRecord(c)
	if err := app.Save(first); err != nil {
		t.Fatal(err)
	}
	steps := map[string]map[string]any{
		"nothing given": {},
		"all given": {"word": "a \"word\" [\"x\"]", "mail": "a@b.test", "url": "https://a.test/?x", "markup": "<p>x</p>", "number": 3.5, "yes": true,
			"day": "2026-11-25 10:00:00.000Z", "json": map[string]any{"a": []int{1}}, "other": first.Id, "others": []string{first.Id}, "kind": "a", "kinds": []string{"b", "a"}},
		"taken back": {"word": "", "number": 0, "yes": false, "day": "", "json": nil, "other": "", "others": []string{}, "kind": "", "kinds": []string{"b"}},
		"texts":      {"word": "2026", "json": "true", "number": "7", "yes": "true", "others": first.Id, "kinds": "a"},
	}
	for _, name := range []string{"nothing given", "all given", "texts", "all given", "taken back"} {
		ours, theirs := core.NewRecord(c), core.NewRecord(c)
		for _, step := range []map[string]any{steps[name], steps["all given"], steps["taken back"], steps[name], steps[name]} {
			err := app.RunInTransaction(func(tx core.App) error {
				if err := set(ours, step); err != nil {
					return err
				}
				return put(tx, ours)
			})
			if err != nil {
				t.Fatal(name, err)
			}
			theirs.Load(step)
			if err := app.Save(theirs); err != nil {
				t.Fatal(name, err)
			}
			if a, b := rowOf(t, app, c, ours.Id), rowOf(t, app, c, theirs.Id); !reflect.DeepEqual(a, b) {
				t.Errorf("%s, %v:\n%v\nis not\n%v", name, step, a, b)
			}
			read, err := load(app, "things", ours.Id)
			if err != nil {
				t.Fatal(err)
			}
			asked, err := app.FindRecordById("things", ours.Id)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := read.PublicExport(), asked.PublicExport(); !reflect.DeepEqual(a, b) {
				t.Errorf("%s: read as\n%v\nnot\n%v", name, a, b)
			}
		}
	}
}

// rowOf is a row's values with SQLite's types, without what differs between any two.
func rowOf(t *testing.T, app core.App, c *core.Collection, id string) map[string]string {
	t.Helper()
	row := map[string]string{}
	for _, name := range c.Fields.FieldNames() {
		if name == "id" {
			continue
		}
		var is types.JSONRaw
		if err := app.DB().Select("json_array(typeof([[" + name + "]]), [[" + name + "]])").From(c.Name).Where(dbx.HashExp{"id": id}).Row(&is); err != nil {
			t.Fatal(err)
		}
		row[name] = is.String()
	}
	return row
}

// TestSeen_AFaultIsNoAnswer asks a database that has no messages at all: "not there" would have a letter stored twice.
func TestSeen_AFaultIsNoAnswer(t *testing.T) {
	if letter, id, err := Seen(bareApp(t), "c", "d", "m"); err == nil || letter || id {
		t.Error(letter, id, err)
	}
}
