package email

import (
	"errors"
	"strings"
	"testing"
)

// header reads a letter with the given header and fails unless the verdict is the wanted one.
func header(t *testing.T, raw string, want bool) *Header {
	t.Helper()
	h, err := ReadHeader([]byte(raw))
	var m *Malformed
	if err != nil && !errors.As(err, &m) {
		t.Fatalf("the error is a %T, not a *Malformed", err)
	}
	if (err == nil) != want {
		t.Fatalf("ReadHeader(%.80q) = %v, want accepted = %v", raw, err, want)
	}
	return h
}

func TestH07_HeaderLexing(t *testing.T) {
	const legal = "From: x@attacker.test\r\nSubject: hi\r\n\r\nbody"
	for name, c := range map[string]struct {
		raw string
		ok  bool
	}{
		"a legal header passes":                      {legal, true},
		"a folded field passes":                      {"Subject: a\r\n b\r\n" + legal, true},
		"a fold of only white space passes":          {"Subject: a\r\n \r\n b\r\n" + legal, true},
		"8-bit text in a value passes":               {"Subject: gr\xc3\xbc\xc3\x9fe\r\n" + legal, true},
		"LF line ends pass":                          {strings.ReplaceAll(legal, "\r\n", "\n"), true},
		"a space first":                              {" From: bob@ext.test\r\n" + legal, false},
		"a space before the colon":                   {"From : bob@ext.test\r\n" + legal, false},
		"a tab before the colon":                     {"From\t: bob@ext.test\r\n" + legal, false},
		"a fold before the colon":                    {"From\r\n : bob@ext.test\r\n" + legal, false},
		"a NUL in a name":                            {"From\x00: bob@ext.test\r\n" + legal, false},
		"a NUL in a value":                           {"Subject: a\x00b\r\n" + legal, false},
		"a line without a colon":                     {"hello\r\n" + legal, false},
		"an mbox separator":                          {"From bob@ext.test Tue Sep  1 10:00:00 2026\r\n" + legal, false},
		"an empty name":                              {": x\r\n" + legal, false},
		"an 8-bit name":                              {"Fr\xf6m: bob@ext.test\r\n" + legal, false},
		"a bare CR hiding a second From":             {"Subject: a\rFrom: bob@ext.test\r\n" + legal, false},
		"500 fields pass":                            {strings.Repeat("X: y\r\n", MaxFields-2) + legal, true},
		"the 501st field":                            {strings.Repeat("X: y\r\n", MaxFields-1) + legal, false},
		"a body may hold what a header may not":      {legal + "\r\n: x\x00\r\n", true},
		"a header without a body":                    {"From: x@attacker.test", true},
		"nothing at all":                             {"", false},
		"a blank line first leaves no header at all": {"\r\n" + legal, false},
	} {
		t.Run(name, func(t *testing.T) { header(t, c.raw, c.ok) })
	}
}

func TestH08_HugeHeaders(t *testing.T) {
	const from = "From: a@b.test\r\n"
	header(t, from+"X: "+strings.Repeat("a", 300<<10)+"\r\n\r\n", false)
	header(t, from+strings.Repeat("X: y\r\n", 10000)+"\r\n", false)
	header(t, from+strings.Repeat("Received: x\r\n", 100000)+"\r\n", false)
	header(t, from+"X:"+strings.Repeat("\r\n a", 80<<10)+"\r\n\r\n", false)

	refs := from + "References:" + strings.Repeat("\r\n <id@ext.test>", 4999) + "\r\n <last@ext.test>\r\n\r\nx"
	header(t, refs, true)
	m := parse(t, refs)
	if len(m.References) != MaxReferences || m.References[MaxReferences-1] != "last@ext.test" {
		t.Errorf("kept %d references, the last %q", len(m.References), m.References[len(m.References)-1])
	}
	var tc *TooComplex
	if _, err := Parse([]byte(from + strings.Repeat("X: y\r\n", 10000) + "\r\n")); !errors.As(err, &tc) {
		t.Errorf("Parse of 10,000 fields = %v, want *TooComplex", err)
	}
}

