package test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"aside/internal/config"
	"aside/internal/mailauth"
	"aside/test/fake"

	"github.com/pocketbase/pocketbase/core"
)

// The rows of threats.md 2.5: automatic mail, loops, bounces, repeats. Whatever comes, nothing is sent.

func TestL01toL03_L11_L18_AutomaticMailIsKeptAndDoesNothing(t *testing.T) {
	p := newPost(t)
	vacation := func(header string) letter {
		return letter{from: fromBob, sign: "ext.test", subject: "Re: invoice", body: "I am away until Monday.", extra: []string{header}}
	}
	auto := want{trust: "verified", kind: "auto_reply"}
	human := want{trust: "verified", portal: true}
	for name, c := range map[string]struct {
		l letter
		w want
	}{
		"L-01 Auto-Submitted":                  {vacation("Auto-Submitted: auto-replied (vacation)"), auto},
		"L-01 X-Autoreply":                     {vacation("X-Autoreply: yes"), auto},
		"L-01 X-Autorespond":                   {vacation("X-Autorespond: Re: invoice"), auto},
		"L-01 X-Autoresponder":                 {vacation("X-Autoresponder: 1"), auto},
		"L-01 Precedence: bulk":                {vacation("Precedence: bulk"), auto},
		"L-01 Precedence: auto_reply":          {vacation("Precedence: auto_reply"), auto},
		"L-01 by its subject":                  {letter{from: fromBob, sign: "ext.test", subject: "Automatic reply: invoice"}, auto},
		"L-01 by its subject in German":        {letter{from: fromBob, sign: "ext.test", subject: "Abwesenheitsnotiz: Rechnung"}, auto},
		"L-01 from mailer-daemon":              {letter{from: "mailer-daemon@ext.test", sign: "ext.test"}, want{held: "automatic"}},
		"L-01 unsigned, from a lenient domain": {letter{from: "bob@open.test", mailFrom: "<>", extra: []string{"Auto-Submitted: auto-replied"}}, want{held: "automatic"}},
		"L-02 Auto-Submitted: no":              {vacation("Auto-Submitted: no"), human},
		"L-03 a person's letter by a list":     {vacation("Precedence: list"), want{trust: "verified", portal: true, warn: "mailing list"}},
		"L-18 a challenge":                     {letter{from: fromBob, sign: "ext.test", subject: "Please confirm your message", body: "Click here to release your message:\nhttps://x.test/release"}, want{trust: "verified", kind: "auto_reply"}},
		"L-18 a click on Accept": {letter{from: fromBob, sign: "ext.test", subject: "Accepted: Call", kind: "text/calendar; method=REPLY; charset=utf-8",
			body: "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\nATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@ext.test\nEND:VEVENT\nEND:VCALENDAR"}, auto},
		"L-11 a read receipt":        {letter{from: fromBob, sign: "ext.test", subject: "Read: invoice", kind: "multipart/report; report-type=disposition-notification; boundary=b", body: receipt}, want{trust: "verified", kind: "receipt"}},
		"L-11 a receipt asked of us": {letter{from: fromBob, sign: "ext.test", extra: []string{"Disposition-Notification-To: evil@attacker.test", "Return-Receipt-To: evil@attacker.test", "X-Confirm-Reading-To: evil@attacker.test"}}, human},
	} {
		t.Run(name, func(t *testing.T) {
			chat := p.chat()
			chat.conv.Set("status", "closed")
			p.save(chat.conv)
			m := chat.expect(t, c.l, c.w)
			if open := p.Find("side_conversations", chat.conv.Id).GetString("status") == "open"; open != (c.w.trust != "" && c.w.kind == "") {
				t.Errorf("reopened: %v", open)
			}
			if m != nil && m.GetString("kind") != "reply" && strings.Contains(strings.Join(p.log(), "\n"), "reopened") {
				t.Errorf("it is in the log")
			}
			p.DB().NewQuery("DELETE FROM activity").Execute()
		})
	}
}

const receipt = "--b\nContent-Type: text/plain\n\nYour message was displayed.\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; bob@ext.test\n" +
	"Disposition: automatic-action/MDN-sent-automatically; displayed\n--b--"

