package mailauth

import (
	"net/http/cookiejar"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// RFC 1035 2.3.4.
const (
	maxLabel  = 63
	maxDomain = 253
)

// cleanDomain gives a domain in the one form everything here compares: lower
// case, no trailing dot. It is the strict grammar of threats D8, H-10 and A-33:
// letters, digits, hyphen and underscore only, two labels at least, and a last
// label that is not a number, so that no IP literal is ever taken for a name.
func cleanDomain(s string) (string, bool) {
	s = strings.TrimSuffix(s, ".")
	if !isLDH(s) || strings.IndexByte(s, '.') < 0 {
		return "", false
	}
	s = asciiLower(s)
	top := s[strings.LastIndexByte(s, '.')+1:]
	if strings.Trim(top, "0123456789") == "" {
		return "", false
	}
	return s, true
}

// cleanSelector is the same grammar for s=, which may be a single label
// (RFC 6376 3.1).
func cleanSelector(s string) (string, bool) {
	if !isLDH(s) {
		return "", false
	}
	return asciiLower(s), true
}

// isLDH checks labels of letters, digits, hyphen and underscore, none empty, none
// too long, none starting or ending in a hyphen.
func isLDH(s string) bool {
	if s == "" || len(s) > maxDomain {
		return false
	}
	label := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '.':
			if label == 0 || s[i-1] == '-' {
				return false
			}
			label = 0
			continue
		case c == '-' && label == 0:
			return false
		case !isNameByte(c):
			return false
		}
		if label++; label > maxLabel {
			return false
		}
	}
	return label > 0 && s[len(s)-1] != '-'
}

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// asciiLower folds only what DNS folds: a Kelvin sign is not a k (RFC 4343).
func asciiLower(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// addressDomain gives the domain of an addr-spec, an international one as ASCII
// (RFC 9989 4.1 compares A-labels).
func addressDomain(addr string) (string, bool) {
	at := strings.LastIndexByte(addr, '@')
	if at < 1 {
		return "", false
	}
	domain := addr[at+1:]
	for i := 0; i < len(domain); i++ {
		if domain[i] >= 0x80 {
			ascii, err := idna.Lookup.ToASCII(domain)
			if err != nil {
				return "", false
			}
			return cleanDomain(ascii)
		}
	}
	return cleanDomain(domain)
}

// suffixes is the public suffix list. It is no authority for DMARC any more
// (RFC 9989 4.10), but it is a fence: nobody speaks for "co.uk" or "github.io".
var suffixes cookiejar.PublicSuffixList = publicsuffix.List

// registrable gives the name one label below the public suffix, or "" for a
// domain that is itself a suffix. The domain is clean, or in any case and script.
func registrable(list cookiejar.PublicSuffixList, domain string) string {
	if strings.HasPrefix(domain, ".") {
		return ""
	}
	ascii, err := idna.ToASCII(domain)
	if err != nil {
		return ""
	}
	ascii = strings.TrimSuffix(asciiLower(ascii), ".")
	suffix := list.PublicSuffix(ascii)
	if suffix == "" || len(ascii) <= len(suffix)+1 {
		return ""
	}
	if above := list.PublicSuffix(suffix); above != suffix {
		return registrable(list, suffix) // city.kobe.jp: an exception makes kobe.jp no suffix of its own
	}
	rest := ascii[:len(ascii)-len(suffix)-1]
	return ascii[strings.LastIndexByte(rest, '.')+1:]
}

// isPublicSuffix says whether strangers can register names directly below.
func isPublicSuffix(domain string) bool { return registrable(suffixes, domain) == "" }

// isWithin says whether a domain is another or lies below it. Both are clean.
func isWithin(domain, parent string) bool {
	return domain == parent || strings.HasSuffix(domain, parent) && domain[len(domain)-len(parent)-1] == '.'
}
