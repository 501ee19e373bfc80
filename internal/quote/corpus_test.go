package quote

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"aside/test/corpora"
)

// A trimCase is one letter of corpora/trimming with what others expect of it.
type trimCase struct {
	Input          string
	Kind           string
	Match          string
	Optional       bool
	Conservative   bool
	Acceptable     []string
	Signature      any
	MustContain    []string `json:"must_contain"`
	MustNotContain []string `json:"must_not_contain"`
	MustMatch      []string `json:"must_match"`
	MustNotMatch   []string `json:"must_not_match"`
}

// TestCorpusTrimming imitates score.py on every letter in place and holds the bar of the issue: 92 % of each
// source as others expect, and lost words in no more than 1 % of all.
func TestCorpusTrimming(t *testing.T) {
	folders, _ := filepath.Glob(filepath.Join(corpora.Dir(t), "trimming", "*", "ORIGIN.txt"))
	if len(folders) == 0 {
		t.Skip("corpora/trimming is not there")
	}
	cases, serious, right := 0, 0, 0
	for _, origin := range folders {
		dir := filepath.Dir(origin)
		n, ok, lost := scoreFolder(t, dir)
		t.Logf("%-36s %4d of %4d  %5.1f%%  serious %d", filepath.Base(dir), ok, n, 100*float64(ok)/float64(n), lost)
		cases, serious, right = cases+n, serious+lost, right+ok
	}
	t.Logf("%-36s %4d of %4d  %5.1f%%  serious %d", "ALL", right, cases, 100*float64(right)/float64(cases), serious)
	if right*100 < cases*92 || serious*100 > cases {
		t.Errorf("%d of %d right, %d with lost words", right, cases, serious)
	}
}

func scoreFolder(t *testing.T, dir string) (n, ok, lost int) {
	metas, _ := filepath.Glob(filepath.Join(dir, "*.meta.json"))
	for _, m := range metas {
		var c trimCase
		if err := json.Unmarshal([]byte(read(m)), &c); err != nil {
			t.Fatal(m, err)
		}
		if c.Optional || c.Kind == "perf" {
			continue
		}
		n++
		bad := judge(c, strings.TrimSuffix(m, ".meta.json"), freshOf(filepath.Join(dir, c.Input)))
		if len(bad) == 0 {
			ok++
			continue
		}
		why := strings.Join(bad, "; ")
		if strings.Contains(why, "LOST") {
			lost++
		}
		t.Logf("    %-60s %s", filepath.Base(strings.TrimSuffix(m, ".meta.json")), why)
	}
	return n, ok, lost
}

// judge is score.py's rule.
func judge(c trimCase, stem, fresh string) (bad []string) {
	sig := map[string]bool{}
	if s, isText := c.Signature.(string); isText {
		for _, l := range words(s) {
			sig[l] = true
		}
	}
	missing := func(from, in string) (left []string) {
		for _, l := range words(from) {
			if !strings.Contains(nows(in), nows(l)) && !sig[l] {
				left = append(left, l)
			}
		}
		return left
	}
	if c.Kind == "plain" {
		if m := missing(read(filepath.Join(filepath.Dir(stem), c.Input)), fresh); len(m) > 0 {
			return []string{"LOST " + m[0]}
		}
		return nil
	}
	exp, err := os.ReadFile(stem + ".expected")
	if err == nil && c.Match != "assertions" && nows(fresh) != nows(string(exp)) {
		lost, left := missing(string(exp), fresh), missing(fresh, string(exp))
		if len(lost) > 0 {
			bad = append(bad, "LOST "+strings.Join(lost, " / "))
		}
		if len(left) > 0 && c.Match != "first_block" && !(c.Conservative && len(lost) == 0) {
			bad = append(bad, "LEFT "+strings.Join(left, " / "))
		}
		for _, a := range c.Acceptable {
			if nows(fresh) == nows(a) {
				bad = nil
			}
		}
	}
	for _, s := range c.MustContain {
		if !strings.Contains(nows(fresh), nows(s)) {
			bad = append(bad, "LOST: "+s)
		}
	}
	for _, s := range c.MustNotContain {
		if strings.Contains(nows(fresh), nows(s)) {
			bad = append(bad, "LEFT: "+s)
		}
	}
	for _, s := range c.MustMatch {
		if !regexp.MustCompile(s).MatchString(fresh) {
			bad = append(bad, "LOST /"+s+"/")
		}
	}
	for _, s := range c.MustNotMatch {
		if regexp.MustCompile(s).MatchString(fresh) {
			bad = append(bad, "LEFT /"+s+"/")
		}
	}
	return bad
}

func freshOf(file string) string {
	s := strings.ReplaceAll(read(file), "\r\n", "\n")
	switch filepath.Ext(file) {
	case ".html":
		fresh, _ := HTML(s)
		return plain(fresh)
	case ".eml":
		text, markup := bodyOf(s)
		if text == "" {
			fresh, _ := HTML(markup)
			return plain(fresh)
		}
		s = text
	}
	fresh, _ := Text(s)
	return fresh
}

// plain is as much of an HTML reader as the comparison without spaces needs.
func plain(h string) string {
	var b strings.Builder
	for _, l := range splitHTML(h) {
		b.WriteString(l.text + "\n")
	}
	return b.String()
}

// bodyOf is as much of a MIME reader as the letters of this corpus need.
func bodyOf(s string) (text, markup string) {
	m, err := mail.ReadMessage(strings.NewReader(strings.TrimLeft(s, "\n")))
	if err != nil {
		return s, ""
	}
	kind, params, _ := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if !strings.HasPrefix(kind, "multipart/") {
		return decode(m.Body, m.Header.Get("Content-Transfer-Encoding")), ""
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err != nil {
			return text, markup
		}
		body := decode(p, p.Header.Get("Content-Transfer-Encoding"))
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			markup += body
		} else {
			text += body
		}
	}
}

func decode(r io.Reader, encoding string) string {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	b, _ := io.ReadAll(r)
	return html.UnescapeString(string(b))
}

func words(s string) (out []string) {
	for _, l := range strings.Split(strings.ReplaceAll(s, "\r", "\n"), "\n") {
		if w := strings.Join(strings.Fields(l), " "); w != "" {
			out = append(out, w)
		}
	}
	return out
}

func nows(s string) string { return strings.Join(strings.Fields(s), "") }

func read(file string) string {
	b, _ := os.ReadFile(file)
	return string(b)
}
