package mailauth

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// row is one case of threats.md 2.4. Without a signature of its own, the letter
// goes unsigned from a machine nobody vouches for.
type row struct {
	name   string
	raw    string
	dns    func(MapResolver)
	from   net.IP // the sending machine; nil: evilIP
	want   string // see verdictWord
	result string // of the first signature, when it matters
	reason string // a part of the sentence
	flags  []string
	not    []string // flags that must not be there
}

func (r row) check(t *testing.T) {
	z := zone()
	if r.dns != nil {
		r.dns(z)
	}
	remote := r.from
	if remote == nil {
		remote = evilIP
	}
	v := judgeFrom(z, r.raw, remote)
	if got := verdictWord(v); got != r.want {
		t.Errorf("got %s, want %s", describe(v), r.want)
	}
	if r.result != "" && (len(v.DKIM) == 0 || v.DKIM[0].Result != r.result) {
		t.Errorf("got %s, want a signature that is %s", describe(v), r.result)
	}
	if !strings.Contains(v.Reason, r.reason) {
		t.Errorf("got reason %q, want %q", v.Reason, r.reason)
	}
	for _, f := range r.flags {
		if !slices.Contains(v.Flags, f) {
			t.Errorf("got flags %v, want %s", v.Flags, f)
		}
	}
	for _, f := range r.not {
		if slices.Contains(v.Flags, f) {
			t.Errorf("got flags %v, must not have %s", v.Flags, f)
		}
	}
}

func check(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, r.check)
	}
}

// from rewrites the From of plainLetter.
func from(addr string) string { return strings.Replace(plainLetter, "bob@ext.test", addr, 1) }

// signed is plainLetter, signed by a domain with everything covered.
func signed(t *testing.T, raw, domain string) string {
	return sign(t, raw, "c=relaxed/relaxed; d="+domain+"; s=s1; h="+everything, testEd)
}

func txt(name string, texts ...string) func(MapResolver) {
	return func(m MapResolver) { m[name] = MapRecords{TXT: texts} }
}

func trouble(name, word string) func(MapResolver) {
	return func(m MapResolver) { m[name] = MapRecords{Error: word} }
}

const keyName = "s1._domainkey.ext.test."

func TestSpoofRows(t *testing.T) {
	check(t, []row{
		{name: "A-00 an honest signed letter is verified", raw: signed(t, plainLetter, "ext.test"), want: "verified", result: pass, reason: "Signed by ext.test", not: []string{FlagWeak, FlagPartiallySigned, FlagSPFOnly}},
		{name: "A-01 a plain spoof under p=reject is refused", raw: plainLetter, want: "refuse", reason: "ext.test asks that such mail be refused"},
		{name: "A-02 a plain spoof under p=quarantine is held", raw: from("bob@quar.test"), want: "quarantine", reason: "quar.test asks that such mail be held back"},
		{name: "A-03 a plain spoof without a record is unverified", raw: from("bob@none.test"), want: "unverified", reason: "Nothing shows that this came from none.test"},
		{name: "A-03 a plain spoof under p=none is unverified", raw: plainLetter, dns: txt("_dmarc.ext.test.", "v=DMARC1; p=none"), want: "unverified"},
		{name: "A-04 the signature of another domain does not speak for the From", raw: signed(t, plainLetter, "attacker.test"), want: "refuse", result: pass, reason: "Signed by attacker.test, which does not speak for ext.test"},
		{name: "A-04 nor where there is no policy", raw: signed(t, from("bob@none.test"), "attacker.test"), want: "unverified"},
		{name: "A-05 a sub-domain's signature is aligned when relaxed", raw: signed(t, plainLetter, "mail.ext.test"), want: "verified", reason: "Signed by mail.ext.test"},
		{name: "A-05 and is not when strict", raw: signed(t, plainLetter, "mail.ext.test"), dns: txt("_dmarc.ext.test.", "v=DMARC1; p=reject; adkim=s"), want: "refuse", result: pass},
		{name: "A-05 the parent's signature is aligned with a sub-domain's From", raw: signed(t, from("bob@mail.ext.test"), "ext.test"), want: "verified"},
		{name: "A-05 psd=n cuts the sub-domain off", raw: signed(t, plainLetter, "mail.ext.test"), dns: txt("_dmarc.mail.ext.test.", "v=DMARC1; p=none; psd=n"), want: "refuse"},
		{name: "A-28 a list that rewrote the From is verified as itself", raw: signed(t, from("list@list.test"), "list.test"), want: "verified"},
		{name: "A-28 a list that did not is judged by the author's policy", raw: signed(t, plainLetter, "list.test"), want: "refuse"},
	})
}