func TestH06_DuplicateSingletons(t *testing.T) {
	const from = "From: a@b.test\r\n"
	for _, name := range []string{"Sender", "Reply-To", "To", "Subject", "Date", "Message-ID", "Content-Type", "MIME-Version"} {
		h := header(t, from+name+": x\r\n"+strings.ToUpper(name)+": y\r\n\r\n", true)
		if got := h.Ambiguous(); len(got) != 1 || got[0] != name {
			t.Errorf("two of %s: Ambiguous() = %q", name, got)
		}
	}
	if got := header(t, from+"Received: x\r\nReceived: y\r\nTo: a@b.c\r\n\r\n", true).Ambiguous(); got != nil {
		t.Errorf("fields that may repeat are called ambiguous: %q", got)
	}
	header(t, from+from+"\r\n", false)
}

func TestA08_FromIsOneAddress(t *testing.T) {
	for value, want := range map[string]string{
		"bob@ext.test":                              "bob@ext.test",
		"Bob <bob@ext.test>":                        "bob@ext.test",
		`"Bob, the \"Builder\"" <bob@EXT.test>`:     "bob@ext.test",
		"Joe Q. Public <joe@ext.test>":              "joe@ext.test",
		"=?utf-8?q?B=C3=B6b?= <bob@ext.test>":       "bob@ext.test",
		"bob@ext.test (Bob (the) Builder)":          "bob@ext.test",
		"(evil@x.test) Bob <bob@ext.test> (z@y.nl)": "bob@ext.test",
		`"a b"@ext.test`:                            `"a b"@ext.test`,
		"bob@ext.test <bob@ext.test>":               "bob@ext.test",
		`"ceo@bank.test" <x@attacker.test>`:         "x@attacker.test",
		"bob@b\u00fccher.test":                      "bob@xn--bcher-kva.test",
		"root@localhost":                            "root@localhost",
		"[Team] Bob <bob@ext.test>":                 "bob@ext.test",
		// refused
		"":                                    "",
		"Bob":                                 "",
		"<>":                                  "",
		"a@x.test, b@y.test":                  "",
		"a@x.test,<b@y.test>":                 "",
		"a@x.test b@y.test":                   "",
		"<a@x.test> b@y.test":                 "",
		"<a@x.test>, <b@y.test>":              "",
		"ceo@bank.test <x@attacker.test>":     "",
		"Team: a@x.test;":                     "",
		"undisclosed:;":                       "",
		"<@a.test,@b.test:c@d.test>":          "",
		"=?utf-8?b?Ym9iQGV4dC50ZXN0?=":        "",
		"=?utf-8?q?bob=40ext.test?=":          "",
		"=?utf-8?q?bob?=@ext.test <a@b.test>": "",
		`b\ob@ext.test`:                       "",
		`"bob@ext.test`:                       "",
		"bob@ext.test (open":                  "",
		"bob@":                                "",
		`"<"@ext.test`:                        "",
		"@ext.test":                           "",
		"bob@[192.0.2.1]":                     "",
		"bob@192.0.2.1":                       "",
		"bob@ext..test":                       "",
		"b\u202eob@ext.test":                  "",
		"bob@ext.test\x01":                    "",
		"b\xffb@ext.test":                     "",
	} {
		h, err := ReadHeader([]byte("From: " + value + "\r\n\r\n"))
		switch {
		case want == "" && err == nil:
			t.Errorf("From: %s was read as %q, want refused", value, h.From().Address)
		case want != "" && err != nil:
			t.Errorf("From: %s was refused: %v", value, err)
		case want != "" && h.From().Address != want:
			t.Errorf("From: %s = %q, want %q", value, h.From().Address, want)
		}
	}
	for _, raw := range []string{
		"Sender: bob@ext.test\r\n\r\n",
		"Resent-From: bob@ext.test\r\nSubject: x\r\n\r\n",
		"From: Bob <bob@ext.test>\r\nDKIM-Signature: v=1\r\nFrom: x@attacker.test\r\n\r\n",
	} {
		header(t, raw, false)
	}
}

func TestA09_TheNameIsNeverTheAddress(t *testing.T) {
	h := header(t, "From: =?utf-8?q?ceo=40bank.test_=3Cceo=40bank.test=3E?= <x@attacker.test>\r\n\r\n", true)
	if a := h.From(); a.Address != "x@attacker.test" || a.Name != "ceo@bank.test <ceo@bank.test>" {
		t.Errorf("From = %+v", a)
	}
}
