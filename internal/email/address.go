package email

import (
	"encoding/base64"
	"errors"
	"fmt"
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
	case !isPlain(name) || strings.Contains(name, "=?") || longestWord(name) > maxLine:
		return encodeWords(name) + " <" + a.Address + ">"
	case strings.ContainsAny(name, `()<>[]:;@\,."`):
		return `"` + quotePairs.Replace(name) + `" <` + a.Address + ">"
	}
	return name + " <" + a.Address + ">"
}

var quotePairs = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// wordText is what stands between =?utf-8?q? and ?= at most: a line that holds an encoded word may have 76 characters
// (RFC 2047 2), and the name of the field comes before the first.
const wordText = 76 - len("In-Reply-To: =?utf-8?q?") - len("?=")

// encodeWords writes s as encoded words joined by single spaces: B when most of it is not ASCII, else Q. A character is
// never split between two of them. Unlike mime.WordEncoder it encodes ASCII too: what looks like an encoded word, and
// is none, must be read as it was written (H-03).
func encodeWords(s string) string {
	base := (len(s)-utf8.RuneCountInString(s))*3 > len(s)
	var words []string
	for s != "" {
		n, width := 0, 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			w := wordWidth(s[n:n+size], base, n)
			if width+w > wordText && n > 0 {
				break
			}
			n, width = n+size, width+w
		}
		words = append(words, encodedWord(s[:n], base))
		s = s[n:]
	}
	return strings.Join(words, " ")
}

// wordWidth is how many characters more a rune takes after n bytes.
func wordWidth(r string, base bool, n int) int {
	if base {
		return base64.StdEncoding.EncodedLen(n+len(r)) - base64.StdEncoding.EncodedLen(n)
	}
	if len(r) == 1 && isWordSafe(r[0]) {
		return 1
	}
	return 3 * len(r)
}

func encodedWord(s string, base bool) string {
	if base {
		return "=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ':
			b.WriteByte('_')
		case isWordSafe(c):
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return "=?utf-8?q?" + b.String() + "?="
}

// isWordSafe are the characters Q may leave alone even in a display name (RFC 2047 5 (3)); the space counts as its _.
func isWordSafe(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == ' ' || c == '!' || c == '*' || c == '+' || c == '-' || c == '/'
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
