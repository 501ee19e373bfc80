package mailauth

import (
	"context"
	"crypto"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
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
		{name: "A-36 an S/MIME signature verifies nobody", raw: strings.Replace(plainLetter, "text/plain", "multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b", 1), want: "refuse"},
		{name: "H-10 d= with a quote is no domain", raw: sign(t, plainLetter, "d=ext.test'a.attacker.test; s=s1; h=from", testEd), want: "refuse", result: permerror},
		{name: "H-10 d= with a comment is no domain", raw: sign(t, plainLetter, "d=ext.test(a.attacker.test; s=s1; h=from", testEd), want: "refuse", result: permerror},
		{name: "A-33 a NUL in the selector", raw: strings.Replace(over("h="+everything), "s=s1", "s=s1._domainkey.attacker.\x00.any", 1), want: "unverified"},
		{name: "A-33 a slash in the selector", raw: sign(t, plainLetter, "d=ext.test; s=s1/x; h=from", testEd), want: "refuse", result: permerror},
	})
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
		{name: "A-12 RSA 512", raw: byRSA(testRSA()), dns: txt(keyName, "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALdk6OqJhL1XCx0AxTTmBdvn9Xuxd28vYX0J2S0ZRqDsPbJx1kKbGiG29t6xMxqfM5xcEl/6qi1RyjCV6XPTWTUCAwEAAQ=="), want: "refuse", result: permerror},
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

func TestSPFRows(t *testing.T) {
	many := make([]string, 11)
	for i := range many {
		many[i] = fmt.Sprintf("include:i%d.ext.test", i)
	}
	spf := func(record string) func(MapResolver) { return txt("ext.test.", record) }
	check(t, []row{
		{name: "A-30 the right machine alone verifies, and that is told", raw: plainLetter, from: goodIP, want: "verified", flags: []string{FlagSPFOnly}, reason: "Not signed, but sent from a machine of ext.test"},
		{name: "A-30 with a signature SPF is not what verifies", raw: signed(t, plainLetter, "ext.test"), from: goodIP, want: "verified", not: []string{FlagSPFOnly}},
		{name: "A-30 +all proves nothing", raw: plainLetter, dns: spf("v=spf1 +all"), want: "unverified", flags: []string{FlagSPFEveryone}},
		{name: "A-30 more than ten look-ups", raw: plainLetter, from: goodIP, dns: func(m MapResolver) {
			m["ext.test."] = MapRecords{TXT: []string{"v=spf1 " + strings.Join(many, " ") + " ip4:127.0.0.2"}}
			for i := range many {
				m[fmt.Sprintf("i%d.ext.test.", i)] = MapRecords{TXT: []string{"v=spf1 ?all"}}
			}
		}, want: "refuse"},
		{name: "A-30 more than two void look-ups", raw: plainLetter, from: goodIP, dns: spf("v=spf1 a:a.x.test a:b.x.test a:c.x.test ip4:127.0.0.2"), want: "refuse"},
		{name: "A-30 a redirect to itself", raw: plainLetter, from: goodIP, dns: spf("v=spf1 redirect=ext.test"), want: "refuse"},
		{name: "A-30 a syntax error behind the match", raw: plainLetter, from: goodIP, dns: spf("v=spf1 ip4:127.0.0.2 wat:x"), want: "refuse"},
		{name: "A-30 two records", raw: plainLetter, from: goodIP, dns: txt("ext.test.", "v=spf1 +all", "v=spf1 ip4:127.0.0.2"), want: "refuse"},
		{name: "A-30 aspf=s", raw: from("bob@mail.ext.test"), from: goodIP, dns: txt("_dmarc.ext.test.", "v=DMARC1; p=reject; aspf=s"), want: "refuse"},
		{name: "A-30 aspf=r", raw: from("bob@mail.ext.test"), from: goodIP, want: "verified"},
	})
}

func TestSPFIdentities(t *testing.T) {
	for name, c := range map[string]struct {
		sender, helo, want, domain string
	}{
		"A-30 a bounce is checked by HELO":              {"", "ext.test", pass, "ext.test"},
		"A-30 a bounce with an address literal as HELO": {"", "[127.0.0.2]", none, ""},
		"A-30 a bounce with a bare name as HELO":        {"", "localhost", none, ""},
		"H-10 a sender with a comment":                  {"any@ext.test(a.attacker.test", "h.test", none, ""},
		"H-10 the domain is what follows the last @":    {`"any@ext.test"@none.test`, "h.test", none, "none.test"},
		"H-10 an @ in the local part does not mislead":  {"a@attacker.test@ext.test", "h.test", pass, "ext.test"},
		"A-33 a sender longer than SMTP allows":         {strings.Repeat("a", 400) + "@ext.test", "h.test", none, ""},
		"A-30 a sender without a domain":                {"bob", "ext.test", none, ""},
		"A-30 case does not matter":                     {"bob@EXT.test", "h.test", pass, "ext.test"},
	} {
		got := checkSPF(context.Background(), newBudget(zone(), maxLookups), Letter{Remote: goodIP, Helo: c.helo, MailFrom: c.sender})
		if got.Result != c.want || got.Domain != c.domain {
			t.Errorf("%s: got %+v, want %s for %q", name, got, c.want, c.domain)
		}
	}
}