func TestL04_MoreThanAPersonWritesIsHeldAndTheRealAnswerStillComes(t *testing.T) {
	p := newPost(t)
	c := p.chatWith("Bob", "bob@open.test")
	for i := range 10 {
		if code, said := p.send(letter{from: "bob@open.test", to: c.to, body: fmt.Sprintf("forged %d", i)}); code != 250 {
			t.Fatal(code, said)
		}
	}
	if len(c.in()) != 10 || len(c.held()) != 0 {
		t.Fatalf("%d shown, %d held", len(c.in()), len(c.held()))
	}
	before := c.outside()
	for i := range 3 {
		if code, _ := p.send(letter{from: fmt.Sprintf("x%d@none.test", i), to: c.to, body: fmt.Sprintf("another name %d", i)}); code != 250 {
			t.Fatal("it is to be taken")
		}
	}
	held := c.held()
	if len(c.in()) != 10 || len(held) != 3 || held[0].GetString("reason") != "over_limits" || c.outside() != before {
		t.Fatalf("%d shown, held %v", len(c.in()), facts(held))
	}
	l := letter{from: "bob@open.test", sign: "open.test", to: c.to, body: "This is really me."}
	if code, _ := p.send(l); code != 250 || len(c.in()) != 11 || c.in()[10].GetString("trust") != "verified" {
		t.Errorf("a forger kept the real answer out")
	}
}

func TestL04_HopsAndOurOwnMark(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	received := func(n int) []string {
		return []string{strings.TrimSuffix(strings.Repeat("Received: from a by b; Tue, 24 Nov 2026 10:00:00 +0000\n", n), "\n")}
	}
	c.expect(t, letter{from: fromBob, sign: "ext.test", top: received(51)}, want{code: 554, said: "hops"})
	c.expect(t, letter{from: fromBob, sign: "ext.test", top: received(40)}, want{trust: "verified", portal: true})
	p.started(t, "erin@mail.test")
	mark := headerOf(t, p.To("erin@mail.test", 1)[0].Data, "X-Aside-Loop")
	p.chat().expect(t, letter{from: fromBob, sign: "ext.test", extra: []string{"X-Aside-Loop: " + mark}}, want{held: "loop", words: "came back"})
	p.chat().expect(t, letter{from: fromBob, sign: "ext.test", extra: []string{"X-Aside-Loop: another", "X-Aside-Loop:  " + mark}}, want{held: "loop"})
	p.chat().expect(t, letter{from: fromBob, sign: "ext.test", extra: []string{"X-Aside-Loop: another"}}, want{trust: "verified", portal: true})
}

func headerOf(t *testing.T, raw []byte, name string) string {
	t.Helper()
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for line := range strings.SplitSeq(strings.ReplaceAll(string(head), "\r\n\t", ""), "\r\n") {
		if n, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(n, name) {
			return strings.TrimSpace(v)
		}
	}
	t.Fatalf("no %s in\n%s", name, head)
	return ""
}

func TestL04_TwoAsidesDoNotTalkToEachOtherForEver(t *testing.T) {
	a := newPost(t)
	b := newPost(t, WithConfig(func(c *config.Config) { c.MailDomain = "in2.test" }))
	b.team.Owner.Set("muteEmail", false)
	b.save(b.team.Owner) // its agents' mailbox is, by mistake, a conversation of the first
	inB := b.chat()
	bAddress := strings.Replace(inB.to, "@"+MailDomain, "@in2.test", 1)
	inA := a.started(t, bAddress)
	b.team.Owner.SetEmail(inA.to)
	b.save(b.team.Owner)
	exchanged, seenA, seenB := 0, 0, 0
	for range 6 { // carries letters between the two until nothing more comes
		for _, l := range a.MX.Letters()[seenA:] {
			if seenA++; strings.HasSuffix(l.To[0], "@in2.test") {
				exchanged++
				_ = fake.DeliverFrom(b.SMTP, "127.0.0.50", "mail.sender.test", l.From, l.To, l.Data)
			}
		}
		Eventually(t, "the second one's notices are queued", func() bool {
			for _, n := range b.All("notifications") {
				if !n.GetBool("mailed") {
					return false
				}
			}
			for _, d := range b.All("deliveries") {
				if d.GetString("state") != "sent" {
					return false
				}
			}
			return true
		})
		for _, l := range b.MX.Letters()[seenB:] {
			if seenB++; strings.HasSuffix(l.To[0], "@in.test") {
				exchanged++
				_ = fake.DeliverFrom(a.SMTP, "127.0.0.51", "mail.sender.test", l.From, l.To, l.Data)
			}
		}
	}
	if exchanged == 0 || exchanged > 3 {
		t.Errorf("%d letters went to and fro, want at most 3", exchanged)
	}
	if n := len(inA.in()); n != 0 {
		t.Errorf("%d of the other's notices are shown as answers", n)
	}
}

// started is a conversation started by an agent as in life: its letter was caught, so there is a delivery, and an envelope address for reports.
type started struct {
	*chat
	bounce    string
	messageID string
}

