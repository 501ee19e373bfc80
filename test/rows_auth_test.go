package test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"aside/test/fake"
)

// The rows of threats.md 2.4 that need the whole program: from the SMTP door to what agents and outsiders see.

const (
	fromBob      = "Bob Vendor <bob@ext.test>"
	homograph    = "e\u0445t.test" // the x is Cyrillic
	homographIDN = "xn--et-0mc.test"
)

func TestA01toA04_AFromLineIsNotBelieved(t *testing.T) {
	p := newPost(t)
	quar := func() *chat { return p.chatWith("Bob Vendor", "bob@quar.test") }
	open := func() *chat { return p.chatWith("Bob Vendor", "bob@open.test") }
	none := func() *chat { return p.chatWith("Bob Vendor", "bob@none.test") }
	for name, c := range map[string]struct {
		chat *chat
		l    letter
		w    want
	}{
		"the honest letter of the same person": {p.chat(), letter{from: fromBob, sign: "ext.test"}, want{trust: "verified", portal: true, words: "Signed by ext.test"}},
		"sent by their own machine, unsigned":  {p.chat(), letter{from: fromBob, ip: "127.0.0.2", mailFrom: "bob@ext.test"}, want{trust: "verified", portal: true, words: "a machine of ext.test"}},
		"A-01 spoofed, p=reject":               {p.chat(), letter{from: fromBob}, want{code: 550, said: "ext.test asks"}},
		"A-01 their envelope, another machine": {p.chat(), letter{from: fromBob, mailFrom: "bob@ext.test"}, want{code: 550}},
		"A-02 spoofed, p=quarantine":           {quar(), letter{from: "Bob <bob@quar.test>"}, want{held: "dmarc_quarantine", words: "quar.test asks"}},
		"A-03 spoofed, p=none":                 {open(), letter{from: "Bob <bob@open.test>"}, want{trust: "unverified", words: "Could not verify that this is from Bob Vendor"}},
		"A-03 spoofed, no record at all":       {none(), letter{from: "Bob <bob@none.test>"}, want{trust: "unverified", words: "Could not verify that this is from Bob Vendor"}},
		"A-04 signed by another, p=reject":     {p.chat(), letter{from: fromBob, sign: "attacker.test"}, want{code: 550}},
		"A-04 signed by another, p=quarantine": {quar(), letter{from: "Bob <bob@quar.test>", sign: "attacker.test"}, want{held: "dmarc_quarantine"}},
		"A-04 signed by another, p=none":       {open(), letter{from: "Bob <bob@open.test>", sign: "attacker.test"}, want{trust: "unverified", words: "attacker.test, which does not speak for open.test"}},
		"A-21 another Sender and envelope are information only": {p.chat(), letter{from: fromBob, sign: "ext.test", mailFrom: "bounces@attacker.test", top: []string{"Sender: x@attacker.test", "Return-Path: <y@attacker.test>"}},
			want{trust: "verified", portal: true}},
		"A-21 Sender and Resent-From never stand in for From": {p.chat(), letter{from: "x@attacker.test", sign: "attacker.test", top: []string{"Sender: bob@ext.test", "Resent-From: bob@ext.test"}}, want{trust: "other_sender"}},
	} {
		t.Run(name, func(t *testing.T) { c.chat.expect(t, c.l, c.w) })
	}
}

func TestA05_AlignmentRelaxedAndStrict(t *testing.T) {
	p := newPost(t)
	p.domain("mail.ext.test", "127.0.0.20", "v=DMARC1; p=reject")
	p.domain("mail.strict.test", "127.0.0.21", "v=DMARC1; p=none")
	p.chat().expect(t, letter{from: fromBob, sign: "mail.ext.test", ip: "127.0.0.20"}, want{trust: "verified", portal: true})
	p.chatWith("Bob", "bob@strict.test").expect(t, letter{from: "bob@strict.test", sign: "mail.strict.test", ip: "127.0.0.21"}, want{trust: "unverified"})
	p.chatWith("Bob", "bob@strict.test").expect(t, letter{from: "bob@strict.test", sign: "strict.test"}, want{trust: "verified", portal: true})
}

