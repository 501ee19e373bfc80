package test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"aside/test/fake"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScript drives the built binary through the scripts of testdata/script, with real clients at its doors.
func TestScript(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the binary")
	}
	bin := Binary(t)
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: func(env *testscript.Env) error {
		w := &world{t: t, bin: bin, dns: fake.NewDNS(t), mx: fake.NewMX(t), vendors: map[string]*fake.Vendor{}, tokens: map[string]string{}}
		env.Values["world"] = w
		env.Setenv("ASIDE", bin)
		env.Defer(w.stop)
		return nil
	}, Cmds: map[string]func(*testscript.TestScript, bool, []string){
		"serve": in((*world).serve), "stop": in((*world).halt), "api": in((*world).api), "login": in((*world).login),
		"caught": in((*world).caught), "vendor": in((*world).vendor), "reply": in((*world).reply), "set": in((*world).set),
	}})
}

// Binary is the built program: ASIDE_BIN, else built once for all tests.
func Binary(t testing.TB) string {
	t.Helper()
	if bin := os.Getenv("ASIDE_BIN"); bin != "" {
		return bin
	}
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "aside-bin-")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "aside")
	out, err := exec.Command("go", "build", "-o", bin, "aside").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building the binary: %w\n%s", err, out)
	}
	return bin, nil
})

// world is what one script acts in.
type world struct {
	t       testing.TB
	bin     string
	dns     *fake.DNS
	mx      *fake.MX
	vendors map[string]*fake.Vendor
	tokens  map[string]string
	url     string
	smtp    string
	cmd     *exec.Cmd
	out     string // the file that the binary writes to: what it has said is there at once
}

func in(f func(*world, *testscript.TestScript, []string) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		err := f(ts.Value("world").(*world), ts, args)
		if neg && err == nil {
			ts.Fatalf("it worked, and should not")
		}
		if !neg {
			ts.Check(err)
		}
	}
}

// serve starts the binary and waits until it is healthy: serve [flags].
func (w *world) serve(ts *testscript.TestScript, args []string) error {
	addr, err := free()
	if err != nil {
		return err
	}
	door, err := free()
	if err != nil {
		return err
	}
	w.url, w.smtp, w.out = "http://"+addr, door, ts.MkAbs("serve.out")
	out, err := os.Create(w.out)
	if err != nil {
		return err
	}
	defer out.Close() // the child has its own
	flags := append([]string{"serve", "--dir", ts.MkAbs("pb_data"), "--http", addr, "--dns", w.dns.Addr(), "--relay", "smtp://" + w.mx.Addr(), "--smtp", door}, args...)
	w.cmd = exec.Command(w.bin, flags...)
	w.cmd.Stdout, w.cmd.Stderr = out, out
	if err := w.cmd.Start(); err != nil {
		return err
	}
	ts.Setenv("URL", w.url)
	ts.Setenv("SMTP", w.smtp)
	for range 200 {
		if res, err := http.Get(w.url + "/healthz"); err == nil {
			res.Body.Close()
			if res.StatusCode == 200 {
				said, err := os.ReadFile(w.out)
				fmt.Fprint(ts.Stdout(), string(said))
				return err
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	said, _ := os.ReadFile(w.out)
	return fmt.Errorf("not healthy after 10 s:\n%s", said)
}

func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// halt stops the binary as an operator does, and wants a clean exit.
func (w *world) halt(*testscript.TestScript, []string) error {
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := w.cmd.Wait()
	w.cmd = nil
	return err
}

func (w *world) stop() {
	if w.cmd != nil {
		_ = w.cmd.Process.Kill()
		_ = w.cmd.Wait()
	}
}

// login signs in: login NAME COLLECTION EMAIL PASSWORD.
func (w *world) login(ts *testscript.TestScript, args []string) error {
	body, _ := json.Marshal(map[string]string{"identity": args[2], "password": args[3]})
	_, answer, err := w.request("", "POST", "/api/collections/"+args[1]+"/auth-with-password", string(body))
	if err != nil {
		return err
	}
	var a struct {
		Token  string
		Record struct{ ID string }
	}
	if err := json.Unmarshal(answer, &a); err != nil || a.Token == "" {
		return fmt.Errorf("no token: %s", answer)
	}
	w.tokens[args[0]] = a.Token
	ts.Setenv(strings.ToUpper(args[0]), a.Record.ID)
	return nil
}

// api makes a request as somebody ("-" is nobody) and wants a status: api WHO STATUS METHOD PATH [JSON].
func (w *world) api(ts *testscript.TestScript, args []string) error {
	body := ""
	if len(args) > 4 {
		body = args[4]
	}
	status, answer, err := w.request(args[0], args[2], args[3], body)
	if err != nil {
		return err
	}
	fmt.Fprintln(ts.Stdout(), string(answer))
	ts.Setenv("ANSWER", string(answer))
	if want, _ := strconv.Atoi(args[1]); status != want {
		return fmt.Errorf("status %d, want %d: %s", status, want, answer)
	}
	return nil
}

func (w *world) request(who, method, path, body string) (int, []byte, error) {
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(body, "message=") || strings.HasPrefix(body, "nonce=") {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Authorization", w.tokens[who])
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// set takes a value out of the last answer: set VAR json.path, or set VAR /regexp/ with one group.
func (w *world) set(ts *testscript.TestScript, args []string) error {
	value, err := pick(ts.Getenv("ANSWER"), args[1])
	if err != nil {
		return err
	}
	ts.Setenv(args[0], value)
	return nil
}

// caught waits for the Nth letter to an address and writes it to a file: caught ADDRESS N FILE. Its text part becomes ANSWER.
func (w *world) caught(ts *testscript.TestScript, args []string) error {
	n, _ := strconv.Atoi(args[1])
	for range 400 {
		var to []fake.Letter
		for _, l := range w.mx.Letters() {
			if strings.EqualFold(l.To[0], args[0]) {
				to = append(to, l)
			}
		}
		if len(to) >= n {
			ts.Setenv("ANSWER", text(w.t, to[n-1]))
			fmt.Fprintln(ts.Stdout(), text(w.t, to[n-1]))
			return os.WriteFile(ts.MkAbs(args[2]), to[n-1].Data, 0o600)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("letter %d to %s never came", n, args[0])
}

// vendor makes an outsider with a key in DNS: vendor NAME ADDRESS.
func (w *world) vendor(ts *testscript.TestScript, args []string) error {
	w.vendors[args[0]] = fake.NewVendor(w.t, w.dns, args[0]+" <"+args[1]+">")
	return nil
}

// reply writes a signed answer to a caught letter: reply VENDOR LETTER FILE TEXT. TO is where it goes.
func (w *world) reply(ts *testscript.TestScript, args []string) error {
	v := w.vendors[args[0]]
	a := v.Reply(fake.Letter{Data: []byte(ts.ReadFile(args[1]))}, args[3])
	ts.Setenv("TO", a.To)
	return os.WriteFile(ts.MkAbs(args[2]), v.Sign(v.Bytes(a)), 0o600)
}
