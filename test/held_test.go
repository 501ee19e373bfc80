package test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"aside/internal/token"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Held mail: what waits for a person, why, and what they can do about it. And the sentence behind all rows: nothing inbound ever adds
// anyone, grants anything, or sends anything.

func (p *post) listed(t *testing.T) []map[string]any {
	t.Helper()
	return p.ada.Must(200, "GET", "/api/held-mail?project="+p.team.Project.Id, nil).List("items")
}

func TestHeld_EveryReasonIsASentenceAndTheBytesAreKept(t *testing.T) {
	p := newPost(t)
	p.team.Project.Set("heldDays", 30)
	p.save(p.team.Project)
	quoted := p.chat()
	for name, c := range map[string]struct {
		l      letter
		code   string
		words  string
		suggex bool
	}{
		"quarantine":                {letter{from: "bob@quar.test", to: p.chatWith("Bob", "bob@quar.test").to}, "dmarc_quarantine", "quar.test asks that mail like this be set aside", true},
		"a bounce elsewhere":        {letter{from: "mailer-daemon@none.test", mailFrom: "<>", to: p.chat().to, kind: dsn, body: report("bob@ext.test", "failed", "5.1.1", "550", "")}, "bounce_unparsed", "changes nothing", true},
		"somebody else's vacation":  {letter{from: "carl@mail.test", sign: "mail.test", to: p.chat().to, extra: []string{"Auto-Submitted: auto-replied"}}, "automatic", "automatic mail", true},
		"it answers us at the shop": {letter{from: fromBob, sign: "ext.test", to: "acme@in.test", extra: []string{"References: <x@y.test> <ours-" + quoted.conv.Id + "@in.test>"}}, "quotes_us", "answers a letter of a side conversation", true},
		"automatic to the project":  {letter{from: "carl@mail.test", sign: "mail.test", to: "acme@in.test", extra: []string{"Auto-Submitted: auto-generated"}}, "automatic", "no item was opened", false},
		"nothing in it":             {letter{from: "carl@mail.test", sign: "mail.test", to: "acme@in.test", subject: " ", body: " "}, "blank", "neither a subject nor a text", false},
	} {
		t.Run(name, func(t *testing.T) {
			before, items := p.outside(), len(p.All("feedback"))
			raw := p.bytes(c.l)
			for range 2 { // a second time is the same letter
				if code, said := p.deliver(c.l, raw); code != 250 {
					t.Fatalf("%d %s", code, said)
				}
			}
			all := p.listed(t)
			h := all[0]
			if h["code"] != c.code || !strings.Contains(h["reason"].(string), c.words) || (h["suggestion"] != nil) != c.suggex || !strings.Contains(h["until"].(string), "kept for 30 days") {
				t.Errorf("got %v", h)
			}
			n := 0
			for _, other := range all {
				if other["subject"] == h["subject"] && other["code"] == h["code"] && other["from"] == h["from"] && other["excerpt"] == h["excerpt"] && other["to"] == h["to"] {
					n++
				}
			}
			if n != 1 || p.outside() != before || len(p.All("feedback")) != items {
				t.Errorf("listed %d times; it did something", n)
			}
			kept := p.ada.Must(200, "GET", fmt.Sprintf("/api/held-mail/%s/raw", h["id"]), nil)
			if !strings.Contains(string(kept.Body), strings.ReplaceAll(string(raw), "\r\n", "\n")) && !strings.HasSuffix(string(kept.Body), string(raw)) {
				t.Errorf("the letter is not kept as it came:\n%s", kept.Body)
			}
			trace := p.ada.Must(200, "GET", fmt.Sprintf("/api/held-mail/%s/trace", h["id"]), nil)
			if !strings.HasPrefix(trace.Str("decision"), "Held: ") || trace.Str("matched") == "" || strings.Contains(string(trace.Body), "reply+") {
				t.Errorf("trace %s", trace.Body)
			}
			if !c.suggex {
				return
			}
			for who, want := range map[*Client]int{p.As(p.team.Viewer): 200, p.As(p.team.Stranger): 404, p.Guest(): 401} {
				who.Must(want, "GET", fmt.Sprintf("/api/held-mail/%s/trace", h["id"]), nil)
			}
		})
	}
}

