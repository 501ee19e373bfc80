package statement

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"modernc.org/sqlite"
)

var register = sync.OnceFunc(func() { sql.Register("kept", Driver{&sqlite.Driver{}}) })

// open gives one connection to an empty database with a table of ten rows.
func open(t testing.TB) *sql.DB {
	t.Helper()
	register()
	db, err := sql.Open("kept", filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	do(t, db, "CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT)")
	for i := range 10 {
		do(t, db, "INSERT INTO a (id, b) VALUES (?, ?)", i, fmt.Sprint("row ", i))
	}
	return db
}

func do(t testing.TB, db interface {
	Exec(string, ...any) (sql.Result, error)
}, text string, args ...any) {
	t.Helper()
	if _, err := db.Exec(text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func one(t testing.TB, q interface {
	QueryRow(string, ...any) *sql.Row
}, text string, args ...any) (s string) {
	t.Helper()
	if err := q.QueryRow(text, args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}

// inside shows the connection of a database that has one.
func inside(t testing.TB, db *sql.DB, look func(*conn)) {
	t.Helper()
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Raw(func(dc any) error { look(dc.(*conn)); return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestStatements(t *testing.T) {
	t.Run("one text is prepared once, and answers with its own arguments", func(t *testing.T) {
		db := open(t)
		for i := range 10 {
			if got := one(t, db, "SELECT b FROM a WHERE id = ?", i); got != fmt.Sprint("row ", i) {
				t.Fatalf("row %d is %q", i, got)
			}
		}
		inside(t, db, func(c *conn) {
			if len(c.byText) != 2 {
				t.Errorf("%d statements are kept, not one INSERT and one SELECT", len(c.byText))
			}
		})
	})
	t.Run("rows that are read while the same text runs again stay their own", func(t *testing.T) {
		tx, err := open(t).Begin()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		outer, err := tx.Query("SELECT b FROM a WHERE id >= ? ORDER BY id", 3)
		if err != nil {
			t.Fatal(err)
		}
		defer outer.Close()
		for want := 3; outer.Next(); want++ {
			var s string
			if err := outer.Scan(&s); err != nil || s != fmt.Sprint("row ", want) {
				t.Fatalf("outer row is %q, not of %d: %v", s, want, err)
			}
			if inner := one(t, tx, "SELECT b FROM a WHERE id >= ? ORDER BY id", 9); inner != "row 9" {
				t.Fatalf("inner row is %q", inner)
			}
		}
	})
	t.Run("a changed schema is seen", func(t *testing.T) {
		db := open(t)
		if rows, err := db.Query("SELECT * FROM a WHERE id = 1"); err != nil || rows.Close() != nil {
			t.Fatal(err)
		}
		do(t, db, "ALTER TABLE a ADD COLUMN c TEXT DEFAULT 'new'")
		rows, err := db.Query("SELECT * FROM a WHERE id = 1")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		if columns, _ := rows.Columns(); len(columns) != 3 {
			t.Errorf("columns are %v", columns)
		}
	})
	t.Run("a failed statement works again", func(t *testing.T) {
		db := open(t)
		if _, err := db.Exec("INSERT INTO a (id, b) VALUES (?, ?)", 1, "twice"); err == nil {
			t.Fatal("a second row under one key")
		}
		do(t, db, "INSERT INTO a (id, b) VALUES (?, ?)", 11, "once")
	})
	t.Run("no more are kept than the limit, and an open one is never closed", func(t *testing.T) {
		db := open(t)
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		long, err := tx.Query("SELECT b FROM a ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 * kept {
			one(t, tx, fmt.Sprintf("SELECT '%d'", i))
		}
		n := 0
		for ; long.Next(); n++ {
		}
		if n != 10 || long.Err() != nil {
			t.Errorf("%d rows, %v", n, long.Err())
		}
		long.Close()
		tx.Rollback()
		inside(t, db, func(c *conn) {
			if len(c.byText) > kept+1 || len(c.byText) != c.recent.Len() {
				t.Errorf("%d statements are kept", len(c.byText))
			}
		})
	})
	t.Run("a transaction that the database ended takes no more statements, and the next one does", func(t *testing.T) {
		db := open(t)
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		do(t, tx, "INSERT INTO a (id, b) VALUES (20, 'first')")
		do(t, tx, "ROLLBACK") // as SQLite does when the disk fails
		if _, err := tx.Exec("INSERT INTO a (id, b) VALUES (21, 'second')"); !errors.Is(err, errLost) {
			t.Errorf("a statement after it: %v", err)
		}
		if err := tx.Commit(); err == nil {
			t.Error("what is gone was committed")
		}
		do(t, db, "INSERT INTO a (id, b) VALUES (22, 'third')")
		if got := one(t, db, "SELECT group_concat(id) FROM a WHERE id >= 20"); got != "22" {
			t.Errorf("rows %s are there", got)
		}
	})
	t.Run("several statements in one text all run", func(t *testing.T) {
		db := open(t)
		do(t, db, "UPDATE a SET b = 'x' WHERE id = 1; UPDATE a SET b = 'y' WHERE id = 2")
		if got := one(t, db, "SELECT b FROM a WHERE id = 2"); got != "y" {
			t.Errorf("the second gave %q", got)
		}
	})
}

func BenchmarkSelect(b *testing.B) {
	db := open(b)
	for b.Loop() {
		one(b, db, "SELECT b FROM a WHERE id = ?", 3)
	}
}
