package test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"aside/internal/cli"
	"aside/internal/config"
)

// command runs one of Aside's mail commands on the running app's folder, as a second process would.
func (a *App) command(args ...string) (string, error) {
	a.T.Helper()
	cfg := *a.Config
	cfg.SMTP = a.SMTP
	m := &cli.Mail{App: a, Config: &cfg, Relay: func() *url.URL { return cfg.Relay }}
	for _, c := range m.Commands() {
		if c.Name() == args[0] {
			var out bytes.Buffer
			c.SetOut(&out)
			c.SetErr(&out)
			c.SetArgs(args[1:])
			c.SilenceUsage, c.SilenceErrors = true, true
			err := c.ExecuteContext(a.T.Context())
			return out.String(), err
		}
	}
	a.T.Fatalf("no command %s", args[0])
	return "", nil
}

func TestOut_TheDoctorsPageIsForThoseWhoManage(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	path := "/api/aside/doctor?project=" + team.Project.Id
	a.DNS.MX(MailDomain, 10, MailDomain).A(MailDomain, "127.0.0.1")
	for who, c := range map[string]struct {
		client *Client
		status int
	}{"owner": {a.As(team.Owner), 200}, "admin": {a.As(team.Admin), 200}, "member": {a.As(team.Member), 403}, "viewer": {a.As(team.Viewer), 403}, "stranger": {a.As(team.Stranger), 404}, "guest": {a.Guest(), 401}} {
		res := c.client.Must(c.status, "GET", path, nil)
		if c.status != 200 {
			if strings.Contains(string(res.Body), "_domainkey") {
				t.Errorf("%s reads %s", who, res.Body)
			}
			continue
		}
		found := map[string]string{}
		for _, check := range res.List("checks") {
			found[check["name"].(string)] = check["status"].(string)
		}
		if found["MX"] != "pass" || found["SPF"] != "fail" || found["TLS at the door"] != "pass" || found["base URL"] != "warn" {
			t.Errorf("%s is told %v", who, found)
		}
	}
}

func TestOut_TheDoctorsRoundTripGoesOutAndComesBack(t *testing.T) {
	a := NewApp(t)
	me := a.Vendor("Op Operator <op@home.test>")
	go func() {
		letters := a.MX.Wait(t, 1)
		_ = me.Send(a.SMTP, me.Reply(letters[0], "It arrived."))
	}()
	out, err := a.command("doctor", "--to", "op@home.test", "--wait", "10s")
	if err == nil || !strings.Contains(out, "fail  MX") {
		t.Errorf("an empty zone must fail: %v\n%s", err, out)
	}
	if !strings.Contains(out, "pass  letter out") || !strings.Contains(out, "pass  answer back") {
		t.Errorf("got\n%s", out)
	}
	l := a.To("op@home.test", 1)[0]
	if strings.Count(string(l.Data), "DKIM-Signature:") != 2 {
		t.Errorf("not signed:\n%s", l.Data)
	}
}

// TestOut_W13 changes the keys while the server runs: a letter signed a moment before still verifies, and the next one has the new keys.
func TestOut_W13_KeysAreChangedByOneCommandOnceTheyArePublished(t *testing.T) {
	a := NewApp(t)
	if out, err := a.command("dkim", "rotate"); err == nil || !strings.Contains(out, "aside2-rsa") {
		t.Fatalf("keys that nobody can see must not be used: %v\n%s", err, out)
	}
	out, err := a.command("dkim", "prepare")
	if err != nil || strings.Count(out, "_domainkey") != 4 {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, ";") {
			a.DNS.Add(strings.TrimSpace(line))
		}
	}
	if out, err = a.command("dkim", "rotate"); err != nil || !strings.Contains(out, "aside1-rsa") || !strings.Contains(out, "seven") {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := a.Aside.Outbox().Signer.Reload(); err != nil { // as it does by itself every half a minute
		t.Fatal(err)
	}
	team := a.NewTeam()
	a.write(team, "bob@vendor.test")
	if l := a.To("bob@vendor.test", 1)[0]; !strings.Contains(string(l.Data), "s=aside2-rsa") || strings.Contains(string(l.Data), "aside1-") {
		t.Errorf("signed by the old keys:\n%s", l.Data)
	}
	dns, err := a.command("dns")
	if err != nil || strings.Count(dns, "_domainkey") != 4 || strings.Contains(dns, "PRIVATE") {
		t.Errorf("%v\n%s", err, dns)
	}
}

func TestOut_WithoutADomainTheCommandsSaySo(t *testing.T) {
	a := NewApp(t, WithConfig(func(c *config.Config) { c.MailDomain = "" }))
	for _, args := range [][]string{{"dns"}, {"dkim", "prepare"}, {"dkim", "rotate"}} {
		if _, err := a.command(args...); err == nil || !strings.Contains(err.Error(), "--mailDomain") {
			t.Errorf("%v: %v", args, err)
		}
	}
	if out, err := a.command("doctor"); err == nil || !strings.Contains(out, "No mail domain") {
		t.Errorf("%v\n%s", err, out)
	}
}
