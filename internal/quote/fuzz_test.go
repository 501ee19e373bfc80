package quote

import (
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

var seeds = []string{
	"<<div >wrote:<BloCkquote>0</div>A0",
	"", "Hello", "Hi\n\nOn Mon, Apr 2, 2012 at 6:26 PM, Ann <a@b.example> wrote:\n> x\n> y\n\nBye", "> a\nb\n> c\nd", "a\n--\nAnn\n", "a\r\n\r\n-----Original Message-----\r\nFrom: x\r\n",
	"reply On Wed, Apr 4, 2012 at 3:59 PM, bob@example.com wrote:\n> Hi", "From: a@b.example\n\nx", "From: a@b.example\nTo: c\nSubject: d\n\nx", "\n\n\n> \n", ">\n>>\n> > x\xff\n\x00", Marker + "\n> x", "x\n\n" + Marker + "\n\ny",
	"FYI\n---------- Forwarded message ----------\nFrom: a@b.example\n\nx", "a\n\nSent from my iPhone\n\nOn 1/2/2024 10:00, B wrote:\nx",
	"<div>Reply<br>x</div><div class=gmail_quote>On 1/2/2024 10:00, B wrote:<blockquote>a<p>b</blockquote>tail</div>", "<p>a<blockquote type=cite>b</blockquote>c<blockquote>d</blockquote>", "<pre>a\n> b\n> c</pre>",
	"<div>a<div id=divRplyFwdMsg><b>From:</b> x<br></div>b</div>", "<table><tr><td>a<hr>From: b@c.example<br>Sent: 1/2/2024<br>To: x<td>z</table>", "<style>p{}</style><b>a", "&gt; a<br>&gt; b<br>c",
}

// FuzzText: fresh and quoted hold every line of the letter, each side in order, and nothing else; once folded, the fresh
// part is valid wherever the letter was.
func FuzzText(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		fresh, quoted := Text(s)
		if !interleaves(s, fresh, quoted) {
			t.Errorf("%q gives %q and %q", s, fresh, quoted)
		}
		if utf8.ValidString(s) && !(utf8.ValidString(fresh) && utf8.ValidString(quoted)) {
			t.Errorf("a character was cut in %q", s)
		}
		if strings.TrimSpace(s) != "" && strings.TrimSpace(fresh) == "" {
			t.Errorf("nothing is left of %q", s)
		}
	})
}

// FuzzHTML: every word of the letter is in fresh or in quoted, each side in order, and both are balanced.
func FuzzHTML(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		fresh, quoted := HTML(s)
		if quoted == "" && fresh == s {
			return
		}
		if !interleaves(letters(s), letters(fresh), letters(quoted)) {
			t.Errorf("%q gives %q and %q", s, fresh, quoted)
		}
		if len(fresh)+len(quoted) > len(s)+2*maxCuts*maxDepth*(maxName+3) {
			t.Errorf("%d bytes grew to %d and %d", len(s), len(fresh), len(quoted))
		}
	})
}

func letters(s string) string {
	var b strings.Builder
	for _, l := range splitHTML(s) {
		b.WriteString(nows(l.text))
	}
	return b.String()
}

// interleaves says whether whole is a and b, each in order, shuffled into one another. Both begin with different bytes as
// often as not, so the search keeps all positions that are still possible.
func interleaves(whole, a, b string) bool {
	if len(a)+len(b) != len(whole) {
		return false
	}
	possible := map[int]bool{0: true} // how much of a may be used up
	for i := range len(whole) {
		next := map[int]bool{}
		for n := range possible {
			if n < len(a) && a[n] == whole[i] {
				next[n+1] = true
			}
			if m := i - n; m < len(b) && b[m] == whole[i] {
				next[n] = true
			}
		}
		if possible = next; len(possible) == 0 {
			return false
		}
	}
	return true
}

