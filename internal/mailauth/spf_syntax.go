package mailauth

import (
	"net"
	"regexp"
	"strconv"
	"strings"
)

// isSPF says whether a text is an SPF record (RFC 7208 4.5).
func isSPF(text string) bool {
	const version = "v=spf1"
	return len(text) >= len(version) && strings.EqualFold(text[:len(version)], version) &&
		(len(text) == len(version) || text[len(version)] == ' ')
}

// The grammar of RFC 7208 5, 6 and 7.1. A domain-spec ends in a macro or in a last
// label that is not all digits.
var (
	spfMacro    = `%\{[slodiphvSLODIPHV](?:[1-9][0-9]*)?[rR]?[-.+,/_=]*\}|%%|%_|%-`
	spfTop      = `(?:[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*|[A-Za-z0-9]+-[A-Za-z0-9-]*[A-Za-z0-9])`
	spfSpec     = `(?:` + spfMacro + `|[!-$&-~])*(?:` + spfMacro + `|\.` + spfTop + `\.?)`
	spfDual     = `(?:/(\d{1,3}))?(?://(\d{1,3}))?`
	spfDomain   = regexp.MustCompile(`^(?i:include|exists|ptr):(` + spfSpec + `)$|^(?i:ptr)$`)
	spfHost     = regexp.MustCompile(`^(?i:a|mx)(?::(` + spfSpec + `))?` + spfDual + `$`)
	spfModifier = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_.-]*)=((?:` + spfMacro + `|[!-$&-~])*)$`)
	spfWhole    = regexp.MustCompile(`^` + spfSpec + `$`)
)

// maxSPFRecord bounds a record in bytes: macros multiply a sender's name by the
// record's length. RFC 7208 3.4 asks for 450, the longest in use have some 4,000.
const maxSPFRecord = 16 << 10

// validSPF checks a whole record (RFC 7208 4.6, 12).
func validSPF(record string) bool {
	if len(record) > maxSPFRecord {
		return false
	}
	seen := map[string]bool{}
	for term := range strings.SplitSeq(record[len("v=spf1"):], " ") {
		if term == "" {
			continue
		}
		if m := spfModifier.FindStringSubmatch(term); m != nil {
			if !validModifier(m[1], m[2], seen) {
				return false
			}
		} else if !validMechanism(strings.TrimLeft(term[:1], "+-?~") + term[1:]) {
			return false
		}
	}
	return true
}

// validModifier: redirect= and exp= name a domain and stand at most once each
// (RFC 7208 6); others are for somebody else.
func validModifier(name, value string, seen map[string]bool) bool {
	name = asciiLower(name)
	if name != "redirect" && name != "exp" {
		return true
	}
	twice := seen[name]
	seen[name] = true
	return !twice && spfWhole.MatchString(value)
}

func validMechanism(term string) bool {
	name, value, _ := strings.Cut(term, ":")
	switch asciiLower(name) {
	case "all":
		return len(term) == len("all")
	case "ip4":
		return validNetwork(value, 32)
	case "ip6":
		return validNetwork(value, 128)
	}
	if m := spfHost.FindStringSubmatch(term); m != nil {
		return validPrefix(m[2], 32) && validPrefix(m[3], 128)
	}
	return spfDomain.MatchString(term)
}

func validNetwork(s string, bits int) bool {
	addr, prefix, slash := strings.Cut(s, "/")
	ip := net.ParseIP(addr)
	return ip != nil && strings.Contains(addr, ":") == (bits == 128) && (!slash || prefix != "" && validPrefix(prefix, bits))
}

// validPrefix takes 0 to bits without leading zeros (RFC 7208 12); "" is absent.
func validPrefix(s string, bits int) bool {
	n, err := strconv.Atoi(s)
	return s == "" || err == nil && n >= 0 && n <= bits && (len(s) == 1 || s[0] != '0')
}
