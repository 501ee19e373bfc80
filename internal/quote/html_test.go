package quote

import (
	"strings"
	"testing"

	xhtml "golang.org/x/net/html"
)

// TestTagName_IsTheTokenizers compares the name of every tag, however it is written, with the tokenizer's own.
func TestTagName_IsTheTokenizers(t *testing.T) {
	s := "<p><br/><br /><h1 a=b></h1 ><DIV></Div><x-y></x-y><o:p></o:p><p\ta></p\n><p\f><p\r\n><n\x00m><a/b><a\u00e9></a\u00e9 x><t"
	ours, theirs := xhtml.NewTokenizer(strings.NewReader(s)), xhtml.NewTokenizer(strings.NewReader(s))
	tags := 0
	for {
		kind := ours.Next()
		theirs.Next()
		switch kind {
		case xhtml.ErrorToken:
			if tags < 19 {
				t.Errorf("only %d tags", tags)
			}
			return
		case xhtml.StartTagToken, xhtml.SelfClosingTagToken, xhtml.EndTagToken:
			tags++
			want, _ := theirs.TagName()
			if got := tagName(ours, ours.Raw()); string(got) != string(want) {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
}
