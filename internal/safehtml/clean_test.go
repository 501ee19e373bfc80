package safehtml

import (
	"strings"
	"testing"
	"time"
)

// onePicture is the CID function of a letter with one picture, "logo@x".
func onePicture(id string) (string, bool) {
	if id == "logo@x" {
		return "cid:logo@x", true
	}
	return "", false
}

const rel = ` target="_blank" rel="noopener noreferrer nofollow"`

func TestClean(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"emphasis, lists, headings and code survive", "<h1>A</h1><ul><li><b>x</b><li><i>y</i></ul><pre><code>a &lt; b</code></pre>", "<h1>A</h1><ul><li><b>x</b></li><li><i>y</i></li></ul><pre><code>a &lt; b</code></pre>"},
		{"a price table survives", `<table style="x" bgcolor=red><tr><td colspan=2 align=RIGHT width=9>1<td>2</table>`, `<table><tr><td colspan="2" align="right">1</td><td>2</td></tr></table>`},
		{"a block ends a paragraph", "<p>a<div>b</div>c", "<p>a</p><div>b</div>c"},
		{"misnested emphasis is nested", "<b><i>x</b>y</i>z", "<b><i>x</i></b>yz"},
		{"an end tag does not reach out of its cell", "<div><table><tr><td>a</div>b</td></tr></table>c</div>", "<div><table><tr><td>ab</td></tr></table>c</div>"},
		{"a cell outside a table leaves its words apart", "x<td>y<td>z", "x y z"},
		{"the direction of a paragraph survives", `<p dir=rtl>שלום</p>`, `<p dir="rtl">שלום</p>`},
		{"words survive in unknown elements", "<o:p>a</o:p><font color=red>b</font><svg><text>c</text></svg>", "abc"},
		{"words of noscript are shown, as no script runs", "<noscript><p>a</p></noscript>", "<p>a</p>"},
		{"text is escaped once", "a &amp;lt; b &copy; <3", "a &amp;lt; b © &lt;3"},
		{"broken UTF-8 and controls do not leave", "a\xffb\x00c\x1b[1m\u202ed", "a\uFFFDbc[1md"},

		{"X-02 mathml mglyph", `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`, "<table></table>"},
		{"X-02 svg style", `<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">`, `"&gt;`},
		{"X-02 noscript title", `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<p></p>`},
		{"X-02 xmp", `<xmp><img src=x onerror=alert(1)></xmp>`, `<pre>&lt;img src=x onerror=alert(1)&gt;</pre>`},
		{"X-02 plaintext", `a<plaintext><script>alert(1)</script>`, `a&lt;script&gt;alert(1)&lt;/script&gt;`},
		{"X-02 select, template, noembed", `<select><style><img src=x></style></select><template><b>x</b></template><noembed><img src=x onerror=alert(1)></noembed>`, `<b>x</b>`},

		{"X-03 javascript in every writing", "<a href='javascript:a'>1</a><a href='jAvAsCrIpT&#58;a'>2</a><a href='java\tscript:a'>3</a><a href='\x01javascript:a'>4</a><a href=vbscript:a>5</a>", "12345"},
		{"X-03 data and file", "<a href='data:text/html,x'>1</a><a href='data:image/svg+xml,x'>2</a><a href='file:///etc/passwd'>3</a>", "123"},
		{"X-03 relative and scheme-relative", `<a href=//evil.test>1</a><a href=/x>2</a><a href=\\evil.test>3</a><a href=http:evil.test>4</a><a href=x.html>5</a><a href='https:///evil'>6</a><a href='http:\\evil.test'>7</a>`, "1234567"},
		{"X-03 a name before the host is taken out", "<a href=https://bank.com@evil.test/>x</a>", `<a href="https://evil.test/"` + rel + `>x</a>`},
		{"X-03 the real host when the text names another", "<a href=https://evil.com/a>https://www.bank.com/login</a>", `<a href="https://evil.com/a"` + rel + `>https://www.bank.com/login [evil.com]</a>`},
		{"X-03 the real host when the name is split by emphasis", "<a href=https://evil.com>b<b>ank</b>.com</a>", `<a href="https://evil.com"` + rel + `>b<b>ank</b>.com [evil.com]</a>`},
		{"X-03 no mark when host and text agree", "<a href=https://www.bank.com/x>bank.com</a> <a href=https://docs.bank.com/>www.bank.com</a>", `<a href="https://www.bank.com/x"` + rel + `>bank.com</a> <a href="https://docs.bank.com/"` + rel + `>www.bank.com</a>`},
		{"X-03 a file name is no host", "<a href=https://a.com/1>report.pdf</a>", `<a href="https://a.com/1"` + rel + `>report.pdf</a>`},
		{"X-03 a host in other letters is shown as it is", "<a href=https://аpple.com/>apple.com</a>", `<a href="https://xn--pple-43d.com/"` + rel + `>apple.com [xn--pple-43d.com]</a>`},
		{"X-03 a bidi override does not hide a host", "<a href=https://evil.com>\u202emoc.knab\u202c</a>", `<a href="https://evil.com"` + rel + `>moc.knab</a>`},
		{"X-03 a bidi override in an address is written out", "<a href='https://a.com/\u202ex'>x</a>", `<a href="https://a.com/%E2%80%AEx"` + rel + `>x</a>`},
		{"X-03 another address behind an address", "<a href=mailto:a@evil.com>a@bank.com</a>", `<a href="mailto:a@evil.com"` + rel + `>a@bank.com [a@evil.com]</a>`},
		{"X-03 mailto fills in nothing", "<a href='mailto:a@b.com?bcc=c@d.com&attach=/etc/passwd'>x</a>", `<a href="mailto:a@b.com"` + rel + `>x</a>`},
		{"X-03 links do not nest", "<a href=https://a.com>1<a href=https://b.com>2</a>", `<a href="https://a.com"` + rel + `>1</a><a href="https://b.com"` + rel + `>2</a>`},

		{"X-04 a tracking pixel vanishes", "<img src=https://t.com/p.gif width=1 height=1 alt=x><img src=https://t.com/p.gif>", ""},
		{"X-04 a remote picture stays a link", `<img src="https://a.com/l.png" alt="Our logo" srcset="https://t.com/2x">`, `<a href="https://a.com/l.png"` + rel + `>Our logo</a>`},
		{"X-04 a remote picture in a link gives its words", `<a href=https://a.com><img src="https://t.com/l.png" alt="Our logo"></a>`, `<a href="https://a.com"` + rel + `>Our logo</a>`},
		{"X-04 other ways to fetch", `<picture><source srcset=https://t.com/a></picture><video poster=https://t.com/b></video><body background=https://t.com/c><link rel=prefetch href=https://t.com/d><blockquote cite=https://t.com/e>q</blockquote><table background=https://t.com/f></table>`, "<blockquote>q</blockquote><table></table>"},
		{"X-05 no CSS at all", `<style>@import "https://t.com";input[value^=a]{background:url(//t)}</style><p style="position:fixed;z-index:9;opacity:0">x</p>`, "<p>x</p>"},
		{"X-06 forms, frames, refresh, base", `<form action=https://evil.com><input name=a value=b autofocus><button formaction=x>go</button></form><meta http-equiv=refresh content="0;url=https://evil.com"><base href=https://evil.com><iframe src=https://evil.com>i</iframe><object data=x>o</object><embed src=x><marquee>m</marquee>`, "<div>go</div>om"},
		{"X-07 no id and no name", `<a id=config name=fetch href=https://a.com class=x>y</a><p id=app>z</p>`, `<a href="https://a.com"` + rel + `>y</a><p>z</p>`},
		{"X-08 svg and animate", `<svg><animate attributeName=href values=javascript:alert(1)><use href=data:image/svg+xml,x></svg><math><a href=javascript:1>m</a></math>`, "m"},

		{"F-11 a picture of the same letter", `<img src="cid:logo@x" alt=Logo width=80 height=9999999>`, `<img src="cid:logo@x" alt="Logo" width="80">`},
		{"F-11 a picture of the same letter, encoded", `<img src="CID:logo%40x">`, `<img src="cid:logo@x" alt="">`},
		{"F-11 a picture of another letter gives its words", `<img src="cid:other@x" alt="Logo">`, "Logo"},
		{"F-11 a picture in the address itself", `<img src="data:image/png;base64,AAAA" alt="Logo">`, "Logo"},
	} {
		got := string(Clean(c.in, onePicture))
		if got != c.want {
			t.Errorf("%s\n in   %q\n got  %q\n want %q", c.name, c.in, got, c.want)
		}
		if again := string(Clean(got, onePicture)); again != got {
			t.Errorf("%s: cleaning twice gives %q", c.name, again)
		}
		if !strict(got) {
			t.Errorf("%s: the second reader refuses %q", c.name, got)
		}
	}
}

