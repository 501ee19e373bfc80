package smtpd

import (
	"errors"
	"net/netip"
	"strings"
)

// RFC 5321 4.5.3.1: octets of a local part, of a domain, of one label (RFC 1035), and of
// a path without its brackets.
const (
	maxLocal   = 64
	maxDomain  = 255
	maxLabel   = 63
	maxMailbox = 254
)

var (
	errPath    = errors.New("path is not in angle brackets")
	errRoute   = errors.New("source routes are not accepted")
	errMailbox = errors.New("not a mailbox: local@domain")
	errLocal   = errors.New("not a local part")
	errDomain  = errors.New("not a domain")
)

// SplitAddress parses a Mailbox of RFC 5321 4.1.2, ASCII only: no comments, no routes,
// no white space. The local part comes back as given, out of its quotes where it needs
// none and requoted where it does; the domain in lower case without a trailing dot, or
// as an address literal. Joined by "@" they are the normal form of the address.
func SplitAddress(s string) (local, domain string, err error) {
	local, rest, err := cutLocal(s)
	if err != nil {
		return "", "", err
	}
	domain, err = normalDomain(rest)
	if err != nil {
		return "", "", err
	}
	if len(local)+1+len(domain) > maxMailbox {
		return "", "", errMailbox
	}
	return local, domain, nil
}

// cutPath takes <mailbox> off the front of a MAIL or RCPT argument. What follows it must
// be nothing, or parameters after a space.
func cutPath(s string) (mailbox, params string, err error) {
	if !strings.HasPrefix(s, "<") {
		return "", "", errPath
	}
	end, quoted := -1, false
	for i := 1; i < len(s) && end < 0; i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == '>' && !quoted:
			end = i
		}
	}
	if end < 0 {
		return "", "", errPath
	}
	mailbox, params = s[1:end], s[end+1:]
	if params != "" && params[0] != ' ' {
		return "", "", errPath
	}
	if strings.HasPrefix(mailbox, "@") {
		return "", "", errRoute
	}
	return mailbox, params, nil
}

// cutLocal takes the local part and the @ off the front of a mailbox.
func cutLocal(s string) (local, rest string, err error) {
	if strings.HasPrefix(s, `"`) {
		local, rest, err = cutQuoted(s)
	} else if at := strings.IndexByte(s, '@'); at >= 0 {
		local, rest = s[:at], s[at:]
		if !isDotString(local) {
			err = errLocal
		}
	}
	switch {
	case err != nil:
		return "", "", err
	case local == "" || len(local) > maxLocal || !strings.HasPrefix(rest, "@"):
		return "", "", errMailbox
	}
	return local, rest[1:], nil
}

// cutQuoted takes a Quoted-string off the front of s. Quotes that are not needed mean
// nothing (RFC 5321 4.1.2), so they are taken off for "the same mailbox" to be one string.
func cutQuoted(s string) (local, rest string, err error) {
	var plain strings.Builder
	i := 1
	for ; i < len(s) && s[i] != '"'; i++ {
		if s[i] == '\\' {
			i++
		}
		if i == len(s) || s[i] < ' ' || s[i] > '~' {
			return "", "", errLocal
		}
		plain.WriteByte(s[i])
	}
	if i >= len(s) {
		return "", "", errLocal
	}
	local = plain.String()
	if local == "" { // grammatical, and nobody's
		return "", "", errLocal
	}
	if !isDotString(local) {
		local = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local) + `"`
	}
	return local, s[i+1:], nil
}

// isDotString checks Dot-string: atoms of atext between single dots.
func isDotString(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" {
			return false
		}
		for i := range len(atom) {
			if !isAtext(atom[i]) {
				return false
			}
		}
	}
	return true
}

func isAtext(c byte) bool {
	return isAlnum(c) || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

func isAlnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// normalDomain checks Domain or address-literal and returns its normal form. The root's
// dot is dropped: other systems take it for the same name.
func normalDomain(s string) (string, error) {
	if strings.HasPrefix(s, "[") {
		return literal(s)
	}
	s = strings.TrimSuffix(s, ".")
	if s == "" || len(s) > maxDomain {
		return "", errDomain
	}
	for label := range strings.SplitSeq(s, ".") {
		if !isLabel(label) {
			return "", errDomain
		}
	}
	return lower(s), nil
}

// isLabel checks the letters-digits-hyphen rule of RFC 5321's sub-domain.
func isLabel(s string) bool {
	if s == "" || len(s) > maxLabel || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if !isAlnum(s[i]) && s[i] != '-' {
			return false
		}
	}
	return true
}

// literal checks [192.0.2.1] and [IPv6:2001:db8::1].
func literal(s string) (string, error) {
	inner, closed := strings.CutSuffix(s[1:], "]")
	if !closed {
		return "", errDomain
	}
	six := false
	if len(inner) > 5 && strings.EqualFold(inner[:5], "IPv6:") {
		inner, six = inner[5:], true
	}
	ip, err := netip.ParseAddr(inner)
	if err != nil || ip.Is6() != six || ip.Zone() != "" {
		return "", errDomain
	}
	if six {
		return "[ipv6:" + ip.String() + "]", nil
	}
	return "[" + ip.String() + "]", nil
}

// isHelo checks the name in EHLO. Besides what RFC 5321 allows it takes the underscores
// that Windows hosts have in their names.
func isHelo(s string) bool {
	if _, err := normalDomain(strings.ReplaceAll(s, "_", "a")); err == nil {
		return len(s) <= maxDomain
	}
	return false
}

// lower folds ASCII and nothing else.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}
