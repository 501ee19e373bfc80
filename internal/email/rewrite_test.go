package email

import (
	"encoding/base64"
	"strings"
	"testing"
)

func blank(text string) string { return strings.ReplaceAll(text, "SECRET", "…") }

func TestRewrite_ChangesWhateverItIsEncodedAs(t *testing.T) {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	inner := "Subject: =?utf-8?q?SECRET_within?=\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64("a SECRET in a letter in a letter") + "\r\n"
	wide := strings.Join(strings.Split("SECRET", ""), "\x00") + "\x00"
	raw := strings.Join([]string{"From: a@b.test", "To: reply+SECRET@in.test", "Subject: =?utf-8?b?" + b64("about SECRET") + "?=", "Content-Type: multipart/mixed; boundary=b", "", "pre SECRET",
		"--b", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "a SEC=", "RET here =C3=AB", "--b", "Content-Type: text/html", "Content-Transfer-Encoding: base64", "", b64("<a href=SECRET>" + strings.Repeat("long ", 40)),
		"--b", "Content-Type: message/rfc822", "", inner, "--b", "Content-Type: application/octet-stream; name=x.eml", "Content-Transfer-Encoding: base64", "", b64("text SECRET"),
		"--b", "Content-Type: text/plain; charset=utf-16", "Content-Transfer-Encoding: base64", "", b64(wide), "--b", "Content-Type: image/png", "Content-Transfer-Encoding: base64", "", "iVBORw0KGgo=", "--b--", "post SECRET", ""}, "\r\n")
	has := func(text string) bool { return strings.Contains(text, "SECRET") }
	if !LetterSays([]byte(raw), has) {
		t.Fatal("the letter has no secret to begin with")
	}
	out := Rewrite([]byte(raw), blank)
	if LetterSays(out, has) || strings.Contains(string(out), "SECRET") {
		t.Errorf("a secret is left:\n%s", out)
	}
	m, err := Parse(out)
	if err != nil || m.Subject != "about …" || !strings.Contains(m.Text, "a … here ë") || !strings.Contains(m.HTML, "<a href=…>long long") || len(m.Attachments) < 3 {
		t.Errorf("it does not read as before: %v %q %q %q %d", err, m.Subject, m.Text, m.HTML, len(m.Attachments))
	}
	if !strings.Contains(string(out), "iVBORw0KGgo=") {
		t.Error("a picture was touched")
	}
}

func FuzzRewrite(f *testing.F) {
	f.Add([]byte("From: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\nno part\r\n--b--\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		same := func(s string) string { return s }
		if got := Rewrite(raw, same); string(got) != string(oneLineEnd(raw)) {
			t.Errorf("what nothing changes is changed:\n%q\n%q", raw, got)
		}
	})
}

func TestRewrite_ChangesBase64ThatIsNone(t *testing.T) {
	for name, body := range map[string]string{
		"plain words":           "my SECRET, as ever\r\n",
		"a footer below base64": base64.StdEncoding.EncodeToString([]byte(strings.Repeat("a text that says SECRET\r\n", 3))) + "\r\n\r\nlist: https://SECRET.test/\r\n",
	} {
		for _, encoding := range []string{"base64", "BASE64 (as it were)"} {
			out := Rewrite([]byte("Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "+encoding+"\r\n\r\n"+body), blank)
			m, err := Parse(out)
			if err != nil || strings.Contains(string(out), "SECRET") || strings.Contains(m.Text, "SECRET") || !strings.Contains(m.Text, "…") {
				t.Errorf("%s, %s: %v\n%s\n%q", name, encoding, err, out, m.Text)
			}
		}
	}
}
