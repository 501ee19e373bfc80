package test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aside/internal/token"
)

// The rows of threats.md 2.9 that need no browser: the outsider's page.

// form is a filled-in answer with the page's own nonce.
func (c *chat) form(t *testing.T, message string) url.Values {
	t.Helper()
	return url.Values{"nonce": {nonce(t, c.Guest().Must(200, "GET", c.page, nil).Body)}, "message": {message}}
}

func TestP01_P04_P06_P16_ThePageKeepsItsAddressToItsReader(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	c.expect(t, letter{from: fromBob, sign: "ext.test", kind: "text/html", body: `<p>See <a href="https://evil.test/x">this</a><img src="https://evil.test/pixel.png"></p>`}, want{trust: "verified"})
	for name, a := range map[string]*Answer{
		"the page":           c.Guest().Must(200, "GET", c.page, nil),
		"an unknown page":    c.Guest().Must(404, "GET", "/c/unknown", nil),
		"a refused answer":   c.Guest().Must(403, "POST", c.page+"/replies", url.Values{"nonce": {"x"}, "message": {"y"}}),
		"an unknown file":    c.Guest().Must(404, "GET", c.page+"/files/aaaaaaaaaaaaaaa/x.txt", nil),
		"a page of its kind": c.Guest().Must(404, "GET", "/c/"+c.Aside.Tokens().Make(token.Portal, c.bob.Id, 9), nil),
	} {
		csp := a.Header.Get("Content-Security-Policy")
		for header, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "private, no-store", "Vary": "Cookie", "X-Content-Type-Options": "nosniff"} {
			if got := a.Header.Get(header); got != want {
				t.Errorf("%s: %s: %q", name, header, got)
			}
		}
		if !strings.Contains(a.Header.Get("X-Robots-Tag"), "noindex") || !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe-inline'; script") {
			t.Errorf("%s: %v", name, a.Header)
		}
		if a.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", name)
		}
	}
	page := string(c.Guest().Must(200, "GET", c.page, nil).Body)
	if strings.Contains(page, "evil.test/pixel") || strings.Contains(page, "<script") {
		t.Errorf("the page loads a stranger's picture or a script")
	}
	if i := strings.Index(page, "https://evil.test/x"); i < 0 || !strings.Contains(page[max(0, i-200):i+200], "noreferrer") {
		t.Errorf("a stranger's link is missing or tells where it was clicked")
	}
}

func TestP02_ReadingChangesNothingAndRobotsThatPressButtonsDoNothing(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	before := c.outside() + everything(p.App)
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		for range 20 {
			c.Guest().Do(method, c.page, nil, "User-Agent", "Mozilla/5.0 SafeLinks")
		}
	}
	n := c.form(t, "").Get("nonce")
	for what, body := range map[string]url.Values{"an empty form with the nonce": {"nonce": {n}}, "blanks": {"nonce": {n}, "message": {" \n\t"}}, "no nonce": {"message": {"typed"}}, "nothing": {}} {
		for _, path := range []string{"/replies", "/wrong-person"} {
			if res := c.Guest().Do("POST", c.page+path, body); res.Status < 400 || res.Status >= 500 {
				t.Errorf("%s to %s: %d", what, path, res.Status)
			}
		}
		p.restart(t) // the answers are counted too, and eight are more than a person gives at once
	}
	if after := c.outside() + everything(p.App); after != before {
		t.Errorf("a robot changed something:\n%s\nbefore:\n%s", after, before)
	}
	c.Guest().Must(303, "POST", c.page+"/wrong-person", url.Values{"nonce": {n}, "message": {"Ask Carol."}})
	if m := c.in(); len(m) != 1 || !strings.Contains(m[0].GetString("body"), "Ask Carol.") {
		t.Errorf("typed words are an answer: %v", facts(m))
	}
}

// restart stops the program and starts it again on the same folder, as an update does.
func (p *post) restart(t *testing.T) {
	t.Helper()
	old := p.App
	old.Stop()
	p.App = NewApp(t, In(old.Dir()))
	p.ada = p.As(p.team.Owner)
}

