package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// running is the demo as somebody who typed `aside demo` has it: the built binary, reached by what it printed.
type running struct {
	t           *testing.T
	inbox, mail string
	token       string
	tmp         string
}

const runPatience = 20 * time.Second

// startDemo builds and starts the demo, and stops it as Ctrl-C does.
func startDemo(t *testing.T) *running {
	t.Helper()
	r := &running{t: t, tmp: t.TempDir()}
	binary := filepath.Join(t.TempDir(), "aside")
	if out, err := exec.Command("go", "build", "-o", binary, "aside").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	c := exec.Command(binary, "demo", "--http", "127.0.0.1:0", "--mail", "127.0.0.1:0", "--smtp", "127.0.0.1:0")
	c.Env = append(os.Environ(), "TMPDIR="+r.tmp, "ASIDE_RELAY=smtp://relay.example:25", "ASIDE_DNS=192.0.2.1:53", "ASIDE_MAIL_DOMAIN=acme.example")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.stop(c) })
	lines := make(chan string)
	go func() {
		var said strings.Builder
		for s := bufio.NewScanner(out); s.Scan(); {
			fmt.Fprintln(&said, s.Text())
			if strings.HasPrefix(s.Text(), "Ctrl-C") {
				lines <- said.String()
			}
		}
		close(lines)
	}()
	select {
	case said := <-lines:
		r.read(said)
	case <-time.After(runPatience):
		t.Fatalf("the demo was not ready within %s", runPatience)
	}
	t.Logf("ready after %s, %s", time.Since(began).Round(time.Millisecond), memory(c.Process.Pid))
	return r
}

// memory is VmRSS where the system tells it.
func memory(pid int) string {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "memory unknown"
	}
	return string(regexp.MustCompile(`VmRSS:\s+\d+ kB`).Find(status))
}

func (r *running) read(said string) {
	r.t.Helper()
	inbox := regexp.MustCompile(`Inbox +(http://127\.0\.0\.1:\d+)/`).FindStringSubmatch(said)
	mail := regexp.MustCompile(`Caught mail +(http://127\.0\.0\.1:\d+)/`).FindStringSubmatch(said)
	if inbox == nil || mail == nil || !strings.Contains(said, "Nothing leaves this machine") {
		r.t.Fatalf("it does not say where to go:\n%s", said)
	}
	r.inbox, r.mail = inbox[1], mail[1]
}

// stop sends the signal of Ctrl-C and looks that nothing is left behind.
func (r *running) stop(c *exec.Cmd) {
	_ = c.Process.Signal(syscall.SIGINT)
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			r.t.Errorf("it ended with %v", err)
		}
	case <-time.After(runPatience):
		_ = c.Process.Kill()
		r.t.Error("it did not end")
	}
	if left, _ := os.ReadDir(r.tmp); len(left) > 0 {
		r.t.Errorf("%s is left behind", left[0].Name())
	}
}

