package desk

import (
	"database/sql"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
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
		value, err := field.PrepareValue(r, given)
		if err != nil {
			return err
		}
		r.SetRaw(field.GetName(), value)
	}
	return nil
}

// insert writes a new record's row.
func insert(tx core.App, r *core.Record) error {
	columns, values, err := exported(tx, r)
	if err != nil {
		return err
	}
	_, err = writer(tx).Exec("INSERT INTO "+r.TableName()+" ("+strings.Join(columns, ", ")+") VALUES (?"+strings.Repeat(", ?", len(columns)-1)+")", values...)
	return err
}

// update writes what has changed of a record, so that no index is written that stays as it is.
func update(tx core.App, r *core.Record) error {
	columns, values, err := exported(tx, r.IgnoreUnchangedFields(true))
	if err != nil {
		return err
	}
	if _, err = writer(tx).Exec("UPDATE "+r.TableName()+" SET "+strings.Join(columns, " = ?, ")+" = ? WHERE id = ?", append(values, r.Id)...); err != nil {
		return err
	}
	return r.PostScan() // what is written now is what the next change is measured by
}

// exported are the columns a record writes, quoted and in the order of its collection, with their values.
func exported(tx core.App, r *core.Record) (columns []string, values []any, err error) {
	row, err := r.DBExport(tx)
	for _, field := range r.Collection().Fields {
		if value, is := row[field.GetName()]; is {
			columns, values = append(columns, `"`+field.GetName()+`"`), append(values, value)
		}
	}
	return columns, values, err
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
		value, err := field.PrepareValue(r, texts[i].String)
		if err != nil {
			return nil, err
		}
		r.SetRaw(name, value)
	}
	return r, r.PostScan()
}
