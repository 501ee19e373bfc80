package test

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"

	"aside/internal/token"

	"github.com/emersion/go-smtp"
)

// The rows of threats.md 2.2: tokens and addresses, through the door and the portal.

// rcpt asks the door about one address and returns its whole answer.
func (p *post) rcpt(ip, address string) string {
	p.T.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
	conn, err := d.Dial("tcp", p.SMTP)
	if err != nil {
		p.T.Fatal(err)
	}
	c := smtp.NewClient(conn)
	defer c.Close()
	if err := c.Hello("probe.test"); err != nil {
		p.T.Fatal(err)
	}
	if err := c.Mail("x@probe.test", nil); err != nil {
		p.T.Fatal(err)
	}
	return answered(c.Rcpt(address, nil))
}

func answered(err error) string {
	var reply *smtp.SMTPError
	switch {
	case err == nil:
		return "250"
	case errors.As(err, &reply):
		return fmt.Sprintf("%d %v %s", reply.Code, reply.EnhancedCode, reply.Message)
	}
	return err.Error()
}

// What the door says: to every address that is not there, and to a percent sign, by which old relays were told where to go.
const (
	unknown = "550 [5 1 1] Address not known here"
	percent = "550 [5 7 1] Relaying denied"
)

func TestT01toT03_T08_T13_EveryWrongAddressIsAnsweredAlike(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	tok := strings.TrimSuffix(strings.TrimPrefix(c.to, "reply+"), "@"+MailDomain)
	renewed := p.chat()
	old, oldPage := renewed.to, renewed.page
	p.ada.Must(200, "POST", "/api/side-conversations/"+renewed.conv.Id+"/participants/"+renewed.bob.Id+"/renew-link", nil)
	renewed.bob = p.Find("participants", renewed.bob.Id)
	removed := p.chat()
	p.ada.Must(204, "DELETE", "/api/side-conversations/"+removed.conv.Id+"/participants/"+removed.bob.Id, nil)
	deleted := p.chat()
	if err := p.Delete(deleted.conv); err != nil {
		t.Fatal(err)
	}
	n := 0
	for name, probe := range map[string]struct{ address, want string }{
		"the address itself":             {c.to, "250"},
		"T-08 folded to capitals":        {strings.ToUpper("reply+"+tok) + "@" + MailDomain, "250"},
		"T-02 capitals and our domain":   {"REPLY+" + tok + "@IN.TEST", "250"},
		"T-03 the renewed address":       {renewed.replyTo(renewed.bob), "250"},
		"T-01 random characters":         {"reply+" + strings.Repeat("q", 26) + "@in.test", unknown},
		"T-01 of the right length":       {"reply+" + strings.Repeat("q", len(tok)) + "@in.test", unknown},
		"T-01 one character off":         {flip(c.to), unknown},
		"T-02 no tag":                    {"reply@in.test", unknown},
		"T-02 an empty tag":              {"reply+@in.test", unknown},
		"T-02 a short tag":               {"reply+a@in.test", unknown},
		"T-02 a tag behind the tag":      {"reply+" + tok + "+x@in.test", unknown},
		"T-02 a hyphen":                  {"reply-" + tok + "@in.test", unknown},
		"T-02 another kind":              {"item+" + tok + "@in.test", unknown},
		"T-02 a bounce address of it":    {"bounce+" + tok + "@in.test", unknown},
		"T-03 the address before":        {old, unknown},
		"T-03 of somebody removed":       {removed.to, unknown},
		"T-07 of a deleted conversation": {deleted.to, unknown},
		"T-13 a percent sign":            {"reply+%25@in.test", percent},
		"T-13 wildcards":                 {"reply+_%@in.test", percent},
		"T-13 a quote":                   {"reply+'--@in.test", unknown},
		"T-06 a portal token":            {"reply+" + strings.TrimPrefix(c.page, "/c/") + "@in.test", unknown},
		"a name nobody has":              {"sales@in.test", unknown},
		"a name with a wildcard":         {"acm%@in.test", percent},
		"the project":                    {"acme@in.test", "250"},
	} {
		n++
		ip := fmt.Sprintf("127.0.1.%d", n)
		t.Run(name, func(t *testing.T) {
			if got := p.rcpt(ip, probe.address); got != probe.want {
				t.Errorf("got %q, want %q", got, probe.want)
			}
		})
	}
	gone := p.Guest().Must(404, "GET", "/c/"+strings.Repeat("q", len(tok)), nil)
	for name, page := range map[string]string{"T-03 the link before": oldPage, "T-06 a reply token": "/c/" + tok, "T-07 of a deleted conversation": deleted.page, "of somebody removed": removed.page} {
		if got := p.Guest().Must(404, "GET", page, nil); string(got.Body) != string(gone.Body) {
			t.Errorf("%s can be told from an unknown one", name)
		}
	}
	p.Guest().Must(200, "GET", renewed.pageOf(renewed.bob), nil)
}