func TestF11_TheAddressOfAPictureIsEscaped(t *testing.T) {
	got := string(Clean(`<img src=cid:a>`, func(string) (string, bool) { return `/x"onerror="alert(1)`, true }))
	if want := `<img src="/x&#34;onerror=&#34;alert(1)" alt="">`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTheSecondReaderRefuses: what the writer would never write is refused, so that bluemonday gets it.
func TestTheSecondReaderRefuses(t *testing.T) {
	for _, s := range []string{"<script>", "<p onclick=\"x\">", "<p dir=\"ltr\" x>", "<a href=\"javascript:x\"" + rel + ">", "<a href=\"https://a\">", "a > b", "<p", "<P>", "<img src=\"x\">",
		"<img src=\"x\" alt=\"y\" onerror=\"z\">", "<!-- -->", "<p/>", "<br/>", "</p >", "<td colspan=\"2\"align=\"left\">", "<<p>>"} {
		if strict(s) {
			t.Errorf("%q is accepted", s)
		}
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"paragraphs and line ends", "a\nb\r\n\r\nc", "<p>a<br>\nb</p><p>c</p>"},
		{"indentation is kept", "  a  b\n\tc", "<p>\u00a0 a \u00a0b<br>\n\u00a0 \u00a0 c</p>"},
		{"an address ends before the punctuation", "see https://a.com/x_(y), (http://b.com).", `<p>see <a href="https://a.com/x_(y)"` + rel + `>https://a.com/x_(y)</a>, (<a href="http://b.com"` + rel + `>http://b.com</a>).</p>`},
		{"X-10 an attribute in an address", `http://x.com"onmouseover=alert(1)`, `<p><a href="http://x.com"` + rel + `>http://x.com</a>"onmouseover=alert(1)</p>`},
		{"X-10 a script in text", "<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"},
		{"X-10 ANSI", "\x1b[31mred\x1b[0m", "<p>[31mred[0m</p>"},
		{"X-10 a name before the host", "https://bank.com@evil.com/", `<p><a href="https://evil.com/"` + rel + `>https://bank.com@evil.com/</a></p>`},
		{"nothing", " \n\n", ""},
	} {
		if got := string(Text(c.in)); got != c.want {
			t.Errorf("%s\n got  %q\n want %q", c.name, got, c.want)
		}
	}
}

