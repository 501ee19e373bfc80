package safehtml

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// letter is 10 kB of HTML as mail programs write it: styles, classes, a table, links, a long quotation.
func letter() string {
	var b strings.Builder
	b.WriteString(`<html><head><style>p.MsoNormal{margin:0cm;font-family:"Calibri",sans-serif}</style></head><body lang="EN-US" style="word-wrap:break-word"><div class="WordSection1">`)
	for b.Len() < 10<<10 {
		b.WriteString(`<p class="MsoNormal" style="margin:0cm;font-size:11.0pt"><span style="font-family:&quot;Calibri&quot;,sans-serif;color:#1F497D">Dear team,<br>the delivery of <b>14 pallets</b> leaves the depot on Friday &amp; arrives on Monday; the papers are <a href="https://files.vendor.example/d/4711?x=1&amp;y=2" style="color:blue">here</a>.<o:p></o:p></span></p>
<table border="1" cellpadding="0" style="border-collapse:collapse"><tr><td width="120" valign="top" style="padding:5pt">Item</td><td align="right">Price</td></tr><tr><td>Pump</td><td align="right">1&nbsp;200,00 €</td></tr></table>
`)
	}
	b.WriteString("</div></body></html>")
	return b.String()
}

func BenchmarkClean10kB(b *testing.B) {
	s := letter()
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		Clean(s, nil)
	}
}

// BenchmarkBluemonday10kB is what the same letter costs with bluemonday alone.
func BenchmarkBluemonday10kB(b *testing.B) {
	s := letter()
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		policy().Sanitize(s)
	}
}

func BenchmarkText10kB(b *testing.B) {
	s := strings.Repeat("Dear team, the papers are at https://files.vendor.example/d/4711?x=1 and\nelsewhere.\n\n", 120)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		Text(s)
	}
}

func BenchmarkPlain10kB(b *testing.B) {
	s := letter()
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		Plain(s)
	}
}

func BenchmarkMarkdown2kB(b *testing.B) {
	s := strings.Repeat("Hello **team**, see [the list](https://a.example/x):\n\n- one\n- two\n\n> quoted\n\n", 26)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		Markdown(s)
	}
}

// hostile are shapes that cost others the square of their length; each is repeated to a megabyte.
var hostile = []string{
	"<div>", "<b>", "<a href=https://a.test>", "<table><tr><td>", "</div>", "<p", "<!--", "<a href=\"", "&", "&lt;", "<p>a</b>", "<li>", "<ul><li>", "<td>", "<svg><style>", "]]>", "<x a=1 b=2>",
	"http://", "https://x", "http://a.test ", "http://((", "http://a))))", "www.", "://", "a@b.", "<a href=http://a.test>b.com ", "\x00", "\xff", "é", "\u202e", "<img src=cid:x>", "<img src=http://a.test alt=x>", "> ", "[", "[](", "*a **b ", "_", "`", "![", "<http://a.test>", "|a", "- ", "\n", "1. ", "&#0;", "\\", "[a]: http://a.test\n", "<pre>\n", "<blockquote>", "<h1>", "<q>",
}

// TestM14_LinearWhateverTheShape: a megabyte of any shape takes well under a second of processor time.
func TestM14_LinearWhateverTheShape(t *testing.T) {
	if raceDetector {
		t.Skip("measures time: make check runs it once more without the race detector")
	}
	const size = 1 << 20
	for _, h := range hostile {
		s := strings.Repeat(h, size/len(h))
		for name, run := range map[string]func(){
			"Clean": func() { Clean(s, nil) }, "Text": func() { Text(s) }, "Plain": func() { Plain(s) },
			"Markdown": func() { Markdown(s[:maxMarkdown/len(h)*len(h)]) },
		} {
			began := cpu()
			run()
			if took := cpu() - began; took > 700*time.Millisecond {
				t.Errorf("%s of %q: %v", name, h, took)
			} else if testing.Verbose() && took > 100*time.Millisecond {
				t.Logf("%s of %q: %v", name, h, took)
			}
		}
	}
}

// cpu is the processor time this process has used: unlike a clock on the wall it does not count the neighbours'.
func cpu() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