func TestHeld_ReleaseDeleteAndWhoMay(t *testing.T) {
	p := newPost(t)
	hold := func(t *testing.T) (*chat, string) {
		c := p.chat()
		return c, p.held1(t, c).Id
	}
	t.Run("into the suggested conversation, where the team sees it first", func(t *testing.T) {
		c, id := hold(t)
		before := c.outside()
		release := "/api/held-mail/" + id + "/release"
		p.As(p.team.Viewer).Must(403, "POST", release, map[string]any{})
		p.As(p.team.Stranger).Must(404, "POST", release, map[string]any{})
		p.Guest().Must(401, "POST", release, map[string]any{})
		p.ada.Must(200, "POST", release, map[string]any{})
		m := c.in()[0]
		if m.GetString("trust") != "unverified" || m.GetBool("accepted") || !strings.Contains(m.GetString("trustReason"), "released by Ada Agent") || m.GetString("participant") != c.bob.Id {
			t.Errorf("got %s", fields(m))
		}
		if page := p.Guest().Must(200, "GET", c.page, nil); strings.Contains(string(page.Body), "held words") {
			t.Errorf("released is not accepted: it is on the portal")
		}
		if len(c.held()) != 0 || c.outside() != before || !c.logged("Ada Agent released a held letter of bob@quar.test into a side conversation") {
			t.Errorf("held %v, log %v", facts(c.held()), c.log())
		}
		trace := p.ada.Must(200, "GET", "/api/side-messages/"+m.Id+"/trace", nil)
		if !strings.HasPrefix(trace.Str("decision"), "Held: ") || !strings.Contains(string(trace.Body), "Released into a side conversation by Ada Agent") {
			t.Errorf("trace %s", trace.Body)
		}
		p.ada.Must(404, "POST", release, map[string]any{}) // it is no longer there
		p.ada.Must(200, "POST", "/api/side-messages/"+m.Id+"/accept", map[string]any{"as": "message"})
		if page := p.Guest().Must(200, "GET", c.page, nil); !strings.Contains(string(page.Body), "held words") {
			t.Errorf("accepted, and not on the portal")
		}
	})
	t.Run("into another one of the project, and of no other project", func(t *testing.T) {
		c, id := hold(t)
		elsewhere := p.New("side_conversations", map[string]any{"project": p.otherProject(t), "feedback": p.otherItem(t), "subject": "Theirs", "status": "open", "startedBy": p.team.Stranger.Id, "sharedVersion": 1})
		p.ada.Must(404, "POST", "/api/held-mail/"+id+"/release", map[string]any{"conversation": elsewhere.Id})
		p.New("members", map[string]any{"project": p.otherProject(t), "user": p.team.Owner.Id, "role": "member"}) // also for somebody who is in both
		p.ada.Must(404, "POST", "/api/held-mail/"+id+"/release", map[string]any{"conversation": elsewhere.Id})
		p.As(p.team.Stranger).Must(404, "POST", "/api/held-mail/"+id+"/release", map[string]any{"conversation": elsewhere.Id})
		d := p.chat()
		p.ada.Must(200, "POST", "/api/held-mail/"+id+"/release", map[string]any{"conversation": d.conv.Id})
		if len(d.in()) != 1 || d.in()[0].GetString("participant") != "" || len(c.held()) != 0 {
			t.Errorf("in the other: %v", facts(d.in()))
		}
	})
	t.Run("deleted for good, and written down", func(t *testing.T) {
		c, id := hold(t)
		p.As(p.team.Viewer).Must(403, "DELETE", "/api/held-mail/"+id, nil)
		p.As(p.team.Stranger).Must(404, "DELETE", "/api/held-mail/"+id, nil)
		p.ada.Must(204, "DELETE", "/api/held-mail/"+id, nil)
		var n int
		if err := p.DB().Select("count(*)").From("letters").Where(dbx.HashExp{"id": id}).Row(&n); err != nil || n != 0 || len(c.held()) != 0 {
			t.Errorf("%d letters are left, %v", n, err)
		}
		if !c.logged("Ada Agent deleted a held letter of bob@quar.test") {
			t.Errorf("log %v", c.log())
		}
	})
	t.Run("a released letter that is sent again is the same letter", func(t *testing.T) {
		c := p.chatWith("Bob", "bob@quar.test")
		l := letter{from: "bob@quar.test", to: c.to, body: "once"}
		raw := p.bytes(l)
		p.deliver(l, raw)
		p.ada.Must(200, "POST", "/api/held-mail/"+c.held()[0].Id+"/release", map[string]any{})
		if code, _ := p.deliver(l, raw); code != 250 || len(c.held()) != 0 || len(c.in()) != 1 {
			t.Errorf("%d, held %v", code, facts(c.held()))
		}
	})
}

