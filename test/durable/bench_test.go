package durable

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// benchPlace is the folder of peer.sh and smtpload.
func benchPlace(t testing.TB) string {
	t.Helper()
	place := os.Getenv("ASIDE_BENCH")
	if place == "" {
		place = filepath.Join("..", "..", "..", "shared", "bench")
	}
	if _, err := os.Stat(filepath.Join(place, "peer.sh")); err != nil {
		t.Skipf("no peer.sh and smtpload in %s: set ASIDE_BENCH", place)
	}
	return place
}

// smtpload builds the load generator outside of its own folder, which is only read.
func smtpload(t testing.TB, place string) string {
	t.Helper()
	program := filepath.Join(shared, "smtpload")
	cmd := exec.Command("go", "build", "-o", program, ".")
	cmd.Dir = filepath.Join(place, "smtpload")
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("smtpload cannot be built: %v %s", err, out)
	}
	return program
}

// run is what smtpload prints of one run.
type run struct {
	Sent, Accepted int
	Rate           float64 `json:"msgs_per_s"`
	To250          struct {
		P50, P99 float64
	} `json:"mail_to_250_ms"`
	Errors map[string]int
	Sample string  `json:"error_sample"`
	CPU    float64 `json:"server_cpu_ms_per_msg"`
	PSS    float64 `json:"server_peak_pss_mib"` // of the process tree, what is shared counted once
}

// race is one side of the comparison.
type race struct {
	t       testing.TB
	program string
	peers   string // the folder of the Postfix that it runs against
	key     string
	to      string        // the reply addresses of the seed
	runs    map[int][]run // by connections
}

func (r *race) load(c, n, size int, addr, rcpt string, pids ...string) {
	r.t.Helper()
	args := []string{"-addr", addr, "-rcpt", rcpt, "-rcptmod", strconv.Itoa(participants), "-n", strconv.Itoa(n), "-c", strconv.Itoa(c), "-reuse", "10", "-size", strconv.Itoa(size), "-dkim-key", r.key}
	if len(pids) > 0 {
		args = append(args, "-watch", strings.Join(pids, ","))
	}
	out, err := exec.Command(r.program, args...).Output()
	if err != nil {
		r.t.Fatalf("smtpload: %v", err)
	}
	var one run
	if err := json.Unmarshal(out, &one); err != nil {
		r.t.Fatalf("smtpload printed %q: %v", out, err)
	}
	if one.Accepted < n {
		r.t.Logf("only %d of %d letters were taken: %v %s", one.Accepted, n, one.Errors, one.Sample)
	}
	r.runs[c] = append(r.runs[c], one)
}

func median(runs []run, of func(run) float64) float64 {
	values := make([]float64, 0, len(runs))
	for _, r := range runs {
		values = append(values, of(r))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func rate(r run) float64 { return r.Rate }
func p99(r run) float64  { return r.To250.P99 }
func cpu(r run) float64  { return r.CPU }
func pss(r run) float64  { return r.PSS }

// participants of a race: smtpload takes them in turn, so that nobody writes faster than a person may in one run.
const participants = 900

// TestBenchDoor lets our door and Postfix with OpenDKIM take the same signed letters, in turn, and prints the ratios of
// performance.md (PF-1).
func TestBenchDoor(t *testing.T) {
	ours, theirs, s := newRaces(t)
	rounds := envInt("ASIDE_ROUNDS", 3)
	for _, c := range []int{1, 16, 64} {
		n := envInt("ASIDE_LETTERS", map[int]int{1: 1000, 16: 3000, 64: 4000}[c])
		for range rounds {
			ours.onFreshServer(s, c, n, 10_000)
			theirs.onPostfix(c, n, 10_000)
		}
		report(t, fmt.Sprintf("PF-1   c=%-3d 10 kB", c), ours.runs[c], theirs.runs[c])
	}
}

// TestBenchDoorLarge is the same with letters of 1 MB (PF-2c).
func TestBenchDoorLarge(t *testing.T) {
	ours, theirs, s := newRaces(t)
	for range envInt("ASIDE_ROUNDS", 3) {
		ours.onFreshServer(s, 16, 200, 1_000_000)
		theirs.onPostfix(16, 200, 1_000_000)
	}
	report(t, "PF-2c  c=16  1 MB ", ours.runs[16], theirs.runs[16])
}

// newRaces starts the peers, whose name server tells the keys that smtpload signs with, and makes a seed that knows its senders.
func newRaces(t testing.TB) (ours, theirs *race, s *seed) {
	t.Helper()
	if os.Getenv("ASIDE_BENCH_DOOR") == "" {
		t.Skip("a race takes minutes and a quiet machine: make bench-door")
	}
	requires(t, "postfix", "opendkim", "dnsmasq", "openssl")
	place := benchPlace(t)
	peers := t.TempDir()
	openUp(t, peers)
	if out, err := exec.Command(filepath.Join(place, "peer.sh"), "up", peers).CombinedOutput(); err != nil {
		t.Skipf("the peers do not come up: %v %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command(filepath.Join(place, "peer.sh"), "down", peers).Run() })
	program := smtpload(t, place)
	s = newSeed(t, participants, 5)
	s.dns = "127.0.0.2:53"
	side := func() *race {
		return &race{t: t, program: program, peers: peers, key: filepath.Join(peers, "rsa.pem"), to: strings.Join(s.to, ","), runs: map[int][]run{}}
	}
	return side(), side(), s
}

func pidIn(t testing.TB, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

func report(t testing.TB, what string, ours, theirs []run) {
	t.Logf("%s: Aside %6.0f/s, Postfix+OpenDKIM %6.0f/s, ratio %.2f; p99 %.1f ms against %.1f ms, ratio %.2f; %.2f ms CPU a letter against %.2f; peak %.0f MiB against %.0f, ratio %.2f",
		what, median(ours, rate), median(theirs, rate), median(ours, rate)/median(theirs, rate), median(ours, p99), median(theirs, p99), median(ours, p99)/median(theirs, p99),
		median(ours, cpu), median(theirs, cpu), median(ours, pss), median(theirs, pss), median(ours, pss)/median(theirs, pss))
}

// onFreshServer runs one load against a server that has just been started, since it remembers who wrote how often.
func (r *race) onFreshServer(s *seed, c, n, size int) {
	d := newDaemon(r.t, s)
	d.start()
	defer d.kill()
	r.load(c, n, size, d.smtp, r.to, strconv.Itoa(d.pid()))
}

// onPostfix runs one load against Postfix with OpenDKIM.
func (r *race) onPostfix(c, n, size int) {
	r.load(c, n, size, "127.0.0.1:2502", "reply+%d@in.test", pidIn(r.t, r.peers, "spool/pid/master.pid"), pidIn(r.t, r.peers, "opendkim.pid"))
}

func envInt(name string, fallback int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return fallback
}

// openUp lets other users look into a folder of the test's, and those above it.
func openUp(t testing.TB, dir string) {
	t.Helper()
	for ; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
