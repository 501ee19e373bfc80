package test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
)

func firstPerson(more ...string) map[string]any {
	body := map[string]any{"name": "Ada Agent", "email": "ada@acme.test", "password": Password, "project": "Acme Hardware"}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i]] = more[i+1]
	}
	return body
}

func TestSetup_TheFirstPersonMakesEverythingOnOnePage(t *testing.T) {
	a := NewApp(t)
	g := a.Guest()
	status := g.Must(200, "GET", "/api/aside/status", nil)
	if status.Str("setup") != "true" || status.Str("setupOpen") != "true" || status.Str("setupCode") != "false" {
		t.Fatalf("got %s", status.Body)
	}
	g.Must(200, "POST", "/api/aside/setup", firstPerson())
	in := g.Must(200, "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": "ada@acme.test", "password": Password})
	if in.Str("record.verified") != "true" || in.Str("record.name") != "Ada Agent" {
		t.Errorf("got %s", in.Body)
	}
	ada := a.As(a.All("users")[0])
	projects := ada.Must(200, "GET", "/api/collections/members/records?expand=project", nil).List("items")
	if len(projects) != 1 || projects[0]["role"] != "owner" || projects[0]["expand"].(map[string]any)["project"].(map[string]any)["slug"] != "acme-hardware" {
		t.Errorf("got %v", projects)
	}
	g.Must(200, "POST", "/api/collections/_superusers/auth-with-password", map[string]any{"identity": "ada@acme.test", "password": Password})
	if status := g.Must(200, "GET", "/api/aside/status", nil); status.Str("setup") != "false" {
		t.Errorf("got %s", status.Body)
	}
	g.Must(409, "POST", "/api/aside/setup", firstPerson("email", "eve@evil.test"))
	g.Must(409, "POST", "/api/aside/setup", firstPerson("email", "eve@evil.test", "code", a.Aside.SetupCode()))
}

func TestSetup_AStrangerCannotTakeAFreshServer(t *testing.T) {
	a := NewApp(t)
	code := a.Aside.SetupCode()
	if len(code) < 20 {
		t.Fatalf("a code one could guess: %q", code)
	}
	from := map[string][]string{
		"through a proxy":                    {"X-Forwarded-For", "203.0.113.9"},
		"under a name that leads here":       {"Host", "desk.evil.test"},
		"from a page of another site":        {"Sec-Fetch-Site", "cross-site"},
		"from a page of another site, older": {"Origin", "https://evil.test"},
	}
	for name, header := range from {
		t.Run(name, func(t *testing.T) {
			for _, wrong := range []string{"", "AAAAAAAAAAAAAAAAAAAAAAAAAA", strings.ToLower(code[:25])} {
				if res := a.setup(firstPerson("code", wrong), header...); res != http.StatusForbidden && res != http.StatusTooManyRequests {
					t.Errorf("got %d with the code %q", res, wrong)
				}
			}
		})
	}
	if n := len(a.All("users")) + len(a.All("projects")) + len(a.All("_superusers")); n != 0 {
		t.Fatalf("%d records were made by strangers", n)
	}
	b := NewApp(t)
	if res := b.setup(firstPerson("code", " "+strings.ToLower(b.Aside.SetupCode())+" "), "X-Forwarded-For", "203.0.113.9"); res != 200 {
		t.Errorf("the code from the terminal must work: %d", res)
	}
}

// setup asks with headers that Client cannot set.
func (a *App) setup(body map[string]any, header ...string) int {
	c := a.Guest()
	c.http.Transport = hostTo(header)
	return c.Do("POST", "/api/aside/setup", body, header...).Status
}

// hostTo makes a Host header of ours reach the wire.
func hostTo(header []string) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		if h := r.Header.Get("Host"); h != "" {
			r.Host = h
		}
		return http.DefaultTransport.RoundTrip(r)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSetup_OfSeveralAtOnceOneWinsAndBadInputLeavesNothing(t *testing.T) {
	a := NewApp(t)
	for name, c := range map[string]struct{ field, value string }{"no name": {"name", " "}, "no address": {"email", "ada at acme"}, "a short password": {"password", "short"}, "no project": {"project", ""}} {
		t.Run(name, func(t *testing.T) {
			if res := a.Guest().Must(400, "POST", "/api/aside/setup", firstPerson(c.field, c.value)); res.Str("data."+c.field+".message") == "" {
				t.Errorf("the refusal must name %s: %s", c.field, res.Body)
			}
			if n := len(a.All("users")) + len(a.All("projects")) + len(a.All("members")) + len(a.All("_superusers")); n != 0 {
				t.Errorf("%d records are left of a refusal", n)
			}
		})
	}
	var wait sync.WaitGroup
	won := make(chan int, 5)
	for i := range 5 {
		wait.Go(func() { won <- a.setup(firstPerson("email", string(rune('a'+i))+"@acme.test")) })
	}
	wait.Wait()
	close(won)
	times := map[int]int{}
	for s := range won {
		times[s]++
	}
	if times[200] != 1 || times[409] != 4 || len(a.All("users")) != 1 || len(a.All("projects")) != 1 || len(a.All("_superusers")) != 1 {
		t.Errorf("answers %v; %d users, %d projects, %d operators", times, len(a.All("users")), len(a.All("projects")), len(a.All("_superusers")))
	}
}

func TestSetup_WhereAnOperatorExistsThePageLeavesItToThem(t *testing.T) {
	a := NewApp(t)
	a.superuser()
	if status := a.Guest().Must(200, "GET", "/api/aside/status", nil); status.Str("setup") != "true" || status.Str("setupOpen") != "false" {
		t.Errorf("got %s", status.Body)
	}
	a.Guest().Must(409, "POST", "/api/aside/setup", firstPerson())
}
