package intake

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"aside/internal/email"
)

// What one letter may cost in reading, trimming and cleaning, whatever it holds (PF-9).
const (
	maxCPU   = time.Second
	maxHeap  = 64 << 20 // beside the letter itself
	letterOf = 25 << 20
)

// hostileLetters are letters of about n bytes, each made to cost more than its bytes.
func hostileLetters(n int) map[string][]byte {
	part := func(kind, unit string) []byte {
		return []byte("From: a@b.test\nMIME-Version: 1.0\nContent-Type: " + kind + "\n\n" + strings.Repeat(unit, n/len(unit)))
	}
	return map[string][]byte{
		"ampersands":              part("text/html", "&&&&&&&&&\n"),
		"entities":                part("text/html", "&lt;&amp;&#0;&NotEqualTilde;\n"),
		"Latin-1":                 part("text/html; charset=iso-8859-1", strings.Repeat("\xe4", 70)+"\n"),
		"undeclared bytes":        part("text/plain", strings.Repeat("\xe4\xb8", 35)+"\n"),
		"big5":                    part("text/plain; charset=big5", strings.Repeat("\xa4\xa4", 35)+"\n"),
		"NULs":                    part("text/html", strings.Repeat("\x00", 70)+"\n"),
		"quoted-printable NULs":   part("text/html\nContent-Transfer-Encoding: quoted-printable", strings.Repeat("=00", 23)+"=\n"),
		"tags in tags":            part("text/html", "<div><b>\n"),
		"tables in tables":        part("text/html", "<table><td>\n"),
		"half tags":               part("text/html", "<a href=\"<\n"),
		"attributes":              part("text/html", "<p a b c d e f g>\n"),
		"links":                   part("text/html", "<a href=https://x.test>x</a>\n"),
		"pictures":                part("text/html", "<img src=cid:a@b>\n"),
		"blockquotes":             part("text/html", "<blockquote>On x wrote:<br>\n"),
		"quote marks":             part("text/plain", ">"),
		"quoted lines":            part("text/plain", "> > > >\n"),
		"introductions":           part("text/plain", "On On On wrote:\n"),
		"one long line":           part("text/plain", "x"),
		"addresses in a text":     part("text/plain", "http://x.test/ "),
		"flowed":                  part("text/plain; format=flowed; delsp=yes", "x \n"),
		"base64":                  part("text/html\nContent-Transfer-Encoding: base64", "PGI+PGI+PGI+PGI+PGI+\n"),
		"lines that seem borders": part("multipart/mixed; boundary=b", "--b-\n"),
		"dashes":                  part("multipart/mixed; boundary=b", "--\n"),
		"short quoted lines":      part("text/plain", ">\n"),
		"text beside HTML":        []byte("From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>x\n--b\n\n" + strings.Repeat("a line of text\n", n/15)),
		"HTML beside text":        []byte("From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: text/html\n\n" + strings.Repeat("<blockquote>x<br>\n", n/18)),
		"text and HTML in turn":   []byte("From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx"+strings.Repeat(">\n", n/800)+"\n--b\nContent-Type: text/html\n\n"+strings.Repeat("<i>&", n/1600)+"\n", 200)),
		"base64 that is none":     part("text/plain\nContent-Transfer-Encoding: base64", "Yes, it is so!\n"),
		"base64 and its footer":   part("text/plain\nContent-Transfer-Encoding: base64", "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=\n\nlist: x\n"),
		"400 texts":               []byte("From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: text/html\n\n"+strings.Repeat("<i>&", n/400/4)+"\n", 400)),
	}
}

// cost reads a letter as intake does and measures the process's CPU and the most heap it took.
func cost(raw []byte) (cpu time.Duration, heap uint64) {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	base := sample[0].Value.Uint64()
	var most atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for {
			metrics.Read(s)
			most.Store(max(most.Load(), s[0].Value.Uint64()))
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	began := used()
	if m, err := email.ParseFrom(raw, "a@b.test"); err == nil {
		Read(m)
	}
	cpu = used() - began
	close(stop)
	<-stopped
	return cpu, most.Load() - min(base, most.Load())
}

func used() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestPF9_AHostileLetterOf25MiBCostsUnderASecondAnd64MiB(t *testing.T) {
	if testing.Short() {
		t.Skip("short: letters of 25 MiB")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(20)) // what is measured is what is held, not what waits to be collected
	slow := time.Duration(1)
	if raceDetector {
		slow = 10
	}
	for name, raw := range hostileLetters(letterOf) {
		cpu, heap := cost(raw)
		t.Logf("%-24s %5d ms %4d MiB", name, cpu.Milliseconds(), heap>>20)
		if cpu > slow*maxCPU || heap > maxHeap {
			t.Errorf("%s: %v and %d MiB", name, cpu, heap>>20)
		}
	}
}

// TestPF9_ReadingIsLinear gives each letter at an eighth of the size and whole: the time may grow with it, and no faster.
func TestPF9_ReadingIsLinear(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("timing: not with -short or -race")
	}
	const small = 256 << 10 // under the cap on HTML, so that HTML is measured too
	whole := hostileLetters(8 * small)
	for name, raw := range hostileLetters(small) {
		little, _ := cost(raw)
		large, _ := cost(whole[name])
		if large > 8*3*little+100*time.Millisecond {
			t.Errorf("%s: eight times the bytes took %v instead of %v", name, large, little)
		}
	}
}