func TestA07toA09_FromIsOneAddressReadOneWay(t *testing.T) {
	p := newPost(t)
	base64Bob := "=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte("bob@ext.test")) + "?="
	first := func(line string) func([]byte) []byte {
		return func(raw []byte) []byte { return append([]byte(line+"\r\n"), raw...) }
	}
	signedByAttacker := func(top string) letter {
		return letter{from: "x@attacker.test", sign: "attacker.test", mangle: first(top)}
	}
	for name, c := range map[string]struct {
		l letter
		w want
	}{
		"A-07 an IP literal":                  {letter{from: "a@[192.0.2.1]"}, want{code: 550}},
		"A-07 a single label":                 {letter{from: "bob@localhost"}, want{trust: "unverified"}},
		"A-07 no domain":                      {letter{from: "a@"}, want{code: 550}},
		"A-08 the evil From on top":           {signedByAttacker("From: Bob <bob@ext.test>"), want{code: 550, said: "more than one From"}},
		"A-08 the evil From below":            {letter{from: "x@attacker.test", sign: "attacker.test", extra: []string{"From: Bob <bob@ext.test>"}}, want{code: 550, said: "more than one From"}},
		"A-08b a space before the first From": {signedByAttacker(" From: bob@ext.test"), want{code: 550}},
		"A-08b a space before the colon":      {signedByAttacker("From : bob@ext.test"), want{code: 550}},
		"A-08b a fold before the colon":       {signedByAttacker("From\r\n : bob@ext.test"), want{code: 550}},
		"A-08b NUL in the name":               {signedByAttacker("From\x00: bob@ext.test"), want{code: 554}},
		"A-08b 8-bit in the name":             {signedByAttacker("Fr\xf6m: bob@ext.test"), want{code: 550}},
		"A-08 two addresses in one From":      {letter{from: "x@attacker.test, bob@ext.test", sign: "attacker.test"}, want{code: 550}},
		"A-08 a group":                        {letter{from: "Bob: bob@ext.test;", sign: "attacker.test"}, want{code: 550}},
		"A-08 an empty From":                  {letter{from: " ", sign: "attacker.test"}, want{code: 550}},
		"A-08 no From, but a Sender":          {letter{sign: "attacker.test", headers: "to", top: []string{"Sender: bob@ext.test"}}, want{code: 550, said: "no From"}},
		"A-09 the whole address in base64":    {letter{from: base64Bob, sign: "attacker.test"}, want{code: 550}},
		"A-09 a decoded address as the name":  {letter{from: base64Bob + " <x@attacker.test>", sign: "attacker.test"}, want{trust: "other_sender", warn: "looks like another address"}},
		"A-09 a quoted pair":                  {letter{from: `b\ob@ext.test`, sign: "attacker.test"}, want{code: 550}},
		"A-09 a route":                        {letter{from: "<@attacker.test:bob@ext.test>", sign: "attacker.test"}, want{code: 550}},
		"A-09 text behind the address":        {letter{from: "<x@attacker.test> bob@ext.test", sign: "attacker.test"}, want{code: 550}},
		"A-09 a list without names":           {letter{from: "x@attacker.test,<bob@ext.test>", sign: "attacker.test"}, want{code: 550}},
		"A-09 an address in a comment":        {letter{from: "(bob@ext.test) x@attacker.test", sign: "attacker.test"}, want{trust: "other_sender", warn: "looks like another address"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := p.chat().expect(t, c.l, c.w)
			if m != nil && (m.GetString("fromEmail") == "bob@ext.test" || m.GetString("participant") == "") {
				t.Errorf("it is shown as from %s", m.GetString("fromEmail"))
			}
		})
	}
}

