package email

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func draft() Draft {
	return Draft{
		From: Address{"Zo\u00eb (Support)", "agent@our.test"}, ReplyTo: Address{"", "reply+tok@in.test"}, To: []Address{{"Bob", "bob@ext.test"}, {`Joe "J" <x>`, "joe@ext.test"}},
		Subject: "Gr\u00fc\u00dfe, " + strings.Repeat("a long subject \u2603 ", 12), MessageID: "1@our.test", InReplyTo: "0@ext.test", References: []string{"0@ext.test", "00@ext.test"},
		Date: time.Date(2026, 9, 1, 10, 0, 0, 0, time.FixedZone("", 7200)), Text: "Hello\n\n.\nFrom here \n" + strings.Repeat("long ", 400) + "\n", HTML: "<p>Hello \u2603</p>\n",
		Attachments: []Attachment{{Name: "r\u00e9sum\u00e9 " + strings.Repeat("\u00e4", 60) + ".pdf", Type: "application/pdf", Data: bytes.Repeat([]byte{0, 255, '\r', '\n'}, 100)}, {Name: "a.png", Type: "image/png", Inline: true, ContentID: "c1@our.test", Data: []byte("png")}},
		Extra:       [][2]string{{"Auto-Submitted", "no"}, {"X-Note", "=?utf-8?q?a=0D=0ABcc:_e?="}},
	}
}

// wire checks what every server on the way relies on (D9).
func wire(t *testing.T, raw []byte) {
	t.Helper()
	for _, line := range strings.SplitAfter(string(raw), "\r\n") {
		body := strings.TrimSuffix(line, "\r\n")
		if len(body) > 998 || strings.ContainsAny(body, "\r\n\x00") {
			t.Errorf("line %.80q of %d bytes", body, len(body))
		}
	}
	for _, c := range raw {
		if c >= 0x80 {
			t.Fatalf("byte %#x is not 7-bit", c)
		}
	}
	if _, err := ReadHeader(raw); err != nil {
		t.Errorf("our own header is refused: %v", err)
	}
}

func TestDraftComesBackAsItWas(t *testing.T) {
	d := draft()
	raw, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	wire(t, raw)
	m := parse(t, string(raw))
	if m.From != d.From || m.ReplyTo[0] != d.ReplyTo || len(m.To) != 2 || m.To[1] != d.To[1] {
		t.Errorf("addresses: %+v %+v %+v", m.From, m.ReplyTo, m.To)
	}
	if m.Subject != strings.TrimSpace(d.Subject) || m.MessageID != d.MessageID || m.InReplyTo != d.InReplyTo || len(m.References) != 2 || !m.Date.Equal(d.Date) {
		t.Errorf("header: %q %q %q %q %v", m.Subject, m.MessageID, m.InReplyTo, m.References, m.Date)
	}
	if m.Text != d.Text || m.HTML != d.HTML || m.Kind != KindReply || len(m.Defects) != 0 {
		t.Errorf("body: %q %q %s %q", m.Text, m.HTML, m.Kind, m.Defects)
	}
	if len(m.Attachments) != 2 {
		t.Fatalf("%d attachments", len(m.Attachments))
	}
	for _, got := range m.Attachments {
		want := d.Attachments[0]
		if got.Inline {
			want = d.Attachments[1]
		}
		if got.Name != want.Name || got.Type != want.Type || got.ContentID != want.ContentID || !bytes.Equal(got.Data, want.Data) {
			t.Errorf("attachment %+v, want %+v", got, want)
		}
	}
	if got := m.Header.Get("X-Note"); strings.Contains(decodeValue(got), "\n") || decodeValue(got) != d.Extra[1][1] {
		t.Errorf("what looks like an encoded word was not kept as text: %q", got)
	}
	again, _ := d.Bytes()
	if !bytes.Equal(raw, again) {
		t.Error("the same draft gave other bytes")
	}
	for _, line := range strings.Split(string(raw), "\r\n") {
		if len(line) > wantLine && !strings.Contains(line, "boundary") {
			t.Errorf("%d characters: %q", len(line), line)
		}
	}
}

