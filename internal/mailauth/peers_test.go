package mailauth

import (
	"bufio"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The tests of this file ask other people's verifiers for their opinion.

// systemPython is Debian's, which has python3-dkim; another may come first in PATH.
const systemPython = "/usr/bin/python3"

func needDKIMPY(t *testing.T) {
	t.Helper()
	if err := exec.Command(systemPython, "-c", "import dkim, nacl").Run(); err != nil {
		t.Skip("python3-dkim is not installed")
	}
}

// peerCase is one letter for dkimpy.
type peerCase struct {
	Raw        []byte            `json:"raw"`
	DNS        map[string]string `json:"dns"`
	Signatures int               `json:"signatures"`
	what       string
}

// askDKIMPY judges all cases in one process.
func askDKIMPY(t *testing.T, cases []peerCase) [][]bool {
	t.Helper()
	needDKIMPY(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, systemPython, filepath.Join("testdata", "dkimpy.py"))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		encoder := json.NewEncoder(in)
		for _, c := range cases {
			_ = encoder.Encode(c)
		}
		in.Close()
	}()
	var verdicts [][]bool
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var v []bool
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		verdicts = append(verdicts, v)
	}
	if err := cmd.Wait(); err != nil || len(verdicts) != len(cases) {
		t.Fatalf("%d of %d judged: %v", len(verdicts), len(cases), err)
	}
	return verdicts
}

func TestA17_DKIMPYVerifiesOurLetters(t *testing.T) {
	s := testSigner(t)
	s.Now = time.Now // dkimpy reads the real clock
	signed, err := s.Sign([]byte(ours))
	if err != nil {
		t.Fatal(err)
	}
	got := askDKIMPY(t, []peerCase{{Raw: signed, DNS: s.Records(), Signatures: 2}})
	if !got[0][0] || !got[0][1] {
		t.Errorf("rsa %v, ed25519 %v", got[0][0], got[0][1])
	}
}

func TestA17_OpenDKIMVerifiesOurLetters(t *testing.T) {
	needOpenDKIM(t)
	s := testSigner(t)
	s.Now = time.Now
	signed, err := s.Sign([]byte(ours))
	if err != nil {
		t.Fatal(err)
	}
	var records strings.Builder
	for name, text := range s.Records() {
		fmt.Fprintf(&records, "%s %s\n", strings.TrimSuffix(name, "."), text)
	}
	conf := tempFile(t, "conf", "Mode v\nTestDNSData "+tempFile(t, "zone", records.String())+"\nLogWhy yes\n")
	out, err := exec.Command(opendkim, "-x", conf, "-t", tempFile(t, "letter", string(signed)), "-vv").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "verification (s=aside1-rsa, d=in.test, 2048-bit key) succeeded") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestLettersSignedByOthersVerify: by opendkim and by dkimpy, with keys of ours.
func TestLettersSignedByOthersVerify(t *testing.T) {
	for name, c := range map[string]struct {
		key  crypto.Signer
		sign func(t *testing.T) string
	}{
		"opendkim RSA simple/simple":   {testRSA(), func(t *testing.T) string { return signByOpenDKIM(t, "simple/simple") }},
		"opendkim RSA relaxed/relaxed": {testRSA(), func(t *testing.T) string { return signByOpenDKIM(t, "relaxed/relaxed") }},
		"opendkim RSA relaxed/simple":  {testRSA(), func(t *testing.T) string { return signByOpenDKIM(t, "relaxed/simple") }},
		"dkimpy RSA": {testRSA(), func(t *testing.T) string {
			return signByDKIMPY(t, "rsa-sha256", fmt.Sprintf("open(%q,'rb').read()", keyFile(t)))
		}},
		"dkimpy Ed25519": {testEd, func(t *testing.T) string {
			return signByDKIMPY(t, "ed25519-sha256", fmt.Sprintf("b%q", base64.StdEncoding.EncodeToString(testEd.Seed())))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			signed := c.sign(t)
			z := zone()
			z[keyName] = MapRecords{TXT: []string{keyRecord(c.key, "")}}
			checker := Checker{Resolver: z} // they sign by the real clock
			v := checker.Check(context.Background(), Letter{Remote: evilIP, From: "bob@ext.test", Raw: []byte(signed)})
			if verdictWord(v) != "verified" {
				t.Errorf("%s\n%s", describe(v), signed)
			}
		})
	}
}

