package test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aside/internal/desk"
	"aside/internal/token"

	"github.com/pocketbase/pocketbase/core"
)

// The rows of threats.md 2.6 through the door: what is over the structural budget is refused with a sentence, everything else is taken,
// kept whole and shown as well as it can be. The parser's own tests are in internal/email.

func TestM01_M02_OverTheBudgetIsRefusedWithASentence(t *testing.T) {
	p := newPost(t)
	nested := func(depth int) string {
		var b strings.Builder
		for i := range depth {
			fmt.Fprintf(&b, "--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i, i+1)
		}
		return b.String() + "text\n"
	}
	for name, c := range map[string]struct {
		kind, body, said string
	}{
		"M-01 10 000 parts":    {"multipart/mixed; boundary=b", strings.Repeat("--b\n\nx\n", 10_000), "too many parts"},
		"M-02 21 deep":         {"multipart/mixed; boundary=b0", nested(21), "too deeply"},
		"M-02 1 000 deep":      {"multipart/mixed; boundary=b0", nested(1000), "too deeply"},
		"M-02 its own outside": {"multipart/mixed; boundary=b", strings.Repeat("--b\nContent-Type: multipart/mixed; boundary=b\n\n", 1000), "too deeply"},
	} {
		t.Run(name, func(t *testing.T) {
			p.chat().expect(t, letter{from: fromBob, sign: "ext.test", kind: c.kind, body: c.body}, want{code: 554, said: c.said})
		})
	}
	m := p.chat().expect(t, letter{from: fromBob, sign: "ext.test", kind: "multipart/mixed; boundary=b0", body: nested(19)}, want{trust: "verified"})
	if m.GetString("body") != "text" {
		t.Errorf("19 deep: %q", m.GetString("body"))
	}
}

func TestM03toM16_WhateverElseIsWrongIsTakenKeptWholeAndNamed(t *testing.T) {
	p := newPost(t)
	for name, c := range map[string]struct {
		kind, body, words, warn string
		head                    []string
		files                   int
	}{
		"M-03 no boundary":               {kind: "multipart/mixed", body: "--x\nContent-Type: text/plain\n\nWords.\n--x--", words: "Words.", warn: "named no boundary"},
		"M-03 no part":                   {kind: "multipart/mixed; boundary=b", body: "Words without a part.", words: "Words without a part.", warn: "no part", files: 1},
		"M-03 not closed":                {kind: "multipart/mixed; boundary=b", body: "--b\n\nWords.", words: "Words.", warn: "not closed"},
		"M-04 an unknown charset":        {kind: "text/plain; charset=x-klingon", body: "Words \xe9.", words: "Words é.", warn: "character set"},
		"M-04 UTF-7 stays what it is":    {kind: "text/html; charset=utf-7", body: "Words +ADw-script+AD4-alert(1)", words: "+ADw-script+AD4-"},
		"M-05 damaged base64":            {kind: "text/plain", head: []string{"Content-Transfer-Encoding: base64"}, body: "V29y!!!ZHMu=", words: "Words.", warn: "base64"},
		"M-05 an unknown encoding":       {kind: "text/plain", head: []string{"Content-Transfer-Encoding: x-rot13"}, body: "Words.", words: "Words."},
		"M-06 endless encoded words":     {kind: "text/plain", body: "Words.", head: []string{"X-A: " + strings.Repeat("=?utf-8?q?a?= ", 100)}, words: "Words."},
		"M-08 text and HTML differ":      {kind: "multipart/alternative; boundary=b", body: "--b\n\nWords of the text.\n--b\nContent-Type: text/html\n\n<p style=display:none>Pay</p>\n--b--", words: "Words of the text."},
		"M-09 an external body":          {kind: "multipart/mixed; boundary=b", body: "--b\n\nWords.\n--b\nContent-Type: message/external-body; access-type=URL; URL=\"http://evil.test/\"\n\nContent-Type: text/plain\n--b--", words: "Words.", files: 1},
		"M-10 winmail.dat":               {kind: "multipart/mixed; boundary=b", body: "--b\n\nWords.\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\n\nx\x9f>\"\n--b--", words: "Words.", files: 1},
		"M-11 an invitation":             {kind: "text/calendar; method=REQUEST", body: "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Call <script>\nRRULE:FREQ=SECONDLY\nEND:VEVENT\nEND:VCALENDAR", words: "Call <script>", files: 1},
		"M-12 flowed":                    {kind: "text/plain; format=flowed; delsp=yes", body: "One \nline.", words: "Oneline."},
		"M-16 a byte order mark":         {kind: "text/plain; charset=utf-8", body: "\xef\xbb\xbfWords \xff.", words: "Words"},
		"encrypted, not to be displayed": {kind: "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", body: "x", words: "", warn: "cannot be displayed", files: 1},
	} {
		t.Run(name, func(t *testing.T) {
			q := p.chat()
			l := letter{from: fromBob, sign: "ext.test", to: q.to, kind: c.kind, body: c.body, extra: c.head}
			raw := p.bytes(l)
			if code, said := p.deliver(l, raw); code != 250 {
				t.Fatal(code, said)
			}
			in := q.in()
			if len(in) != 1 {
				t.Fatalf("%d messages, held %v", len(in), facts(q.held()))
			}
			m := in[0]
			if !strings.Contains(m.GetString("body"), c.words) || !hasWarning(m, c.warn) && c.warn != "" || len(desk.Files(m)) != c.files {
				t.Errorf("body %q, warnings %v, %d files", m.GetString("body"), warnings(m), len(desk.Files(m)))
			}
			if got, err := desk.Letter(p, m.Id); err != nil || !bytes.Equal(got, raw) {
				t.Errorf("the letter is not kept as it came: %v", err)
			}
			item := p.ada.Must(200, "GET", "/api/items/"+p.team.Item.Id, nil)
			page := q.Guest().Must(200, "GET", q.page, nil)
			if item.JSON == nil || bytes.ContainsRune(page.Body, 0) || strings.Contains(string(page.Body), "<script") {
				t.Errorf("it cannot be shown")
			}
		})
	}
}

// TestM17_APanicIsOneLettersFault makes the program panic at one letter: the sender comes again, the letter is kept for the developer,
// and the next one is taken.
func TestM17_APanicIsOneLettersFault(t *testing.T) {
	p := newPost(t)
	p.OnRecordCreate("feedback").BindFunc(func(e *core.RecordEvent) error {
		if strings.Contains(e.Record.GetString("message"), "stumble") {
			panic("a rule stumbles")
		}
		return e.Next()
	})
	c := p.chat()
	kind, body := withFiles("Content-Type: text/plain\n\nPlease stumble.", named("text/plain", "a.txt", []byte("x")))
	l := letter{from: fromBob, sign: "ext.test", to: p.team.Project.GetString("slug") + "@in.test", kind: kind, body: body}
	raw := p.bytes(l)
	for range 2 {
		if code, said := p.deliver(l, raw); code != 451 || strings.Contains(said, "stumble") {
			t.Fatalf("%d %s", code, said)
		}
	}
	if n, err := p.CountRecords("feedback"); err != nil || n != 1 || len(c.held()) != 0 {
		t.Errorf("something of it is stored: %d items %v", n, err)
	}
	dir := filepath.Join(p.Dir(), "poison")
	kept, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(kept) != 2 {
		t.Fatalf("kept: %v", kept)
	}
	for _, name := range kept {
		data, err := os.ReadFile(name)
		info, _ := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
		if strings.HasSuffix(name, ".eml") && !bytes.Equal(data, raw) || strings.HasSuffix(name, ".txt") && !bytes.Contains(data, []byte("a rule stumbles")) {
			t.Errorf("%s holds %.300q", name, data)
		}
	}
	c.expect(t, letter{from: fromBob, sign: "ext.test", body: "And an honest one."}, want{trust: "verified", portal: true})
}

// TestL06_ARealReportNeedsNoFrom: mail systems write reports from nobody, or from a bare name; only the null sender at an address for
// reports excuses them.
func TestL06_ARealReportNeedsNoFrom(t *testing.T) {
	p := newPost(t)
	for name, c := range map[string]struct {
		from, mailFrom string
		code           int
	}{
		"From: <>":               {"<>", "<>", 250},
		"a bare name":            {"MAILER-DAEMON", "<>", 250},
		"a name and nothing":     {"Mail Delivery System <>", "<>", 250},
		"no From at all":         {"", "<>", 250},
		"two From":               {"<>\nFrom: x@ext.test", "<>", 550},
		"From: <> with a sender": {"<>", "x@ext.test", 550},
	} {
		t.Run(name, func(t *testing.T) {
			d := p.New("deliveries", map[string]any{"project": p.team.Project.Id, "recipient": "bob@ext.test", "state": "sent"})
			to := "bounce+" + p.Aside.Tokens().Make(token.Bounce, d.Id, 1) + "@" + MailDomain
			l := letter{from: c.from, mailFrom: c.mailFrom, to: to, subject: "Undelivered Mail Returned to Sender", kind: "multipart/report; report-type=delivery-status; boundary=b",
				body: "--b\n\nI'm sorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.ext.test\n\nFinal-Recipient: rfc822; bob@ext.test\nAction: failed\nStatus: 5.1.1\n--b--"}
			code, said := p.send(l)
			state := p.Find("deliveries", d.Id).GetString("state")
			if code != c.code || (state == "bounced") != (c.code == 250) {
				t.Errorf("%d %s, the delivery is %s", code, said, state)
			}
		})
	}
	c := p.chat() // nobody else is excused, not even with the null sender
	if code, _ := p.send(letter{from: "<>", mailFrom: "<>", to: c.to, body: "x"}); code != 550 {
		t.Errorf("From: <> to a reply address: %d", code)
	}
}