func TestP03_GuessingIsSlowedAndEveryWrongPageIsTheSame(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	var first []byte
	limited := 0
	for i := range 40 {
		res := c.Guest().Do("GET", fmt.Sprintf("/c/%056d", i), nil)
		switch {
		case res.Status == 429:
			limited++
		case res.Status != 404:
			t.Fatalf("%d", res.Status)
		case first == nil:
			first = res.Body
		case !bytes.Equal(first, res.Body):
			t.Fatalf("two wrong pages differ")
		}
	}
	if limited < 10 || limited > 25 {
		t.Errorf("%d of 40 guesses were limited", limited)
	}
	c.Guest().Must(200, "GET", c.page, nil) // who has the link is not in the way
}

func TestP04_TheLogHasNoToken(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	tok := strings.TrimPrefix(c.page, "/c/")
	c.Guest().Must(200, "GET", c.page, nil, "Referer", "https://x.test"+c.page)
	c.Guest().Must(303, "POST", c.page+"/replies", c.form(t, "hello"))
	c.Guest().Must(404, "GET", c.page+"/files/aaaaaaaaaaaaaaa/x.txt", nil)
	var logged string
	Eventually(t, "the requests are in the log", func() bool {
		var rows []struct {
			Message string `db:"message"`
			Data    string `db:"data"`
		}
		if err := p.AuxDB().NewQuery("SELECT message, data FROM _logs").All(&rows); err != nil {
			t.Fatal(err)
		}
		logged = fmt.Sprint(rows)
		return strings.Contains(logged, "/c/redacted/replies")
	})
	if strings.Contains(logged, tok) || strings.Contains(logged, tok[:20]) {
		t.Errorf("a token is in the log")
	}
}