// held1 puts one quarantined letter into a conversation's held mail.
func (p *post) held1(t *testing.T, c *chat) *core.Record {
	t.Helper()
	if code, said := p.send(letter{from: "bob@quar.test", to: c.to, body: "held words " + c.conv.Id}); code != 250 || len(c.held()) != 1 {
		t.Fatal(code, said)
	}
	return c.held()[0]
}

func (p *post) otherProject(t *testing.T) string {
	t.Helper()
	other, err := p.FindFirstRecordByData("projects", "slug", "elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	return other.Id
}

func (p *post) otherItem(t *testing.T) string {
	return p.New("feedback", map[string]any{"project": p.otherProject(t), "number": 1, "message": "theirs", "category": "bug", "status": "new"}).Id
}

func TestHeld_ItGoesWhenTheProjectSaysSoAndNotBefore(t *testing.T) {
	p := newPost(t)
	days := "/api/collections/projects/records/" + p.team.Project.Id
	p.As(p.team.Member).Must(403, "PATCH", days, map[string]any{"heldDays": 5})
	c := p.chat()
	old, young := p.held1(t, c), ""
	d := p.chat()
	young = p.held1(t, d).Id
	p.send(letter{from: "carl@mail.test", sign: "mail.test", to: "postmaster@in.test", body: "for the operator"})
	backdate := func(id string, n int) {
		if _, err := p.DB().Update("held_mail", dbx.Params{"created": time.Now().UTC().AddDate(0, 0, -n).Format("2006-01-02 15:04:05.000Z")}, dbx.HashExp{"id": id}).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	operators := p.All("held_mail")[2]
	backdate(old.Id, 100)
	backdate(young, 4)
	backdate(operators.Id, 80)
	run := func() {
		for _, job := range p.Cron().Jobs() {
			if job.Id() == "asideHeldMail" {
				job.Run()
				return
			}
		}
		t.Fatal("no such job")
	}
	run() // 0 days: kept until somebody decides
	if n := len(p.All("held_mail")); n != 3 {
		t.Fatalf("%d left, want all", n)
	}
	if until := p.listed(t)[0]["until"]; until != "Kept until somebody decides." {
		t.Errorf("it says %v", until)
	}
	p.As(p.team.Admin).Must(200, "PATCH", days, map[string]any{"heldDays": 5})
	run()
	left := p.All("held_mail")
	if len(left) != 2 || left[0].Id == old.Id || left[1].Id == old.Id {
		t.Fatalf("left %v", facts(left))
	}
	if !c.logged("A held letter of bob@quar.test was deleted: nobody decided in 5 days, as the project settings say.") {
		t.Errorf("log %v", c.log())
	}
	backdate(operators.Id, 91)
	run()
	if n := len(p.All("held_mail")); n != 1 {
		t.Errorf("%d left; the operator's waits 90 days", n)
	}
	if res := p.ada.Must(200, "POST", "/api/collections/projects/records", map[string]any{"name": "New one"}); res.Str("heldDays") != "30" {
		t.Errorf("a new project keeps held mail for %s days", res.Str("heldDays"))
	}
}

func TestHeld_PostmasterAndAbuseAreTheOperatorsAlone(t *testing.T) {
	p := newPost(t)
	for _, to := range []string{"postmaster@in.test", "Abuse@IN.TEST"} {
		if code, said := p.send(letter{from: "carl@mail.test", sign: "mail.test", to: to, subject: "About " + to, body: "OPERATOR-CANARY"}); code != 250 {
			t.Fatal(code, said)
		}
	}
	held := p.All("held_mail")
	if len(held) != 2 || held[0].GetString("project") != "" || held[0].GetString("reason") != "operator" || len(p.All("feedback")) != 1 || len(p.All("activity")) != 1 {
		t.Fatalf("got %v", facts(held))
	}
	for _, who := range []*Client{p.ada, p.As(p.team.Stranger)} {
		if res := who.Must(200, "GET", "/api/collections/held_mail/records", nil); len(res.List("items")) != 0 {
			t.Errorf("an agent reads %s", res.Body)
		}
		who.Must(404, "GET", "/api/held-mail/"+held[0].Id+"/raw", nil)
		who.Must(404, "GET", "/api/held-mail/"+held[0].Id+"/trace", nil)
		who.Must(404, "DELETE", "/api/held-mail/"+held[0].Id, nil)
		who.Must(404, "POST", "/api/held-mail/"+held[0].Id+"/release", map[string]any{"conversation": p.chat().conv.Id})
	}
	super := p.As(p.superuser(t))
	if res := super.Must(200, "GET", "/api/collections/held_mail/records", nil); len(res.List("items")) != 2 {
		t.Errorf("the operator reads %s", res.Body)
	}
	if res := super.Must(200, "GET", "/api/held-mail/"+held[0].Id+"/raw", nil); !strings.Contains(string(res.Body), "OPERATOR-CANARY") {
		t.Errorf("got %s", res.Body)
	}
	res := super.Must(200, "GET", "/api/held-mail/"+held[0].Id+"/trace?download=1", nil)
	if !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") || res.Str("auth.verified") != "true" || res.Str("envelope.remote") != "127.0.0.8" {
		t.Errorf("got %v %s", res.Header, res.Body)
	}
}

func (p *post) superuser(t *testing.T) *core.Record {
	t.Helper()
	c, err := p.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		t.Fatal(err)
	}
	u := core.NewRecord(c)
	u.SetEmail("root@in.test")
	u.SetPassword(Password)
	return p.save(u)
}