func TestA10_ABodyPartThatIsNotSignedCountsForNothing(t *testing.T) {
	p := newPost(t)
	evil := func(raw []byte) []byte { return append(raw, "<script>alert(1)</script> pay to the new account\r\n"...) }
	for name, c := range map[string]struct {
		chat *chat
		l    letter
		w    want
	}{
		"appended, p=reject":           {p.chat(), letter{from: fromBob, sign: "ext.test", ip: nowhere, body: "Do as agreed, 4711.", length: 21, mangle: evil}, want{code: 550}},
		"nothing appended, but l= set": {p.chat(), letter{from: fromBob, sign: "ext.test", ip: nowhere, body: "Do as agreed, 4712.", length: 20}, want{code: 550}},
		"appended, p=none":             {p.chatWith("Bob", "bob@open.test"), letter{from: "bob@open.test", sign: "open.test", ip: nowhere, body: "Do as agreed, 4711.", length: 21, mangle: evil}, want{trust: "unverified", words: "does not count"}},
	} {
		t.Run(name, func(t *testing.T) { c.chat.expect(t, c.l, c.w) })
	}
}

func TestA15andA16_WhatIsNotSignedIsSaidAndWhatIsAddedCapsTheTrust(t *testing.T) {
	p := newPost(t)
	twice := func(line string) func([]byte) []byte {
		return func(raw []byte) []byte { return append([]byte(line+"\r\n"), raw...) }
	}
	for name, c := range map[string]struct {
		l letter
		w want
	}{
		"A-15 Subject and Content-Type unsigned": {letter{from: fromBob, sign: "ext.test", headers: "from:to:date"}, want{trust: "verified", portal: true, warn: "leaves out a part"}},
		"A-15 From unsigned":                     {letter{from: fromBob, sign: "ext.test", ip: nowhere, headers: "to:subject:date"}, want{code: 550}},
		"A-16 a second Subject on top":           {letter{from: fromBob, sign: "ext.test", mangle: twice("Subject: pay now")}, want{trust: "unverified", words: "twice"}},
		"A-16 a second Content-Type on top":      {letter{from: fromBob, sign: "ext.test", mangle: twice("Content-Type: multipart/mixed; boundary=z")}, want{trust: "unverified", words: "twice"}},
		"A-16 a second To on top":                {letter{from: fromBob, sign: "ext.test", mangle: twice("To: x@y.test")}, want{trust: "unverified", words: "twice"}},
		"A-16 a second Subject, oversigned":      {letter{from: fromBob, sign: "ext.test", ip: nowhere, headers: "from:to:subject:subject:date", mangle: twice("Subject: pay now")}, want{code: 550}},
	} {
		t.Run(name, func(t *testing.T) { p.chat().expect(t, c.l, c.w) })
	}
}

func TestA18_AReplayIsShownOnce(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	l := letter{from: fromBob, sign: "ext.test", to: c.to, body: "The very same letter."}
	raw := p.bytes(l)
	for range 3 {
		if code, said := p.deliver(l, raw); code != 250 {
			t.Fatalf("%d %s", code, said)
		}
	}
	if code, _ := p.deliver(letter{to: c.to, ip: nowhere, mailFrom: "x@attacker.test"}, append([]byte("Received: from attacker\r\n"), raw...)); code != 250 { // by somebody else, with another trace
		t.Fatal("a replay with a valid signature is no reason to refuse")
	}
	if n := len(c.in()); n != 1 {
		t.Fatalf("shown %d times", n)
	}
	if n := len(p.All("notifications")); n != 1 {
		t.Fatalf("%d notifications", n)
	}
}