// hostile are shapes that cost others the square of their length or worse; each is repeated to a megabyte.
var hostile = []string{
	">", "> ", "On ", "On On On ", "\"bq\"", ">\n", "\n", "a:\n", "x 1@:\n", "1/1 a@b.c\n", "On 1/2/2024\n", "On 1/2/2024 <a@b.example\n", "From: a\n", "From: a@b.c\n", "Sent: \n\n", "--\n", "-- \na\n", "---\n", "Sent from my x\n", "This e-mail and any\n", "a\n> b\n", "> a\nb\n\n", "> (http://a\nb\n", "On 1/2/24 x wrote:\n> a\nb\n", "-----Original Message-----\n", Marker + "\n", " \t\n", "\u00a0", "é", "\xff", "On Mon, 1/2/2024 <<<<\n> x\n",
	"<div>", "<blockquote>", "<blockquote>a</blockquote>b", "<p>a", "<br>", "<div class=gmail_quote>", "<div class=gmail_signature>a", "<span id=divRplyFwdMsg>a", "<pre>\n", "</div>", "<a ", "&gt;", "<hr>", "<td>a", "<div>a<blockquote>On 1/2/24 x wrote:<br>",
}

// TestM13_ALogFileIsShownAsItIs: 25 MiB of short lines cost neither seconds nor more than 64 MiB.
func TestM13_ALogFileIsShownAsItIs(t *testing.T) {
	for name, run := range map[string]func(string) (string, string){"Text": Text, "HTML": HTML} {
		for _, shape := range []string{"a:\n", "> a\n", "<p>a", "<br>"} {
			s := strings.Repeat(shape, 25<<20/len(shape))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := cpu()
			if fresh, quoted := run(s); fresh != s || quoted != "" {
				t.Errorf("%s of %q was folded", name, shape)
			}
			runtime.ReadMemStats(&after)
			if took, grown := cpu()-began, after.TotalAlloc-before.TotalAlloc; took > time.Second || grown > 64<<20 {
				t.Errorf("%s of %q: %v, %d MiB", name, shape, took, grown>>20)
			}
		}
	}
}

// TestM13_LinearWhateverTheShape: no shape costs more than twice the 50 ms per megabyte of the row; the square of a
// length would cost minutes. Run with -v to see the ones above 50.
func TestM13_LinearWhateverTheShape(t *testing.T) {
	if raceDetector {
		t.Skip("measures time: make check runs it once more without the race detector")
	}
	for _, h := range hostile {
		for _, size := range []int{1 << 20} {
			s := strings.Repeat(h, size/len(h))
			for name, run := range map[string]func(string) (string, string){"Text": Text, "HTML": HTML} {
				began := cpu()
				run(s)
				took := cpu() - began
				if took > 100*time.Millisecond {
					t.Errorf("%s of %q: %v", name, h, took)
				} else if testing.Verbose() && took > 50*time.Millisecond {
					t.Logf("%s of %q: %v", name, h, took)
				}
			}
		}
	}
}

func BenchmarkText10kB(b *testing.B) {
	s := "Dear team,\n\nthe pallets arrive on Monday.\n\nAnn\n\nOn Mon, Apr 2, 2012 at 6:26 PM, Ann <a@b.example> wrote:\n" + strings.Repeat("> the delivery of 14 pallets leaves the depot on Friday; see below:\n", 150)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		Text(s)
	}
}

func BenchmarkHTML10kB(b *testing.B) {
	s := "<html><body><div>Dear team,<br><br>the pallets arrive on Monday.</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">On Mon, Apr 2, 2012 at 6:26 PM, Ann &lt;<a href=\"mailto:a@b.example\">a@b.example</a>&gt; wrote:<br></div><blockquote class=\"gmail_quote\" style=\"margin:0 0 0 .8ex\">" +
		strings.Repeat("<div style=\"font-size:small\">the delivery of <b>14 pallets</b> leaves the depot on Friday; see below:<br></div>\n", 90) + "</blockquote></div></body></html>"
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		HTML(s)
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