func TestHeld_AProjectMayHoldWhatItsSendersDomainWantsRefused(t *testing.T) {
	p := newPost(t)
	p.chat().expect(t, letter{from: fromBob}, want{code: 550})
	p.As(p.team.Admin).Must(200, "PATCH", "/api/collections/projects/records/"+p.team.Project.Id, map[string]any{"rejectedMail": "hold", "unverifiedReplies": "hold"})
	p.chat().expect(t, letter{from: fromBob}, want{held: "dmarc_reject", words: "ext.test asks"})
	p.chat().expect(t, letter{from: "ada@in.test"}, want{code: 550, said: "which is ours"})
	p.chatWith("Bob", "bob@none.test").expect(t, letter{from: "bob@none.test"}, want{held: "unverified"})
	p.chat().expect(t, letter{from: "carl@mail.test", sign: "mail.test"}, want{held: "unverified"})
	p.chat().expect(t, letter{from: fromBob, sign: "ext.test"}, want{trust: "verified", portal: true})
}

func TestHeld_TheTraceSaysWhyALetterIsWhereItIs(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	m := c.expect(t, letter{from: fromBob, sign: "ext.test", extra: []string{"X: " + c.to}}, want{trust: "verified", portal: true})
	res := p.As(p.team.Viewer).Must(200, "GET", "/api/side-messages/"+m.Id+"/trace", nil)
	checks := map[string]string{}
	for _, check := range res.List("checks") {
		checks[check["name"].(string)] = check["result"].(string)
	}
	for name, want := range map[string]string{"DKIM ext.test": "pass", "SPF ext.test": "pass", "DMARC ext.test": "pass", "Sender": "verified", "Address": "matched", "Kind of letter": "reply"} {
		if checks[name] != want {
			t.Errorf("%s: %q, want %q", name, checks[name], want)
		}
	}
	if !regexp.MustCompile(`^\d+ ms$`).MatchString(checks["Time"]) || res.Str("envelope.remote") != "127.0.0.2" || res.Str("matched") != "the reply address of Bob Vendor" || res.Str("decision") != "Shown in the thread: Signed by ext.test" {
		t.Errorf("got %s", res.Body)
	}
	p.As(p.team.Stranger).Must(404, "GET", "/api/side-messages/"+m.Id+"/trace", nil)
	p.Guest().Must(401, "GET", "/api/side-messages/"+m.Id+"/trace", nil)
	for _, out := range p.All("side_messages") {
		if out.GetString("direction") == "out" {
			p.ada.Must(404, "GET", "/api/side-messages/"+out.Id+"/trace", nil)
		}
	}
	c.Guest().Must(303, "POST", c.page+"/replies", c.form(t, "by the page"))
	byPage := c.in()[1]
	if res := p.ada.Must(200, "GET", "/api/side-messages/"+byPage.Id+"/trace", nil); !strings.Contains(res.Str("decision"), "private page of Bob Vendor") || strings.Contains(string(res.Body), strings.TrimPrefix(c.page, "/c/")) {
		t.Errorf("got %s", res.Body)
	}
	to := "item+" + p.Aside.Tokens().Make(token.Item, p.team.Item.Id, 1) + "@in.test"
	if code, said := p.send(letter{from: "carla@customer.test", sign: "customer.test", to: to, body: "My answer, from " + to}); code != 250 {
		t.Fatal(code, said)
	}
	customer := p.All("customer_messages")[0]
	if customer.GetString("trust") != "verified" || strings.Contains(string(fields(customer)), strings.TrimSuffix(strings.TrimPrefix(to, "item+"), "@in.test")) {
		t.Errorf("got %s", fields(customer))
	}
	if res := p.ada.Must(200, "GET", "/api/customer-messages/"+customer.Id+"/trace", nil); res.Str("matched") != "the customer’s reply address" {
		t.Errorf("got %s", res.Body)
	}
	p.As(p.team.Stranger).Must(404, "GET", "/api/customer-messages/"+customer.Id+"/trace", nil)
}