func TestA19_AGenuineLetterSentOnToAnotherConversationIsNotAnAnswerThere(t *testing.T) {
	p := newPost(t)
	a := p.chat()
	addCc := func(to string) func([]byte) []byte {
		return func(raw []byte) []byte { return append([]byte("Cc: "+to+"\r\n"), raw...) }
	}
	const words = "nothing shows that the letter was addressed to this conversation"
	for name, make := range map[string]func(b *chat) (letter, want){
		"its To is another conversation's": func(*chat) (letter, want) {
			return letter{from: fromBob, sign: "ext.test", ip: nowhere, to: a.to}, want{trust: "other_sender", words: words}
		},
		"its To is somebody else's": func(*chat) (letter, want) {
			return letter{from: fromBob, sign: "ext.test", ip: nowhere, to: "friend@mail.test"}, want{trust: "other_sender", words: words}
		},
		"it has no To": func(*chat) (letter, want) {
			return letter{from: fromBob, sign: "ext.test", ip: nowhere, to: " "}, want{trust: "other_sender", words: words}
		},
		"the address was put into an unsigned Cc on the way": func(b *chat) (letter, want) {
			return letter{from: fromBob, sign: "ext.test", ip: nowhere, to: a.to, headers: "from:to:subject:date", mangle: addCc(b.to)}, want{trust: "other_sender", words: words}
		},
		"the To was never signed": func(b *chat) (letter, want) {
			return letter{from: fromBob, sign: "ext.test", ip: nowhere, to: b.to, headers: "from:subject:date"}, want{trust: "other_sender", words: words}
		},
		"an attacker's own signature covers the To it changed": func(b *chat) (letter, want) {
			return letter{from: fromBob, sign: "ext.test", ip: nowhere, to: b.to, headers: "from:subject:date", mangle: func(raw []byte) []byte {
				return p.signed(raw, letter{sign: "attacker.test"})
			}}, want{trust: "other_sender", words: words}
		},
		"the signed To is ours: an answer": func(b *chat) (letter, want) {
			return letter{from: fromBob, sign: "ext.test", ip: nowhere, to: b.to}, want{trust: "verified", portal: true}
		},
		"the signed Cc is ours: an answer": func(b *chat) (letter, want) {
			return letter{from: fromBob, sign: "ext.test", ip: nowhere, to: "friend@mail.test", cc: b.to}, want{trust: "verified", portal: true}
		},
		"the To is not signed, but Bob's own machine hands it over": func(b *chat) (letter, want) {
			return letter{from: fromBob, sign: "ext.test", to: b.to, headers: "from:subject:date"}, want{trust: "verified", portal: true}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := p.chat()
			l, w := make(b)
			l.rcpt = []string{b.to}
			b.expect(t, l, w)
		})
	}
	if n := len(a.in()); n != 0 {
		t.Errorf("%d messages in the conversation that nothing was sent to", n)
	}
}

func TestA20_ReplyToIsAWarningAndNothingElse(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	c.expect(t, letter{from: fromBob, sign: "ext.test", extra: []string{"Reply-To: evil@attacker.test"}, headers: "from:to:subject:reply-to:date:content-type"},
		want{trust: "verified", portal: true, warn: "asks for answers to evil@attacker.test"})
	p.ada.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": c.conv.Id, "body": "Thanks!"})
	p.To("bob@ext.test", 1)
	for _, l := range p.MX.Letters() {
		if l.To[0] != "bob@ext.test" || strings.Contains(string(l.Data), "evil@") {
			t.Errorf("a letter went to %v:\n%s", l.To, l.Data)
		}
	}
}

