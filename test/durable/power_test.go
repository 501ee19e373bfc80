package durable

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"aside/hooks"
	"aside/internal/config"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

// TestR01_PowerCut records every write and flush of the program (threats 3.3: the ALICE method, through strace) while letters come in one
// by one, and then cuts the power at each 250: what was flushed is there, of what was not nothing is, or any part. Every letter that
// got its 250 must be in the database that wakes up.
//
// The same test on PocketBase's own way to open a database, synchronous=NORMAL, must find lost letters: it shows that FULL matters,
// and that this test would notice.
func TestR01_PowerCut(t *testing.T) {
	requires(t, "strace")
	s := newSeed(t, 40, 0)
	t.Run("synchronous=FULL keeps every letter", func(t *testing.T) {
		d := newDaemon(t, s)
		r := record250s(t, d, s)
		if lost := r.cut(t); lost != "" {
			t.Error(lost)
		}
		r.filesFlushed(t)
	})
	t.Run("synchronous=NORMAL does not", func(t *testing.T) {
		d := newDaemon(t, s)
		d.program = []string{os.Args[0], "-test.run=^$"}
		d.env = []string{servesUnsafe + "=" + d.dir, "UNSAFE_SMTP=" + d.smtp, "UNSAFE_HTTP=" + d.http, "UNSAFE_DNS=" + s.dns, "UNSAFE_RELAY=" + s.relay}
		d.args = nil
		lost := record250s(t, d, s).cut(t)
		if lost == "" {
			t.Error("no letter was lost: this test notices nothing")
		}
		t.Log(lost)
	})
}

// servesUnsafe makes the test's own binary a server on this folder, with PocketBase's DefaultDBConnect.
const servesUnsafe = "ASIDE_TEST_SERVES_UNSAFE"

func serveUnsafe(dir string) error {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: core.DefaultDBConnect})
	cfg := &config.Config{MailDomain: "in.test", SMTP: os.Getenv("UNSAFE_SMTP"), DNS: os.Getenv("UNSAFE_DNS"), Relay: &url.URL{Scheme: "smtp", Host: os.Getenv("UNSAFE_RELAY")}}
	hooks.Bind(app, cfg, hooks.Public{FS: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "lib/none.js": {}}})
	if err := app.Bootstrap(); err != nil {
		return err
	}
	return apis.Serve(app, apis.ServeConfig{HttpAddr: os.Getenv("UNSAFE_HTTP")})
}

// recording is what the disk saw, from a known state on.
type recording struct {
	base    string // the folder before
	dir     string // the folder's path in ops
	ops     []op
	letters []letter // in the order of their answers
}

// record250s sends letters one by one to a traced server.
func record250s(t *testing.T, d *daemon, s *seed) *recording {
	t.Helper()
	r := &recording{dir: d.dir, base: filepath.Join(t.TempDir(), "before")}
	if out, err := exec.Command("cp", "-a", d.dir, r.base).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	trace := filepath.Join(t.TempDir(), "trace")
	d.under = []string{"strace", "-f", "-qq", "--seccomp-bpf", "-y", "-xx", "-s", "2000000", "-e", "signal=none", "-e", "trace=" + traced, "-o", trace}
	d.start()
	n := 60
	if soak {
		n = 600
	}
	l, err := dial(d.smtp)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if i%15 == 14 { // a connection takes twenty
			l.c.Close()
			if l, err = dial(d.smtp); err != nil {
				t.Fatal(err)
			}
		}
		m := s.letterTo(i)
		if code, err := l.send(m); code != 250 {
			t.Fatalf("letter %d: %d %v", i, code, err)
		}
		r.letters = append(r.letters, m)
	}
	l.c.Close()
	time.Sleep(50 * time.Millisecond) // the last call, whose end strace is still to see
	d.kill()
	r.ops = readTrace(t, trace)
	answers := 0
	for _, o := range r.ops {
		if o.call == "answer" {
			answers++
		}
	}
	if answers != n {
		t.Fatalf("the trace has %d answers for %d letters", answers, n)
	}
	return r
}

