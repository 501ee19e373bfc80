package email

import (
	"errors"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Address is a mailbox. Name is decoded and free of control and bidi characters; Address is the addr-spec alone.
type Address struct{ Name, Address string }

// String is the RFC 5322 form for a header: the name quoted or, where it needs it, as encoded words. It holds no line end.
func (a Address) String() string {
	name := cleanValue(a.Name)
	switch {
	case name == "":
		return a.Address
	case !isPlain(name) || strings.Contains(name, "=?"):
		return encodeWords(name) + " <" + a.Address + ">"
	case strings.ContainsAny(name, `()<>[]:;@\,."`):
		return `"` + quotePairs.Replace(name) + `" <` + a.Address + ">"
	}
	return name + " <" + a.Address + ">"
}

var quotePairs = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// encodeWords is RFC 2047, B when most of it is not ASCII, else Q; the words are joined by single spaces.
func encodeWords(s string) string {
	high := 0
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			high++
		}
	}
	enc := mime.QEncoding
	if high*3 > len(s) {
		enc = mime.BEncoding
	}
	if w := enc.Encode("utf-8", s); w != s {
		return w
	}
	// Go leaves ASCII alone, but ASCII that looks like an encoded word must not be decoded by its reader (H-03).
	return "=?utf-8?q?" + strings.NewReplacer("=", "=3D", "?", "=3F", "_", "=5F", " ", "_", `"`, "=22", "(", "=28", ")", "=29", "<", "=3C", ">", "=3E", ",", "=2C", ";", "=3B", ":", "=3A", "@", "=40", `\`, "=5C", ".", "=2E").Replace(s) + "?="
}

// isPlain says that s is printable ASCII.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// asciiDomain lower-cases a domain and turns an internationalised one into its xn-- form (RFC 5891, UTS 46).
func asciiDomain(d string) (string, error) {
	if isPlain(d) {
		return strings.ToLower(d), nil
	}
	a, err := idna.Lookup.ToASCII(d)
	if err != nil || !isPlain(a) {
		return "", errors.New("its domain cannot be written in ASCII")
	}
	return strings.ToLower(a), nil
}