func TestA22andA23_NamesAndLettersThatLookLikeSomebodyElse(t *testing.T) {
	p := newPost(t)
	p.domain(homographIDN, "127.0.0.9", "v=DMARC1; p=reject")
	p.domain("xn--bcher-kva.test", "127.0.0.9", "v=DMARC1; p=reject")
	for name, c := range map[string]struct {
		from, sign   string
		warn, noWarn string
		email        string
	}{
		"A-22 an address as the name":                     {`"ceo@bank.test" <x@attacker.test>`, "attacker.test", "looks like another address", "", "x@attacker.test"},
		"A-22 the name of an agent":                       {`"Ada Agent" <x@attacker.test>`, "attacker.test", "like your team, but comes from x@attacker.test", "", "x@attacker.test"},
		"A-22 the name of an agent in other letters":      {"=?utf-8?q?=D0=90d=D0=B0_Agent?= <x@attacker.test>", "attacker.test", "like your team", "", "x@attacker.test"},
		"A-22 the name of the project":                    {`"ACME  Hardware" <x@attacker.test>`, "attacker.test", "like your team", "", "x@attacker.test"},
		"A-22 the name of the participant":                {`"Bob Vendor" <bob@attacker.test>`, "attacker.test", "like somebody on this conversation, but comes from bob@attacker.test", "", "bob@attacker.test"},
		"a name of their own is no reason to warn":        {`"Carl Clerk" <carl@mail.test>`, "mail.test", "", "calls itself", "carl@mail.test"},
		"the agent's own address may have their name":     {`"Ada Agent" <ada@acme.test>`, "acme.test", "", "calls itself", "ada@acme.test"},
		"A-23 the participant's domain with a Cyrillic x": {"bob@" + homograph, homographIDN, homographIDN + ", looks like ext.test but is another one", "", "bob@" + homographIDN},
		"A-23 an honest foreign domain":                   {"post@b\u00fccher.test", "xn--bcher-kva.test", "reads “bücher.test”", "mixes", "post@xn--bcher-kva.test"},
		"A-23 bidi and invisible characters in the name":  {"=?utf-8?q?Bob=E2=80=AE_Ven=E2=80=8Bdor?= <x@attacker.test>", "attacker.test", "like somebody on this conversation", "\u202e", "x@attacker.test"},
	} {
		t.Run(name, func(t *testing.T) {
			m := p.chat().expect(t, letter{from: c.from, sign: c.sign, ip: nowhere}, want{trust: "other_sender", warn: c.warn, noWarn: c.noWarn})
			if m == nil {
				return
			}
			if m.GetString("fromEmail") != c.email || strings.ContainsAny(m.GetString("fromName"), "\u202e\u200b") {
				t.Errorf("shown as %q <%s>", m.GetString("fromName"), m.GetString("fromEmail"))
			}
		})
	}
	t.Run("A-23 a fullwidth dot is a dot, and proves nothing", func(t *testing.T) {
		p.chat().expect(t, letter{from: "bob@ext\uff0etest", sign: "attacker.test"}, want{code: 550})
	})
}

func TestA24_CaseIsNoDifferenceAndATagIs(t *testing.T) {
	p := newPost(t)
	p.chat().expect(t, letter{from: "BOB@EXT.TEST", sign: "ext.test"}, want{trust: "verified", portal: true})
	p.chat().expect(t, letter{from: "bob+x@ext.test", sign: "ext.test"}, want{trust: "other_sender"})
	p.chat().expect(t, letter{from: "b.ob@ext.test", sign: "ext.test"}, want{trust: "other_sender"})
	p.chatWith("Sam", "sam@ext.test").expect(t, letter{from: "\u017fam@ext.test", sign: "ext.test"}, want{trust: "other_sender", warn: "can be mistaken"}) // ſ folds to s
}

