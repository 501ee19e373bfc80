package test

import (
	"encoding/hex"
	"io/fs"
	"log"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"aside/internal/config"
	"aside/test/fake"

	"github.com/pocketbase/pocketbase/core"
)

// canaries are the secrets of a run by name.
type canaries map[string]string

func (c canaries) add(name, secret string) {
	if len(secret) >= 8 {
		c[name] = secret
	}
}

// look fails for every secret that stands somewhere.
func (c canaries) look(t *testing.T, where, text string, but ...string) {
	t.Helper()
	for name, secret := range c {
		if i := strings.Index(strings.ToLower(text), strings.ToLower(secret)); i >= 0 && !contains(but, name) {
			t.Errorf("O-01: %s has %s: …%.120q", where, name, text[max(0, i-60):])
		}
	}
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if strings.HasPrefix(s, one) {
			return true
		}
	}
	return false
}

// quietly catches everything this process prints until the test ends.
func printed(t *testing.T) func() string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "printed"))
	if err != nil {
		t.Fatal(err)
	}
	out, err2, writer, logger := os.Stdout, os.Stderr, log.Writer(), slog.Default()
	os.Stdout, os.Stderr = f, f
	log.SetOutput(f)
	slog.SetDefault(slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() {
		os.Stdout, os.Stderr = out, err2
		slog.SetDefault(logger)
		log.SetOutput(writer)
	})
	return func() string {
		data, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
}

