package mailauth

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ours is a letter as outbox writes it.
const ours = "From: Aside <reply+tok@in.test>\r\nTo: bob@ext.test\r\nSubject: A question\r\n" +
	"Date: Tue, 01 Sep 2026 12:00:00 +0000\r\nMessage-ID: <1@in.test>\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n" +
	"X-Aside-Loop: in.test\r\n\r\nHello  Bob,\r\n\r\ncan you look? =\r\n\r\n\r\n"

func testSigner(t *testing.T) *Signer {
	t.Helper()
	s, err := LoadSigner(filepath.Join(t.TempDir(), "dkim"), "in.test")
	if err != nil {
		t.Fatal(err)
	}
	s.Now = func() time.Time { return noon }
	return s
}

// zoneOf serves a signer's records.
func zoneOf(s *Signer) MapResolver {
	m := MapResolver{"_dmarc.in.test.": {TXT: []string{"v=DMARC1; p=reject; adkim=s"}}}
	for name, text := range s.Records() {
		m[name] = MapRecords{TXT: []string{text}}
	}
	return m
}

func TestOurLettersVerify(t *testing.T) {
	s := testSigner(t)
	signed, err := s.Sign([]byte(ours))
	if err != nil {
		t.Fatal(err)
	}
	v := judge(zoneOf(s), string(signed))
	if verdictWord(v) != "verified" || len(v.DKIM) != 2 || len(v.Flags) != 0 {
		t.Fatal(describe(v))
	}
	for i, algorithm := range []string{"rsa-sha256", "ed25519-sha256"} {
		if d := v.DKIM[i]; d.Result != pass || d.Algorithm != algorithm || d.Domain != "in.test" || !d.counts {
			t.Errorf("signature %d: %+v", i, d)
		}
	}
	if !strings.HasSuffix(string(signed), ours) {
		t.Error("the letter itself was changed")
	}
}

func TestA17_OurSignatureCoversEverything(t *testing.T) {
	s := testSigner(t)
	signed, err := s.Sign([]byte(ours))
	if err != nil {
		t.Fatal(err)
	}
	fields, _, err := splitLetter(signed)
	if err != nil {
		t.Fatal(err)
	}
	want := "from:from:to:to:cc:cc:subject:subject:date:date:message-id:message-id:reply-to:reply-to:in-reply-to:" +
		"references:mime-version:content-type:content-type:content-transfer-encoding"
	for _, f := range fields[:2] {
		tags, err := parseTags(string(f.value()))
		if err != nil {
			t.Fatal(err)
		}
		h, _ := find(tags, "h")
		if got := strings.Join(splitList(h.value), ":"); got != want {
			t.Errorf("h=%s", got)
		}
		if _, there := find(tags, "l"); there {
			t.Error("l= is there")
		}
		x, _ := find(tags, "x")
		made, _ := find(tags, "t")
		until, _ := number(x.value, maxTimeDigits)
		since, _ := number(made.value, maxTimeDigits)
		if life := until - since; life <= 0 || life > 7*24*3600 {
			t.Errorf("it stands for %d seconds", life)
		}
	}
	for _, line := range strings.Split(string(signed), "\r\n") {
		if len(line) > 78 {
			t.Errorf("a line of %d characters: %s", len(line), line)
		}
	}
	for name, evil := range map[string]string{
		"another From":         "From: x@in.test\r\n",
		"another Subject":      "Subject: pay\r\n",
		"a Reply-To":           "Reply-To: evil@x.test\r\n",
		"another Content-Type": "Content-Type: text/html\r\n",
		"a Cc":                 "Cc: evil@x.test\r\n",
	} {
		if v := judge(zoneOf(s), evil+string(signed)); v.Verified {
			t.Errorf("%s did not break it: %s", name, describe(v))
		}
	}
}

func TestSignRefusesWhatCouldBeReadTwoWays(t *testing.T) {
	s := testSigner(t)
	for _, raw := range []string{"", "Subject: x\r\n\r\n", "From: a@in.test\r\nFrom: b@in.test\r\n\r\n", "From: a@in.test\nTo: x@y.test\n\nhi\n"} {
		if out, err := s.Sign([]byte(raw)); err == nil {
			t.Errorf("signed %q as %q", raw, out)
		}
	}
}

func TestKeysAreMadeOnceAndKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dkim")
	first, err := LoadSigner(dir, "IN.test")
	if err != nil {
		t.Fatal(err)
	}
	again, err := LoadSigner(dir, "in.test")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range first.Records() {
		if again.Records()[name] != text || !strings.HasSuffix(name, "._domainkey.in.test.") {
			t.Errorf("%s: %q became %q", name, text, again.Records()[name])
		}
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 3 {
		t.Errorf("files: %v", entries)
	}
	for _, e := range entries {
		if info, _ := e.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", e.Name(), info.Mode())
		}
	}
	key := filepath.Join(dir, "aside1-rsa.pem")
	if err := os.Chmod(key, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadSigner(dir, "in.test"); err == nil || !strings.Contains(err.Error(), "read by others") {
		t.Errorf("a key others may read: %v", err)
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadSigner(dir, "in.test"); err == nil {
		t.Error("a lost key was silently replaced under its old selector")
	}
	if _, err := LoadSigner(dir, "no domain"); err == nil {
		t.Error("took a domain that is none")
	}
}

func TestRotateKeepsTheOldKeyForSevenDays(t *testing.T) {
	s := testSigner(t)
	now := noon
	s.Now = func() time.Time { return now }
	old, err := s.Sign([]byte(ours))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Records()); n != 4 {
		t.Errorf("after Prepare: %d records, want 4", n)
	}
	if still, _ := s.Sign([]byte(ours)); !strings.Contains(string(still), "s=aside1-rsa") {
		t.Error("Prepare already signs with the new key")
	}
	if err := s.Rotate(); err != nil {
		t.Fatal(err)
	}
	signed, err := s.Sign([]byte(ours))
	if err != nil || !strings.Contains(string(signed), "s=aside2-rsa") || strings.Contains(string(signed), "aside1") {
		t.Fatalf("%v: %s", err, signed)
	}
	check := func(when string, raw []byte, want bool) {
		c := Checker{Resolver: zoneOf(s), Now: func() time.Time { return now }}
		v := c.Check(context.Background(), Letter{From: "reply+tok@in.test", Raw: raw})
		if v.Verified != want {
			t.Errorf("%s: %s", when, describe(v))
		}
	}
	check("the old letter, right away", old, true)
	check("the new letter", signed, true)
	again, err := LoadSigner(s.dir, "in.test")
	if err != nil || again.ring.Current != 2 || len(again.pairs) != 2 {
		t.Errorf("after a restart: %+v, %v", again, err)
	}
	now = noon.Add(signatureLife + time.Hour)
	check("the old letter, eight days on", old, false)
	if n := len(s.Records()); n != 2 {
		t.Errorf("after seven days: %d records, want 2", n)
	}
	if err := s.Rotate(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(s.dir, "aside1-rsa.pem")); !os.IsNotExist(err) {
		t.Error("the dead key is still on disk")
	}
}

func TestSigner_ARunningServerTakesUpWhatAnotherProcessRotated(t *testing.T) {
	dir := t.TempDir()
	running, err := LoadSigner(dir, "in.test")
	if err != nil {
		t.Fatal(err)
	}
	command, err := LoadSigner(dir, "in.test")
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Rotate(); err != nil {
		t.Fatal(err)
	}
	if err := running.Reload(); err != nil {
		t.Fatal(err)
	}
	signed, err := running.Sign([]byte("From: a@in.test\r\nTo: b@ext.test\r\n\r\nHello\r\n"))
	if err != nil || !strings.Contains(string(signed), "s=aside2-rsa") || strings.Contains(string(signed), "aside1-") {
		t.Errorf("%v\n%s", err, signed)
	}
	if len(running.Records()) != 4 {
		t.Errorf("the old keys stay published for seven days: %v", running.Records())
	}
}