func TestA25andA26_AnAgentSaysWhoItIsAndUntilThenNothingHappens(t *testing.T) {
	p := newPost(t)
	t.Run("A-25 the participant under another address", func(t *testing.T) {
		c := p.chat()
		m := c.expect(t, letter{from: "Bob Vendor <bob@mail.test>", sign: "mail.test", body: "From my private address."}, want{trust: "other_sender", words: "through Bob Vendor’s reply address"})
		before := len(p.MX.Letters())
		p.As(p.team.Viewer).Must(403, "POST", "/api/side-messages/"+m.Id+"/accept", map[string]any{"as": "alias"})
		p.As(p.team.Stranger).Must(404, "POST", "/api/side-messages/"+m.Id+"/accept", map[string]any{"as": "alias"})
		p.ada.Must(200, "POST", "/api/side-messages/"+m.Id+"/accept", map[string]any{"as": "alias"})
		p.ada.Must(200, "POST", "/api/side-messages/"+m.Id+"/accept", map[string]any{"as": "alias"}) // once is once
		bob := p.Find("participants", c.bob.Id)
		if bob.GetString("aliases") != `["bob@mail.test"]` || bob.GetString("email") != "bob@ext.test" {
			t.Errorf("aliases %s of %s", bob.GetString("aliases"), bob.GetString("email"))
		}
		if page := p.Guest().Must(200, "GET", c.page, nil); !strings.Contains(string(page.Body), "From my private address.") {
			t.Errorf("accepted, and still not shown")
		}
		c.expect(t, letter{from: "bob@mail.test", sign: "mail.test"}, want{trust: "verified", portal: true, several: 2})
		c.expect(t, letter{from: "Bob Vendor <bob@mail.test>", sign: "mail.test"}, want{trust: "verified", portal: true, several: 3, noWarn: "calls itself"})
		c.expect(t, letter{from: "bob@mail.test"}, want{code: 550, several: 3})
		if len(p.MX.Letters()) != before || !c.logged("Ada Agent said that bob@mail.test is Bob Vendor") {
			t.Errorf("%d letters, log %v", len(p.MX.Letters()), c.log())
		}
	})
	t.Run("A-26 a third person", func(t *testing.T) {
		c := p.chat()
		m := c.expect(t, letter{from: "Carol <carol@ext.test>", sign: "ext.test", body: "I read this in Cc."}, want{trust: "other_sender"})
		p.ada.Must(200, "POST", "/api/side-messages/"+m.Id+"/accept", map[string]any{"as": "participant"})
		added := 0
		for _, q := range p.All("participants") {
			if q.GetString("conversation") == c.conv.Id && q.GetString("email") == "carol@ext.test" {
				added++
			}
		}
		if added != 1 || !c.logged("Ada Agent added Carol to a side conversation") || len(p.MX.Letters()) != 0 {
			t.Errorf("added %d times, log %v, %d letters", added, c.log(), len(p.MX.Letters()))
		}
	})
	t.Run("shown once, and nothing is said of who it is", func(t *testing.T) {
		c := p.chat()
		m := c.expect(t, letter{from: "carol@ext.test", sign: "ext.test", body: "Just this."}, want{trust: "other_sender"})
		before := c.outside()
		p.ada.Must(200, "POST", "/api/side-messages/"+m.Id+"/accept", map[string]any{"as": "message"})
		if after := c.outside(); after != before || !c.logged("Ada Agent accepted an answer of carol@ext.test") {
			t.Errorf("accepting one message changed\n%s\n%s", before, after)
		}
	})
	t.Run("the customer cannot become a participant by a click, nor an alias at all", func(t *testing.T) {
		c := p.chat()
		m := c.expect(t, letter{from: "Carla Customer <carla@customer.test>", sign: "customer.test", body: "Somebody forwarded this."}, want{trust: "other_sender"})
		res := p.ada.Must(400, "POST", "/api/side-messages/"+m.Id+"/accept", map[string]any{"as": "participant"})
		if !strings.Contains(res.Str("data.confirmSubmitter.message"), "is the customer on this item") {
			t.Errorf("got %s", res.Body)
		}
		p.ada.Must(400, "POST", "/api/side-messages/"+m.Id+"/accept", map[string]any{"as": "alias"})
		if m := p.Find("side_messages", m.Id); m.GetBool("accepted") {
			t.Errorf("refused, and still accepted")
		}
	})
	t.Run("a machine's address cannot be written to", func(t *testing.T) {
		c := p.chat()
		m := c.expect(t, letter{from: `"a b"@mail.test`, sign: "mail.test", body: "A letter with an odd address."}, want{trust: "other_sender"})
		p.ada.Must(400, "POST", "/api/side-messages/"+m.Id+"/accept", map[string]any{"as": "participant"})
		if n := len(c.participants()); n != 1 {
			t.Errorf("%d participants", n)
		}
	})
}