func TestDraftShapes(t *testing.T) {
	for name, change := range map[string]func(*Draft){
		"text only":         func(d *Draft) { d.HTML, d.Attachments = "", nil },
		"HTML only":         func(d *Draft) { d.Text, d.Attachments = "", nil },
		"nothing at all":    func(d *Draft) { d.Text, d.HTML, d.Attachments = "", "", nil },
		"no text end":       func(d *Draft) { d.Text = "no line end" },
		"bare line ends":    func(d *Draft) { d.Text = "a\rb\r\nc\x00d\n" },
		"mostly not ASCII":  func(d *Draft) { d.Text = strings.Repeat("\u65e5\u672c\u8a9e ", 300) + "\n" },
		"invalid UTF-8":     func(d *Draft) { d.Text = "a\xff\n" },
		"a hostile type":    func(d *Draft) { d.Attachments[0].Type = "text/html\r\nX: y" },
		"a letter attached": func(d *Draft) { d.Attachments[0].Type = "message/rfc822" },
		"a hostile name":    func(d *Draft) { d.Attachments[0].Name = "a\"\r\nX: y.txt" },
		"a hostile id":      func(d *Draft) { d.Attachments[1].ContentID = "a>\r\nX: y" },
		"a long name":       func(d *Draft) { d.To[0].Name = strings.Repeat("x", 3000) },
	} {
		t.Run(name, func(t *testing.T) {
			d := draft()
			change(&d)
			raw, err := d.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			wire(t, raw)
			if m := parse(t, string(raw)); m.Header.has("X") || bytes.Contains(raw, []byte("\nX: y")) {
				t.Errorf("a header was added")
			}
		})
	}
}

func TestH01_NothingIsInjected(t *testing.T) {
	for name, change := range map[string]func(*Draft){
		"CRLF in the subject":       func(d *Draft) { d.Subject = "hi\r\nBcc: evil@x.test" },
		"LF in the subject":         func(d *Draft) { d.Subject = "hi\nBcc: evil@x.test" },
		"CR in the subject":         func(d *Draft) { d.Subject = "hi\rBcc: evil@x.test" },
		"U+2028 in the subject":     func(d *Draft) { d.Subject = "hi\u2028Bcc: evil@x.test" },
		"NUL in the subject":        func(d *Draft) { d.Subject = "hi\x00" },
		"CRLF in a name":            func(d *Draft) { d.To[0].Name = "J\r\nBcc: e@x.test" },
		"CRLF in an address":        func(d *Draft) { d.To[0].Address = "a@b.test\r\nRCPT TO:<e@x.test>" },
		"parameters in an address":  func(d *Draft) { d.From.Address = "a@b.test> SIZE=1 X=<" },
		"a bracket in a Message-ID": func(d *Draft) { d.MessageID = "a@b> <c@d" },
		"CRLF in a reference":       func(d *Draft) { d.References = []string{"a@b\r\nX: y"} },
		"CRLF in an extra value":    func(d *Draft) { d.Extra = [][2]string{{"X-A", "b\r\nBcc: e@x.test"}} },
		"a colon in an extra name":  func(d *Draft) { d.Extra = [][2]string{{"X-A: b\r\nBcc", "e@x.test"}} },
		"a second From":             func(d *Draft) { d.Extra = [][2]string{{"from", "e@x.test"}} },
		"a Bcc":                     func(d *Draft) { d.Extra = [][2]string{{"Bcc", "e@x.test"}} },
		"a second Content-Type":     func(d *Draft) { d.Extra = [][2]string{{"content-type", "text/html"}} },
		"no recipient":              func(d *Draft) { d.To = nil },
		"no date":                   func(d *Draft) { d.Date = time.Time{} },
		"no Message-ID":             func(d *Draft) { d.MessageID = "" },
		"no sender":                 func(d *Draft) { d.From = Address{} },
	} {
		t.Run(name, func(t *testing.T) {
			d := draft()
			change(&d)
			if raw, err := d.Bytes(); err == nil || raw != nil {
				t.Errorf("was written:\n%.300s", raw)
			}
		})
	}
}

