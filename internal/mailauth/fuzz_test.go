package mailauth

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
)

func FuzzDomain(f *testing.F) {
	for _, s := range []string{"ext.test", "a.b.", "192.0.2.1", "x", "-a.test", "a..b", "_dmarc.ext.test", "ext.test'a", "b\xc3\xbccher.example", strings.Repeat("a.", 130) + "a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := cleanDomain(s)
		if !ok {
			return
		}
		again, ok := cleanDomain(d)
		if !ok || again != d || len(d) > maxDomain || strings.ContainsAny(d, " \r\n\x00'\"()@/%;=") || !strings.Contains(d, ".") {
			t.Errorf("%q became %q, then %q", s, d, again)
		}
		if top := d[strings.LastIndexByte(d, '.')+1:]; strings.Trim(top, "0123456789") == "" {
			t.Errorf("%q was taken for a name", s)
		}
		if r := registrable(suffixes, d); r != "" && !isWithin(d, r) {
			t.Errorf("%q is not within %q", d, r)
		}
	})
}

func FuzzDMARCRecord(f *testing.F) {
	for _, s := range []string{"v=DMARC1; p=reject", "V = DMARC1;p=none;sp=x;;np", "v=DMARC1; rua=mailto:a@b.test,!; t=y; psd=n; adkim=s", "v=DMARC1", "v=DMARC1;=;p=;p"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, ok := readRecord(s)
		if !ok {
			return
		}
		for _, p := range []string{r.policy, r.below, r.nonexistent, softened(r, r.policy)} {
			if !isPolicy(p) {
				t.Errorf("%q asks for %q", s, p)
			}
		}
		if !strings.Contains("ynu", string(r.psd)) || r.unprocessed && r.policy != none {
			t.Errorf("%q: %+v", s, r)
		}
	})
}

func FuzzTags(f *testing.F) {
	for _, s := range []string{"v=1; a=rsa-sha256; b= a b ;c", "a=;", "a==b", ";", "a=1;a=2", "p=\r\n x; ", "1=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tags, err := parseTags(s)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, tag := range tags {
			if seen[tag.name] || strings.Contains(tag.value, ";") || trimFWS(s[tag.from:tag.to]) != tag.value {
				t.Errorf("%q: %+v", s, tag)
			}
			seen[tag.name] = true
		}
	})
}

// FuzzDKIM: whatever stands in a DKIM-Signature field, a letter whose signed text
// was changed is not verified, and nothing panics or contradicts itself.
func FuzzDKIM(f *testing.F) {
	zone := zone()
	for _, s := range []string{
		"v=1; d=ext.test; s=s1; h=from; a=ed25519-sha256; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA",
		"v=1; d=co.uk; s=s1; h=from:from; c=relaxed; i=a@b@co.uk; l=0; t=1; x=2; q=dns/txt; b=; bh=",
		"v=1;d=\r\n ext.test", "", "b=b=b",
	} {
		f.Add(s)
	}
	c := Checker{Resolver: zone, Now: func() time.Time { return noon }}
	f.Fuzz(func(t *testing.T, s string) {
		raw := []byte("DKIM-Signature:" + s + "\r\n" + plainLetter)
		v := c.Check(context.Background(), Letter{Remote: evilIP, Helo: "h.test", MailFrom: "bob@ext.test", From: "bob@ext.test", Raw: raw})
		if v.Verified || verdictWord(v) == "contradiction" {
			t.Errorf("%q: %s", s, describe(v))
		}
	})
}

// FuzzSplitLetter: the fields and the body are the letter, nothing lost or added.
func FuzzSplitLetter(f *testing.F) {
	for _, s := range []string{plainLetter, "a: b\r\n\tc\r\n\r\n", "\r\n", "", "a:b\r\n", " a: b\r\n\r\n", "a: b\n\n", "a: b\rc\r\n\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		fields, body, err := splitLetter(raw)
		if err != nil {
			return
		}
		var whole []byte
		for _, field := range fields {
			if strings.ContainsAny(field.name, " \t:\x00\r\n") || field.name == "" {
				t.Errorf("name %q", field.name)
			}
			whole = append(append(whole, field.raw...), '\r', '\n')
		}
		with := append(append(bytes.Clone(whole), '\r', '\n'), body...)
		if !bytes.Equal(with, raw) && !(len(body) == 0 && bytes.Equal(whole, raw)) {
			t.Errorf("%q became %q", raw, with)
		}
	})
}

// FuzzBodyHash: relaxed canonicalization of a body is the same as of its own result,
// and hashing in pieces is the same as the definition of RFC 6376 3.4.4 word by word.
func FuzzBodyHash(f *testing.F) {
	for _, s := range []string{"", "\r\n", "a  b \t\r\n\r\n\r\n", "x", " \r\n", strings.Repeat("long line ", 900) + "\r\n", "a\nb\r\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, size := hashBody(body, true, -1)
		plain := relaxedByTheBook(body)
		want, _ := hashBody(plain, true, -1)
		if got != want || size != int64(len(plain)) {
			t.Errorf("%q: %d bytes, by the book %d: %q", body, size, len(plain), plain)
		}
		half, _ := hashBody(body, true, size/2)
		if want := sha(plain[:size/2]); half != want {
			t.Errorf("%q with l=%d", body, size/2)
		}
	})
}