func TestA27_WhoIsNamedInCcIsSuggestedAndNotAdded(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	m := c.expect(t, letter{from: fromBob, sign: "ext.test", cc: "evil@attacker.test, carol@ext.test"}, want{trust: "verified", portal: true, warn: "Also addressed to evil@attacker.test."})
	if !hasWarning(m, "Also addressed to carol@ext.test.") || hasWarning(m, "reply+") {
		t.Errorf("warnings %v", warnings(m))
	}
	many := make([]string, 1000)
	for i := range many {
		many[i] = fmt.Sprintf("p%d@attacker.test", i)
	}
	d := p.chat()
	m = d.expect(t, letter{from: fromBob, sign: "ext.test", extra: []string{"Cc: " + strings.Join(many, ",\n ")}}, want{trust: "verified", portal: true, warn: "p0@attacker.test"})
	if n := len(warnings(m)); n > 20 {
		t.Errorf("%d warnings", n)
	}
}

func TestA28_MailingListsThatChangeALetter(t *testing.T) {
	p := newPost(t)
	footer := func(raw []byte) []byte { return append(raw, "-- \r\nlist footer\r\n"...) }
	p.chat().expect(t, letter{from: fromBob, sign: "ext.test", ip: "127.0.0.7", mailFrom: "bounces@list.test", mangle: footer, extra: []string{"List-Id: <l.list.test>"}}, want{code: 550})
	p.chatWith("Bob", "bob@open.test").expect(t, letter{from: "bob@open.test", sign: "open.test", ip: "127.0.0.7", mailFrom: "bounces@list.test", mangle: footer, extra: []string{"List-Id: <l.list.test>"}},
		want{trust: "unverified", words: "broke on the way", warn: "through a mailing list"})
	p.chat().expect(t, letter{from: "Bob Vendor via List <l@list.test>", sign: "list.test", extra: []string{"List-Id: <l.list.test>"}}, want{trust: "other_sender", warn: "through a mailing list"})
}

func TestA32_WhenDNSIsSilentTheLetterComesAgainAndIsNeverRefusedForGood(t *testing.T) {
	p := newPost(t)
	for i, name := range []string{"_dmarc.%s", "s1._domainkey.%s", "%s"} {
		t.Run(fmt.Sprintf(name, "the domain")+" cannot be asked for", func(t *testing.T) {
			domain := fmt.Sprintf("silent%d.test", i)
			p.domain(domain, "127.0.0.30", "v=DMARC1; p=reject")
			c := p.chatWith("Bob", "bob@"+domain)
			l := letter{from: "bob@" + domain, to: c.to, sign: domain, ip: nowhere, mailFrom: "bob@" + domain, body: "Is it there?"}
			if i == 2 { // SPF is all that could vouch
				l.sign = ""
			}
			raw := p.bytes(l)
			p.DNS.Fault(fmt.Sprintf(name, domain), fake.ServFail)
			before := c.outside() + everything(p.App)
			for range 3 {
				if code, said := p.deliver(l, raw); code != 451 || strings.Contains(said, domain) {
					t.Fatalf("got %d %s, want 451", code, said)
				}
			}
			if after := c.outside() + everything(p.App); after != before {
				t.Fatalf("451, and still stored something")
			}
			if code, said := p.deliver(l, raw); code != 250 {
				t.Fatalf("the fourth time: %d %s", code, said)
			}
			m := c.in()
			if len(m) != 1 || m[0].GetString("trust") != "unverified" || m[0].GetBool("accepted") || !strings.Contains(m[0].GetString("trustReason"), "DNS") {
				t.Fatalf("got %v", facts(m))
			}
			if page := p.Guest().Must(200, "GET", c.page, nil); strings.Contains(string(page.Body), "Is it there?") {
				t.Errorf("shown to outsiders")
			}
			if code, _ := p.deliver(l, raw); code != 250 || len(c.in()) != 1 {
				t.Errorf("once more it is the same letter")
			}
		})
	}
	t.Run("a signature that needs no other answer is enough", func(t *testing.T) {
		p.domain("half.test", "127.0.0.30", "v=DMARC1; p=reject")
		p.DNS.Fault("half.test", fake.ServFail) // SPF
		p.chatWith("Bob", "bob@half.test").expect(t, letter{from: "bob@half.test", sign: "half.test", ip: nowhere}, want{trust: "verified", portal: true})
	})
}

