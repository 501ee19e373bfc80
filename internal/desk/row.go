package desk

import (
	"database/sql"
	"reflect"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// What runs for every letter is written out for SQLite and handed to the connection as it is: dbx builds each statement anew and looks for
// the names in it with regular expressions, which takes longer than running it (internal/statement keeps it prepared).

// reader is the connection that an app reads by; in a transaction the transaction's.
func reader(app core.App) dbx.Executor { return executor(app.ConcurrentDB()) }

// writer is the one connection that writes.
func writer(app core.App) dbx.Executor { return executor(app.NonconcurrentDB()) }

func executor(db dbx.Builder) dbx.Executor {
	switch d := db.(type) {
	case *dbx.DB:
		db = d.Builder
	case *dbx.Tx:
		db = d.Builder
	}
	return db.(interface{ Executor() dbx.Executor }).Executor()
}

// one reads the first row of a statement's answer into dest; without any it is sql.ErrNoRows.
func one(app core.App, text string, args []any, dest ...any) error {
	n, err := each(app, text, args, func(scan func(...any) error) error { return scan(dest...) })
	if err == nil && n == 0 {
		return sql.ErrNoRows
	}
	return err
}

// each has every row of a statement's answer read, and says how many there were.
func each(app core.App, text string, args []any, read func(scan func(...any) error) error) (n int, err error) {
	rows, err := reader(app).Query(text, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		if err := read(rows.Scan); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// columnOf reads the texts of a query's one column. dbx's own Column does not tell an answer that broke off from one that ended, and what is
// asked here decides what is deleted, and who may be written to.
func columnOf(q interface{ Rows() (*dbx.Rows, error) }) (texts []string, err error) {
	rows, err := q.Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		texts = append(texts, "")
		if err := rows.Scan(&texts[len(texts)-1]); err != nil {
			return nil, err
		}
	}
	return texts, rows.Err()
}

// load reads the record with an id, as FindRecordById does.
func load(app core.App, collection, id string) (*core.Record, error) {
	c, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	if c.IsAuth() { // passwords have a form of their own
		return app.FindRecordById(c, id)
	}
	rows, err := reader(app).Query("SELECT * FROM "+collection+" WHERE id = ?", id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return nil, err
		}
		return nil, sql.ErrNoRows
	}
	return fill(c, rows)
}

// set gives a record plain values, as its Load does, in one walk over its fields.
func set(r *core.Record, values map[string]any) error {
	for _, field := range r.Collection().Fields {
		given, is := values[field.GetName()]
		if !is {
			continue
		}
		value, err := prepare(field, r, given)
		if err != nil {
			return err
		}
		r.SetRaw(field.GetName(), value)
	}
	return nil
}

// prepare asks a field what it makes of a value. Text of one word or many it leaves as it is, which is not asked: it would take a relation
// a list of ids, a set of them and JSON.
func prepare(field core.Field, r *core.Record, value any) (any, error) {
	if _, ok := value.(string); ok && keepsText(field) {
		return value, nil
	}
	return field.PrepareValue(r, value)
}

// stored is what a field writes of a record into its column.
func stored(field core.Field, r *core.Record) (any, error) {
	value := r.GetRaw(field.GetName())
	if _, ok := value.(string); ok && keepsText(field) {
		return value, nil
	}
	if f, ok := field.(core.DriverValuer); ok {
		return f.DriverValue(r)
	}
	return value, nil
}

// keepsText tells fields whose text goes in and out as it is.
func keepsText(field core.Field) bool {
	switch f := field.(type) {
	case *core.TextField, *core.EmailField:
		return true
	case *core.RelationField:
		return !f.IsMultiple()
	case *core.SelectField:
		return !f.IsMultiple()
	}
	return false
}

// insert writes a new record's row.
func insert(tx core.App, r *core.Record) error {
	fields := r.Collection().Fields
	columns, values := make([]string, len(fields)), make([]any, len(fields))
	for i, field := range fields {
		value, err := stored(field, r)
		if err != nil {
			return err
		}
		columns[i], values[i] = field.GetName(), value
	}
	_, err := writer(tx).Exec("INSERT INTO "+r.TableName()+" (\""+strings.Join(columns, `", "`)+"\") VALUES (?"+strings.Repeat(", ?", len(columns)-1)+")", values...)
	return err
}

// update writes what has changed of a record, so that no index is written that stays as it is.
func update(tx core.App, r *core.Record) error {
	was := r.Original()
	var columns strings.Builder
	var values []any
	for _, field := range r.Collection().Fields {
		value, err := stored(field, r)
		if err != nil {
			return err
		}
		old, err := stored(field, was)
		if err != nil {
			return err
		}
		if same(value, old) {
			continue
		}
		columns.WriteString(`, "` + field.GetName() + `" = ?`)
		values = append(values, value)
	}
	if len(values) == 0 {
		return nil
	}
	if _, err := writer(tx).Exec("UPDATE "+r.TableName()+" SET "+columns.String()[2:]+" WHERE id = ?", append(values, r.Id)...); err != nil {
		return err
	}
	return r.PostScan() // what is written now is what the next change is measured by
}

// same compares two values of a field.
func same(a, b any) bool {
	switch a.(type) {
	case string, bool, float64, types.DateTime:
		return a == b
	}
	return reflect.DeepEqual(a, b)
}

// fill makes a record of the row that rows stand at: its fields prepare their values from text, as PocketBase has them do.
func fill(c *core.Collection, rows *sql.Rows) (*core.Record, error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	texts, dest := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range texts {
		dest[i] = &texts[i]
	}
	if err := rows.Scan(dest...); err != nil {
		return nil, err
	}
	r := core.NewRecord(c)
	for i, name := range columns {
		field := c.Fields.GetByName(name)
		if field == nil || !texts[i].Valid {
			continue
		}
		value, err := prepare(field, r, texts[i].String)
		if err != nil {
			return nil, err
		}
		r.SetRaw(name, value)
	}
	return r, r.PostScan()
}