func keyFile(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(testRSA())
	if err != nil {
		t.Fatal(err)
	}
	return tempFile(t, "rsa.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

func tempFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func signByDKIMPY(t *testing.T, algorithm, key string) string {
	t.Helper()
	needDKIMPY(t)
	script := "import sys, dkim; m = sys.stdin.buffer.read(); " +
		"sys.stdout.buffer.write(dkim.sign(m, b's1', b'ext.test', %s, signature_algorithm=b'%s') + m)"
	cmd := exec.Command(systemPython, "-c", fmt.Sprintf(script, key, algorithm))
	cmd.Stdin, cmd.Stderr = strings.NewReader(plainLetter), os.Stderr
	signed, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

const opendkim = "/usr/sbin/opendkim"

func needOpenDKIM(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(opendkim); err != nil {
		t.Skip("opendkim is not installed")
	}
}

// signByOpenDKIM runs the filter in its test mode, where it says what field it would
// insert.
func signByOpenDKIM(t *testing.T, way string) string {
	t.Helper()
	needOpenDKIM(t)
	conf := tempFile(t, "conf", "Mode s\nDomain ext.test\nSelector s1\nKeyFile "+keyFile(t)+"\nCanonicalization "+way+
		"\nInternalHosts 0.0.0.0/0\nSignatureAlgorithm rsa-sha256\nRequireSafeKeys no\n")
	out, err := exec.Command(opendkim, "-x", conf, "-t", tempFile(t, "letter", plainLetter), "-vv").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	_, value, _ := strings.Cut(string(out), "hvalue='")
	value, _, ok := strings.Cut(value, "'")
	if !ok {
		t.Fatalf("opendkim inserts nothing: %s", out)
	}
	return "DKIM-Signature: " + strings.ReplaceAll(value, "\n", "\r\n") + "\r\n" + plainLetter
}

// TestThousandLettersAgreeWithDKIMPY makes letters of every odd shape, damages most
// of them, and compares. A difference must be one of our rules, by name.
func TestThousandLettersAgreeWithDKIMPY(t *testing.T) {
	const letters = 1000
	needDKIMPY(t)
	g := &generator{Rand: rand.New(rand.NewSource(20260901)), t: t}
	cases := make([]peerCase, letters)
	for i := range cases {
		cases[i] = g.letter()
	}
	theirs := askDKIMPY(t, cases)
	passed, explained := 0, map[string]int{}
	for i, c := range cases {
		zone := MapResolver{}
		for name, text := range c.DNS {
			zone[name] = MapRecords{TXT: []string{text}}
		}
		checker := Checker{Resolver: zone}
		v := checker.Check(context.Background(), Letter{From: "bob@ext.test", Raw: c.Raw})
		mine := len(v.DKIM) > 0 && v.DKIM[0].Result == pass
		if mine {
			passed++
		}
		if mine == theirs[i][0] {
			continue
		}
		rule := ourRule(v)
		if mine || rule == "" {
			t.Errorf("%s: we say %s, dkimpy %v\n%s", c.what, describe(v), theirs[i][0], c.Raw)
			continue
		}
		explained[rule]++
	}
	t.Logf("%d letters, %d pass; we are stricter by rule in: %v", letters, passed, explained)
	if passed < letters/4 || passed > letters*3/4 {
		t.Errorf("%d of %d pass: the generator is lopsided", passed, letters)
	}
}

// ourRule names the rule by which we refuse what dkimpy lets pass.
func ourRule(v Verdict) string {
	if len(v.DKIM) == 0 {
		return FlagMalformed
	}
	for _, rule := range []string{"length is more than", "with SHA-256", "marked as a test", "not for mail", "not cover the From", "appears twice", "not a key", "in DNS", "identity is outside"} {
		if strings.Contains(v.DKIM[0].Reason, rule) {
			return rule
		}
	}
	return ""
}

type generator struct {
	*rand.Rand
	t testing.TB
}

func (g *generator) one(of ...string) string { return of[g.Intn(len(of))] }

// letter makes one signed letter, damaged or not.
func (g *generator) letter() peerCase {
	raw := g.header() + "\r\n" + g.body()
	var key crypto.Signer = testEd
	switch g.Intn(4) {
	case 0:
		key = testRSA()
	case 1:
		key = testWeak()
	}
	tags := "d=ext.test; s=s1; h=" + g.signedNames()
	if c := g.one("", "simple", "relaxed", "simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"); c != "" {
		tags += "; c=" + c
	}
	tags += g.one("", "; i=@ext.test", "; i=bob@sub.ext.test", "; q=dns/txt", "; t=1700000000", "; z=From:bob", "; r=y", "; l=5", "; l=0", "; l=5000")
	record := keyRecord(key, g.one("", "", "t=s; ", "s=email; ", "h=sha256; ", "n=note; "))
	if strings.Contains(tags, "sub.ext") {
		record = strings.Replace(record, "t=s; ", "", 1)
	}
	c := peerCase{Signatures: 1, what: "untouched"}
	signed := sign(g.t, raw, g.fold(tags), key)
	if g.Intn(3) > 0 {
		signed, record, c.what = g.damage(signed, record)
	}
	c.Raw, c.DNS = []byte(signed), map[string]string{"s1._domainkey.ext.test.": record}
	return c
}

func (g *generator) header() string {
	var b strings.Builder
	fields := []string{"From: Bob <bob@ext.test>", "To: a@in.test", "To: b@in.test", "Subject: " + g.words(), "subject:" + g.words(),
		"Date: Tue, 01 Sep 2026 10:00:00 +0000", "Message-ID: <x@ext.test>", "X-Empty:", "X-Space:   ", "X-Tab:\tx\t y", "MIME-Version: 1.0"}
	g.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	for _, f := range fields {
		if !strings.HasPrefix(f, "From") && g.Intn(5) == 0 {
			continue
		}
		if i := strings.LastIndexByte(f, ' '); i > 0 && g.Intn(4) == 0 && !strings.HasPrefix(f, "X-Space") {
			f = f[:i] + g.one("\r\n ", "\r\n\t", " \r\n  ") + f[i+1:]
		}
		b.WriteString(f + g.one("", "", " ", "\t ") + "\r\n")
	}
	return b.String()
}

func (g *generator) words() string {
	words := make([]string, 1+g.Intn(5))
	for i := range words {
		words[i] = g.one("re:", "invoice", "caf\xc3\xa9", "42", "=?utf-8?q?=C3=A9?=", "a;b", "x=y")
	}
	return strings.Join(words, g.one(" ", "  ", "\t", " \t "))
}

func (g *generator) body() string {
	var b strings.Builder
	for range g.Intn(8) {
		b.WriteString(g.one("", "hello", "two  spaces", "tab\there", "end ", "end\t \t", " start", ".", "caf\xc3\xa9", strings.Repeat("x", 900), "   ") + "\r\n")
	}
	b.WriteString(g.one("", "", "no line end", "\r\n\r\n", " \r\n"))
	return b.String()
}

func (g *generator) signedNames() string {
	names := []string{"From", g.one("from", "to", "X-None"), "To", "subject", "Subject", "date", "x-empty", "X-Space", "x-tab", "Message-ID", "mime-version", "not-there"}
	names = names[:1+g.Intn(len(names))]
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return strings.Join(names, g.one(":", " : ", ": ", ":\r\n\t"))
}

// fold breaks a tag list where it may be broken.
func (g *generator) fold(tags string) string {
	return strings.ReplaceAll(tags, "; ", g.one("; ", ";", ";\r\n ", "; \r\n\t", " ; "))
}

// damage changes one thing about a letter or the key's record.
func (g *generator) damage(raw, record string) (string, string, string) {
	header, body, _ := strings.Cut(raw, "\r\n\r\n")
	switch g.Intn(19) {
	case 0:
		return raw + "x", record, "a byte more"
	case 1:
		return raw + "\r\n\r\n", record, "empty lines more"
	case 2:
		return header + "\r\n\r\n" + strings.Replace(body, "hello", "hallo", 1), record, "a letter changed, if there is a hello"
	case 3:
		return header + "\r\n\r\n" + strings.Replace(body, "  ", " ", 1), record, "a space less"
	case 4:
		return strings.Replace(raw, "bob@ext.test>", "eve@ext.test>", 1), record, "another From"
	case 5:
		return "Subject: added\r\n" + raw, record, "a Subject on top"
	case 6:
		return strings.Replace(raw, "Message-ID: ", "message-id:  ", 1), record, "a name in other case"
	case 7:
		return strings.Replace(raw, "d=ext.test", "d=none.test", 1), record, "another domain"
	case 8:
		return strings.Replace(raw, "v=1", "v=2", 1), record, "another version"
	case 9:
		return strings.Replace(raw, "bh=", "bh=A", 1), record, "a damaged body hash"
	case 10:
		return raw, strings.Replace(record, "p=", "p=;x=", 1), "a withdrawn key"
	case 11:
		return raw, strings.Replace(record, "p=", "h=sha1; p=", 1), "a key for SHA-1, or h= twice"
	case 12:
		return raw, strings.NewReplacer("k=rsa", "k=ed25519", "k=ed25519", "k=rsa").Replace(record), "another kind of key"
	case 13:
		return raw, strings.Replace(record, "p=", "t=y; p=", 1), "a key marked as a test"
	case 14:
		return raw, strings.Replace(record, "p=", "s=tlsrpt; p=", 1), "a key for another service"
	case 15:
		return strings.Replace(raw, "v=1", "v=1; v=1", 1), record, "a tag twice"
	case 16:
		return strings.Replace(raw, "-sha256", "-sha1", 1), record, "another algorithm"
	case 17:
		return header + "\r\n\r\n" + body[:len(body)/2], record, "half the body"
	}
	i := strings.Index(raw, "; b=") + 8
	return raw[:i] + g.one("\r\n ", "\r\n\t ") + raw[i:], record, "a fold in b="
}