func TestPublicSuffixRows(t *testing.T) {
	rows := []row{}
	for _, d := range []string{"test", "com", "co.uk", "github.io"} {
		rows = append(rows, row{
			name: "A-06 nobody signs for " + d, raw: signed(t, from("bob@x."+d), d),
			dns:  func(m MapResolver) { m["s1._domainkey."+d+"."] = m[keyName] },
			want: "unverified", result: permerror,
		})
	}
	rows = append(rows, row{
		name: "A-06 neighbours under a suffix with a DMARC record are not aligned", raw: signed(t, from("bob@a.github.io"), "b.github.io"),
		dns: func(m MapResolver) {
			m["s1._domainkey.b.github.io."] = m[keyName]
			m["_dmarc.github.io."] = MapRecords{TXT: []string{"v=DMARC1; p=reject"}}
		},
		want: "refuse", result: pass,
	})
	for _, addr := range []string{"a@[192.0.2.1]", "a@192.0.2.1", "a@localhost", "a@", "@ext.test", "a@ext..test", "a@e\u0445t.test"} {
		rows = append(rows, row{name: "A-07 never aligned: " + addr, raw: signed(t, from(addr), "ext.test"), want: "unverified"})
	}
	rows = append(rows, row{
		name: "A-07 an address literal as d= is no domain", raw: signed(t, from("a@192.0.2.1"), "192.0.2.1"), want: "unverified", result: permerror,
		dns: func(m MapResolver) { m["s1._domainkey.192.0.2.1."] = m[keyName] },
	})
	check(t, rows)
}

// TestHeaderRows is D7 and H-07 as this package alone must stand them: each letter
// carries a valid signature of attacker.test over an honest From, and a second one
// that some reader would display.
func TestHeaderRows(t *testing.T) {
	good := signed(t, from("x@attacker.test"), "attacker.test")
	for name, evil := range map[string]string{
		"A-08 a second From on top":           "From: bob@ext.test\r\n" + good,
		"A-08 a second From below":            strings.Replace(good, "To:", "From: bob@ext.test\r\nTo:", 1),
		"H-07 a space before the first From":  " From: bob@ext.test\r\n" + good,
		"H-07 a space before the colon":       "From : bob@ext.test\r\n" + good,
		"H-07 a tab before the colon":         "From\t: bob@ext.test\r\n" + good,
		"H-07 a fold before the colon":        "From\r\n : bob@ext.test\r\n" + good,
		"H-07 a NUL before the colon":         "From\x00: bob@ext.test\r\n" + good,
		"H-07 a bare LF in the header":        "X: y\nFrom: bob@ext.test\r\n" + good,
		"H-07 a bare CR in the header":        "X: y\rFrom: bob@ext.test\r\n" + good,
		"H-07 a line without a colon":         "From bob@ext.test\r\n" + good,
		"H-07 a name with an 8-bit character": "Fr\xc3\xb6m: bob@ext.test\r\n" + good,
		"H-07 an empty name":                  ": bob@ext.test\r\n" + good,
		"H-08 501 fields":                     strings.Repeat("X: y\r\n", 501) + good,
		"H-08 a header of 300 KiB":            "X: " + strings.Repeat("y", 300<<10) + "\r\n" + good,
	} {
		t.Run(name, func(t *testing.T) {
			c := Checker{Resolver: zone(), Now: func() time.Time { return noon }}
			for _, f := range []string{"bob@ext.test", "x@attacker.test"} {
				v := c.Check(context.Background(), Letter{Remote: goodIP, Helo: "h.test", MailFrom: f, From: f, Raw: []byte(evil)})
				if v.Verified || v.Temporary || !slices.Contains(v.Flags, FlagMalformed) {
					t.Errorf("as %s: %s", f, describe(v))
				}
			}
		})
	}
}

