package mailauth

import (
	"context"
	"crypto"
	"encoding/base64"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// seal adds an ARC set on top, as a list server does (RFC 8617 5.1): results, message signature, seal.
func seal(t testing.TB, raw, domain, results string, key crypto.Signer) string {
	t.Helper()
	n := strings.Count("\r\n"+raw, "\r\nARC-Seal:") + 1
	i, cv := strconv.Itoa(n), "pass"
	if n == 1 {
		cv = "none"
	}
	raw = "ARC-Authentication-Results: i=" + i + "; " + results + "\r\n" + raw
	signed := sign(t, raw, "v=1; i="+i+"; d="+domain+"; s=s1; c=relaxed/relaxed; h=from:to:subject:date", key)
	raw = strings.Replace(signed, "DKIM-Signature: v=1; ", "ARC-Message-Signature: ", 1)
	raw = resign(t, raw, key)
	own := "ARC-Seal: i=" + i + "; a=ed25519-sha256; cv=" + cv + "; d=" + domain + "; s=s1; t=1; b="
	fields, _, err := splitLetter([]byte(own + "\r\n" + raw))
	if err != nil {
		t.Fatal(err)
	}
	sets, err := readSets(fields)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha(sealedText(fields, sets, 0, len(own)-len("ARC-Seal:"), len(own)-len("ARC-Seal:")))
	return own + base64.StdEncoding.EncodeToString(signDigest(t, key, digest)) + "\r\n" + raw
}

// resign gives the message signature on top a new b=: sign made it under another name.
func resign(t testing.TB, raw string, key crypto.Signer) string {
	t.Helper()
	line, rest, _ := strings.Cut(raw, "\r\n")
	at := strings.LastIndex(line, "; b=") + len("; b=")
	own := line[:at]
	fields, _, err := splitLetter([]byte(own + "\r\n" + rest))
	if err != nil {
		t.Fatal(err)
	}
	try := readMessageSignature(fields, 0, noon)
	try.bFrom = len(own) - len("ARC-Message-Signature:")
	try.bTo = try.bFrom
	digest, _ := try.headerDigest(fields)
	return own + base64.StdEncoding.EncodeToString(signDigest(t, key, digest)) + "\r\n" + rest
}

const (
	passed    = "mx.list.test; spf=pass smtp.mailfrom=ext.test; dmarc=pass (p=REJECT) header.from=ext.test"
	passedTwo = "mx.attacker.test; dmarc=fail header.from=ext.test"
)

// follow judges a chain alone.
func follow(raw string) ARC {
	fields, body, err := splitLetter([]byte(raw))
	if err != nil {
		return ARC{Result: "unreadable"}
	}
	return checkARC(context.Background(), newBudget(zone(), maxARCLookups), &keyCache{}, fields, body, "ext.test", noon)
}

func TestA29_ChainsAreFollowed(t *testing.T) {
	one := seal(t, plainLetter, "list.test", passed, testEd)
	two := seal(t, one, "attacker.test", passedTwo, testEd)
	long := plainLetter
	for range maxSets {
		long = seal(t, long, "list.test", passed, testEd)
	}
	for name, c := range map[string]struct{ raw, result, domain, note string }{
		"no chain":                        {plainLetter, none, "", ""},
		"one server":                      {one, pass, "list.test", "list.test states"},
		"two servers":                     {two, pass, "attacker.test", "list.test states"},
		"as many as we follow":            {long, pass, "list.test", "list.test states"},
		"one more":                        {"ARC-Seal: i=" + strconv.Itoa(maxSets+1) + "; cv=pass\r\n" + long, fail, "", ""},
		"a changed subject":               {strings.Replace(two, "Subject: Re: invoice", "Subject: Re: other", 1), fail, "", ""},
		"a changed body":                  {strings.Replace(two, "is\t42", "is\t43", 1), fail, "", ""},
		"changed results":                 {strings.Replace(two, "dmarc=pass", "dmarc=none", 1), fail, "", ""},
		"results of the first changed":    {strings.Replace(two, "spf=pass", "spf=fail", 1), fail, "", ""},
		"a gap":                           {strings.ReplaceAll(two, "i=1", "i=3"), fail, "", ""},
		"a seal that says it failed":      {strings.Replace(two, "cv=pass", "cv=fail", 1), fail, "", ""},
		"a first seal above others":       {strings.Replace(one, "cv=none", "cv=pass", 1), fail, "", ""},
		"a field twice":                   {strings.SplitAfterN(two, "\r\n", 2)[0] + two, fail, "", ""},
		"a seal without its set":          {strings.SplitAfterN(one, "\r\n", 2)[0] + plainLetter, fail, "", ""},
		"a key that is not there":         {seal(t, plainLetter, "quar.test", passed, testEd), fail, "", ""},
		"a public suffix that seals":      {strings.ReplaceAll(one, "d=list.test", "d=co.uk"), fail, "", ""},
		"a pass for somebody else's From": {seal(t, plainLetter, "list.test", "mx; dmarc=pass header.from=list.test", testEd), pass, "list.test", ""},
		"a pass in a comment":             {seal(t, plainLetter, "list.test", "mx; dmarc=fail (; dmarc=pass header.from=ext.test) header.from=ext.test", testEd), pass, "list.test", ""},
		"a pass in quotation marks":       {seal(t, plainLetter, "list.test", `mx; x="; dmarc=pass header.from=ext.test"`, testEd), pass, "list.test", ""},
		"a pass without its From":         {seal(t, plainLetter, "list.test", "mx; dmarc=pass", testEd), pass, "list.test", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := follow(c.raw)
			if got.Result != c.result || got.Domain != c.domain || !strings.HasPrefix(got.Note, c.note) || (got.Note == "") != (c.note == "") || got.Result == fail && got.Reason == "" {
				t.Errorf("%+v, want %s by %q, note %q…", got, c.result, c.domain, c.note)
			}
			if name == "one more" && !strings.Contains(got.Reason, "longer than") {
				t.Errorf("it was followed: %+v", got)
			}
		})
	}
}

