package courier

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// address is a mailbox that may stand in a command.
type address struct {
	local, domain string // the domain in ASCII, lower case
}

func (a address) String() string {
	if a.domain == "" {
		return ""
	}
	return a.local + "@" + a.domain
}

// international is true when the address needs SMTPUTF8 (RFC 6531).
func (a address) international() bool { return !ascii(a.local) }

// parseAddress knows one form only: dot-atom@domain (RFC 5321 4.1.2 without quoted
// strings, address literals, source routes, comments). What can break out of <…> or add
// a parameter has no place in it (threats D9, H-02).
func parseAddress(s string) (address, error) {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || len(s) > maxPath {
		return address{}, errors.New("not an address")
	}
	local := s[:at]
	if len(local) > maxLocal || !dotAtom(local) {
		return address{}, errors.New("the part before the @ cannot be used")
	}
	domain, err := parseDomain(s[at+1:])
	if err != nil {
		return address{}, err
	}
	if len(local)+1+len(domain) > maxPath {
		return address{}, errors.New("the address is too long")
	}
	return address{local, domain}, nil
}

// dotAtom is RFC 5322 3.2.3, with the letters and digits of RFC 6532 3.2 beside ASCII's.
// Other runes beyond ASCII (spaces, line separators, bidi controls) have no place here.
func dotAtom(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return !atext(r) }) {
			return false
		}
	}
	return true
}

func atext(r rune) bool {
	switch {
	case r >= utf8.RuneSelf:
		return unicode.In(r, unicode.L, unicode.M, unicode.N)
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return true
	}
	return strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

// parseDomain turns a domain of two labels or more into lower-case ASCII (RFC 5891).
func parseDomain(s string) (string, error) {
	bad := errors.New("the part after the @ is no domain")
	if !ascii(s) {
		var err error
		if s, err = idna.Lookup.ToASCII(s); err != nil {
			return "", bad
		}
	}
	s = strings.ToLower(s)
	labels := strings.Split(s, ".")
	if len(s) > maxDomain || len(labels) < 2 || strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return "", bad
	}
	for _, l := range labels {
		if !ldh(l) {
			return "", bad
		}
	}
	return s, nil
}

// ldh: letters, digits and inner hyphens (RFC 1123 2.1).
func ldh(label string) bool {
	if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	return strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