// cut wakes the database up after a power cut at every few answers, and says which letters are lost.
func (r *recording) cut(t *testing.T) (lost string) {
	t.Helper()
	durable := r.flushed()
	answers := 0
	for at, o := range r.ops {
		if o.call != "answer" {
			continue
		}
		answers++
		if !soak && answers%6 != 0 {
			continue
		}
		for name, keep := range map[string]func() bool{"nothing": func() bool { return false }, "any part": func() bool { return rand.IntN(2) == 0 }} {
			image := r.image(t, at, durable, keep)
			missing, err := wake(image, r.letters[:answers])
			if err != nil {
				t.Fatalf("after answer %d, with %s of what was not flushed: %v", answers, name, err)
			}
			if missing > 0 {
				lost = fmt.Sprintf("R-1: after answer %d, with %s of what was not flushed, %d letters that got 250 are lost", answers, name, missing)
			}
			_ = os.RemoveAll(image)
		}
	}
	return lost
}

// flushed says for each operation after which operation it is durable; -1 is never.
func (r *recording) flushed() []int {
	durable := make([]int, len(r.ops))
	for i := range durable {
		durable[i] = -1
	}
	for at, o := range r.ops {
		if o.call != "fsync" {
			continue
		}
		for i := range o.upTo {
			if durable[i] < 0 && r.ops[i].path == o.path {
				durable[i] = at
			}
		}
	}
	return durable
}

// image is the database's folder as the disk has it when power goes just after operation at.
func (r *recording) image(t *testing.T, at int, durable []int, keep func() bool) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "after")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, name := range []string{"data.db", "data.db-wal"} {
		b, _ := os.ReadFile(filepath.Join(r.base, name)) // no log yet: empty
		files[filepath.Join(r.dir, name)] = b
	}
	for i, o := range r.ops[:at+1] {
		b, ours := files[o.path]
		if !ours || (durable[i] < 0 || durable[i] > at) && !keep() {
			continue
		}
		switch o.call {
		case "pwrite64":
			if need := int(o.offset) + len(o.data); need > len(b) {
				b = append(b, make([]byte, need-len(b))...)
			}
			copy(b[o.offset:], o.data)
		case "ftruncate":
			b = b[:min(int64(len(b)), o.offset)]
		}
		files[o.path] = b
	}
	for path, b := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// wake opens what the disk has and counts the letters that are not in it.
func wake(dir string, letters []letter) (missing int, err error) {
	db, err := sql.Open("sqlite", filepath.Join(dir, "data.db"))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	var integrity string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&integrity); err != nil || integrity != "ok" {
		return 0, fmt.Errorf("R-14: integrity_check says %q %w", integrity, err)
	}
	rows, err := db.Query("SELECT raw FROM letters")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	there := map[[32]byte]bool{}
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return 0, err
		}
		there[sha256.Sum256(raw)] = true
	}
	for _, m := range letters {
		if !there[sha256.Sum256([]byte(m.raw))] {
			missing++
		}
	}
	return missing, rows.Err()
}

// filesFlushed wants every stored file, and the folder that names it, flushed before the answer that follows.
func (r *recording) filesFlushed(t *testing.T) {
	t.Helper()
	type state struct{ file, folder bool }
	files := map[string]*state{}
	for _, o := range r.ops {
		switch {
		case o.call == "rename" && strings.Contains(o.to, "/storage/"):
			files[o.to] = &state{}
		case o.call == "fsync":
			for name, s := range files {
				s.file = s.file || name == o.path
				s.folder = s.folder || filepath.Dir(name) == o.path
			}
		case o.call == "answer":
			for name, s := range files {
				if !s.file || !s.folder {
					t.Fatalf("R-1: %s was not flushed before its letter's 250", name)
				}
			}
		}
	}
	if len(files) == 0 {
		t.Error("no file was stored: this test notices nothing")
	}
}