func TestA34andA35_OurOwnDomainAndOurOwnPeople(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	for name, from := range map[string]string{"somebody of ours": "Ada <ada@in.test>", "the project's address": "acme@in.test", "the participant's reply address": c.to, "no-reply": "no-reply@in.test"} {
		t.Run("A-34 "+name+", not signed by us", func(t *testing.T) { p.chat().expect(t, letter{from: from}, want{code: 550, said: "which is ours"}) })
	}
	t.Run("A-35 an agent's address to a reply address", func(t *testing.T) {
		m := p.chat().expect(t, letter{from: "Ada Agent <ada@acme.test>", sign: "acme.test"}, want{trust: "other_sender", words: "never count as the team’s"})
		if m.GetString("author") != "" || m.GetString("direction") != "in" {
			t.Errorf("it speaks for the team: %s", fields(m))
		}
	})
	t.Run("A-35 somebody in an agent's name", func(t *testing.T) { p.chat().expect(t, letter{from: "Ada Agent <ada@acme.test>"}, want{code: 550}) })
}

func TestA36_SMIMEAndPGPProveNothing(t *testing.T) {
	p := newPost(t)
	signed := "--b\n\n" + "Content-Type: text/plain\n\nSigned, it says.\n--b\nContent-Type: application/pkcs7-signature; name=smime.p7s\nContent-Transfer-Encoding: base64\n\nMIIB\n--b--"
	m := p.chatWith("Bob", "bob@none.test").expect(t, letter{from: "bob@none.test", kind: `multipart/signed; protocol="application/pkcs7-signature"; boundary=b`, body: signed}, want{trust: "unverified"})
	if m == nil || m.GetBool("accepted") {
		t.Errorf("a signature nobody checked made it trusted")
	}
	p.chatWith("Bob", "bob@none.test").expect(t, letter{from: "bob@none.test", kind: `multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b`,
		body: "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\nx\n-----END PGP MESSAGE-----\n--b--"},
		want{trust: "unverified", warn: "ncrypted"})
}

func TestA37_AConfirmationCodeSentToAReplyAddressIsNotOnThePortal(t *testing.T) {
	p := newPost(t)
	for name, l := range map[string]letter{
		"automatic by its header":     {from: "Slack <hello@slack.test>", sign: "slack.test", subject: "Your confirmation code: 123-456", extra: []string{"Auto-Submitted: auto-generated"}},
		"automatic by its address":    {from: "Slack <no-reply@slack.test>", sign: "slack.test", subject: "Your confirmation code: 123-456"},
		"with a tag in the address":   {from: "Slack <No_Reply+77@slack.test>", sign: "slack.test", subject: "Your confirmation code: 123-456"},
		"and the subject of a person": {from: "Slack <donotreply@slack.test>", sign: "slack.test", subject: "Re: invoice"},
	} {
		t.Run(name, func(t *testing.T) {
			l.body = "Your code is 123-456."
			c := p.chat()
			h := c.expect(t, l, want{held: "automatic"})
			p.ada.Must(200, "POST", "/api/held-mail/"+h.Id+"/release", map[string]any{})
			if page := p.Guest().Must(200, "GET", c.page, nil); strings.Contains(string(page.Body), "123-456") {
				t.Errorf("released is for the team; it is on the portal")
			}
		})
	}
}