func TestX10_AMegabyteWithoutSpaces(t *testing.T) {
	began := cpu()
	got := Text(strings.Repeat("x", 1<<20))
	if took := cpu() - began; took > 300*time.Millisecond || len(got) != 1<<20+7 {
		t.Errorf("%d bytes in %v", len(got), took)
	}
}

func TestX09_Markdown(t *testing.T) {
	for _, c := range []struct {
		name, in string
		has, not string
	}{
		{"emphasis and lists", "**a**\n\n- b\n- c", "<strong>a</strong>", "*"},
		{"a line end is one", "a\nb", "<br>", ""},
		{"a table", "| a | b |\n|---|---|\n| 1 | 2 |", "<td>1</td>", "|"},
		{"a javascript link", "[x](javascript:alert(1))", "x", "href"},
		{"a remote picture stays a link", "![x](https://t.com/p.gif)", `<a href="https://t.com/p.gif"`, "<img"},
		{"raw HTML is not read", "<b onclick=x>y</b><script>z</script>", "y", "<b"},
		{"an autolink with a quote", `<https://a.com/"x>`, "a.com", `"x"`},
		{"link definitions are plain text", "[a]: https://a.com\n\n[a]", "[a]", "<a href=\"https://a.com\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">a</a>"},
	} {
		got := string(Markdown(c.in))
		if !strings.Contains(got, c.has) || c.not != "" && strings.Contains(got, c.not) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

func TestX09_MarkdownBombs(t *testing.T) {
	for _, s := range []string{strings.Repeat(">", 50000), strings.Repeat("> ", 30000) + "x", strings.Repeat("- ", 30000) + "x", strings.Repeat("[", 60000), strings.Repeat("*a_", 20000), strings.Repeat("![", 30000),
		strings.Repeat("`", 60000), strings.Repeat("a`", 3000), strings.Repeat("[a](", 15000), "[a]: /" + strings.Repeat("x", 30000) + "\n\n" + strings.Repeat("[a]", 10000), strings.Repeat("<", 60000), strings.Repeat("x", maxMarkdown+1), strings.Repeat("|", 60000) + "\n" + strings.Repeat("|-", 30000), nested(400)} {
		began := cpu()
		got := Markdown(s)
		if took := cpu() - began; took > 400*time.Millisecond || len(got) > 20*len(s)+1000 {
			t.Errorf("%.20q… of %d bytes gives %d bytes in %v", s, len(s), len(got), took)
		}
	}
}

// nested is a list of lists, each one step further in.
func nested(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", 2*i) + "- x\n")
	}
	return b.String()
}

func TestPlain(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"paragraphs and lines", "<p>a<br>b</p><p>c</p><div>d</div><div>e</div>", "a\nb\n\nc\n\nd\ne"},
		{"white space is that of a page", "a\n  b&nbsp;\tc <b> d</b>e", "a b c de"},
		{"lists are marked and indented", "<ul><li>a<ol><li>b<li>c</ol><li>d</ul>", "- a\n  1. b\n  2. c\n- d"},
		{"cells stand side by side", "<table><tr><td>a</td><td>b</td></tr><tr><td>c<td>d</table>", "a b\nc d"},
		{"links give their words", "<a href=https://a.com>x</a>", "x"},
		{"pre is kept", "<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"},
		{"scripts, styles and comments are no words", "<style>p{}</style><title>t</title><!-- c --><script>s</script>x", "x"},
		{"entities are read", "&lt;b&gt; &amp; &eacute;", "<b> & é"},
		{"conditional comments of Outlook", "<!--[if mso]>no<![endif]--><![if !mso]>yes<![endif]>", "yes"},
	} {
		if got := Plain(c.in); got != c.want {
			t.Errorf("%s\n got  %q\n want %q", c.name, got, c.want)
		}
	}
}
