package durable

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// soak is whether the long forms run.
var soak = os.Getenv("ASIDE_SOAK") != ""

// binary is Aside as it is built for people, but for the crash points of internal/intake and without the dashboard's files.
var binary = func() func(t testing.TB) string {
	build := sync.OnceValues(func() (string, error) {
		path := filepath.Join(shared, "aside")
		out, err := exec.Command("go", "build", "-tags", "no_ui,crash", "-o", path, "aside").CombinedOutput()
		return path, errors.Join(err, errorOf(out))
	})
	return func(t testing.TB) string {
		t.Helper()
		path, err := build()
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
}()

func errorOf(out []byte) error {
	if len(out) == 0 {
		return nil
	}
	return errors.New(string(out))
}

// shared is a folder for all tests of a run.
var shared string

func TestMain(m *testing.M) {
	if dir := os.Getenv(commitsRows); dir != "" {
		if err := printCommits(dir); err != nil {
			panic(err)
		}
		return
	}
	if dir := os.Getenv(servesUnsafe); dir != "" {
		if err := serveUnsafe(dir); err != nil {
			panic(err)
		}
		return
	}
	var err error
	if shared, err = os.MkdirTemp("", "aside-durable-"); err != nil {
		panic(err)
	}
	_ = os.Chmod(shared, 0o755) // Postfix looks in, as somebody else
	code := m.Run()
	_ = os.RemoveAll(shared)
	os.Exit(code)
}

// daemon is the binary on a data folder, started and killed as often as one likes on the same ports.
type daemon struct {
	t          testing.TB
	dir        string
	smtp, http string
	program    []string // instead of the binary and its flags
	args       []string // further flags
	env        []string
	under      []string // the program that runs it: strace and its flags
	cmd        *exec.Cmd
	exited     chan error
	log        bytes.Buffer
}

// newDaemon prepares one on a copy of a seeded folder.
func newDaemon(t testing.TB, s *seed) *daemon {
	t.Helper()
	d := &daemon{t: t, dir: filepath.Join(t.TempDir(), "pb_data"), smtp: freeAddr(t), http: freeAddr(t)}
	if out, err := exec.Command("cp", "-a", s.dir, d.dir).CombinedOutput(); err != nil { // os.CopyFS would open the keys to others
		t.Fatalf("%v %s", err, out)
	}
	d.args = []string{"--mailDomain", "in.test", "--dns", s.dns, "--relay", "smtp://" + s.relay, "--smtpTrusted", "127.0.0.1/32"}
	t.Cleanup(d.kill)
	return d
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs the binary and waits for the door's greeting. R-10: a restart takes less than 5 s.
func (d *daemon) start(env ...string) {
	d.t.Helper()
	argv := append([]string{}, d.under...)
	if d.program != nil {
		argv = append(argv, d.program...)
	} else {
		argv = append(append(argv, binary(d.t), "serve", "--http", d.http, "--smtp", d.smtp, "--dir", d.dir), d.args...)
	}
	d.cmd = exec.Command(argv[0], argv[1:]...)
	d.cmd.Env = append(append(os.Environ(), d.env...), env...)
	d.cmd.Stdout, d.cmd.Stderr = &d.log, &d.log
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // strace and what it traces end together
	began := time.Now()
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.exited = make(chan error, 1)
	go func(cmd *exec.Cmd, exited chan error) { exited <- cmd.Wait() }(d.cmd, d.exited)
	for !greeted(d.smtp) {
		select {
		case err := <-d.exited:
			d.cmd = nil
			d.t.Fatalf("the server ended at its start: %v\n%s", err, d.log.String())
		case <-time.After(5 * time.Millisecond):
		}
		if time.Since(began) > 20*time.Second {
			d.t.Fatalf("no greeting in 20 s\n%s", d.log.String())
		}
	}
	if took := time.Since(began); len(d.under) == 0 && took > 5*time.Second {
		d.t.Errorf("R-10: the start took %v", took)
	}
}

func greeted(addr string) bool {
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(2 * time.Second))
	b := make([]byte, 3)
	_, err = c.Read(b)
	return err == nil && string(b) == "220"
}

// kill is kill -9, and waits until nothing of it is left.
func (d *daemon) kill() {
	if d.cmd == nil {
		return
	}
	_ = syscall.Kill(-d.cmd.Process.Pid, syscall.SIGKILL)
	<-d.exited
	d.cmd = nil
}

// died waits until the program has ended by itself.
func (d *daemon) died() {
	d.t.Helper()
	select {
	case <-d.exited:
		d.cmd = nil
	case <-time.After(15 * time.Second):
		d.t.Fatalf("it did not end\n%s", d.log.String())
	}
}

// stop is SIGTERM, and says how long the end took.
func (d *daemon) stop() time.Duration {
	d.t.Helper()
	began := time.Now()
	_ = syscall.Kill(d.pid(), syscall.SIGTERM)
	d.died()
	return time.Since(began)
}

// pid is the server's, also when it runs under strace.
func (d *daemon) pid() int {
	if len(d.under) == 0 {
		return d.cmd.Process.Pid
	}
	return child(d.t, d.cmd.Process.Pid)
}

func requires(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s", strings.Join(programs, ", "))
		}
	}
}