// O-01: one run through everything, errors too; then no secret of it stands in what was printed, in the log database, in the metrics,
// or in an answer that is not the one made to show it.
func TestO01_NoSecretIsInLogsMetricsOrAnswers(t *testing.T) {
	out := printed(t)
	relayPassword := "relay-PaSSword-77"
	a := NewApp(t, WithConfig(func(c *config.Config) {
		c.Relay = &url.URL{Scheme: "smtp", Host: c.Relay.Host} // the fake takes no login; the password of another relay is tried below
	}))
	a.Settings().Logs.MinLevel = int(slog.LevelDebug)
	a.Settings().Logs.LogAuthId = true
	a.Settings().RateLimits.Enabled = false
	c := canaries{}
	c.add("a password", Password)
	c.add("the setup code", a.Aside.SetupCode())
	w := &realm{App: a, team: a.NewTeam(), people: map[string]*Client{}}
	s := w.furnish(w.team.Project, w.team.Owner, "own")
	owner, guest, operator := a.As(w.team.Owner), a.Guest(), a.superuser()
	c.add("an owner's token", owner.token)
	c.add("the operator's token", operator.token)
	owner.Must(400, "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": "ada@acme.test", "password": "wrong-PaSSword-1"})
	c.add("a mistyped password", "wrong-PaSSword-1")
	c.add("a token from the door", guest.Must(200, "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": "ada@acme.test", "password": Password}).Str("token"))

	key := owner.Must(200, "POST", "/api/projects/"+s.project+"/api-keys", map[string]any{"name": "Canary", "role": "owner"}).Str("key")
	c.add("an API key", key)
	bot := a.Guest()
	bot.token = "Bearer " + key
	bot.Must(200, "GET", "/api/items/"+s.item, nil)
	bot.Must(404, "GET", "/api/items/none", nil)

	shared := owner.Must(200, "GET", "/api/side-conversations/"+s.conv+"/url", nil).Str("url")
	for name, link := range map[string]string{"a portal token": s.link, "a shared token": portalLink(t, shared)} {
		c.add(name, strings.TrimPrefix(link, "/c/"))
		page := guest.Must(200, "GET", link, nil, "Referer", a.URL+link)
		guest.Must(303, "POST", link+"/replies", url.Values{"nonce": {nonce(t, page.Body)}, "message": {"From the portal"}, "name": {"Bob"}, "email": {"bob@own-vendor.test"}})
		guest.Must(400, "POST", link+"/replies", url.Values{"nonce": {nonce(t, page.Body)}, "message": {" "}})
		guest.Do("GET", link+"/files/none/none", nil)
		guest.Do("GET", link+"/nothing/here", nil)
		guest.Do("PUT", link, nil)
		guest.Do("GET", link+"x", nil)
		guest.Do("GET", "/"+link+"//", nil)
	}
	owner.Must(200, "POST", "/api/projects/"+s.project+"/invitations", map[string]any{"email": "nina@acme.test", "role": "member"})
	invitation := a.invited("nina@acme.test", 1)
	c.add("an invitation", invitation)
	guest.Must(200, "GET", "/app/invite/"+invitation, nil)
	guest.Must(400, "POST", "/api/invitations/accept", map[string]any{"token": invitation, "name": "N", "password": "x"})
	guest.Must(200, "POST", "/api/invitations/accept", map[string]any{"token": invitation, "name": "Nina", "password": Password})
	guest.Must(204, "POST", "/api/collections/users/request-password-reset", map[string]any{"email": "mel@acme.test"})
	reset := regexp.MustCompile(`/app/reset/([\w.-]+)`).FindStringSubmatch(part(t, a.To("mel@acme.test", 1)[0], "text/html"))
	if reset == nil {
		t.Fatal("no reset link")
	}
	c.add("a reset token", reset[1])
	guest.Must(200, "GET", "/app/reset/"+reset[1], nil)
	guest.Must(204, "POST", "/api/collections/users/confirm-password-reset", map[string]any{"token": reset[1], "password": "fresh-PaSSword-1", "passwordConfirm": "fresh-PaSSword-1"})
	c.add("a new password", "fresh-PaSSword-1")

	file := owner.fileToken()
	c.add("a file token", file)
	for _, path := range []string{"/api/files/side_messages/" + s.out + "/" + s.outFile, "/api/side-messages/" + s.in + "/raw", "/api/side-messages/" + s.in + "/body", "/api/files/side_messages/none/x", "/api/side-messages/none/raw", "/nothing"} {
		guest.Do("GET", path+"?token="+file, nil, "Referer", a.URL+"/app/?token="+file)
	}
	for _, q := range []string{"?token=" + owner.token, "?Token=" + owner.token, "?x=1&token=" + owner.token} {
		guest.Do("GET", "/api/inbox"+q, nil)
	}
	stream := owner.Listen()
	stream.Subscribe("live/projects/"+s.project, "side_messages/*")

	bob := a.Vendor("Bob <bob@own-vendor.test>")
	for _, l := range a.MX.Letters() {
		for _, m := range regexp.MustCompile(`(reply|item|bounce)\+([a-z2-7]{30,})`).FindAllStringSubmatch(string(l.Data)+l.From, -1) {
			c.add("a "+m[1]+" token", m[2])
			_ = fake.Deliver(a.SMTP, "h.test", "bob@own-vendor.test", m[1]+"+"+m[2]+"@in.test", []byte("From: x\r\n\r\nno letter"))
			_ = fake.Deliver(a.SMTP, "h.test", "bob@own-vendor.test", m[1]+"+"+m[2]+"x@in.test", []byte("x"))
			_ = fake.Deliver(a.SMTP, "h.test", "", m[1]+"+"+m[2]+"@in.test", bob.Bytes(fake.Answer{To: "x@y.test", Subject: "s", Text: "t"}))
		}
	}
	a.MX.At(fake.Dot, fake.Refuse(451, "4.7.1 later").Times(1))
	owner.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": s.conv, "body": "to be refused"})
	if !raceDetector { // PocketBase reloads its settings while its logger reads them; make unit runs this test without the detector too
		c.add("the relay's password", relayPassword)
		operator.Must(200, "PATCH", "/api/settings", map[string]any{"smtp": map[string]any{"enabled": true, "host": "relay.test", "port": 587, "username": "u", "password": relayPassword}})
	}
	for _, u := range a.All("users") {
		c.add("the tokenKey of "+u.Email(), u.TokenKey())
	}
	privateKeys(t, a, c)
	if len(c) < 20 {
		t.Fatalf("only %d secrets: this run shows nothing", len(c))
	}

	c.look(t, "the metrics", string(operator.Must(200, "GET", "/metrics", nil).Body))
	for _, path := range []string{"/healthz", "/api/aside/status", "/api/openapi.json"} {
		c.look(t, path, string(guest.Must(200, "GET", path, nil).Body))
	}
	collections, err := a.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	for _, col := range collections { // Z-11: tokens are in no list and no record
		c.look(t, "the list of "+col.Name, string(owner.Do("GET", "/api/collections/"+col.Name+"/records?perPage=500&expand=user,conversation,feedback,participant", nil).Body))
		c.look(t, "the operator's list of "+col.Name, string(operator.Do("GET", "/api/collections/"+col.Name+"/records?perPage=500", nil).Body))
	}
	for _, path := range []string{"/api/inbox?view=all", "/api/items/" + s.item, "/api/notifications", "/api/held-mail?project=" + s.project, "/api/side-messages/" + s.in + "/trace", "/api/customer-messages/" + s.customer + "/trace", "/api/aside/doctor?project=" + s.project} {
		c.look(t, path, string(owner.Do("GET", path, nil).Body))
	}
	_, said := stream.Heard()
	c.look(t, "the live stream", said)

	time.Sleep(3200 * time.Millisecond) // the log database is written every three seconds
	var rows []struct {
		Message string `db:"message"`
		Data    string `db:"data"`
	}
	if err := a.AuxDB().Select("message", "data").From("_logs").All(&rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) < 30 {
		t.Fatalf("only %d lines are logged: this run shows nothing", len(rows))
	}
	for _, r := range rows {
		c.look(t, "the log database", r.Message+" "+r.Data)
	}
	c.look(t, "what was printed", out())
	t.Logf("%d secrets, %d log lines, %d bytes printed", len(c), len(rows), len(out()))
}

