package intake

import (
	"strings"
	"testing"

	"aside/internal/desk"
	"aside/internal/email"
)

func TestA19_SignedFieldsAreReadFromTheSignature(t *testing.T) {
	for signature, want := range map[string]string{
		"v=1; a=rsa-sha256; d=x.test; h=From:To:Subject; b=abc": "from to subject",
		"v=1; h = From :\r\n\t TO : cc ; bh=h=to":               "from to cc",
		"v=1; d=x.test; b=abc":                                  "",
		"v=1; dh=to; h=from; b=x":                               "from",
		"h=":                                                    "",
		"":                                                      "",
	} {
		if got := strings.TrimSpace(strings.Join(signedFields(signature), " ")); got != want {
			t.Errorf("%q: %q, want %q", signature, got, want)
		}
	}
}

func FuzzSignedFields(f *testing.F) {
	f.Add("v=1; h=From:To; b=x")
	f.Add(";;h==:=:\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		for _, name := range signedFields(s) {
			if name != strings.ToLower(strings.TrimSpace(name)) || strings.ContainsAny(name, ":;") {
				t.Errorf("%q", name)
			}
		}
	})
}

func TestSameOrganization(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"ext.test", "ext.test", true}, {"EXT.test", "ext.TEST", true}, {"mail.ext.test", "ext.test", true}, {"a.ext.test", "b.ext.test", true},
		{"ext.test", "other.test", false}, {"test", "ext.test", false}, {"a.co.uk", "b.co.uk", false}, {"", "", false}, {"", "ext.test", false}, {"alice.github.io", "bob.github.io", false},
	} {
		if got := sameOrganization(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}

func TestA22andA23_WhatASendersNameAndDomainSeemToBe(t *testing.T) {
	known := []desk.Known{{Name: "Ada Agent", Email: "ada@acme.test", Team: true}, {Name: "Bob Vendor", Email: "bob@ext.test"}, {Name: "Acme Hardware", Team: true}, {Name: "", Email: "carol@other.test"}}
	for name, c := range map[string]struct {
		name, address string
		want          string // in the one warning; empty: none
	}{
		"the person themselves":           {"Bob Vendor", "bob@ext.test", ""},
		"in other case":                   {"BOB VENDOR", "BOB@EXT.TEST", ""},
		"a stranger by their own name":    {"Carl", "carl@x.test", ""},
		"no name":                         {"", "carl@x.test", ""},
		"a known name":                    {"bob  vendor", "bob@x.test", "somebody on this conversation"},
		"with accents":                    {"Bób Vendör", "bob@x.test", "somebody on this conversation"},
		"with invisible characters":       {"Bob\u200b Vendor", "bob@x.test", "somebody on this conversation"},
		"in fullwidth letters":            {"Ａｄａ Ａｇｅｎｔ", "x@x.test", "your team"},
		"in Cyrillic letters":             {"\u0410d\u0430 \u0410gent", "x@x.test", "your team"},
		"the team as such":                {"ACME hardware", "x@x.test", "your team"},
		"an address as the name":          {"ceo@bank.test", "x@x.test", "looks like another address"},
		"their own address as the name":   {"x@x.test", "x@x.test", ""},
		"a domain with a Cyrillic letter": {"", "bob@xn--et-0mc.test", "looks like ext.test"},
		"an honest foreign domain":        {"", "post@xn--bcher-kva.test", "reads “bücher.test”"},
		"a mixed domain":                  {"", "x@xn--pple-43d.test", "mixes letters"},
		"a punycode that is none":         {"", "x@xn--\xff.test", "not written as a domain"},
		"a long s in the address":         {"", "\u017fam@ext.test", "can be mistaken"},
	} {
		t.Run(name, func(t *testing.T) {
			got := lookalikes(email.Address{Name: c.name, Address: c.address}, known)
			if c.want == "" && len(got) == 0 || len(got) == 1 && c.want != "" && strings.Contains(got[0], c.want) {
				return
			}
			t.Errorf("got %q, want %q", got, c.want)
		})
	}
}

func FuzzLookalikes(f *testing.F) {
	f.Add("Bob", "bob@xn--et-0mc.test")
	f.Add("\xff@", "@xn--")
	f.Fuzz(func(t *testing.T, name, address string) {
		if got := lookalikes(email.Address{Name: name, Address: address}, []desk.Known{{Name: "Bob", Email: "bob@ext.test"}}); len(got) > 4 {
			t.Errorf("%q", got)
		}
	})
}

func TestL15_OnlyAMessageIDThatCanBeWrittenIsKept(t *testing.T) {
	for id, want := range map[string]bool{"a@b.test": true, "CAF=x+y_z.1@mail.gmail.com": true, "a@[127.0.0.1]": true, "": false, "abc": false, "@b": false, "a@": false, "a b@c": false, "a@b> <c@d": false,
		"grüße@b.test": false, "a\r\n@b": false, strings.Repeat("a", 300) + "@b.test": false} {
		if got := usableID(id) != ""; got != want {
			t.Errorf("%q: %v", id, got)
		}
	}
}

func TestA37_MachinesHoweverTheyAreSpelled(t *testing.T) {
	for _, local := range []string{"no-reply", "NoReply", "no_reply", "no.reply", "donotreply", "do-not-reply", "noreply+abc", "mailer-daemon", "notifications", "Bounces"} {
		if !isMachine(local) {
			t.Errorf("%s is a machine", local)
		}
	}
	for _, local := range []string{"bob", "reply", "norman", "noreen", "office", "postmaster.general"} {
		if isMachine(local) {
			t.Errorf("%s is a person", local)
		}
	}
}