func TestSignatureRows(t *testing.T) {
	over := func(tags string) string { return sign(t, plainLetter, "d=ext.test; s=s1; "+tags, testEd) }
	now := func(d time.Duration) string { return fmt.Sprint(noon.Add(d).Unix()) }
	cut := sign(t, strings.Replace(plainLetter, "\r\nBob\r\n\r\n", "", 1), "d=ext.test; s=s1; l=4; h="+everything, testEd)
	check(t, []row{
		{name: "A-10 l= with words appended does not count", raw: cut + "<script>…</script>", want: "refuse", reason: "covers part of the body only"},
		{name: "A-10 l= over the whole body does not count either", raw: over("l=34; h=" + everything), want: "refuse"},
		{name: "A-10 l= longer than the body is an error", raw: over("l=9999; h=" + everything), want: "refuse", result: permerror},
		{name: "A-10 l= with a sign is an error", raw: over("l=-1; h=" + everything), want: "refuse", result: permerror},
		{name: "A-11 x= in the past", raw: over("x=" + now(-time.Second) + "; h=" + everything), want: "refuse", result: permerror, reason: "has expired"},
		{name: "A-11 x= in the future", raw: over("x=" + now(time.Second) + "; h=" + everything), want: "verified"},
		{name: "A-11 x= before t=", raw: over("t=" + now(-time.Hour) + "; x=" + now(-2*time.Hour) + "; h=" + everything), want: "refuse", result: permerror},
		{name: "A-11 x= before t=, both to come", raw: over("t=" + now(4*time.Minute) + "; x=" + now(time.Minute) + "; h=" + everything), want: "refuse", result: permerror},
		{name: "A-11 t= a day ahead does not count", raw: over("t=" + now(24*time.Hour) + "; h=" + everything), want: "refuse", reason: "made in the future"},
		{name: "A-11 t= four minutes ahead is a clock", raw: over("t=" + now(4*time.Minute) + "; h=" + everything), want: "verified"},
		{name: "A-11 a negative t=", raw: over("t=-1; h=" + everything), want: "refuse", result: permerror},
		{name: "A-11 t= of thirty digits", raw: over("t=" + strings.Repeat("9", 30) + "; h=" + everything), want: "refuse", result: permerror},
		{name: "A-13 a=rsa-sha1", raw: over("a=rsa-sha1; h=" + everything), want: "refuse", result: permerror},
		{name: "A-13 an unknown algorithm", raw: over("a=dsa-sha256; h=" + everything), want: "refuse", result: permerror},
		{name: "A-13 version 2", raw: over("v=2; h=" + everything), want: "refuse", result: permerror},
		{name: "A-13 a tag twice", raw: strings.Replace(over("h="+everything), "s=s1;", "s=s1; s=s1;", 1), want: "refuse", result: permerror},
		{name: "A-13 an unknown canonicalization", raw: over("c=nofws; h=" + everything), want: "refuse", result: permerror},
		{name: "A-13 a key that is not in DNS", raw: over("q=http; h=" + everything), want: "refuse", result: permerror},
		{name: "A-13 i= outside d=", raw: over("i=bob@attacker.test; h=" + everything), want: "refuse", result: permerror},
		{name: "A-13 i= whose domain only ends alike", raw: over("i=bob@evilext.test; h=" + everything), want: "refuse", result: permerror},
		{name: "A-13 i= below d= is fine", raw: over("i=bob@mail.ext.test; h=" + everything), want: "verified"},
		{name: "A-15 the From is not covered", raw: over("h=to:subject:date"), want: "refuse", result: permerror, reason: "does not cover the From"},
		{name: "A-15 an unsigned Content-Type is told", raw: over("h=from:to:subject:date"), want: "verified", flags: []string{FlagPartiallySigned}},
		{name: "A-15 an unsigned Content-Type that was swapped is told", raw: strings.Replace(over("h=from:to:subject:date"), "text/plain", "multipart/mixed; boundary=z", 1), want: "verified", flags: []string{FlagPartiallySigned}},
		{name: "A-16 a Subject added on top is told", raw: "Subject: pay now\r\n" + over("h="+everything), want: "verified", flags: []string{FlagPartiallySigned}},
		{name: "A-16 an oversigned Subject added on top breaks it", raw: "Subject: pay now\r\n" + over("h=subject:"+everything), want: "refuse", result: fail, reason: "The signature broke on the way"},
		{name: "A-29 somebody's ARC seal and results verify nobody", raw: "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=list.test; s=s1; b=AAAA\r\n" +
			"ARC-Authentication-Results: i=1; list.test; dkim=pass header.d=ext.test; dmarc=pass\r\n" +
			"Authentication-Results: in.test; dkim=pass header.d=ext.test; dmarc=pass\r\n" + plainLetter, want: "refuse"},
		{name: "A-36 an S/MIME signature verifies nobody", raw: strings.Replace(plainLetter, "text/plain", "multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b", 1), want: "refuse"},
		{name: "H-10 d= with a quote is no domain", raw: sign(t, plainLetter, "d=ext.test'a.attacker.test; s=s1; h=from", testEd), want: "refuse", result: permerror},
		{name: "H-10 d= with a comment is no domain", raw: sign(t, plainLetter, "d=ext.test(a.attacker.test; s=s1; h=from", testEd), want: "refuse", result: permerror},
		{name: "A-33 a NUL in the selector", raw: strings.Replace(over("h="+everything), "s=s1", "s=s1._domainkey.attacker.\x00.any", 1), want: "unverified"},
		{name: "A-33 a slash in the selector", raw: sign(t, plainLetter, "d=ext.test; s=s1/x; h=from", testEd), want: "refuse", result: permerror},
	})
}