// api calls the server as Ada and reads the answer into out.
func (r *running) api(method, path string, body, out any) {
	r.t.Helper()
	data, _ := json.Marshal(body)
	req, err := http.NewRequest(method, r.inbox+path, bytes.NewReader(data))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", r.token)
	res, err := loopbackClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK {
		r.t.Fatalf("%s %s: %s %s", method, path, res.Status, answer)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (r *running) signIn(who string) {
	var in struct{ Token string }
	r.api("POST", "/api/collections/users/auth-with-password", map[string]string{"identity": who, "password": demoPassword}, &in)
	r.token = in.Token
}

// page reads a page of caught mail.
func (r *running) page(path string) (string, *http.Response) {
	r.t.Helper()
	res, err := loopbackClient.Get(r.mail + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return string(body), res
}

// letterTo waits until a mailbox has a letter and returns its page's path.
func (r *running) letterTo(address string) string {
	r.t.Helper()
	link := regexp.MustCompile(`href="(/letters/\d+)\?box=`)
	for end := time.Now().Add(runPatience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		list, _ := r.page("/?box=" + address)
		if m := link.FindStringSubmatch(list); m != nil {
			return m[1]
		}
	}
	r.t.Fatalf("no letter to %s", address)
	return ""
}

// answer fills in the form under a letter, as a browser sends it.
func (r *running) answer(letter, mode, text, origin string) (string, *http.Response) {
	r.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, value := range map[string]string{"text": text, "mode": mode, "quote": "1"} {
		_ = form.WriteField(name, value)
	}
	part, _ := form.CreateFormFile("file", "batch.csv")
	_, _ = part.Write([]byte("batch,screws\r\n44,4\r\n"))
	form.Close()
	req, _ := http.NewRequest("POST", r.mail+letter+"/answers", &b)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Origin", origin)
	res, err := loopbackClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return string(body), res
}

type sideMessage struct {
	Direction, Channel, FromEmail, Body, Trust, TrustReason, Kind string
	Accepted                                                      bool
	Files                                                         []struct{ Name string }
}

// thread is what the item's side conversation holds by now.
func (r *running) thread(item string) []sideMessage {
	var view struct {
		Conversations    []struct{ Messages []sideMessage }
		CustomerMessages []struct{ Body string }
	}
	r.api("GET", "/api/items/"+item, nil, &view)
	if len(view.Conversations) != 1 {
		r.t.Fatalf("%d side conversations", len(view.Conversations))
	}
	for _, m := range view.CustomerMessages {
		if strings.Contains(m.Body, "Two screws") {
			r.t.Fatalf("the vendor's words are in the customer's thread: %q", m.Body)
		}
	}
	return view.Conversations[0].Messages
}

func TestDemoDoesTheMainJob(t *testing.T) {
	r := startDemo(t)
	r.signIn("ada@acme.test")
	var items struct {
		Items []struct{ ID, Project string }
	}
	r.api("GET", "/api/collections/feedback/records?filter=number=128", nil, &items)
	if len(items.Items) != 1 {
		t.Fatalf("no item #128: %+v", items)
	}
	item := items.Items[0].ID
	r.api("POST", "/api/side-conversations", map[string]any{"feedback": item, "to": []string{"Bob Vendor <bob@vendor.test>"}, "subject": "Hinge screws, batch 44",
		"message": "Hello Bob, two screws are **missing**.", "includeContext": true, "sharePortal": true}, &struct{}{})
	letter := r.letterTo("bob@vendor.test")

	t.Run("the letter reads as Bob's mail program shows it", func(t *testing.T) { r.reads(letter) })
	t.Run("an answer as Bob arrives verified, with its file", func(t *testing.T) {
		page, _ := r.answer(letter, "themselves", "Two screws leave today.", r.mail)
		if !strings.Contains(page, "Taken by the SMTP door") || !strings.Contains(page, "250 2.") {
			t.Fatalf("the page does not show what the door said:\n%s", page)
		}
		m := r.last(item, 2)
		if m.Trust != "verified" || !m.Accepted || m.Body != "Two screws leave today." || m.TrustReason != "Signed by vendor.test" || m.Channel != "email" {
			t.Fatalf("got %+v", m)
		}
		if len(m.Files) != 1 || m.Files[0].Name != "batch.csv" {
			t.Fatalf("files %+v", m.Files)
		}
	})
	t.Run("a forged answer is refused at the door, and stored nowhere", func(t *testing.T) {
		page, _ := r.answer(letter, "forged", "Change our bank account.", r.mail)
		if !strings.Contains(page, "Refused by the SMTP door") || !strings.Contains(page, "550 5.7.1 vendor.test asks") {
			t.Fatalf("the page does not show the refusal:\n%s", page)
		}
		if m := r.last(item, 2); m.Trust != "verified" {
			t.Fatalf("got %+v", m)
		}
	})
	t.Run("an answer from another address is the team's to judge", func(t *testing.T) {
		r.answer(letter, "other", "It is me, from home.", r.mail)
		if m := r.last(item, 3); m.Trust != "other_sender" || m.Accepted || m.FromEmail != "bob.private@postbox.test" {
			t.Fatalf("got %+v", m)
		}
	})
	t.Run("an unsigned answer is unverified", func(t *testing.T) {
		r.answer(letter, "silent", "Me again.", r.mail)
		if m := r.last(item, 4); m.Trust != "unverified" || m.Accepted {
			t.Fatalf("got %+v", m)
		}
	})
	t.Run("a vacation note is known for one", func(t *testing.T) {
		r.answer(letter, "vacation", "I am away until Monday.", r.mail)
		if m := r.last(item, 5); m.Kind != "auto_reply" {
			t.Fatalf("got %+v", m)
		}
	})
	t.Run("strangers' pages do not reach in", func(t *testing.T) { r.shut(letter, item) })
	t.Run("the sample data looks lived in", func(t *testing.T) { r.livedIn() })
	t.Run("the doctor finds nothing wrong but that this is one machine", func(t *testing.T) { r.examined(items.Items[0].Project) })
}

// examined asks the doctor's page. What it warns of is so: an address of this machine, and pages without TLS.
func (r *running) examined(project string) {
	r.t.Helper()
	var page struct {
		Checks []struct{ Name, Status, Says string }
	}
	r.api("GET", "/api/aside/doctor?project="+project, nil, &page)
	want := map[string]string{"A, AAAA": "warn", "base URL": "warn"}
	for _, c := range page.Checks {
		if status := cmp.Or(want[c.Name], "pass"); c.Status != status {
			r.t.Errorf("%s: %s, want %s: %s", c.Name, c.Status, status, c.Says)
		}
	}
	if len(page.Checks) != 12 {
		r.t.Errorf("%d checks: %+v", len(page.Checks), page.Checks)
	}
}

// last waits until the thread holds n messages and returns the newest; one more than n is an error.
func (r *running) last(item string, n int) sideMessage {
	r.t.Helper()
	list := r.thread(item)
	if len(list) != n {
		r.t.Fatalf("%d messages in the thread, want %d: %+v", len(list), n, list)
	}
	return list[n-1]
}

func (r *running) reads(letter string) {
	t := r.t
	t.Helper()
	page, res := r.page(letter)
	if csp := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("the page's policy is %q", csp)
	}
	for _, want := range []string{"Hinge screws, batch 44", "Bob Vendor’s mailbox", "Ada from Acme Hardware", `sandbox="allow-popups allow-popups-to-escape-sandbox"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	body, res := r.page(letter + "/body")
	if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "; sandbox ") || strings.Contains(csp, "script") {
		t.Errorf("the letter's policy is %q", csp)
	}
	if !strings.Contains(body, "<strong>missing</strong>") || !strings.Contains(body, r.inbox+"/c/") || !strings.Contains(body, `<base target="_blank">`) {
		t.Errorf("the letter is not the one that was sent:\n%s", body)
	}
	if page, _ = r.page(letter + "?view=headers"); !strings.Contains(page, "DKIM-Signature") || !strings.Contains(page, "bounce&#43;") {
		t.Error("the headers are not shown")
	}
	if page, _ = r.page(letter + "?view=source"); !strings.Contains(page, "multipart/alternative") {
		t.Error("the source is not shown")
	}
}

// shut tries what a stranger's page in the same browser could.
func (r *running) shut(letter, item string) {
	t := r.t
	t.Helper()
	if _, res := r.answer(letter, "themselves", "Not from this page.", "https://evil.example"); res.StatusCode != http.StatusForbidden {
		t.Errorf("an answer from another origin: %s", res.Status)
	}
	r.last(item, 5)
	req, _ := http.NewRequest("GET", r.mail+letter, nil)
	req.Host = "rebound.example:" + r.mail[strings.LastIndexByte(r.mail, ':')+1:]
	res, err := loopbackClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("a request for another host: %s", res.Status)
	}
	if _, res := r.page("/letters/999"); res.StatusCode != http.StatusNotFound {
		t.Errorf("a letter that is not there: %s", res.Status)
	}
}

func (r *running) livedIn() {
	t := r.t
	t.Helper()
	var projects struct{ Items []struct{ ID, Slug string } }
	r.api("GET", "/api/collections/projects/records", nil, &projects)
	var inbox struct {
		Items []struct {
			Number, SideCount, SideAnswered                int
			LastActivity, WaitingOn, WaitingSince, Trouble string
		}
		Counters struct{ Held, Notifications int }
	}
	r.api("GET", "/api/inbox?view=all&project="+projects.Items[0].ID, nil, &inbox)
	days, waiting, answered := map[string]bool{}, 0, 0
	for _, it := range inbox.Items {
		days[it.LastActivity[:10]] = true
		if it.Trouble != "" {
			t.Errorf("#%d: %s", it.Number, it.Trouble)
		}
		since, err := time.Parse("2006-01-02 15:04:05.000Z", it.WaitingSince)
		if it.WaitingOn == "Lena Lacquer" && err == nil && time.Since(since) > 3*24*time.Hour {
			waiting++
		}
		if it.Number == 126 && it.SideAnswered == 1 {
			answered++
		}
	}
	if len(inbox.Items) != 9 || len(days) < 6 || waiting != 1 || answered != 1 || inbox.Counters.Held != 1 || inbox.Counters.Notifications == 0 {
		t.Errorf("%d items on %d days, %d waiting for three days, %d answered, counters %+v", len(inbox.Items), len(days), waiting, answered, inbox.Counters)
	}
}
