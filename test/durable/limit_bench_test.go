package durable

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"aside/hooks"

	"github.com/emersion/go-smtp"
)

// TestPF2_AgainstTheLimits holds the door against what it can never reach: SQLite committing one row of a letter's size for each, 64 to a
// transaction; and a go-smtp server that reads letters and throws them away. Each runs for a second or more, as the door does.
func TestPF2_AgainstTheLimits(t *testing.T) {
	ours, theirs, s := newRaces(t)
	const (
		c, n    = 64, 4000
		quicker = 5 // times as many letters for who only discards them
		rowsFor = 8 // the same for rows
	)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(discards{})
	server.Domain, server.MaxMessageBytes, server.MaxLineLength = "in.test", 25<<20, 2000
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	var rows []run
	for range envInt("ASIDE_ROUNDS", 3) {
		ours.onFreshServer(s, c, n, 10_000)
		theirs.load(c, quicker*n, 10_000, l.Addr().String(), "reply+%d@in.test")
		perSecond, err := commitRows(t.TempDir(), rowsFor*n, 64)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, run{Rate: perSecond})
	}
	t.Logf("PF-2   c=64  10 kB: Aside %.0f/s; grouped SQLite commits %.0f/s, ratio %.2f; go-smtp discarding %.0f/s, ratio %.2f", median(ours.runs[c], rate),
		median(rows, rate), median(ours.runs[c], rate)/median(rows, rate), median(theirs.runs[c], rate), median(ours.runs[c], rate)/median(theirs.runs[c], rate))
}

// TestPF2b_ASlowDisk adds 2 ms to every flush, through strace, and holds the door against itself without, and against SQLite on such a disk
// with a transaction for each letter. (The door without the 2 ms runs under the same strace.)
func TestPF2b_ASlowDisk(t *testing.T) {
	requires(t, "strace")
	slow, quick, s := newRaces(t)
	const c, n = 64, 3000
	trace := func(delay string) []string {
		return []string{"strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:delay_exit=" + delay}
	}
	var alone []run
	for range envInt("ASIDE_ROUNDS", 3) {
		quick.under(trace("0"), s, c, n)
		slow.under(trace("2ms"), s, c, n)
		alone = append(alone, run{Rate: oneByOne(t, trace("2ms"))})
	}
	t.Logf("PF-2b  c=64  10 kB: Aside with 2 ms a flush %.0f/s, without %.0f/s, ratio %.2f; one transaction a letter %.0f/s, ratio %.2f", median(slow.runs[c], rate),
		median(quick.runs[c], rate), median(slow.runs[c], rate)/median(quick.runs[c], rate), median(alone, rate), median(slow.runs[c], rate)/median(alone, rate))
}

// under runs one load against a fresh server that another program runs.
func (r *race) under(program []string, s *seed, c, n int) {
	d := newDaemon(r.t, s)
	d.start()
	d.kill() // the first start writes much
	d.under = program
	d.start()
	defer d.kill()
	r.load(c, n, 10_000, d.smtp, r.to)
}

// commitsRows makes the test's own binary write rows into this folder, one a transaction, and print how many a second.
const commitsRows = "ASIDE_TEST_COMMITS_ROWS"

func oneByOne(t testing.TB, under []string) float64 {
	cmd := exec.Command(under[0], append(under[1:], os.Args[0], "-test.run=^$")...)
	cmd.Env = append(os.Environ(), commitsRows+"="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v %s", err, out)
	}
	perSecond, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		t.Fatal(err)
	}
	return perSecond
}

func printCommits(dir string) error {
	perSecond, err := commitRows(dir, 500, 1)
	fmt.Println(perSecond)
	return err
}

// commitRows writes rows of a letter's size, so many to a transaction, as durably as the door does, and says how many a second.
func commitRows(dir string, n, grouped int) (perSecond float64, err error) {
	db, err := hooks.Connect(filepath.Join(dir, "data.db"))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	db.DB().SetMaxOpenConns(1)
	if _, err := db.DB().Exec("CREATE TABLE letters (id INTEGER PRIMARY KEY, raw BLOB)"); err != nil {
		return 0, err
	}
	raw := make([]byte, 10_000)
	_, _ = rand.Read(raw)
	began := time.Now()
	for written := 0; written < n; written += grouped {
		if err := commitSome(db.DB(), raw, grouped); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), nil
}

func commitSome(db *sql.DB, raw []byte, n int) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for range n {
		if _, err := tx.Exec("INSERT INTO letters (raw) VALUES (?)", raw); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// discards is a go-smtp backend that takes everything and keeps nothing.
type discards struct{}

func (discards) NewSession(*smtp.Conn) (smtp.Session, error) { return discards{}, nil }
func (discards) Mail(string, *smtp.MailOptions) error        { return nil }
func (discards) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (discards) Reset()                                      {}
func (discards) Logout() error                               { return nil }
func (discards) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}
