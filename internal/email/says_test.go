package email

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf16"
)

const secret = "lookforthisword"

func says(s string) bool { return strings.Contains(s, secret) }

func TestAFileSaysWhatItsReaderReads(t *testing.T) {
	plain := "From: a@b.test\r\nSubject: s\r\n\r\nsee http://a/c/" + secret + "\r\n"
	soft := "From: a@b.test\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nsee lookfor=\r\nthisword\r\n"
	coded := base64.StdEncoding.EncodeToString([]byte("see " + secret))
	hidden := "From: a@b.test\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded + "\r\n"
	within := multi("mixed", "b", "\nhi", "Content-Type: message/rfc822\nContent-Disposition: attachment\n\n"+hidden)
	wide := new(bytes.Buffer)
	for _, u := range utf16.Encode([]rune("see " + secret)) {
		wide.Write([]byte{byte(u), byte(u >> 8)})
	}
	for name, x := range map[string]struct {
		a    Attachment
		want bool
	}{
		"a letter as it stands":                  {Attachment{Type: "message/rfc822", Data: []byte(plain)}, true},
		"a letter that says something else":      {Attachment{Type: "message/rfc822", Data: []byte("From: a@b.test\r\n\r\nhello\r\n")}, false},
		"over a soft line break":                 {Attachment{Type: "message/rfc822", Data: []byte(soft)}, true},
		"a letter saved as a text, in its midst": {Attachment{Name: "x.txt", Type: octetStream, Data: []byte("Some notes first.\r\n\r\nlookfor=\r\nthisword")}, true},
		"a base64 part":                          {Attachment{Name: "x.eml", Type: octetStream, Data: []byte(hidden)}, true},
		"a letter within a letter":               {Attachment{Type: "message/rfc822", Data: []byte(within)}, true},
		"letters of no type and no name":         {Attachment{Data: []byte(plain)}, true},
		"wide characters":                        {Attachment{Name: "x.msg", Data: wide.Bytes()}, true},
		"a page":                                 {Attachment{Type: "text/html", Data: []byte("<a href=\"http://a/c/" + secret + "\">open</a>")}, true},
		"a text too large to be read":            {Attachment{Type: "text/plain", Data: bytes.Repeat([]byte("x"), MaxSaid+1)}, true},
		"a picture":                              {Attachment{Type: "image/png", Data: []byte("\x89PNG\r\n\x1a\n\x00\x00" + secret)}, false},
		"a large document":                       {Attachment{Type: "application/pdf", Data: bytes.Repeat([]byte("%"), MaxSaid+1)}, false},
		"nothing":                                {Attachment{Name: "x.txt"}, false},
	} {
		if got := x.a.Says(says); got != x.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

const octetStream = "application/octet-stream"

// Whatever stands in a text as it is, is said; what nobody knows is said by nothing but what cannot be read.
func FuzzSays(f *testing.F) {
	f.Add([]byte("From: a@b\n\nhi"), "x.eml")
	f.Add([]byte(multi("mixed", "b", "\nhi", "Content-Type: message/rfc822\n\nContent-Transfer-Encoding: base64\n\nbG9vaw==")), "")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		a := Attachment{Name: name + ".eml", Data: append(data, secret...)}
		if !a.Says(says) {
			t.Fatalf("not found in %q", data)
		}
	})
}

func TestLetterSays(t *testing.T) {
	found := func(text string) bool { return strings.Contains(text, "Zoë") }
	letter := func(top, body string) string {
		return "From: a@b.test\r\n" + top + "MIME-Version: 1.0\r\n\r\n" + body
	}
	inner := "Content-Type: multipart/mixed; boundary=b\r\n"
	for name, c := range map[string]struct {
		raw  string
		says bool
	}{
		"in an encoded header":           {letter("Subject: =?utf-8?q?for_Zo=C3=AB?=\r\n", "x"), true},
		"in base64":                      {letter("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n", "Wm/DqyBzYXlz"), true},
		"in quoted-printable":            {letter("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n", "Zo=\r\n=C3=AB"), true},
		"in another charset":             {letter("Content-Type: text/plain; charset=iso-8859-1\r\n", "Zo\xeb"), true},
		"in the name of a file":          {letter(inner, "--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename*=utf-8''Zo%C3%AB.png\r\n\r\nx\r\n--b--\r\n"), true},
		"in a letter within":             {letter(inner, "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: =?utf-8?b?Wm/Dqw==?=\r\n\r\nx\r\n--b--\r\n"), true},
		"in the text of a letter within": {letter(inner, "--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nZoë\r\n--b--\r\n"), true},
		"nowhere":                        {letter("Subject: Zoe\r\n", "Zo"), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := LetterSays([]byte(c.raw), found); got != c.says {
				t.Errorf("got %v", got)
			}
		})
	}
}