// Two hundred letters of every kind that an enemy with all our addresses could send, to every address, from every machine, with every
// header that has ever asked a server to do something. Afterwards only messages from outside, items from outside, held mail, their
// letters and what the team is told of them may be new.
func TestNothingInboundEverAddsAnyoneGrantsAnythingOrSendsAnything(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	c.join("Carol", "carol@other.test")
	closed := p.chat()
	closed.conv.Set("status", "closed")
	p.save(closed.conv)
	s := p.started(t, "erin@mail.test")
	p.To("erin@mail.test", 1)
	to := []string{c.to, closed.to, s.to, s.bounce, "acme@in.test", "postmaster@in.test", "item+" + p.Aside.Tokens().Make(token.Item, p.team.Item.Id, 1) + "@in.test", flip(c.to), "nobody@in.test"}
	from := []string{fromBob, "evil@attacker.test", "Ada Agent <ada@acme.test>", "carla@customer.test", "acme@in.test", c.to, "no-reply@slack.test", "MAILER-DAEMON@none.test", "bob@quar.test", "x@none.test", `"x@y" <z@open.test>`}
	signed := []string{"", "", "attacker.test", "ext.test", "acme.test", "customer.test", "slack.test"}
	extra := []string{"Cc: evil@attacker.test, carol@other.test", "Bcc: evil@attacker.test", "Reply-To: evil@attacker.test", "Disposition-Notification-To: evil@attacker.test", "Return-Receipt-To: evil@attacker.test", "Errors-To: evil@attacker.test",
		"Auto-Submitted: auto-replied", "List-Unsubscribe: <mailto:evil@attacker.test>", "X-Aside-Loop: x", "References: <ours-" + c.conv.Id + "@in.test>", "Resent-To: evil@attacker.test", "X-Aside-Role: owner", "Precedence: bulk", "Sender: ada@acme.test", "To: evil@attacker.test"}
	bodies := []string{"#close", "@agent please add evil@attacker.test", "/assign me\n/status resolved\n/add evil@attacker.test", "From: Ada Agent <ada@acme.test>\n\nI am an agent.", "<script>fetch('/api')</script>", "", strings.Repeat("word word word\n", 900),
		report("erin@mail.test", "failed", "5.1.1", "550 no", ""), "--b\nContent-Type: text/html\n\n<form action=/c/x><meta http-equiv=refresh content=0>\n--b--", "BEGIN:VCALENDAR\nMETHOD:REQUEST\nATTENDEE:mailto:evil@attacker.test\nEND:VCALENDAR"}
	kinds := []string{"", "", "text/html", dsn, "multipart/mixed; boundary=b", "text/calendar; method=REQUEST", "multipart/report; report-type=feedback-report; boundary=b", "message/rfc822"}
	r := rand.New(rand.NewPCG(4, 2026))
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	before, answers := p.outsideButBounces(), map[int]int{}
	for i := range 200 {
		l := letter{from: pick(from), to: pick(to), sign: pick(signed), kind: pick(kinds), body: pick(bodies) + fmt.Sprint("\n", i), subject: pick([]string{"Re: invoice", "[#1]", "unsubscribe", "Undelivered Mail Returned to Sender", "=?utf-8?q?a=0D=0ABcc:_e?="})}
		for range r.IntN(4) {
			l.extra = append(l.extra, pick(extra))
		}
		if r.IntN(3) == 0 {
			l.mailFrom = "<>"
		}
		if r.IntN(2) == 0 {
			l.ip = fmt.Sprintf("127.0.3.%d", i+1)
		}
		code, said := p.send(l)
		if answers[code]++; code == 554 {
			t.Errorf("letter %d: %d %s", i, code, said)
		}
	}
	for range 3 { // and by the page
		_ = p.Guest().Do("POST", c.page+"/replies", url.Values{"nonce": {"x"}, "message": {"add evil@attacker.test"}, "as": {"owner"}, "email": {"evil@attacker.test"}})
	}
	if after := p.outsideButBounces(); after != before {
		t.Errorf("something was added, granted or sent:\n%s\nbefore:\n%s", after, before)
	}
	for code := range answers {
		if code != 250 && code != 550 && code != 554 {
			t.Errorf("%d letters were answered %d", answers[code], code)
		}
	}
	if answers[250] < 60 || answers[550] < 20 {
		t.Fatalf("too few of each kind to prove anything: %v", answers)
	}
	for _, m := range p.All("side_messages") {
		if m.GetString("direction") == "in" && m.GetBool("accepted") && m.GetString("trust") != "verified" {
			t.Errorf("shown to outsiders: %s", fields(m))
		}
	}
	for _, n := range p.All("notifications") {
		if p.Find("users", n.GetString("user")).Email() == p.team.Stranger.Email() {
			t.Errorf("a stranger is told: %s", fields(n))
		}
	}
	t.Logf("answers %v", answers)
}

// outsideButBounces is outside without what a bounce with its own token may change: the state of the delivery and participant it is about.
func (p *post) outsideButBounces() string {
	var lines []string
	for line := range strings.SplitSeq(p.outside(), "\n") {
		if strings.HasPrefix(line, "deliveries ") || strings.Contains(line, "erin@mail.test") || strings.HasPrefix(line, "customer_messages ") {
			continue
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n") + fmt.Sprintf("\n%d deliveries, %d participants", len(p.All("deliveries")), len(p.All("participants")))
}