// Whatever a chain states, nothing but the note changes: no trust, no policy, no sentence, no flag.
func TestA29_AChainDecidesNothing(t *testing.T) {
	quarantined := strings.ReplaceAll(plainLetter, "ext.test", "quar.test")
	for name, plain := range map[string]string{
		"the domain asks for reject":     plainLetter,
		"the domain asks for quarantine": quarantined,
		"no domain asks anything":        strings.ReplaceAll(plainLetter, "ext.test", "list.test"),
		"a broken signature":             strings.Replace(sign(t, plainLetter, "d=ext.test; s=s1; h="+everything, testEd), "is\t42", "is\t43", 1),
		"a signature that counts":        sign(t, plainLetter, "d=ext.test; s=s1; h="+everything, testEd),
	} {
		t.Run(name, func(t *testing.T) {
			_, from, _ := strings.Cut(fromOf(plain), "@")
			for by, sealed := range map[string]string{"list.test": "mx; dmarc=pass header.from=" + from, "attacker.test": "mx; dmarc=pass header.from=" + from, "quar.test": "mx; dmarc=pass"} {
				without, with := judge(zone(), plain), judge(zone(), seal(t, plain, by, sealed, testEd))
				if (with.ARC.Result == "") != with.Verified || with.ARC.Note != "" && by == "quar.test" {
					t.Errorf("%s: %+v", by, with.ARC)
				}
				if strings.Contains(with.Reason, by+" states") {
					t.Errorf("the sentence repeats it: %q", with.Reason)
				}
				with.ARC, with.Took, without.Took = ARC{}, Took{}, Took{}
				if !reflect.DeepEqual(with, without) {
					t.Errorf("%s changed the verdict:\n%s\n%s", by, describe(without), describe(with))
				}
			}
		})
	}
}

// slowZone counts what is asked and answers no key.
type slowZone struct {
	MapResolver
	asked map[string]int
}

func (z slowZone) LookupTXT(ctx context.Context, name string) ([]string, error) {
	z.asked[name]++
	return z.MapResolver.LookupTXT(ctx, name)
}

func TestA33_AChainCostsFewLookups(t *testing.T) {
	raw := plainLetter
	for range 3 {
		raw = seal(t, raw, "list.test", passed, testEd)
	}
	z := slowZone{zone(), map[string]int{}}
	fields, body, _ := splitLetter([]byte(raw))
	if got := checkARC(context.Background(), z, &keyCache{}, fields, body, "ext.test", noon); got.Result != pass || z.asked["s1._domainkey.list.test."] != 1 {
		t.Errorf("%+v after %v", got, z.asked)
	}
	got := checkARC(context.Background(), newBudget(zone(), 0), &keyCache{}, fields, body, "ext.test", noon)
	if got.Result == pass {
		t.Errorf("without a look-up: %+v", got)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	if got := checkARC(ctx, newBudget(NewResolver("127.0.0.1:1"), 5), &keyCache{}, fields, body, "ext.test", noon); got.Result != temperror {
		t.Errorf("out of time: %+v", got)
	}
}

// FuzzARC: whatever stands in the fields of a chain, it does not pass, nothing panics, and the verdict is as without it.
func FuzzARC(f *testing.F) {
	f.Add("i=1; mx; dmarc=pass header.from=ext.test", "i=1; a=ed25519-sha256; d=list.test; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA", "i=1; a=ed25519-sha256; cv=none; d=list.test; s=s1; b=AAAA")
	f.Add("i=2;", "i=0", "i=1; cv=fail")
	f.Add("", "b=b=b", "i=51; h=from")
	c := Checker{Resolver: zone(), Now: func() time.Time { return noon }}
	f.Fuzz(func(t *testing.T, results, message, sealed string) {
		raw := "ARC-Seal:" + sealed + "\r\nARC-Message-Signature:" + message + "\r\nARC-Authentication-Results:" + results + "\r\n" + plainLetter
		v := c.Check(context.Background(), Letter{Remote: evilIP, Helo: "h.test", MailFrom: "bob@ext.test", From: "bob@ext.test", Raw: []byte(raw)})
		if v.Verified || v.ARC.Result == pass || v.ARC.Note != "" || verdictWord(v) == "contradiction" {
			t.Errorf("%q: %+v %s", raw, v.ARC, describe(v))
		}
		if strings.Contains(withoutComments(results), "(") {
			t.Errorf("%q", results)
		}
	})
}
