package courier

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// What a server says: an answer or an error, within limits, and what is kept of it is
// one short printable line.
func FuzzReply(f *testing.F) {
	for _, s := range []string{"250 ok\r\n", "250-a\r\n250 b\n", "220", "5", "", "550 5.1.1 x\x1b[0m\u202e\r\n", "250-a\r\n" + strings.Repeat("x", 3000)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		rep, err := readReply(bufio.NewReaderSize(bytes.NewReader(raw), maxReplyLine))
		if err != nil {
			if !utf8.ValidString(err.Error()) || len(err.Error()) > 200 {
				t.Errorf("error %q", err)
			}
			return
		}
		s := rep.String()
		if len(s) > maxResponse || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) && !bytes.ContainsRune(raw, utf8.RuneError) {
			t.Errorf("kept %q", s)
		}
		if rep.code < 200 || rep.code > 599 || len(rep.lines) < 1 || len(rep.lines) > maxReplyLines {
			t.Errorf("code %d, %d lines", rep.code, len(rep.lines))
		}
		if e := rep.enhanced(); e != "" && e[0] != s[0] {
			t.Errorf("status %q of %q", e, s)
		}
	})
}

// What goes out after DATA: exactly one letter, the one that was given.
func FuzzLetter(f *testing.F) {
	for _, s := range []string{sample, "a\r\n.\r\nb", ".", "..\r\n", "a\n.\r\n", "\r\n.\r\n", "a\r.\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if checkBytes(raw) != nil {
			return
		}
		var wire bytes.Buffer
		w := bufio.NewWriterSize(&wire, 16)
		if err := writeStuffed(w, raw); err != nil {
			t.Fatal(err)
		}
		w.WriteString(".\r\n")
		w.Flush()
		out := wire.Bytes()
		if end := bytes.Index(append([]byte("\r\n"), out...), []byte("\r\n.\r\n")); end+3 != len(out) {
			t.Fatalf("the letter ends at %d of %d: %q", end, len(out), out)
		}
		var back []byte
		for line := range bytes.SplitAfterSeq(out[:len(out)-3], []byte("\r\n")) {
			back = append(back, bytes.TrimPrefix(line, []byte("."))...)
		}
		if want := append(bytes.TrimSuffix(raw, []byte("\r\n")), "\r\n"...); !bytes.Equal(back, want) {
			t.Errorf("read back %q, want %q", back, want)
		}
		for i, c := range out {
			if c == 0 || (c == '\n' && (i == 0 || out[i-1] != '\r')) || (c == '\r' && (i+1 == len(out) || out[i+1] != '\n')) {
				t.Errorf("octet %d of %q", i, out)
			}
		}
	})
}

// What stands in <…>: nothing that ends it, and nothing that changes when read again.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"bob@ext.test", "jürgen@bücher.test", "a@b.test> X=<", `"a"@b.test`, "a@b", "a\u202e@b.test", "A@B.Test"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := parseAddress(s)
		if err != nil {
			return
		}
		if strings.ContainsFunc(a.String(), func(r rune) bool {
			return strings.ContainsRune("<>\"(),:;[]\\ ", r) || !unicode.IsPrint(r) && !unicode.Is(unicode.M, r)
		}) {
			t.Errorf("%q became %q", s, a)
		}
		if again, err := parseAddress(a.String()); err != nil || again != a {
			t.Errorf("%q became %q, then %q, %v", s, a, again, err)
		}
	})
}

// What a domain's policy says: bounded, and enforced only with servers to enforce.
func FuzzPolicy(f *testing.F) {
	f.Add(enforce)
	f.Add("version: STSv1\r\nmode: none\r\nmax_age: 99999999999\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePolicy(text)
		if err == nil && (p.maxAge < 0 || p.maxAge > maxPolicyAge || (p.enforced() && len(p.mx) == 0)) {
			t.Errorf("%+v", p)
		}
	})
}