func TestH02_AddressesWeWriteTo(t *testing.T) {
	for in, want := range map[string]string{
		"bob@ext.test": "bob@ext.test", "Bob.O'Neil+x@EXT.Test": "Bob.O'Neil+x@ext.test", " bob@ext.test ": "bob@ext.test", "bob@b\u00fccher.test": "bob@xn--bcher-kva.test", "bob@\uff45xt\uff0etest": "bob@ext.test",
		"": "", "bob": "", "@ext.test": "", "bob@": "", "bob@ext": "", "bob@localhost": "", "bob@ext.test.": "", "bob@.test": "", "bob@-ext.test": "", "bob@1.2.3.4": "",
		"a@b.test> NOTIFY=NEVER X=<": "", "a@b.test> SIZE=1 X=<": "", `"a b"@c.test`: "", "a@[1.2.3.4]": "", "a@b.test,c@d.test": "", "a@b.test (x)": "", "a@b@c.test": "", "a b@c.test": "",
		"a@b.test\r\nRCPT TO:<e@x.test>": "", "a@b.test\n": "", "a@b.test\x00": "", "a..b@c.test": "", ".a@c.test": "", "a@c_d.test": "", "b\u00f6b@ext.test": "", "a\u202e@c.test": "", "<a@b.test>": "",
		strings.Repeat("a", 65) + "@b.test": "", "a@" + strings.Repeat("b.", 130) + "test": "", "a@" + strings.Repeat("b", 64) + ".test": "",
	} {
		got, err := CheckAddress(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("CheckAddress(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for in, want := range map[string]Address{
		"Bob <bob@ext.test>": {"Bob", "bob@ext.test"}, `"O'Neil, Bob" <bob@ext.test>`: {"O'Neil, Bob", "bob@ext.test"}, "bob@ext.test": {"", "bob@ext.test"}, "<bob@ext.test>": {"", "bob@ext.test"},
		"Bob <a@b.test>, <c@d.test>": {}, "Bob\r\nBcc: e@x <bob@ext.test>": {}, "Bob <bob@ext.test> x": {}, "Bob <<bob@ext.test>>": {},
	} {
		got, err := ReadAddress(in)
		if got != want || (err == nil) != (want != Address{}) {
			t.Errorf("ReadAddress(%q) = %+v, %v; want %+v", in, got, err, want)
		}
	}
}

func TestH05_HostileNamesStayNames(t *testing.T) {
	for _, name := range []string{`"><script>`, `Joe" <ceo@bank.test>, "`, `a\`, `\"`, "=?utf-8?q?x?= <e@x.test>", "a, b", "a@b.test", "(", strings.Repeat("\u00e4", 200), "\u65e5\u672c"} {
		a := Address{name, "bob@ext.test"}
		h, err := ReadHeader([]byte("From: " + a.String() + "\r\n\r\n"))
		if err != nil || h.From() != a {
			t.Errorf("%q was written as %s and read as %+v, %v", name, a, h, err)
		}
	}
}

func TestR3_ContentHash(t *testing.T) {
	hash := func(raw string) string { return ContentHash(parse(t, raw), []byte(raw)) }
	const raw = "Received: x\r\nFrom: Bob <bob@ext.test>\r\nMessage-ID: <1@ext.test>\r\nDate: Tue, 01 Sep 2026 10:00:00 +0000\r\nSubject: invoice\r\n\r\nHello  Ann\r\n\r\nBob\r\n"
	want := hash(raw)
	for name, same := range map[string]string{
		"other trace":            "Received: y\r\nX-Spam: no\r\n" + raw,
		"LF":                     strings.ReplaceAll(raw, "\r\n", "\n"),
		"blank lines at the end": raw + "\r\n \r\n",
		"white space changed":    strings.Replace(raw, "Hello  Ann", "Hello \tAnn ", 1),
		"a folded subject":       strings.Replace(raw, "Subject: invoice", "Subject:\r\n invoice", 1),
		"no line end at the end": strings.TrimSuffix(raw, "\r\n"),
	} {
		if hash(same) != want {
			t.Errorf("%s is another letter", name)
		}
	}
	for name, other := range map[string]string{
		"body": strings.Replace(raw, "Ann", "Eve", 1), "subject": strings.Replace(raw, "invoice", "Invoice", 1), "id": strings.Replace(raw, "<1@", "<2@", 1), "date": strings.Replace(raw, "10:00", "10:01", 1),
		"from": strings.Replace(raw, "Bob <", "Eve <", 1), "a blank line within": strings.Replace(raw, "Ann\r\n", "Ann\r\n\r\n", 1), "a second subject": strings.Replace(raw, "Subject", "Subject: x\r\nSubject", 1),
	} {
		if hash(other) == want {
			t.Errorf("another %s is the same letter", name)
		}
	}
}
