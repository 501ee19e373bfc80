package smtpd

import (
	"strings"
	"testing"
)

func TestSplitAddress(t *testing.T) {
	long := strings.Repeat("a", maxLocal)
	for _, c := range []struct{ in, local, domain string }{
		{"bob@ext.test", "bob", "ext.test"},
		{"Bob.O'Neil+x@EXT.Test.", "Bob.O'Neil+x", "ext.test"},
		{`"bob"@ext.test`, "bob", "ext.test"},
		{`"b\ob"@ext.test`, "bob", "ext.test"},
		{`"a b"@ext.test`, `"a b"`, "ext.test"},
		{`"a\"b\\"@ext.test`, `"a\"b\\"`, "ext.test"},
		{`"a@b"@ext.test`, `"a@b"`, "ext.test"},
		{`"a..b"@ext.test`, `"a..b"`, "ext.test"},
		{"!#$%&'*+-/=?^_`{|}~@x", "!#$%&'*+-/=?^_`{|}~", "x"},
		{"a@[192.0.2.1]", "a", "[192.0.2.1]"},
		{"a@[IPv6:2001:DB8::1]", "a", "[ipv6:2001:db8::1]"},
		{"a@xn--bcher-kva.test", "a", "xn--bcher-kva.test"},
		{long + "@x.test", long, "x.test"},
	} {
		local, domain, err := SplitAddress(c.in)
		if err != nil || local != c.local || domain != c.domain {
			t.Errorf("%s: %q, %q, %v", c.in, local, domain, err)
		}
	}
	for name, in := range map[string]string{
		"nothing": "", "no at": "bob", "no local part": "@x", "no domain": "a@", "two ats": "a@b@c", "a space": "a b@c", "a space at the end": "a@c ",
		"a leading dot": ".a@b", "a trailing dot": "a.@b", "two dots": "a..b@c", "an empty label": "a@b..c", "two dots at the end": "a@b..",
		"a hyphen first": "a@-b", "a hyphen last": "a@b-.c", "an underscore": "a@b_c", "a comment": "a(b)@c", "a comma": "a,b@c", "angle brackets": "<a@b>",
		"a route": "@a:b@c", "a name": "Bob <a@b>", "8-bit local part": "ä@b", "8-bit domain": "a@ä", "NUL": "a\x00@b", "CR": "a\r@b", "LF": "a@b\n",
		"an open quote": `"a@b`, "nothing quoted": `""@b`, "text behind quotes": `"a"b@c`, "text before quotes": `a"b"@c`, "a control byte in quotes": "\"a\x01\"@b",
		"a backslash at the end": `"a\`, "CR in quotes": "\"a\\\r\"@b", "a bare literal": "a@192.0.2.1]", "an open literal": "a@[192.0.2.1", "half a literal": "a@[192.0.2]",
		"IPv6 without its tag": "a@[2001:db8::1]", "IPv4 with it": "a@[IPv6:192.0.2.1]", "a zone": "a@[IPv6:fe80::1%eth0]", "an unknown literal": "a@[X:1]",
		"a local part too long": long + "a@x.test", "a label too long": "a@" + long + ".test", "a domain too long": "a@" + strings.Repeat("abcdefg.", 40) + "test",
		"parameters": "a@b> SIZE=1 X=<", "a domain of H-10": "any@legit.test(a.attack.test",
	} {
		if local, domain, err := SplitAddress(in); err == nil || local != "" || domain != "" {
			t.Errorf("%s: %q gives %q, %q, %v", name, in, local, domain, err)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"bob@ext.test", `"a b\"c"@x.test.`, "a@[IPv6:2001:db8::1]", "@a:b@c", "a@b> X=<", `"@"@b`, `"\`, "postmaster"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		local, domain, err := SplitAddress(s)
		if err == nil {
			normal := local + "@" + domain
			l, d, err := SplitAddress(normal)
			if err != nil || l != local || d != domain {
				t.Fatalf("%q is normally %q, which gives %q, %q, %v", s, normal, l, d, err)
			}
			if domain != lower(domain) || len(normal) > maxMailbox || strings.HasSuffix(domain, ".") {
				t.Fatalf("%q is not normal", normal)
			}
			for i := range len(normal) {
				if normal[i] < ' ' || normal[i] > '~' {
					t.Fatalf("%q has odd bytes", normal)
				}
			}
			if mailbox, rest, err := cutPath("<" + normal + "> SIZE=1"); err != nil || mailbox != normal || rest != " SIZE=1" {
				t.Fatalf("<%s> as a path: %q, %q, %v", normal, mailbox, rest, err)
			}
		}
		if mailbox, params, err := cutPath(s); err == nil && "<"+mailbox+">"+params != s {
			t.Fatalf("cutPath(%q) lost something: %q, %q", s, mailbox, params)
		}
	})
}
