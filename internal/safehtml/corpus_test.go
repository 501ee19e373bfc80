package safehtml

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"aside/test/corpora"

	"golang.org/x/net/html"
)

// A payload is one case of corpora/sanitize.
type payload struct {
	ID, HTML, Kind, Title, Trigger string
	source                         string
	MustNotContain                 []string `json:"must_not_contain"`
	MustNotMatch                   []string `json:"must_not_match"`
	MustContain                    []string `json:"must_contain"`
}

func payloads(t testing.TB) (all []payload) {
	files, _ := filepath.Glob(filepath.Join(corpora.Dir(t), "sanitize", "*", "cases.json"))
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var cases []payload
		if err := json.Unmarshal(raw, &cases); err != nil {
			t.Fatal(f, err)
		}
		for i := range cases {
			cases[i].source = filepath.Base(filepath.Dir(f))
		}
		all = append(all, cases...)
	}
	if len(all) == 0 {
		t.Skip("corpora/sanitize is not there")
	}
	return all
}

// TestX01_EveryPayloadOfTheCorpus: after cleaning, nothing but the list is left when the result is parsed again, cleaning
// twice is cleaning once, the second reader and bluemonday find nothing to take out, and the visible words are there.
func TestX01_EveryPayloadOfTheCorpus(t *testing.T) {
	count := map[string]int{}
	for _, p := range payloads(t) {
		out := checkInvariants(t, p.HTML)
		count[p.source]++
		for _, s := range p.MustNotContain {
			if s == "(" {
				continue // OWASP writes brackets in addresses as entities, a matter of taste
			}
			if strings.Contains(tagsOnly(out), s) {
				t.Errorf("%s %s: %q still holds %q", p.source, p.ID, out, s)
			}
		}
		for _, s := range p.MustNotMatch {
			if re, err := regexp.Compile(s); err == nil && re.MatchString(tagsOnly(out)) {
				t.Errorf("%s %s: %q still matches %q", p.source, p.ID, out, s)
			}
		}
		if p.Kind == "keep" {
			if have, want := squeeze(visible(out)), squeeze(visible(p.HTML)); !strings.Contains(have, want) {
				t.Errorf("%s %s: words lost\n in   %q\n have %q\n want %q", p.source, p.ID, p.HTML, have, want)
			}
		}
	}
	t.Log(count)
}

// checkInvariants asserts what must hold for any input and gives the cleaned text.
func checkInvariants(t testing.TB, in string) string {
	t.Helper()
	out := string(Clean(in, nil))
	if again := string(Clean(out, nil)); again != out {
		t.Errorf("cleaning twice differs\n in    %q\n once  %q\n twice %q", in, out, again)
	}
	if !strict(out) {
		t.Errorf("the second reader refuses %q of %q", out, in)
	}
	if blue := policy().Sanitize(out); quotesBack(blue) != quotesBack(out) {
		t.Errorf("bluemonday takes something out\n in   %q\n ours %q\n blue %q", in, out, blue)
	}
	checkTree(t, in, out)
	return out
}

func quotesBack(s string) string { return strings.NewReplacer("&#34;", `"`, "&#39;", "'").Replace(s) }

// checkTree parses the result as a browser would and looks at every node.
func checkTree(t testing.TB, in, out string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader("<!DOCTYPE html><body>" + out))
	if err != nil {
		t.Errorf("cannot be parsed: %v: %q", err, out)
		return
	}
	for n := range root.Descendants() {
		switch n.Type {
		case html.ElementNode:
			checkElement(t, in, n)
		case html.CommentNode:
			t.Errorf("a comment in the clean form of %q", in)
		}
	}
}

func checkElement(t testing.TB, in string, n *html.Node) {
	t.Helper()
	known := map[string]bool{"html": true, "head": true, "body": true, "colgroup": true}
	if shapes[n.DataAtom] == nil && !known[n.Data] || n.Namespace != "" {
		t.Errorf("<%s> in the clean form of %q", n.Data, in)
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "dir", "colspan", "rowspan", "align", "start", "width", "height", "alt", "target", "rel":
		case "src":
			if n.Data != "img" {
				t.Errorf("src on <%s> in the clean form of %q", n.Data, in)
			}
		case "href":
			if _, ok := readURL(a.Val); !ok || n.Data != "a" {
				t.Errorf("href %q in the clean form of %q", a.Val, in)
			}
		default:
			t.Errorf("attribute %s in the clean form of %q", a.Key, in)
		}
	}
}

// tagsOnly is the markup without the text, where a word such as "javascript:" does no harm.
func tagsOnly(s string) string {
	var b strings.Builder
	for {
		_, rest, ok := strings.Cut(s, "<")
		if !ok {
			return b.String()
		}
		tag, after, _ := strings.Cut(rest, ">")
		b.WriteString("<" + tag + ">")
		s = after
	}
}

// visible is the text a browser with scripts off would show.
func visible(s string) string {
	root, err := html.ParseWithOptions(strings.NewReader(s), html.ParseOptionEnableScripting(false))
	if err != nil {
		return ""
	}
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && isSilent(n.DataAtom) {
			return
		}
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return b.String()
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }
