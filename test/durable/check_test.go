package durable

import (
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// owners are the collections whose records own a letter.
var owners = []string{"side_messages", "customer_messages", "feedback", "held_mail", "deliveries"}

// check holds a data folder to the invariants of threats 3.2. sure letters must be there once; unsure ones once at most.
func (d *daemon) check(g *log) {
	d.t.Helper()
	db := d.open()
	defer db.Close()
	var integrity string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&integrity); err != nil || integrity != "ok" {
		d.t.Fatalf("R-14: integrity_check says %q %v", integrity, err)
	}
	if n := count(d.t, db, "SELECT count(*) FROM pragma_foreign_key_check"); n != 0 {
		d.t.Fatalf("R-14: foreign_key_check lists %d rows", n)
	}
	stored := d.letters(db)
	for _, m := range g.acked {
		if n := stored[sha256.Sum256([]byte(m.raw))]; n != 1 {
			d.t.Fatalf("R-1: a letter that got 250 is there %d times, byte for byte", n)
		}
	}
	for _, m := range g.unsure {
		if n := stored[sha256.Sum256([]byte(m.raw))]; n > 1 {
			d.t.Fatalf("R-3: a letter without an answer is there %d times", n)
		}
	}
	d.wholeRows(db)
	d.wholeFiles(db)
}

func (d *daemon) open() *sql.DB {
	db, err := sql.Open("sqlite", filepath.Join(d.dir, "data.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		d.t.Fatal(err)
	}
	return db
}

func count(t testing.TB, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// letters counts what was received, by hash.
func (d *daemon) letters(db *sql.DB) map[[32]byte]int {
	rows, err := db.Query("SELECT raw FROM letters WHERE id NOT IN (SELECT id FROM deliveries)")
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	stored := map[[32]byte]int{}
	var raw []byte
	for rows.Next() {
		if err := rows.Scan(&raw); err != nil {
			d.t.Fatal(err)
		}
		stored[sha256.Sum256(raw)]++
	}
	return stored
}

// wholeRows looks for halves: a letter without its record, a record without its letter, its activity or its notification.
func (d *daemon) wholeRows(db *sql.DB) {
	d.t.Helper()
	var union []string
	for _, o := range owners {
		union = append(union, "SELECT id FROM "+o)
	}
	for what, query := range map[string]string{
		"letters without a record":           "SELECT count(*) FROM letters WHERE id NOT IN (" + strings.Join(union, " UNION ALL ") + ")",
		"messages without their letter":      "SELECT count(*) FROM side_messages WHERE channel = 'email' AND direction = 'in' AND id NOT IN (SELECT id FROM letters)",
		"held mail without its letter":       "SELECT count(*) FROM held_mail WHERE id NOT IN (SELECT id FROM letters)",
		"messages without activity":          "SELECT abs((SELECT count(*) FROM side_messages WHERE kind = 'reply') - (SELECT count(*) FROM activity WHERE event = 'side_conversation.reply_received'))",
		"messages without notification":      "SELECT abs((SELECT count(*) FROM side_messages WHERE kind = 'reply') - (SELECT count(*) FROM notifications))",
		"conversations that count otherwise": "SELECT count(*) FROM side_conversations c WHERE messageCount != (SELECT count(*) FROM side_messages m WHERE m.conversation = c.id AND m.kind = 'reply')",
	} {
		if n := count(d.t, db, query); n != 0 {
			d.t.Fatalf("R-2: %d %s", n, what)
		}
	}
}

// wholeFiles compares stored files with the records that name them, after the sweep that follows a start.
func (d *daemon) wholeFiles(db *sql.DB) {
	d.t.Helper()
	named := map[string]int64{}
	rows, err := db.Query("SELECT c.id, m.id, m.files FROM side_messages m, _collections c WHERE c.name = 'side_messages' AND m.files NOT IN ('', 'null', '[]')")
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var collection, id, files string
		var list []struct {
			File string
			Size int64
		}
		if err := rows.Scan(&collection, &id, &files); err != nil {
			d.t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(files), &list); err != nil {
			d.t.Fatal(err)
		}
		for _, f := range list {
			named[filepath.Join(collection, id, f.File)] = f.Size
		}
	}
	var fault string
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if fault = d.compareFiles(named); fault == "" {
			return
		}
	}
	d.t.Fatalf("R-2: %s", fault)
}

func (d *daemon) compareFiles(named map[string]int64) string {
	root := filepath.Join(d.dir, "storage")
	there := map[string]int64{}
	_ = filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error { // no folder: no files
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".attrs") {
			return nil
		}
		if info, err := e.Info(); err == nil {
			name, _ := filepath.Rel(root, path)
			there[name] = info.Size()
		}
		return nil
	})
	for name, size := range named {
		if got, ok := there[name]; !ok {
			return fmt.Sprintf("file %s is gone", name)
		} else if got != size {
			return fmt.Sprintf("file %s has %d bytes, its record says %d", name, got, size)
		}
	}
	for name := range there {
		if _, ok := named[name]; !ok {
			return fmt.Sprintf("file %s belongs to no record", name)
		}
	}
	return ""
}
