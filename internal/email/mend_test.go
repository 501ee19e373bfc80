package email

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestM05_Base64ThatIsNoneOrNotAlone(t *testing.T) {
	letter := "Dear Bob,\nthe lorry left our yard this morning and should be with you by noon.\nCarla\n"
	code := base64.StdEncoding.EncodeToString([]byte(letter))
	folded := code[:64] + "\n" + code[64:] + "\n"
	footer := "\n-----------------------\nyard mailing list\nhttps://lists.yard.test/\n"
	for name, c := range map[string]struct{ charset, body, want string }{
		"a short answer as it was written":    {"utf-8", "Yes, do so.\n", "Yes, do so.\n"},
		"a single word":                       {"utf-8", "Agreed\n", "Agreed\n"},
		"several lines":                       {"us-ascii", "Hi Bob,\n\nit is here.\nCarla\n", "Hi Bob,\n\nit is here.\nCarla\n"},
		"German that a gateway had decoded":   {"utf-8", "Grüße, schon da.\n", "Grüße, schon da.\n"},
		"a sign no decoder knows":             {"utf-8", "?broken\n", "?broken\n"},
		"a list's footer below":               {"utf-8", folded + footer, letter + footer},
		"a footer without a rule":             {"utf-8", folded + "\nyard list: https://lists.yard.test/\n", letter + "\nyard list: https://lists.yard.test/\n"},
		"lines that are indented":             {"utf-8", "    " + strings.ReplaceAll(strings.TrimSpace(folded), "\n", "\n    ") + "\n", letter},
		"a stray sign":                        {"utf-8", code[:40] + "!" + code[40:], letter},
		"lines quoted":                        {"utf-8", "> " + strings.ReplaceAll(strings.TrimSpace(folded), "\n", "\n> ") + "\n", letter},
		"one character too many":              {"utf-8", base64.StdEncoding.EncodeToString([]byte("Hello, Bob!\n")) + "A", "Hello, Bob!\n"},
		"Latin without padding":               {"iso-8859-1", "R3L832U", "Grüße"},
		"two encodings with a remark between": {"utf-8", folded + "a remark: see below\n" + folded, letter + letter},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, "Content-Type: text/plain; charset="+c.charset+"\nContent-Transfer-Encoding: base64\n\n"+c.body)
			if got := strings.ReplaceAll(m.Text, "\n\n\n", "\n\n"); got != c.want && !(strings.Contains(name, "remark") && strings.HasPrefix(got, letter)) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	m := parse(t, "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"+folded+footer)
	if len(m.Attachments) != 1 || !strings.HasPrefix(string(m.Attachments[0].Data), letter) {
		t.Errorf("a file with a footer below: %+v", m.Attachments)
	}
	for in, want := range map[string]string{"quoted-printable (soft)": "a=b", "(mine) quoted-printable": "a=b", "8bit (raw)": "a=3Db"} {
		if m := parse(t, "Content-Transfer-Encoding: "+in+"\n\na=3Db"); m.Text != want {
			t.Errorf("%s: %q, want %q", in, m.Text, want)
		}
	}
}

func TestM03_BoundariesThatAreNotAsDeclared(t *testing.T) {
	for name, c := range map[string]struct{ declared, line string }{
		"another one":                {`boundary="one"`, "two"},
		"in other letters":           {`boundary="Frontier"`, "FRONTIER"},
		"quotes that belong to it":   {`boundary='q1'`, "'q1'"},
		"an escape too many":         {`boundary="a\=b"`, "a=b"},
		"two were named":             {"boundary=one; boundary=two", "two"},
		"in pieces (RFC 2231)":       {`boundary*0="fro"; boundary*1="ntier"`, "frontier"},
		"percent-encoded (RFC 2231)": {"boundary*=us-ascii''fro%6Etier", "frontier"},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, "Content-Type: multipart/mixed; "+c.declared+"\n\nprologue\n--"+c.line+"\nContent-Type: text/plain\n\nhello\n--"+c.line+
				"\nContent-Type: application/pdf\n\nx\n--"+c.line+"--\n")
			if m.Text != "hello" || len(m.Attachments) != 1 || m.Attachments[0].Type != "application/pdf" {
				t.Errorf("%q %+v %q", m.Text, m.Attachments, m.Defects)
			}
		})
	}
	whole := "--Carla\n\nI wrote this below my name.\n"
	if m := parse(t, "Content-Type: multipart/mixed; boundary=zz\n\nHello Bob\n"+whole); !strings.Contains(m.Text, "Hello Bob") || !strings.Contains(m.Text, "below my name") {
		t.Errorf("a name behind hyphens is no boundary: %q", m.Text)
	}
	m := parse(t, "Content-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: multipart/mixed; boundary=lost\n\nnothing here\n--out\nContent-Type: text/plain\n\nhello\n--out--\n")
	if m.Text != "hello" {
		t.Errorf("the boundary around was taken for the lost one: %q %q", m.Text, m.Defects)
	}
	m = parse(t, "Content-Type: multipart/mixed; boundary=out\n\n--out\n\nfirst\n--out\n\nlast words--out--\n")
	if m.Text != "first\nlast words" || len(m.Defects) != 0 {
		t.Errorf("a closing boundary without its own line: %q %q", m.Text, m.Defects)
	}
	m = parse(t, "Content-Type: multipart/mixed; boundary=out\n\n--out\n\nsee --out-- in the manual\n--out--\n")
	if m.Text != "see --out-- in the manual" {
		t.Errorf("a boundary within a line: %q", m.Text)
	}
}