// TestA30_APeerNameDoesNotWriteTheRecord: %{p} is text from the peer's own reverse
// zone, put into somebody else's record.
func TestA30_APeerNameDoesNotWriteTheRecord(t *testing.T) {
	z := MapResolver{
		"ext.test.":           {TXT: []string{"v=spf1 exists:%{p}.ok.ext.test -all"}},
		"127.0.0.9.":          {PTR: []string{"x.test +all "}},
		"x.test +all .":       {A: []string{"127.0.0.9"}},
		"x.test.ok.ext.test.": {A: []string{"127.0.0.1"}},
	}
	got := checkSPF(context.Background(), newBudget(z, maxLookups), Letter{Remote: evilIP, Helo: "h.test", MailFrom: "bob@ext.test"})
	if got.Result == pass {
		t.Errorf("got %+v", got)
	}
}

func TestDMARCRows(t *testing.T) {
	dmarc := func(texts ...string) func(MapResolver) { return txt("_dmarc.ext.test.", texts...) }
	sub := from("bob@sub.ext.test")
	there := func(record string) func(MapResolver) {
		return func(m MapResolver) {
			m["_dmarc.ext.test."] = MapRecords{TXT: []string{record}}
			m["sub.ext.test."] = MapRecords{A: []string{"192.0.2.1"}}
		}
	}
	long := from("bob@a.b.c.d.e.f.g.h.i.ext.test")
	check(t, []row{
		{name: "A-31 values in any case", raw: plainLetter, dns: dmarc("v=DMARC1; P=REJECT"), want: "refuse"},
		{name: "A-31 the name of v= in any case", raw: plainLetter, dns: dmarc("V=DMARC1; p=reject"), want: "refuse"},
		{name: "A-31 the version to the letter", raw: plainLetter, dns: dmarc("v=dmarc1; p=reject"), want: "unverified"},
		{name: "A-31 v= not first", raw: plainLetter, dns: dmarc("p=reject; v=DMARC1"), want: "unverified"},
		{name: "A-31 no p= but rua= asks for nothing", raw: plainLetter, dns: dmarc("v=DMARC1; rua=mailto:d@ext.test"), want: "unverified"},
		{name: "A-31 no p= and no rua= is no policy", raw: plainLetter, dns: dmarc("v=DMARC1"), want: "unverified"},
		{name: "A-31 a wrong p= asks for nothing", raw: plainLetter, dns: dmarc("v=DMARC1; p=bounce; rua=mailto:d@ext.test"), want: "unverified", flags: []string{FlagDMARCFaulty}},
		{name: "A-31 two records are none", raw: plainLetter, dns: dmarc("v=DMARC1; p=reject", "v=DMARC1; p=reject"), want: "unverified"},
		{name: "A-31 a record beside other texts", raw: plainLetter, dns: dmarc("hello", "v=DMARC1; p=reject", "v=spf1 -all"), want: "refuse"},
		{name: "A-31 pct=0 is history", raw: plainLetter, dns: dmarc("v=DMARC1; p=reject; pct=0"), want: "refuse"},
		{name: "A-31 pct=200, fo=x, rf=iodef are ignored", raw: plainLetter, dns: dmarc("v=DMARC1; p=reject; pct=200; fo=x; rf=iodef"), want: "refuse"},
		{name: "A-31 a word without = is ignored and told", raw: plainLetter, dns: dmarc("v=DMARC1; p=reject; bogus"), want: "refuse", flags: []string{FlagDMARCFaulty}},
		{name: "A-31 t=y turns reject into quarantine", raw: plainLetter, dns: dmarc("v=DMARC1; p=reject; t=y"), want: "quarantine", flags: []string{FlagDMARCTesting}},
		{name: "A-31 t=y turns quarantine into nothing", raw: plainLetter, dns: dmarc("v=DMARC1; p=quarantine; t=y"), want: "unverified"},
		{name: "A-31 more than 512 bytes", raw: plainLetter, dns: dmarc("v=DMARC1; rua=" + strings.Repeat("mailto:d@ext.test,", 60) + "mailto:d@ext.test; p=reject"), want: "refuse"},
		{name: "A-31 an alias", raw: plainLetter, dns: func(m MapResolver) {
			m["p.test."] = MapRecords{TXT: []string{"v=DMARC1; p=reject"}}
			m["_dmarc.ext.test."] = MapRecords{CNAME: "p.test."}
		}, want: "refuse"},
		{name: "A-31 sp= for a sub-domain that is there", raw: sub, dns: there("v=DMARC1; p=reject; sp=quarantine; np=reject"), want: "quarantine"},
		{name: "A-31 np= for one that is not", raw: sub, dns: dmarc("v=DMARC1; p=none; sp=quarantine; np=reject"), want: "refuse"},
		{name: "A-31 sp= stands in for np=", raw: sub, dns: dmarc("v=DMARC1; p=none; sp=reject"), want: "refuse"},
		{name: "A-31 p= stands in for both", raw: sub, want: "refuse"},
		{name: "A-31 np= when it is not known whether the name is there", raw: sub, dns: func(m MapResolver) {
			m["_dmarc.ext.test."] = MapRecords{TXT: []string{"v=DMARC1; p=none; np=reject"}}
			m["sub.ext.test."] = MapRecords{Error: "temperror"}
		}, want: "temporary"},
		{name: "A-31 the suffix's record holds for a domain without one", raw: from("bob@shop.bank.test"), dns: txt("_dmarc.bank.test.", "v=DMARC1; p=none; sp=quarantine; np=reject; psd=y"), want: "refuse"},
		{name: "A-31 a long name costs eight questions and finds its organization", raw: long, want: "refuse"},
		{name: "A-31 psd=y makes neighbours strangers", raw: signed(t, from("bob@a.ext.test"), "mail.ext.test"), dns: dmarc("v=DMARC1; p=reject; psd=y"), want: "refuse"},
	})
}