// privateKeys takes what lies in the keys folder: in hex, and line by line.
func privateKeys(t *testing.T, a *App, c canaries) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(a.Dir(), "keys"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || strings.HasSuffix(path, ".crt") || strings.Contains(string(data), "BEGIN CERTIFICATE") {
			return err
		}
		for _, line := range strings.Split(string(data), "\n") {
			if !strings.Contains(line, "---") && len(line) >= 32 {
				c.add("a private key in "+filepath.Base(path), line[:32])
				c.add("a private key as hex in "+filepath.Base(path), hex.EncodeToString([]byte(line[:16])))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// O-02: a fault says nothing of itself to whoever met it; the stack is in the log alone.
func TestO02_AFaultSaysNothingOfItself(t *testing.T) {
	a := NewApp(t)
	w := &realm{App: a, team: a.NewTeam(), people: map[string]*Client{}}
	s := w.furnish(w.team.Project, w.team.Owner, "own")
	owner := a.As(w.team.Owner)
	a.OnRecordsListRequest("notes").BindFunc(func(*core.RecordsListRequestEvent) error { panic("PANIC-CANARY /secret/path") })
	a.OnRecordCreate("side_messages").BindFunc(func(*core.RecordEvent) error { panic("PANIC-CANARY SELECT * FROM users") })
	page := a.Guest().Must(200, "GET", s.link, nil)
	answers := map[string]*Answer{
		"a list":          owner.Do("GET", "/api/collections/notes/records", nil),
		"a follow-up":     owner.Do("POST", "/api/collections/side_messages/records", NewForm("conversation", s.conv, "body", "x").File("attachments", "a.txt", []byte("a"))),
		"a portal answer": a.Guest().Do("POST", s.link+"/replies", NewForm("nonce", nonce(t, page.Body), "message", "x").File("attachments", "a.txt", []byte("a"))),
		"a conversation":  owner.Do("POST", "/api/side-conversations", NewForm("feedback", s.item, "to", w.once(), "subject", "s", "message", "m").File("attachments", "a.txt", []byte("a"))),
	}
	for name, res := range answers {
		if res.Status != 500 {
			t.Errorf("%s: got %d, want 500: %.200s", name, res.Status, res.Body)
		}
		for _, never := range []string{"PANIC", "secret/path", "SELECT", "transaction", "goroutine", ".go:", "/work", "aside/"} {
			if strings.Contains(string(res.Body), never) {
				t.Errorf("%s shows %q: %.300s", name, never, res.Body)
			}
		}
	}
	owner.Must(200, "GET", "/api/items/"+s.item, nil) // and it still serves
	Eventually(t, "the fault is in the log", func() bool {
		var n int
		_ = a.AuxDB().NewQuery("SELECT count(*) FROM _logs WHERE data LIKE '%PANIC-CANARY%'").Row(&n)
		return n >= 4
	})
}