func TestM05_NoLetterIsBlankThatHoldsWords(t *testing.T) {
	for name, c := range map[string]struct{ raw, want, html string }{
		"words behind empty parts":    {"Content-Type: multipart/mixed; boundary=zz\n\nprologue\n--zz\n--zz--\n\nThe lorry has left.\n", "The lorry has left.", ""},
		"words behind nested ones":    {"Content-Type: multipart/mixed; boundary=zz\n\n--zz\nContent-Type: multipart/mixed; boundary=yy\n\n--yy\n--yy--\n--zz--\nThe lorry has left.", "The lorry has left.", ""},
		"Markdown":                    {"Content-Type: text/markdown\n\n*left*\n", "*left*\n", ""},
		"a subtype nobody knows":      {"Content-Type: text/txt\n\nleft\n", "left\n", ""},
		"a type in quotation marks":   {"Content-Type: \"text/plain\"; charset=koi8-r\n\n\xf0\xd2\xc9", "При", ""},
		"a comma for a semicolon":     {"Content-Type: text/plain, charset=koi8-r\n\n\xf0\xd2\xc9", "При", ""},
		"the field's name twice":      {"Content-Type: Content-Type: text/html\n\n<p>left", "", "<p>left"},
		"half a type":                 {"Content-Type: html\n\n<p>left", "", "<p>left"},
		"a footer where there's text": {"Content-Type: multipart/mixed; boundary=zz\n\n--zz\n\nhello\n--zz--\nfooter", "hello", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if m := parse(t, c.raw); m.Text != c.want || m.HTML != c.html {
				t.Errorf("%q %q, want %q %q", m.Text, m.HTML, c.want, c.html)
			}
		})
	}
	m := parse(t, "Content-Type: text/markdown\nContent-Disposition: attachment; filename=a.md\n\n*left*\n")
	if m.Text != "" || len(m.Attachments) != 1 {
		t.Errorf("a file is no text: %q %+v", m.Text, m.Attachments)
	}
}

// Bytes that are not UTF-8 take three when they are lower-cased; places found in one string are not places in the other (M-17).
func TestM17_RawBytesInParametersBreakNothing(t *testing.T) {
	for _, v := range []string{"0 =\xb3\xb3\xb3\xb3\xb3\xb3 BoundArY=", "text/plain; a=\xff\xff\xff\xff CHARSET=utf-8", "text/plain; name=\u212a\u212a\u212a SIZE=1"} {
		if m := parse(t, "Content-Type: "+v+"\nSubject: s\n\nhello"); m.Subject != "s" {
			t.Errorf("%q: %q", v, m.Subject)
		}
	}
	if got := parseMedia("text/plain; a=\xff\xff\xff\xff CHARSET=koi8-r").get("charset"); got != "koi8-r" {
		t.Errorf("a parameter behind raw bytes: %q", got)
	}
}

// Boundaries that are not there are looked for, but not over and over (M-01, M-03).
func TestLostBoundariesAreCheap(t *testing.T) {
	lost := "--out\nContent-Type: multipart/mixed; boundary=lost%\n\n"
	var b strings.Builder
	b.WriteString("Content-Type: multipart/mixed; boundary=out\n\n")
	for i := range (MaxParts - 2) / 2 {
		b.WriteString(strings.Replace(lost, "%", strings.Repeat("x", i%7), 1))
	}
	b.WriteString("--out\n\n" + strings.Repeat("--los and so on, a long line of no meaning\n", 24<<20/43))
	if _, err := budget(t, b.String()); err != nil {
		t.Error(err)
	}
}

func TestPF9_ALongTextIsNotReadPieceByPiece(t *testing.T) {
	letter := func(n int) *Message {
		return parse(t, "Content-Type: multipart/mixed; boundary=zz\n\n--zz\n\n"+strings.Repeat("a line\n", n)+"--zz\nContent-Type: text/html\n\n<p>more\n--zz--\n")
	}
	if m := letter(10); len(m.Pieces) != 2 || m.Pieces[1].HTML != "<p>more" {
		t.Errorf("%+v", m.Pieces)
	}
	if m := letter(maxPieces / 6); m.Pieces != nil || !strings.Contains(strings.Join(m.Defects, " "), "stands in its HTML") {
		t.Errorf("%d pieces, %q", len(m.Pieces), m.Defects)
	}
}