func TestT03_AnAddressThatStopsDuringTheSessionTakesNothing(t *testing.T) {
	p := newPost(t)
	for name, stop := range map[string]func(c *chat){
		"renewed": func(c *chat) {
			p.ada.Must(200, "POST", "/api/side-conversations/"+c.conv.Id+"/participants/"+c.bob.Id+"/renew-link", nil)
		},
		"removed": func(c *chat) {
			p.ada.Must(204, "DELETE", "/api/side-conversations/"+c.conv.Id+"/participants/"+c.bob.Id, nil)
		},
		"deleted": func(c *chat) { _ = p.Delete(c.conv) },
	} {
		t.Run(name, func(t *testing.T) {
			c := p.chat()
			raw := p.bytes(letter{from: fromBob, sign: "ext.test", to: c.to, body: "too late"})
			client, err := smtp.Dial(p.SMTP)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if err := errors.Join(client.Hello("mail.ext.test"), client.Mail("bob@ext.test", nil), client.Rcpt(c.to, nil)); err != nil {
				t.Fatal(err)
			}
			stop(c)
			w, err := client.Data()
			if err != nil {
				t.Fatal(err)
			}
			_, _ = w.Write(raw)
			if got := answered(w.Close()); got != unknown || len(c.in()) != 0 || len(c.held()) != 0 {
				t.Errorf("%s, %d shown, %d held", got, len(c.in()), len(c.held()))
			}
		})
	}
}

func TestT02_WhatIsNoAddressIsRefusedToo(t *testing.T) {
	p := newPost(t)
	for i, address := range []string{"reply+" + strings.Repeat("a", 59) + "@in.test", "reply+٣٤٥@in.test", "reply+\u00e9@in.test", "@in.test", "reply+a@in.test@in.test", "reply+a@in.test.", "x@elsewhere.test"} {
		if got := p.rcpt(fmt.Sprintf("127.0.1.%d", i+1), address); !strings.HasPrefix(got, "5") {
			t.Errorf("%s: %s", address, got)
		}
	}
}