func (p *post) started(t *testing.T, to string) *started {
	t.Helper()
	c := &chat{post: p}
	c.conv = p.Find("side_conversations", p.ada.Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": p.team.Item.Id, "to": []string{to}, "subject": "Invoice 78", "message": "Can you send it?"}).Str("id"))
	l := p.To(to, 1)[0]
	c.bob = c.participants()[0]
	c.to, c.page = c.replyTo(c.bob), c.pageOf(c.bob)
	Eventually(t, "its delivery is written down as sent", func() bool { return c.delivery(t).GetString("state") == "sent" })
	return &started{c, l.From, headerOf(t, l.Data, "Message-ID")}
}

func (c *chat) delivery(t *testing.T) *core.Record {
	t.Helper()
	for _, d := range c.All("deliveries") {
		if d.GetString("participant") == c.bob.Id {
			return d
		}
	}
	t.Fatal("no delivery")
	return nil
}

// report is a DSN as a far server writes one.
func report(address, action, status, diagnostic, messageID string) string {
	s := "--b\nContent-Type: text/plain\n\n<" + address + ">: no such user <script>alert(1)</script>\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.ext.test\n\n" +
		"Original-Recipient: rfc822; " + address + "\nFinal-Recipient: rfc822; " + address + "\nAction: " + action + "\nStatus: " + status + "\nDiagnostic-Code: smtp; " + diagnostic + "\n"
	if messageID != "" {
		s += "--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: " + messageID + "\n"
	}
	return s + "--b--"
}

const dsn = `multipart/report; report-type=delivery-status; boundary="b"`

func TestL06toL10_L12_OnlyAReportToItsOwnAddressAboutItsOwnRecipientCounts(t *testing.T) {
	p := newPost(t)
	n := 0
	next := func(t *testing.T) (*started, string) {
		n++
		address := fmt.Sprintf("bob%d@ext.test", n)
		return p.started(t, address), address
	}
	hard := "550 5.1.1 no such user <script>alert(1)</script>"
	send := func(t *testing.T, s *started, to, body string) {
		t.Helper()
		if code, said := p.send(letter{from: "MAILER-DAEMON@mx.none.test", mailFrom: "<>", to: to, id: "<report@mx.ext.test>", subject: "Undelivered Mail Returned to Sender", kind: dsn, body: body}); code != 250 {
			t.Fatalf("%d %s", code, said)
		}
	}
	state := func(s *started, t *testing.T) string {
		return s.delivery(t).GetString("state") + " " + p.Find("participants", s.bob.Id).GetString("state")
	}
	unchanged := func(t *testing.T, s *started, why string) {
		t.Helper()
		if got := state(s, t); got != "sent active" {
			t.Errorf("it changed to %s", got)
		}
		if held := s.held(); len(held) != 1 || held[0].GetString("reason") != "bounce_unparsed" || !strings.Contains(held[0].GetString("words"), why) {
			t.Errorf("held %v", facts(held))
		}
		if len(s.in()) != 0 {
			t.Errorf("shown in the thread")
		}
	}
	t.Run("L-06 failed for good", func(t *testing.T) {
		s, address := next(t)
		for range 2 { // a report may come twice
			send(t, s, s.bounce, report(address, "failed", "5.1.1", hard, s.messageID))
		}
		d := s.delivery(t)
		if state(s, t) != "bounced bounced" || !strings.Contains(d.GetString("response"), "5.1.1") || !strings.Contains(d.GetString("response"), "<script>") {
			t.Errorf("%s: %s", state(s, t), fields(d))
		}
		if steps := strings.Count(d.GetString("timeline"), `"bounced"`); steps != 1 {
			t.Errorf("%d steps for one report", steps)
		}
		if len(s.held()) != 0 || len(s.in()) != 0 {
			t.Errorf("it is shown as well")
		}
		var raw []byte
		if err := p.DB().NewQuery("SELECT raw FROM letters WHERE id > '" + d.Id + ".'  AND id < '" + d.Id + "/'").Row(&raw); err != nil || !bytes.Contains(raw, []byte("Reporting-MTA")) {
			t.Errorf("the report itself is not kept: %v", err)
		}
	})
	t.Run("L-06 failed for now", func(t *testing.T) {
		s, address := next(t)
		send(t, s, s.bounce, report(address, "failed", "4.2.2", "452 4.2.2 mailbox full", s.messageID))
		if got := state(s, t); got != "bounced active" {
			t.Errorf("got %s", got)
		}
	})
	for action, status := range map[string]string{"delayed": "4.4.1", "delivered": "2.0.0", "relayed": "2.0.0", "expanded": "2.0.0"} {
		t.Run("L-06 "+action+" is information", func(t *testing.T) {
			s, address := next(t)
			send(t, s, s.bounce, report(address, action, status, "250 fine", s.messageID))
			if got := state(s, t); got != "sent active" || len(s.held()) != 0 || !strings.Contains(s.delivery(t).GetString("timeline"), "250 fine") {
				t.Errorf("%s, held %v, %s", got, facts(s.held()), s.delivery(t).GetString("timeline"))
			}
		})
	}
	t.Run("L-06 of several recipients only ours counts", func(t *testing.T) {
		s, address := next(t)
		two := strings.Replace(report(address, "delivered", "2.0.0", "250 fine", s.messageID), "\n--b\nContent-Type: text/rfc822-headers", "\n\nFinal-Recipient: rfc822; other@ext.test\nAction: failed\nStatus: 5.1.1\n--b\nContent-Type: text/rfc822-headers", 1)
		send(t, s, s.bounce, two)
		if got := state(s, t); got != "sent active" {
			t.Errorf("somebody else's failure became ours: %s", got)
		}
	})
	t.Run("L-06 an internationalized report", func(t *testing.T) {
		s, address := next(t)
		body := strings.ReplaceAll(strings.Replace(report(address, "failed", "5.1.1", hard, s.messageID), "message/delivery-status", "message/global-delivery-status", 1), "rfc822; "+address, "utf-8; "+address)
		send(t, s, s.bounce, body)
		if got := state(s, t); got != "bounced bounced" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("L-07 to the reply address", func(t *testing.T) {
		s, address := next(t)
		send(t, s, s.to, report(address, "failed", "5.1.1", hard, s.messageID))
		unchanged(t, s, "did not come to the address for such reports")
	})
	t.Run("L-07 to its address, about another letter", func(t *testing.T) {
		s, address := next(t)
		send(t, s, s.bounce, report(address, "failed", "5.1.1", hard, "<another@in.test>"))
		unchanged(t, s, "another letter")
	})
	t.Run("L-08 about somebody else", func(t *testing.T) {
		s, _ := next(t)
		send(t, s, s.bounce, report("someoneelse@ext.test", "failed", "5.1.1", hard, s.messageID))
		unchanged(t, s, "somebody else")
	})
	t.Run("L-09 not a report at all", func(t *testing.T) {
		s, _ := next(t)
		if code, _ := p.send(letter{from: "postmaster@mx.ext.test", mailFrom: "<>", to: s.bounce, subject: "hm", body: "Something about your letter of yesterday."}); code != 250 {
			t.Fatal(code)
		}
		unchanged(t, s, "not a report that can be read")
	})
	t.Run("L-10 hostile words stay words", func(t *testing.T) {
		s, address := next(t)
		send(t, s, s.bounce, report(address, "failed", "5.7.1", `550 5.7.1 <img src=x onerror=alert(1)> "><script>alert(2)</script>`, s.messageID))
		for _, field := range s.delivery(t).Collection().Fields {
			if field.Type() == core.FieldTypeEditor {
				t.Errorf("X-11: %s is shown as HTML in the dashboard", field.GetName())
			}
		}
	})
	t.Run("L-12 reported as spam", func(t *testing.T) {
		s, address := next(t)
		body := "--b\nContent-Type: text/plain\n\nspam\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x\nVersion: 1\nOriginal-Rcpt-To: <" + address + ">\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: " + s.messageID + "\n--b--"
		if code, _ := p.send(letter{from: "fbl@ext.test", sign: "ext.test", to: s.bounce, kind: "multipart/report; report-type=feedback-report; boundary=b", body: body}); code != 250 {
			t.Fatal(code)
		}
		if got := state(s, t); got != "sent active" || !strings.Contains(strings.Join(p.log(), "\n"), address+" was reported as spam") {
			t.Errorf("%s, log %v", got, p.log())
		}
	})
	if letters := len(p.MX.Letters()); letters != n {
		t.Errorf("%d letters left, want the %d that were started", letters, n)
	}
}

func TestX11_NothingAStrangerWroteIsAnHTMLFieldInTheDashboard(t *testing.T) {
	a := NewApp(t)
	collections, err := a.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range collections {
		for _, f := range c.Fields {
			if f.Type() == core.FieldTypeEditor {
				t.Errorf("%s.%s", c.Name, f.GetName())
			}
		}
	}
}

func TestL13_UnknownAddressesAreRefusedInTheSessionAndNothingIsSentBack(t *testing.T) {
	p := newPost(t)
	for i := range 40 {
		if got := p.rcpt(fmt.Sprintf("127.0.2.%d", i+1), fmt.Sprintf("reply+%d@in.test", i)); got != unknown {
			t.Fatal(got)
		}
	}
	if n := len(p.All("deliveries")) + len(p.MX.Letters()) + len(p.All("held_mail")); n != 0 {
		t.Errorf("%d letters or rows", n)
	}
}

func TestL05_OurOwnLetterComesBack(t *testing.T) {
	p := newPost(t)
	s := p.started(t, "bob@ext.test")
	raw := p.To("bob@ext.test", 1)[0].Data
	signer, err := mailauth.LoadSigner(filepath.Join(p.Dir(), "keys", "dkim"), MailDomain)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range signer.Records() { // our keys in DNS: now it is really ours
		p.DNS.TXT(name, value)
	}
	before := s.outside()
	if code, _ := p.deliver(letter{to: s.to, ip: nowhere, mailFrom: s.bounce}, raw); code != 250 {
		t.Errorf("got %d", code)
	}
	if held := s.held(); len(held) != 1 || held[0].GetString("reason") != "loop" || len(s.in()) != 0 || s.outside() != before {
		t.Errorf("held %v, shown %v", facts(held), facts(s.in()))
	}
}

func TestL14toL17_RepeatsAndAbsurdIds(t *testing.T) {
	p := newPost(t)
	t.Run("L-14 the same Message-ID with other content", func(t *testing.T) {
		c := p.chat()
		c.expect(t, letter{from: fromBob, sign: "ext.test", id: "<one@ext.test>", body: "First words."}, want{trust: "verified", portal: true, noWarn: "same Message-ID"})
		c.expect(t, letter{from: fromBob, sign: "ext.test", id: "<one@ext.test>", body: "Other words."}, want{trust: "verified", portal: true, warn: "same Message-ID", several: 2})
		p.chat().expect(t, letter{from: fromBob, sign: "ext.test", id: "<one@ext.test>", body: "First words."}, want{trust: "verified", portal: true, noWarn: "same Message-ID"})
	})
	for name, id := range map[string]string{"none": " ", "empty": "<>", "1.5 KB": "<" + strings.Repeat("a", 1_500) + "@ext.test>", "folded": "<a\n b@ext.test>", "not ASCII": "<grüße@ext.test>", "no brackets": "abc", "two": "<a@b> <c@d>"} {
		t.Run("L-15 a Message-ID that is "+name, func(t *testing.T) {
			c := p.chat()
			l := letter{from: fromBob, sign: "ext.test", id: id, body: "Absurd " + name + "."}
			c.expect(t, l, want{trust: "verified", portal: true})
			c.expect(t, l, want{trust: "verified", portal: true, silent: true})
			p.ada.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": c.conv.Id, "body": "Answer to " + name})
			Eventually(t, "the answer leaves", func() bool {
				letters := p.MX.Letters()
				return len(letters) > 0 && strings.Contains(string(letters[len(letters)-1].Data), "Answer to "+name)
			})
			for line := range strings.SplitSeq(string(p.MX.Letters()[len(p.MX.Letters())-1].Data), "\r\n") {
				if len(line) > 998 {
					t.Errorf("a line of %d octets leaves", len(line))
				}
			}
		})
	}
	t.Run("L-15 a Message-ID that is ours", func(t *testing.T) {
		c := p.chat()
		c.expect(t, letter{from: fromBob, sign: "ext.test", id: "<ours-" + c.conv.Id + "@in.test>"}, want{trust: "verified", portal: true, warn: "same Message-ID"})
	})
	t.Run("L-16 the order is ours, whatever Date says", func(t *testing.T) {
		c := p.chat()
		for i, date := range []string{"Date: Fri, 01 Jan 2099 00:00:00 +0000", "Date: Thu, 01 Jan 1970 00:00:00 +0000", "Date: garbage"} {
			c.expect(t, letter{from: fromBob, sign: "ext.test", headers: "from:to:subject", body: fmt.Sprintf("Number %d.", i),
				mangle: func(raw []byte) []byte {
					return bytes.Replace(raw, []byte("Date: Tue, 24 Nov 2026 10:00:00 +0000"), []byte(date), 1)
				}}, want{trust: "verified", portal: true, several: i + 1})
		}
		page := string(p.Guest().Must(200, "GET", c.page, nil).Body)
		if !(strings.Index(page, "Number 0.") < strings.Index(page, "Number 1.") && strings.Index(page, "Number 1.") < strings.Index(page, "Number 2.")) {
			t.Errorf("out of order:\n%s", page)
		}
	})
}