func TestP05_P08_AnAnswerFromElsewhereIsRefusedAndNothingTypedIsLost(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	other := p.chat()
	n := c.form(t, "").Get("nonce")
	const typed = "I typed this for ten minutes."
	for name, try := range map[string]struct {
		body    url.Values
		headers []string
		status  int
	}{
		"from another site":              {url.Values{"nonce": {n}, "message": {typed}}, []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.test"}, 403},
		"from a sister site":             {url.Values{"nonce": {n}, "message": {typed}}, []string{"Sec-Fetch-Site", "same-site"}, 403},
		"an old browser on another site": {url.Values{"nonce": {n}, "message": {typed}}, []string{"Origin", "https://evil.test"}, 403},
		"without the nonce":              {url.Values{"message": {typed}}, nil, 403},
		"with another page's nonce":      {url.Values{"nonce": {other.form(t, "").Get("nonce")}, "message": {typed}}, []string{"Sec-Fetch-Site", "same-origin"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			res := c.Guest().Must(try.status, "POST", c.page+"/replies", try.body, try.headers...)
			if !strings.Contains(string(res.Body), typed) {
				t.Errorf("the typed text is gone:\n%s", res.Body)
			}
			if len(c.in()) != 0 {
				t.Errorf("it was taken")
			}
		})
	}
	c.conv.Set("status", "closed")
	p.save(c.conv)
	if res := c.Guest().Must(409, "POST", c.page+"/replies", url.Values{"nonce": {n}, "message": {typed}}); !strings.Contains(string(res.Body), typed) {
		t.Errorf("P-08 the typed text is gone")
	}
	if len(c.in()) != 0 || len(other.in()) != 0 {
		t.Errorf("something was taken")
	}
}

func TestP07_ALinkStopsTheMomentItIsRenewedExpiredOrItsReaderRemoved(t *testing.T) {
	p := newPost(t)
	for name, stop := range map[string]func(c *chat){
		"renewed": func(c *chat) {
			p.ada.Must(200, "POST", "/api/side-conversations/"+c.conv.Id+"/participants/"+c.bob.Id+"/renew-link", nil)
		},
		"removed": func(c *chat) {
			p.ada.Must(204, "DELETE", "/api/side-conversations/"+c.conv.Id+"/participants/"+c.bob.Id, nil)
		},
		"expired": func(c *chat) {
			p.team.Project.Set("linkDays", 3)
			p.save(p.team.Project)
			c.bob.Set("linkSince", time.Now().UTC().AddDate(0, 0, -4))
			p.save(c.bob)
		},
		"deleted": func(c *chat) { _ = p.Delete(c.conv) },
	} {
		t.Run(name, func(t *testing.T) {
			c := p.chat()
			body := c.form(t, "too late")
			stop(c)
			gone := c.Guest().Must(404, "GET", c.page, nil)
			if unknown := c.Guest().Must(404, "GET", "/c/unknown", nil); !bytes.Equal(gone.Body, unknown.Body) {
				t.Errorf("it can be told from an unknown one")
			}
			c.Guest().Must(404, "POST", c.page+"/replies", body)
			if len(c.in()) != 0 {
				t.Errorf("it was taken")
			}
		})
	}
}

func TestP09_P10_P11_WhatTheOutsiderSees(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	carol := c.join("Carol", "carol@other.test")
	p.ada.Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": p.team.Item.Id, "body": "NOTE-CANARY"})
	p.New("customer_messages", map[string]any{"project": p.team.Project.Id, "feedback": p.team.Item.Id, "direction": "in", "fromEmail": "carla@customer.test", "body": "THREAD-CANARY", "kind": "reply"})
	elsewhere := p.chat()
	elsewhere.expect(t, letter{from: fromBob, sign: "ext.test", body: "ELSEWHERE-CANARY"}, want{trust: "verified", portal: true})
	file := func(body string) (string, string) {
		return "multipart/mixed; boundary=b", "--b\nContent-Type: text/plain\n\n" + body + "\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=f.txt\n\nFILE-CANARY\n--b--"
	}
	send := func(l letter, body string) {
		l.kind, l.body = file(body)
		l.to = c.to
		if code, said := p.send(l); code != 250 {
			t.Fatal(code, said)
		}
	}
	send(letter{from: "Mallory <m@mail.test>", sign: "mail.test"}, "DOUBTFUL-CANARY")
	send(letter{from: fromBob, sign: "ext.test", extra: []string{"Auto-Submitted: auto-replied"}}, "VACATION-CANARY")
	c.Guest().Must(303, "POST", c.page+"/replies", c.form(t, `<script>alert(1)</script> [x](javascript:alert(2)) <img src=x onerror=alert(3)>`))
	page := string(c.Guest().Must(200, "GET", c.pageOf(carol), nil).Body)
	for _, never := range []string{"NOTE-CANARY", "THREAD-CANARY", "ELSEWHERE-CANARY", "DOUBTFUL-CANARY", "VACATION-CANARY", "FILE-CANARY", "m@mail.test", "ada@acme.test", "carla@customer.test", "Carla", "Secret shelf code", "bob@ext.test",
		p.team.Owner.Id, c.conv.Id, p.team.Item.Id, p.team.Project.Id, c.bob.Id, elsewhere.conv.Id, "127.0.0.", "DKIM", "Signed by", "<script", "href=\"javascript", "<img"} {
		if strings.Contains(page, never) {
			t.Errorf("P-10 Carol's page has %q", never)
		}
	}
	if !strings.Contains(page, "Bob Vendor") || !strings.Contains(page, "&lt;script&gt;alert(1)") {
		t.Errorf("P-09 Bob's answer is not there as text:\n%s", page)
	}
	for _, m := range c.in() {
		for _, stored := range m.GetStringSlice("attachments") {
			for _, who := range []string{c.page, c.pageOf(carol)} {
				if res := c.Guest().Must(404, "GET", who+"/files/"+m.Id+"/"+stored, nil); strings.Contains(string(res.Body), "FILE-CANARY") {
					t.Errorf("P-11 a file of a message that is not shown")
				}
			}
		}
	}
	shown := p.chat()
	l := letter{from: fromBob, sign: "ext.test", to: shown.to}
	l.kind, l.body = file("with a file")
	p.send(l)
	m := shown.in()[0]
	path := "/files/" + m.Id + "/" + m.GetStringSlice("attachments")[0]
	shown.Guest().Must(200, "GET", shown.page+path, nil)
	shown.Guest().Must(404, "GET", c.page+path, nil) // another conversation's link
	shown.Guest().Must(404, "GET", "/api/files/side_messages/"+m.Id+"/"+m.GetStringSlice("attachments")[0], nil)
}

func TestP12_P13_ManyAnswersAndTheSameOneTwice(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	body := c.form(t, "Only once, please.")
	for range 3 {
		c.Guest().Must(303, "POST", c.page+"/replies", body)
	}
	if n := len(c.in()); n != 1 {
		t.Fatalf("P-12 a triple click is %d messages", n)
	}
	p.restart(t)
	c.Guest().Must(303, "POST", c.page+"/replies", body)
	if n := len(c.in()); n != 1 {
		t.Fatalf("P-13 sent again after a restart it is %d messages", n)
	}
	limited := false
	for i := range 20 {
		words := fmt.Sprintf("flood %d", i)
		res := c.Guest().Do("POST", c.page+"/replies", c.form(t, words))
		if res.Status == 429 {
			limited = true
			if !strings.Contains(string(res.Body), words) {
				t.Fatalf("what was typed is gone:\n%s", res.Body)
			}
			break
		}
	}
	if n := len(c.in()); !limited || n > 8 {
		t.Errorf("limited: %v, %d messages", limited, n)
	}
}

func TestP14_P15_HostHeadersAndPathTricks(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	evil := []string{"X-Forwarded-Host", "evil.test", "Forwarded", "host=evil.test", "X-Forwarded-Proto", "https", "Referer", "https://evil.test/"}
	shared := p.ada.Must(200, "GET", "/api/side-conversations/"+c.conv.Id+"/url", nil, evil...).Str("url")
	if !strings.HasPrefix(shared, p.URL+"/c/") {
		t.Errorf("P-14 the link is %s", shared)
	}
	req, _ := http.NewRequest("GET", p.URL+"/api/side-conversations/"+c.conv.Id+"/url", nil)
	req.Host = "evil.test"
	req.Header.Set("Authorization", p.ada.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var b bytes.Buffer
	_, _ = b.ReadFrom(res.Body)
	if strings.Contains(b.String(), "evil.test") {
		t.Errorf("P-14 by Host: %s", b.String())
	}
	started := p.ada.Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": p.team.Item.Id, "to": []string{"erin@mail.test"}, "subject": "s", "message": "m", "sharePortal": true}, evil...)
	if l := p.To("erin@mail.test", 1)[0]; started.Status != 200 || strings.Contains(string(l.Data), "evil.test") {
		t.Errorf("P-14 in the letter:\n%s", l.Data)
	}
	for _, path := range []string{c.page + "/../../api/settings", c.page + "/%2e%2e/%2e%2e/api/settings", c.page + "//evil.test", c.page + "/replies/../..", "//evil.test" + c.page, c.page + "?next=https://evil.test", c.page + "?sent=1&url=//evil.test", c.page + "/files/..%2f..%2f..%2fdata.db/x", c.page + "/files/" + c.conv.Id + "/..%2f..%2fdata.db"} {
		res := c.Guest().Do("GET", path, nil)
		if to := res.Header.Get("Location"); strings.Contains(to, "evil.test") && !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") {
			t.Errorf("P-15 %s leads to %s", path, to)
		}
		if bytes.Contains(res.Body, []byte("SQLite format")) || bytes.Contains(res.Body, []byte(`"smtp"`)) {
			t.Errorf("P-15 %s opens something else", path)
		}
	}
	sent := c.Guest().Must(303, "POST", c.page+"/replies?next=https://evil.test", c.form(t, "hello"))
	if to := sent.Header.Get("Location"); !strings.HasPrefix(to, c.page) {
		t.Errorf("P-15 an answer leads to %s", to)
	}
}

func TestPeople_AProjectChoosesHowItsPagesLook(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	project := "/api/collections/projects/records/" + p.team.Project.Id
	before := string(p.Guest().Must(200, "GET", c.page, nil).Body)
	p.As(p.team.Member).Must(403, "PATCH", project, map[string]any{"portalColor": "red"})
	p.As(p.team.Admin).Must(400, "PATCH", project, map[string]any{"portalColor": "red;} body{display:none"})
	p.As(p.team.Admin).Must(200, "PATCH", project, map[string]any{"portalColor": "red", "portalWelcome": "We read this on weekdays.<script>alert(1)</script>"})
	for _, path := range []string{c.page, "/f/acme"} {
		page := string(p.Guest().Must(200, "GET", path, nil).Body)
		if !strings.Contains(page, `<body class="hue6">`) || !strings.Contains(page, "We read this on weekdays.&lt;script&gt;") {
			t.Errorf("%s is not as chosen: %.400s", path, page)
		}
	}
	if strings.Contains(before, `class="hue6"`) || strings.Contains(before, "weekdays") {
		t.Error("the test shows nothing: it was so before")
	}
}