func TestT05_GuessingEndsTheConnectionAndHurtsNobodyElse(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	guess := func(ip string) (answers []string) {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
		conn, err := d.Dial("tcp", p.SMTP)
		if err != nil {
			t.Fatal(err)
		}
		client := smtp.NewClient(conn)
		defer client.Close()
		_ = client.Hello("guess.test")
		if err := client.Mail("x@guess.test", nil); err != nil {
			return []string{answered(err)}
		}
		for range 7 {
			answers = append(answers, answered(client.Rcpt("reply+guess@in.test", nil)))
		}
		return answers
	}
	first := guess("127.0.1.1")
	if first[0] != unknown || !strings.HasPrefix(first[4], "421") && !strings.HasPrefix(first[5], "421") {
		t.Fatalf("got %q", first)
	}
	for range 12 {
		guess("127.0.1.1")
	}
	c.expect(t, letter{from: fromBob, sign: "ext.test"}, want{trust: "verified", portal: true})
	if n := len(c.in()); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestT09_NoTokenIsSeenByAnybodyItIsNotFor(t *testing.T) {
	p := newPost(t)
	bob, carol := p.Vendor("Bob Vendor <bob@vendor.test>"), "carol@other.test"
	conv := p.ada.Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": p.team.Item.Id, "to": []string{"Bob Vendor <bob@vendor.test>", carol}, "subject": "Hinge", "message": "Hello both", "sharePortal": true}).Str("id")
	toBob, toCarol := p.To("bob@vendor.test", 1)[0], p.To(carol, 1)[0]
	answer := bob.Reply(toBob, "")
	bobsLink := portalLink(t, text(t, toBob))
	// a mail program that quotes its header block above the answer, and a safe-links rewriter
	answer.Text = "My answer.\n\nYou wrote from " + strings.ToUpper(answer.To) + " and http://host" + bobsLink + " and https://safe.test/?url=http%3A%2F%2Fhost%2Fc%2F" + strings.TrimPrefix(bobsLink, "/c/") + "\n"
	answer.Subject = "Re: " + answer.To
	answer.Extra = []string{"Cc: " + answer.To}
	send(t, bob, p.SMTP, answer)
	p.Guest().Must(303, "POST", bobsLink+"/replies", url.Values{"nonce": {nonce(t, p.Guest().Must(200, "GET", bobsLink, nil).Body)}, "message": {"On the page: http://host" + bobsLink}})
	p.ada.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": conv, "body": "Thanks."})
	p.To("bob@vendor.test", 2)
	again := p.To(carol, 2)

	bobs := []string{strings.TrimPrefix(bobsLink, "/c/")}
	local, _, _ := strings.Cut(strings.TrimPrefix(answer.To, "reply+"), "@")
	bobs = append(bobs, local)
	never := func(what string, data []byte) {
		t.Helper()
		lower := strings.ToLower(string(data))
		for _, tok := range bobs {
			if strings.Contains(lower, tok) {
				t.Errorf("a token of Bob's is in %s:\n%.2000s", what, data)
			}
		}
	}
	if body := text(t, again[1]); !strings.Contains(body, "My answer.") || !strings.Contains(body, "On the page") {
		t.Fatalf("Carol's letter does not quote Bob, so this test shows nothing:\n%s", body)
	}
	for _, l := range again {
		never("a letter to Carol", l.Data)
		never("a letter to Carol", []byte(text(t, l)))
		never("a letter to Carol", []byte(part(t, l, "text/html")))
	}
	page := p.Guest().Must(200, "GET", portalLink(t, text(t, toCarol)), nil)
	if !strings.Contains(string(page.Body), "My answer.") {
		t.Fatal("Carol's page does not show Bob's answer")
	}
	never("Carol's page", page.Body)
	never("the item as agents see it", p.ada.Must(200, "GET", "/api/items/"+p.team.Item.Id, nil).Body)
	never("the inbox", p.ada.Must(200, "GET", "/api/inbox", nil).Body)
	for _, collection := range []string{"feedback", "side_conversations", "participants", "side_messages", "deliveries", "held_mail", "activity", "notifications"} {
		never(collection, p.ada.Must(200, "GET", "/api/collections/"+collection+"/records?perPage=200", nil).Body)
	}
	for _, m := range p.All("side_messages") {
		if m.GetString("direction") == "in" {
			never("a trace", p.ada.Must(200, "GET", "/api/side-messages/"+m.Id+"/trace", nil).Body)
			never("a body", p.ada.Must(200, "GET", "/api/side-messages/"+m.Id+"/body", nil).Body)
		}
	}
	if n := strings.Count(strings.ToLower(string(p.To("bob@vendor.test", 2)[1].Data)), "reply+"+bobs[1]); n != 1 {
		t.Errorf("Bob's own address stands %d times in his letter, want once, in Reply-To", n)
	}
	for _, l := range p.MX.Letters() {
		if l.To[0] != "bob@vendor.test" && l.To[0] != carol {
			t.Errorf("a letter went to %v", l.To)
		}
	}
}

func TestT10andT11_AnAddressThatWasPassedOn(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	c.expect(t, letter{from: "Carl <carl@mail.test>", sign: "mail.test"}, want{trust: "other_sender", words: "through Bob Vendor’s reply address"})
	old := c.to
	p.ada.Must(200, "POST", "/api/side-conversations/"+c.conv.Id+"/participants/"+c.bob.Id+"/renew-link", nil)
	c.bob = p.Find("participants", c.bob.Id)
	c.page = c.pageOf(c.bob)
	c.expect(t, letter{from: "Carl <carl@mail.test>", sign: "mail.test", to: old, rcpt: []string{old}}, want{code: 550, said: "not known", several: 1})
	c.to = c.replyTo(c.bob)
	c.expect(t, letter{from: fromBob, sign: "ext.test"}, want{trust: "verified", portal: true, several: 2})
}

func TestT14andT15_HeadersAndSubjectsRouteNothing(t *testing.T) {
	p := newPost(t)
	a, b := p.chat(), p.chat()
	before := string(fields(p.Find("side_conversations", b.conv.Id)))
	id := "<ours-" + b.conv.Id + "@" + MailDomain + ">"
	m := a.expect(t, letter{from: fromBob, sign: "ext.test", subject: "[#1] Re: another one", extra: []string{"In-Reply-To: " + id, "References: " + id, "X-Conversation: " + b.conv.Id, "Thread-Topic: Invoice 77"}},
		want{trust: "verified", portal: true})
	if m.GetString("conversation") != a.conv.Id || len(b.in()) != 0 {
		t.Errorf("it is in %s", m.GetString("conversation"))
	}
	if after := string(fields(p.Find("side_conversations", b.conv.Id))); after != before {
		t.Errorf("the conversation it named changed:\n%s\n%s", before, after)
	}
	if code, said := p.send(letter{from: "Dora <dora@mail.test>", sign: "mail.test", to: "acme@in.test", subject: "[#1] about the widget", body: "Hello"}); code != 250 {
		t.Fatalf("%d %s", code, said)
	}
	items := p.All("feedback")
	if len(items) != 2 || items[1].GetInt("number") != 2 || len(p.All("customer_messages")) != 0 {
		t.Errorf("a subject with a number belongs to no item: %d items, %d messages", len(items), len(p.All("customer_messages")))
	}
}

func TestT06_OneKindOfTokenIsNoOther(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	k := p.Aside.Tokens()
	for name, tok := range map[string]string{"reply": k.Make(token.Reply, c.bob.Id, 1), "bounce": k.Make(token.Bounce, c.bob.Id, 1), "item": k.Make(token.Item, p.team.Item.Id, 1)} {
		p.Guest().Must(404, "GET", "/c/"+tok, nil)
		res := p.Guest().Do("POST", "/c/"+tok+"/replies", url.Values{"message": {"x"}})
		if res.Status != 404 || len(c.in()) != 0 {
			t.Errorf("a %s token answers on the portal: %d", name, res.Status)
		}
	}
	if got := p.rcpt("127.0.1.1", "reply+"+k.Make(token.Shared, c.conv.Id, 1)+"@in.test"); got != unknown {
		t.Errorf("a shared link's token takes mail: %s", got)
	}
}
