package durable

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// TestPF2d_AFullDatabase holds the door of a server that has stored a million messages against one that has ten thousand, of the same
// senders. ASIDE_STORED makes it another number.
func TestPF2d_AFullDatabase(t *testing.T) {
	full, small, s := newRaces(t)
	const c, n = 64, 4000
	many := envInt("ASIDE_STORED", 1_000_000)
	a, b := storing(t, s, many), storing(t, s, 10_000)
	for range envInt("ASIDE_ROUNDS", 3) {
		full.onStored(a, c, n)
		small.onStored(b, c, n)
	}
	t.Logf("PF-2d  c=64  10 kB: Aside with %d messages %.0f/s, with 10000 %.0f/s, ratio %.2f; p99 %.1f ms against %.1f ms", many, median(full.runs[c], rate),
		median(small.runs[c], rate), median(full.runs[c], rate)/median(small.runs[c], rate), median(full.runs[c], p99), median(small.runs[c], p99))
}

// onStored runs one load against a folder as it is: a million messages are not copied for every round.
func (r *race) onStored(d *daemon, c, n int) {
	r.t.Helper()
	d.start()
	defer d.kill()
	r.load(c, n, 10_000, d.smtp, r.to, fmt.Sprint(d.pid()))
}

// perThread messages are in each conversation that storing makes.
const perThread = 250

// storing makes a folder from a seed that has n messages, all like one that truly came in, each with its letter, its activity and its
// notification: in conversations of their own, and in those of the seed.
func storing(t testing.TB, s *seed, n int) *daemon {
	t.Helper()
	d := newDaemon(t, s)
	d.start()
	l, err := dial(d.smtp)
	if err != nil {
		t.Fatal(err)
	}
	if code, err := l.send(s.letterTo(1)); code != 250 {
		t.Fatal(code, err)
	}
	l.c.Close()
	d.stop()
	db, err := sql.Open("sqlite", filepath.Join(d.dir, "data.db")+"?_pragma=synchronous(OFF)&_pragma=cache_size(-200000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	threads := n / perThread
	c := copier{t, db}
	c.copy("side_conversations", "messageCount > 0", threads, map[string]string{"id": "printf('0c%013d', i)", "idempotency": "''", "messageCount": fmt.Sprint(perThread)})
	own := c.column("side_messages", "conversation") // the busiest of the seed's: one thread in so many
	thread := fmt.Sprintf("CASE i %% %d WHEN 0 THEN '%s' ELSE printf('0c%%013d', i %% %d) END", threads, own, threads)
	c.copy("side_messages", "direction = 'in'", n, map[string]string{"id": "printf('0m%013d', i)", "conversation": thread, "dedupe": "printf('%064d', i)",
		"messageId": "i || '@load.test'", "attachments": "'[]'", "files": "'[]'", "created": "datetime('2020-01-01', (i * 60) || ' seconds') || '.000Z'"})
	c.copy("letters", "id IN (SELECT id FROM side_messages WHERE id NOT LIKE '0m%')", n, map[string]string{"id": "printf('0m%013d', i)", "raw": "substr(old.raw, 1, 300)"})
	c.copy("activity", "event = 'side_conversation.reply_received'", n, map[string]string{"id": "printf('0a%013d', i)", "conversation": thread})
	c.copy("notifications", "1", n, map[string]string{"id": "printf('0n%013d', i)", "conversation": thread, "message": "printf('0m%013d', i)", "mailed": "TRUE"})
	return d
}

// copier multiplies rows by SQL.
type copier struct {
	t  testing.TB
	db *sql.DB
}

// copy writes n rows like the first that matches; changed are the columns with values of their own, by i.
func (c copier) copy(table, match string, n int, changed map[string]string) {
	c.t.Helper()
	rows, err := c.db.Query("SELECT name FROM pragma_table_info(?)", table)
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	var names, values []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			c.t.Fatal(err)
		}
		value, is := changed[name]
		if !is {
			value = "old.[" + name + "]"
		}
		names, values = append(names, "["+name+"]"), append(values, value)
	}
	rows.Close()
	_, err = c.db.Exec(fmt.Sprintf("INSERT INTO %s (%s) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT %s FROM n, (SELECT * FROM %s WHERE %s LIMIT 1) AS old",
		table, strings.Join(names, ", "), n, strings.Join(values, ", "), table, match))
	if err != nil {
		c.t.Fatalf("%s: %v", table, err)
	}
}

func (c copier) column(table, name string) (value string) {
	c.t.Helper()
	if err := c.db.QueryRow("SELECT " + name + " FROM " + table + " LIMIT 1").Scan(&value); err != nil {
		c.t.Fatal(err)
	}
	return value
}