// TestH07_SplitLetter: what stops the reading, by itself and without a second From.
func TestH07_SplitLetter(t *testing.T) {
	for name, c := range map[string]struct {
		raw  string
		want bool
	}{
		"a letter":                      {plainLetter, true},
		"a header without a body":       {"From: a@b.test\r\n", true},
		"nothing":                       {"", true},
		"only a body":                   {"\r\nhi", true},
		"a bare LF ends a line":         {"A: b\nFrom: a@b.test\r\n\r\n", false},
		"a bare LF ends the header":     {"From: a@b.test\r\n\n", false},
		"a bare CR":                     {"A: b\rc\r\n\r\n", false},
		"a NUL":                         {"A: b\x00c\r\n\r\n", false},
		"a fold comes first":            {" A: b\r\n\r\n", false},
		"a space before the colon":      {"A : b\r\n\r\n", false},
		"no colon":                      {"A\r\n\r\n", false},
		"an empty name":                 {": b\r\n\r\n", false},
		"an 8-bit name":                 {"\xc3\xa9: b\r\n\r\n", false},
		"the last line does not end":    {"A: b\r\nC: d", false},
		"bare CR and LF in the body":    {"A: b\r\n\r\nx\ry\nz", true},
		"8-bit characters in the value": {"A: \xc3\xa9\r\n\r\n", true},
	} {
		if _, _, err := splitLetter([]byte(c.raw)); (err == nil) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestASignatureNeverCoversItself: h= may name dkim-signature, for the others.
func TestASignatureNeverCoversItself(t *testing.T) {
	fields, _, err := splitLetter([]byte(signed(t, plainLetter, "ext.test")))
	if err != nil {
		t.Fatal(err)
	}
	plain := attempt{claim: claim{headers: []string{"from"}}}
	more := attempt{claim: claim{headers: []string{"from", "dkim-signature"}}}
	a, _ := plain.headerDigest(fields)
	b, _ := more.headerDigest(fields)
	if a != b {
		t.Error("it does")
	}
}

func TestBodyAndHeaderChanges(t *testing.T) {
	for _, c := range []string{"simple/simple", "relaxed/relaxed", "simple/relaxed", "relaxed/simple", "relaxed", ""} {
		tags := "d=ext.test; s=s1; h=" + everything
		if c != "" {
			tags += "; c=" + c
		}
		whole := sign(t, plainLetter, tags, testEd)
		spaces := strings.Replace(whole, "The  answer", "The answer", 1)
		relaxedBody := strings.HasSuffix(c, "/relaxed")
		for name, r := range map[string]struct {
			raw  string
			want bool
		}{
			"untouched":                     {whole, true},
			"an empty line more at the end": {whole + "\r\n", true},
			"a word more":                   {whole + "x", false},
			"a space less in the body":      {spaces, relaxedBody},
			"a folded Subject":              {strings.Replace(whole, "Re: invoice", "Re:\r\n\t invoice", 1), strings.HasPrefix(c, "relaxed")},
			"another Subject":               {strings.Replace(whole, "invoice", "INVOICE", 1), false},
			"a field above":                 {"Received: by x\r\n" + whole, true},
		} {
			if v := judge(zone(), r.raw); v.Verified != r.want {
				t.Errorf("c=%s, %s: %s", c, name, describe(v))
			}
		}
	}
}

func TestKeyRows(t *testing.T) {
	ed := func(more string) string { return keyRecord(testEd, more) }
	raw := signed(t, plainLetter, "ext.test")
	below := sign(t, plainLetter, "d=ext.test; s=s1; i=bob@mail.ext.test; h="+everything, testEd)
	byRSA := func(key crypto.Signer) string { return sign(t, plainLetter, "d=ext.test; s=s1; h="+everything, key) }
	check(t, []row{
		{name: "A-12 RSA 2048", raw: byRSA(testRSA()), dns: txt(keyName, keyRecord(testRSA(), "")), want: "verified", not: []string{FlagWeak}},
		{name: "A-12 RSA 1024 is accepted and told", raw: byRSA(testWeak()), dns: txt(keyName, keyRecord(testWeak(), "")), want: "verified", flags: []string{FlagWeak}},
		{name: "A-13 SHA-1 only", raw: raw, dns: txt(keyName, ed("h=sha1; ")), want: "refuse", result: permerror},
		{name: "A-13 SHA-1 and SHA-256", raw: raw, dns: txt(keyName, ed("h=sha1:sha256; ")), want: "verified"},
		{name: "A-13 another kind of key", raw: raw, dns: txt(keyName, keyRecord(testRSA(), "")), want: "refuse", result: permerror},
		{name: "A-13 a withdrawn key", raw: raw, dns: txt(keyName, "v=DKIM1; k=ed25519; p="), want: "refuse", result: permerror, reason: "withdrawn"},
		{name: "A-13 a key for another service", raw: raw, dns: txt(keyName, ed("s=tlsrpt; ")), want: "refuse", result: permerror},
		{name: "A-13 a key for any service", raw: raw, dns: txt(keyName, ed("s=*; ")), want: "verified"},
		{name: "A-13 two keys of one kind", raw: raw, dns: txt(keyName, ed(""), ed("n=other; ")), want: "refuse", result: permerror},
		{name: "A-13 two keys of which one fits do not count", raw: raw, dns: txt(keyName, ed(""), keyRecord(testRSA(), "")), want: "refuse", result: pass, reason: "several records"},
		{name: "A-13 v=DKIM2", raw: raw, dns: txt(keyName, strings.Replace(ed(""), "DKIM1", "DKIM2", 1)), want: "refuse", result: permerror},
		{name: "A-13 v= not first", raw: raw, dns: txt(keyName, strings.Replace(ed(""), "v=DKIM1; ", "", 1)+"; v=DKIM1"), want: "refuse", result: permerror},
		{name: "A-13 without v=", raw: raw, dns: txt(keyName, strings.Replace(ed(""), "v=DKIM1; ", "", 1)), want: "verified"},
		{name: "A-13 another key", raw: raw, dns: txt(keyName, "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="), want: "refuse", result: fail},
		{name: "A-14 a testing key counts as unsigned", raw: raw, dns: txt(keyName, ed("t=y; ")), want: "refuse", result: permerror},
		{name: "A-14 t=s with i= below d=", raw: below, dns: txt(keyName, ed("t=s; ")), want: "refuse", result: permerror},
		{name: "A-14 t=s with i= at d=", raw: raw, dns: txt(keyName, ed("t=s; ")), want: "verified"},
		{name: "A-32 a key that cannot be asked for", raw: raw, dns: trouble(keyName, "temperror"), want: "temporary", result: temperror},
		{name: "A-32 a key that times out", raw: raw, dns: trouble(keyName, "timeout"), want: "temporary", result: temperror},
		{name: "A-32 one aligned signature is enough, whatever another's key", raw: strings.Replace(signed(t, raw, "mail.ext.test"), "s=s1", "s=s2", 1), dns: trouble("s2._domainkey.mail.ext.test.", "timeout"), want: "verified", result: temperror},
		{name: "A-32 another domain's key is not needed to refuse", raw: signed(t, plainLetter, "attacker.test"), dns: trouble("s1._domainkey.attacker.test.", "temperror"), want: "refuse", result: temperror},
		{name: "A-32 SPF that cannot be asked for", raw: plainLetter, dns: trouble("ext.test.", "temperror"), want: "temporary"},
		{name: "A-32 SPF is not needed when the signature passes", raw: raw, dns: trouble("ext.test.", "temperror"), want: "verified"},
		{name: "A-32 a policy that cannot be asked for", raw: raw, dns: trouble("_dmarc.ext.test.", "temperror"), want: "temporary", result: pass},
		{name: "A-33 a key record of 64 KiB", raw: raw, dns: txt(keyName, ed("n="+strings.Repeat("x", 64<<10)+"; ")), want: "refuse", result: permerror},
		{name: "A-33 a key behind an alias", raw: raw, dns: func(m MapResolver) {
			m["k.attacker.test."] = m[keyName]
			m[keyName] = MapRecords{CNAME: "k.attacker.test."}
		}, want: "verified"},
		{name: "A-33 an endless chain of aliases", raw: raw, dns: func(m MapResolver) { m[keyName] = MapRecords{CNAME: keyName} }, want: "refuse", result: permerror},
	})
}

// TestA12_KeySizes: outside 1024 to 4096 bits no key is even tried.
func TestA12_KeySizes(t *testing.T) {
	for bits, want := range map[uint]bool{512: false, 768: false, 1023: false, 1024: true, 2048: true, 4096: true, 4097: false, 16384: false} {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		n.SetBit(n, 0, 1)
		der, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: n, E: 65537})
		if err != nil {
			t.Fatal(err)
		}
		_, err = readKey("v=DKIM1; p=" + base64.StdEncoding.EncodeToString(der))
		if (err == nil) != want || !want && !strings.Contains(err.Error(), "bits is not accepted") {
			t.Errorf("%d bits: %v", bits, err)
		}
	}
}

func TestVerdictIsTheFactsOfTheInterface(t *testing.T) {
	got, err := json.Marshal(judgeFrom(zone(), signed(t, plainLetter, "ext.test"), goodIP))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"dkim":[{"domain":"ext.test","selector":"s1","algorithm":"ed25519-sha256","result":"pass","reason":"signed by ext.test"}],` +
		`"spf":{"result":"pass","domain":"ext.test","reason":"sent from a machine of ext.test"},` +
		`"dmarc":{"result":"pass","policy":"reject","domain":"ext.test"},"verified":true,"reason":"Signed by ext.test"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	bare, _ := json.Marshal(judge(zone(), plainLetter))
	if !strings.HasPrefix(string(bare), `{"dkim":[],`) {
		t.Errorf("an unsigned letter has an empty list: %s", bare)
	}
}
