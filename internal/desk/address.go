package desk

import (
	"slices"
	"strings"
)

// Address is one outsider as an agent named them; Email is already in its strict form.
type Address struct{ Name, Email string }

// SameAddress compares two addresses as people mean them: the case of ASCII letters does not count, a +tag does (threats A-24). Unicode's
// other foldings do: with them ſam@ext.test would be sam@ext.test.
func SameAddress(a, b string) bool { return a != "" && asciiLower(a) == asciiLower(b) }

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// untagged is a mailbox without what stands behind a + (RFC 5233).
func untagged(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

// machines are local parts that no person reads (RFC 2142, and what everybody uses).
var machines = []string{"postmaster", "mailer-daemon", "abuse", "noreply", "no-reply", "no_reply", "donotreply", "do-not-reply"}

// NoPerson says why an address makes no sense as somebody to write to (W-03): ours, or a machine's. Empty: it makes sense.
func NoPerson(address, mailDomain string) string {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	switch {
	case domain == mailDomain:
		return address + " is an address of this system itself."
	case domain == ErasedDomain:
		return "This person was erased. Nobody can write to them any more."
	case slices.Contains(machines, local):
		return address + " is read by a machine, not by a person."
	}
	return ""
}
