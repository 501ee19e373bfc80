package safehtml

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// seeds are shapes that broke sanitisers before (threats.md ), and a letter or two.
var seeds = []string{
	"", "plain", "<p>a<p>b", "<b><i>x</b>y</i>", "<table><tr><td><a href=http://a.test>1<table><tr><td><a href=http://b.test>2",
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
	`<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
	`<a href="https://evil.test">https://bank.com</a>`, `<a href="https://xn--80ak6aa92e.com/">apple.com</a>`, `<a href="HTTPS://a@EVIL.test:99/ü?q=\"#x">x</a>`,
	"<a href='mailto:a@b.test?bcc=c@d.test'>a@c.com</a>", "<img src=cid:x alt='<b>'><img src=//t/p.gif alt=logo>", "<ul><li>a<li>b<ol><li>c</ul><dl><dt>x<dd>y<dt>z",
	"<pre>\n\n a\tb</pre><xmp><b></xmp><textarea></p><plaintext></div>", "\xff<p>\xc0\xaf\x00\u202e</p>&#x202e;&#0;&#xD800;", "<td>x<tr>y</table>", "a\r\nb\rc", "<p/><br/></br></p><hr dir=ltr>",
	strings.Repeat("<div>", 150) + "x" + strings.Repeat("</div>", 150),
}

func FuzzClean(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := checkInvariants(t, in)
		if !utf8.ValidString(out) {
			t.Errorf("not UTF-8: %q of %q", out, in)
		}
		if len(out) > 300+60*len(in) {
			t.Errorf("%d bytes grew to %d", len(in), len(out))
		}
	})
}

func FuzzText(f *testing.F) {
	for _, s := range append(seeds, `http://x"onmouseover=alert(1)`, "see https://a.test/(b)., and <https://c.test>", "  two  spaces\n\tand a tab", "http://http://", "https://bank.com@evil.test/ x") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := string(Text(in))
		if again := string(Clean(out, nil)); again != out || !strict(out) || !utf8.ValidString(out) {
			t.Errorf("Text is not clean\n in    %q\n text  %q\n clean %q", in, out, again)
		}
		checkTree(t, in, out)
	})
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range append(seeds, "[x](javascript:alert(1))", "![x](https://t.test/p.gif)", "<https://a.test>", "| a | b |\n|---|---|\n| 1 | 2 |", "~~s~~ **b** `c`\n\n```\ncode\n```", "1. a\n   - b\n\n> q") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := string(Markdown(in))
		if again := string(Clean(out, nil)); again != out || !strict(out) || !utf8.ValidString(out) {
			t.Errorf("Markdown is not clean\n in    %q\n md    %q\n clean %q", in, out, again)
		}
	})
}

func FuzzPlain(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := Plain(in)
		if !utf8.ValidString(out) || len(out) > 64+20*len(in) {
			t.Errorf("%q gives %q", in, out)
		}
		if strings.ContainsAny(out, "\x00\x1b\x7f") {
			t.Errorf("control characters in %q", out)
		}
	})
}
