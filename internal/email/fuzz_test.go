package email

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// checkMessage is what holds for every letter whatever its bytes (M-16, issue 5).
func checkMessage(t *testing.T, raw []byte, m *Message) {
	t.Helper()
	for _, s := range []string{m.Text, m.HTML} {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\x00") {
			t.Fatalf("text is not clean: %q", s)
		}
	}
	single := []string{m.Subject, m.MessageID, m.InReplyTo, m.From.Name, m.From.Address, m.Sender.Name, m.Sender.Address}
	for _, list := range [][]Address{m.To, m.Cc, m.ReplyTo} {
		for _, a := range list {
			single = append(single, a.Name, a.Address)
		}
	}
	single = append(single, m.References...)
	for _, a := range m.Attachments {
		single = append(single, a.Name, a.ContentID)
		if len(a.Name) > maxNameBytes || strings.ContainsAny(a.Name, `/\`) || a.Size != len(a.Data) {
			t.Fatalf("attachment %q of %d/%d bytes", a.Name, a.Size, len(a.Data))
		}
	}
	if m.Report != nil {
		for _, r := range m.Report.Recipients {
			single = append(single, r.Address, r.Diagnostic, r.Action)
		}
	}
	for _, s := range single {
		if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || isInvisible(r) }) {
			t.Fatalf("value is not clean: %q", s)
		}
	}
	if m.Kind == "" || m.Header == nil || len(ContentHash(m, raw)) != 64 {
		t.Fatalf("kind %q, header %v", m.Kind, m.Header)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(multi("mixed", "b", "\nhi", multi("alternative", "c", "\na", "Content-Type: text/html\n\n<p>"), "Content-Type: text/calendar; name*=utf-8''%C3%A4.ics\nContent-Transfer-Encoding: base64\n\nQkVHSU46VkVWRU5U")))
	f.Add([]byte(report("delivery-status", "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822;a@b.test\nAction: failed")))
	f.Add([]byte(daemon + "Subject: failure notice\n\n<a@b.test>:\nno such user 550 5.1.1\n--- Below this line is a copy of the message.\n\nReceived: from x\nMessage-ID: <x@y>\n"))
	f.Add([]byte("From: =?utf-8?q?=C3=A4?= <a@b.test>, (x \"y) <c@d\nTo: G:a@b,;\nSubject: =?x?b?/w==?=\nContent-Type: text/plain; charset=iso-2022-jp; format=flowed; delsp=yes\nContent-Transfer-Encoding: quoted-printable\n\n=1B$BF|  =\n> x \n"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\n--b\r\n--b--\r\n--b\rx\n--b--\n--b\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		start := time.Now()
		m, err := Parse(raw)
		if d := time.Since(start); d > time.Second {
			t.Fatalf("%d bytes took %v", len(raw), d)
		}
		var tc *TooComplex
		if err != nil {
			if !errors.As(err, &tc) {
				t.Fatalf("error %T", err)
			}
			return
		}
		checkMessage(t, raw, m)
		if !bytes.Equal(raw, before) {
			t.Fatal("the letter was changed")
		}
	})
}

// FuzzReadHeader: what the strict lexer accepts, the lenient reader sees in the same way.
func FuzzReadHeader(f *testing.F) {
	f.Add([]byte("From: Bob <bob@ext.test>\r\nSubject: a\r\n b\r\n\r\nbody"))
	f.Add([]byte("From: \"a\\\"b\" (c(d)e) <\"x y\"@b.test>\nX:\n"))
	f.Add([]byte("From: =?utf-8?q?a,b?= [x] <a@b\xc3\xbc.test>\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := ReadHeader(raw)
		var mal *Malformed
		if err != nil {
			if !errors.As(err, &mal) {
				t.Fatalf("error %T", err)
			}
			return
		}
		a := h.From()
		if h.Count("From") != 1 || strings.Count(a.Address, "@") < 1 || strings.ContainsAny(a.Address, "\r\n\x00<>") || !utf8.ValidString(a.Name+a.Address) {
			t.Fatalf("From = %+v", a)
		}
		if again, err := ReadHeader([]byte("From: " + a.String() + "\r\n\r\n")); err != nil || again.From().Address != a.Address {
			t.Fatalf("%+v, written as %s, is read as %v, %v", a, a, again, err)
		}
		m, err := Parse(raw)
		if err != nil {
			return
		}
		if m.Header.Count("From") != 1 || len(m.Header.fields) != len(h.fields) {
			t.Fatalf("the lenient reader sees %d fields, the strict one %d", len(m.Header.fields), len(h.fields))
		}
		if !strings.EqualFold(m.From.Address, a.Address) {
			t.Fatalf("the lenient reader sees %q, the strict one %q", m.From.Address, a.Address)
		}
	})
}

// FuzzDraft: Parse(Bytes(d)) = d, and the wire form is fit to be sent.
func FuzzDraft(f *testing.F) {
	f.Add("Hi \u2603", "text\n", "<p>", "Bob", "a.txt", []byte("x"))
	f.Add("=?utf-8?q?x?=", "a\r\nb\rc\x00", "", "\"><", "..\\\u202ex", []byte("\r\n.\r\n"))
	f.Fuzz(func(t *testing.T, subject, text, html, name, file string, data []byte) {
		d := Draft{From: Address{name, "a@b.test"}, To: []Address{{name, "c@d.test"}}, Subject: subject, Text: text, HTML: html, MessageID: "1@b.test", Date: time.Unix(0, 0), Attachments: []Attachment{{Name: file, Type: "application/x", Data: data}}}
		raw, err := d.Bytes()
		if err != nil {
			if !hasControl(subject) && !hasControl(name) {
				t.Fatal(err)
			}
			return
		}
		wire(t, raw)
		m := parse(t, string(raw))
		checkMessage(t, raw, m)
		if len(subject) < 1000 && m.Subject != cleanValue(strings.ToValidUTF8(subject, "\uFFFD")) || len(m.Attachments) != 1 || !bytes.Equal(m.Attachments[0].Data, data) || m.Attachments[0].Name != cleanFilename(cleanFilename(file)) {
			t.Fatalf("came back as %q, %+v", m.Subject, m.Attachments)
		}
		if want := wireText(text); m.Text != want && want != "\ufeff"+m.Text {
			t.Fatalf("text came back as %q, want %q", m.Text, want)
		}
	})
}