func TestA31_ALongNameCostsEightQuestions(t *testing.T) {
	asked := &counting{Resolver: MapResolver{}}
	w := walker{ctx: context.Background(), dns: newBudget(asked, maxLookups)}
	if _, err := w.walk("a.b.c.d.e.f.g.h.i.j.mail.example.com"); err != nil {
		t.Fatal(err)
	}
	if got := asked.n.Load(); got != 8 {
		t.Errorf("asked %d times, want 8", got)
	}
}

// counting counts questions, and can make each slow.
type counting struct {
	Resolver
	n    atomic.Int64
	slow time.Duration
}

func (c *counting) LookupTXT(ctx context.Context, name string) ([]string, error) {
	c.n.Add(1)
	select {
	case <-time.After(c.slow):
		return c.Resolver.LookupTXT(ctx, name)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestA33_FiftySlowSignatures(t *testing.T) {
	raw := plainLetter
	for i := range 50 {
		raw = strings.Replace(signed(t, raw, "attacker.test"), "s=s1", fmt.Sprintf("s=n%d", i), 1)
	}
	asked := &counting{Resolver: zone(), slow: time.Hour}
	c := Checker{Resolver: asked, Now: func() time.Time { return noon }, Budget: 50 * time.Millisecond}
	start := time.Now()
	v := c.Check(context.Background(), Letter{Remote: evilIP, Helo: "h.test", MailFrom: "x@attacker.test", From: "bob@ext.test", Raw: []byte(raw)})
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	if n := asked.n.Load(); n > maxLookups || len(v.DKIM) != maxSignatures {
		t.Errorf("%d look-ups, %d signatures", n, len(v.DKIM))
	}
	if verdictWord(v) != "temporary" || !slices.Contains(v.Flags, FlagTooManySignatures) {
		t.Error(describe(v))
	}
}

func TestA33_SlowSignaturesDoNotKeepAForgeryFromBeingRefused(t *testing.T) {
	raw := plainLetter
	z := zone()
	for i := range maxSignatures {
		raw = strings.Replace(signed(t, raw, "attacker.test"), "s=s1", fmt.Sprintf("s=n%d", i), 1)
		z[fmt.Sprintf("n%d._domainkey.attacker.test.", i)] = MapRecords{Error: "timeout"}
	}
	if v := judge(z, raw); verdictWord(v) != "refuse" {
		t.Error(describe(v))
	}
}

func TestA33_AtMostThirtyLookups(t *testing.T) {
	z := zone()
	many := make([]string, 10)
	for i := range many {
		many[i] = fmt.Sprintf("include:i%d.ext.test", i)
		z[fmt.Sprintf("i%d.ext.test.", i)] = MapRecords{TXT: []string{"v=spf1 ?all"}}
	}
	z["ext.test."] = MapRecords{TXT: []string{"v=spf1 " + strings.Join(many, " ") + " -all"}}
	raw := from("bob@a.b.c.d.e.f.g.ext.test")
	for i := range 20 {
		raw = signed(t, raw, fmt.Sprintf("s%d.a.b.c.ext.test", i))
	}
	asked := &counting{Resolver: z}
	judge(asked, raw)
	if n := asked.n.Load(); n > maxLookups {
		t.Errorf("%d look-ups, want at most %d", n, maxLookups)
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
