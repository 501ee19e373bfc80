package mailauth

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// noon is when every test letter is judged.
var noon = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

// The machine that may send for ext.test, and one that may not.
var (
	goodIP = net.ParseIP("127.0.0.2")
	evilIP = net.ParseIP("127.0.0.9")
)

// letter is what bob writes; every test changes something about it.
const plainLetter = "From: Bob <bob@ext.test>\r\n" +
	"To: reply+tok@in.test\r\n" +
	"Subject: Re: invoice\r\n" +
	"Date: Tue, 01 Sep 2026 10:00:00 +0000\r\n" +
	"Message-ID: <a01@ext.test>\r\n" +
	"Content-Type: text/plain\r\n" +
	"\r\n" +
	"The  answer is\t42. \r\n\r\nBob\r\n\r\n"

// everything is an h= that covers all of plainLetter.
const everything = "from:to:subject:date:message-id:content-type"

// Keys are made once; making RSA keys is what would make tests slow.
var (
	testRSA  = sync.OnceValue(func() *rsa.PrivateKey { return mustRSA(2048) })
	testWeak = sync.OnceValue(func() *rsa.PrivateKey { return mustRSA(1024) })
	testEd   = ed25519.NewKeyFromSeed([]byte("a test key of thirty-two bytes!!"))
)

func mustRSA(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return key
}

// keyRecord is the TXT value for a key, with further tags in front of p=.
func keyRecord(key crypto.Signer, more string) string {
	kind, public := "ed25519", []byte(nil)
	switch p := key.Public().(type) {
	case ed25519.PublicKey:
		public = p
	case *rsa.PublicKey:
		kind = "rsa"
		public, _ = x509.MarshalPKIXPublicKey(p)
	}
	return "v=DKIM1; k=" + kind + "; " + more + "p=" + base64.StdEncoding.EncodeToString(public)
}

// zone is the DNS of threats.md's appendix A.
func zone() MapResolver {
	key := []string{keyRecord(testEd, "")}
	spf := []string{"v=spf1 ip4:127.0.0.2 -all"}
	return MapResolver{
		"ext.test.":                    {TXT: spf},
		"_dmarc.ext.test.":             {TXT: []string{"v=DMARC1; p=reject"}},
		"s1._domainkey.ext.test.":      {TXT: key},
		"s1._domainkey.mail.ext.test.": {TXT: key},
		"_dmarc.quar.test.":            {TXT: []string{"v=DMARC1; p=quarantine"}},
		"attacker.test.":               {TXT: spf},
		"_dmarc.attacker.test.":        {TXT: []string{"v=DMARC1; p=reject"}},
		"s1._domainkey.attacker.test.": {TXT: key},
		"s1._domainkey.list.test.":     {TXT: key},
		"list.test.":                   {TXT: spf},
	}
}

// sign puts a DKIM-Signature on top. tags are everything but a=, bh= and b=, which
// are added unless the tags hold them: "d=ext.test; s=s1; h=from".
func sign(t testing.TB, raw, tags string, key crypto.Signer) string {
	t.Helper()
	if !strings.Contains(tags, "v=") {
		tags = "v=1; " + tags
	}
	if !strings.Contains(tags, "a=") {
		kind := "ed25519"
		if _, ok := key.(*rsa.PrivateKey); ok {
			kind = "rsa"
		}
		tags += "; a=" + kind + "-sha256"
	}
	fields, body, err := splitLetter([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	list, err := parseTags(tags)
	if err != nil {
		t.Fatal(err)
	}
	var c claim
	get := func(name string) string { tag, _ := find(list, name); return tag.value }
	header, bodyWay, _ := strings.Cut(get("c"), "/")
	c.relaxedHeader, c.relaxedBody, c.length = header == "relaxed", bodyWay == "relaxed", -1
	c.headers = splitList(get("h"))
	if l, ok := number(get("l"), maxLengthDigit); ok {
		c.length = l
	}
	sum, _ := hashBody(body, c.relaxedBody, c.length)
	if _, given := find(list, "bh"); !given {
		tags += "; bh=" + base64.StdEncoding.EncodeToString(sum[:])
	}
	own := "DKIM-Signature: " + tags + "; b="
	c.bFrom = len(own) - len("DKIM-Signature:")
	c.bTo = c.bFrom
	try := attempt{claim: c, at: len(fields)}
	digest, _ := try.headerDigest(append(fields[:len(fields):len(fields)], field{"dkim-signature", []byte(own), true}))
	signature := signDigest(t, key, digest)
	return own + base64.StdEncoding.EncodeToString(signature) + "\r\n" + raw
}

func signDigest(t testing.TB, key crypto.Signer, digest [sha256.Size]byte) []byte {
	t.Helper()
	var hash crypto.Hash
	if _, ok := key.(*rsa.PrivateKey); ok {
		hash = crypto.SHA256
	}
	signature, err := key.Sign(nil, digest[:], hash)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// judge gives the verdict on a letter from a machine nobody vouches for.
func judge(r Resolver, raw string) Verdict {
	return judgeFrom(r, raw, evilIP)
}

func judgeFrom(r Resolver, raw string, remote net.IP) Verdict {
	c := Checker{Resolver: r, Now: func() time.Time { return noon }}
	return c.Check(context.Background(), Letter{
		Remote:   remote,
		Helo:     "mx.ext.test",
		MailFrom: "bob@ext.test",
		From:     fromOf(raw),
		Raw:      []byte(raw),
	})
}

// fromOf stands in for the flow, which takes it from the email package.
func fromOf(raw string) string {
	_, rest, _ := strings.Cut("\r\n"+raw, "\r\nFrom:")
	line, _, _ := strings.Cut(rest, "\r\n")
	if _, in, ok := strings.Cut(line, "<"); ok {
		line, _, _ = strings.Cut(in, ">")
	}
	return strings.TrimSpace(line)
}

// verdictWord names a verdict as threats.md does.
func verdictWord(v Verdict) string {
	for _, c := range []struct {
		holds bool
		word  string
	}{
		{v.Verified && (v.Refuse || v.Quarantine || v.Temporary), "contradiction"},
		{v.Temporary && (v.Refuse || v.Quarantine), "contradiction"},
		{v.Verified, "verified"},
		{v.Temporary, "temporary"},
		{v.Refuse, "refuse"},
		{v.Quarantine, "quarantine"},
	} {
		if c.holds {
			return c.word
		}
	}
	return "unverified"
}

func describe(v Verdict) string {
	return fmt.Sprintf("%s: %q dkim=%+v spf=%+v dmarc=%+v flags=%v", verdictWord(v), v.Reason, v.DKIM, v.SPF, v.DMARC, v.Flags)
}
