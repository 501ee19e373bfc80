package mailauth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"strings"
	"testing"
	"time"
)

func sha(b []byte) [sha256.Size]byte { return sha256.Sum256(b) }

// relaxedByTheBook is RFC 6376 3.4.4 said as slowly as it is written.
func relaxedByTheBook(body []byte) []byte {
	lines := strings.Split(string(body), "\r\n")
	for i, line := range lines {
		line = strings.ReplaceAll(line, "\t", " ")
		for strings.Contains(line, "  ") {
			line = strings.ReplaceAll(line, "  ", " ")
		}
		lines[i] = strings.TrimSuffix(line, " ")
	}
	out := []byte(strings.Join(lines, "\r\n"))
	for bytes.HasSuffix(out, crlf) {
		out = out[:len(out)-2]
	}
	if len(out) > 0 {
		out = append(out, crlf...)
	}
	return out
}

// letter10k is a letter of 10 kB from a mailing system: RSA-2048, SPF, DMARC.
func letter10k(tb testing.TB, c string) (*Checker, Letter) {
	body := strings.Repeat("The quick brown fox jumps over the lazy dog, again and again and again.\r\n", 135)
	raw := strings.Repeat("Received: from a.test by b.test with ESMTPS id 123;\r\n\tTue, 01 Sep 2026 10:00:00 +0000\r\n", 3) +
		strings.Replace(plainLetter, "The  answer is\t42. \r\n\r\nBob\r\n\r\n", body, 1)
	z := zone()
	z[keyName] = MapRecords{TXT: []string{keyRecord(testRSA(), "")}}
	signed := sign(tb, raw, "d=ext.test; s=s1; c="+c+"; h="+everything, testRSA())
	checker := &Checker{Resolver: z, Now: func() time.Time { return noon }}
	return checker, Letter{Remote: goodIP, Helo: "mx.ext.test", MailFrom: "bob@ext.test", From: "bob@ext.test", Raw: []byte(signed)}
}

func BenchmarkCheckRSA2048(b *testing.B) {
	for _, c := range []string{"relaxed/relaxed", "simple/simple"} {
		b.Run(c, func(b *testing.B) {
			checker, l := letter10k(b, c)
			if v := checker.Check(context.Background(), l); !v.Verified {
				b.Fatal(describe(v))
			}
			b.SetBytes(int64(len(l.Raw)))
			b.ReportAllocs()
			for b.Loop() {
				checker.Check(context.Background(), l)
			}
		})
	}
}

func BenchmarkHashBody1MB(b *testing.B) {
	body := []byte(strings.Repeat("The quick brown fox jumps over the lazy dog.\r\n", 1<<20/46))
	for name, relaxed := range map[string]bool{"relaxed": true, "simple": false} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				hashBody(body, relaxed, -1)
			}
		})
	}
}

func BenchmarkSign(b *testing.B) {
	s, err := LoadSigner(b.TempDir(), "in.test")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.Sign([]byte(ours)); err != nil {
			b.Fatal(err)
		}
	}
}
