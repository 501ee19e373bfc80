package mailauth

import (
	"encoding/base64"
	"errors"
	"strings"
)

// tag is one "name=value" of a tag list (RFC 6376 3.2).
type tag struct {
	name, value string // white space around the value removed, inside it kept
	from, to    int    // where everything between "=" and ";" lies
}

var (
	errTagSyntax = errors.New("its tags cannot be read")
	errTagTwice  = errors.New("a tag appears twice")
)

// maxTags is far above what the RFCs define, so that a hostile list stays cheap.
const maxTags = 64

// parseTags reads a tag list. Anything RFC 6376 3.2 does not allow is an error,
// a tag given twice too: two readers could each take another one.
func parseTags(s string) ([]tag, error) {
	tags := make([]tag, 0, 12)
	for at := 0; at < len(s); {
		end := len(s)
		if i := strings.IndexByte(s[at:], ';'); i >= 0 {
			end = at + i
		}
		eq := strings.IndexByte(s[at:end], '=')
		if eq < 0 {
			if end == len(s) && trimFWS(s[at:end]) == "" {
				break // white space after the last ";"
			}
			return nil, errTagSyntax
		}
		t := tag{trimFWS(s[at : at+eq]), trimFWS(s[at+eq+1 : end]), at + eq + 1, end}
		if !isTagName(t.name) || hasControl(t.value) {
			return nil, errTagSyntax
		}
		if _, twice := find(tags, t.name); twice {
			return nil, errTagTwice
		}
		if tags = append(tags, t); len(tags) > maxTags {
			return nil, errTagSyntax
		}
		at = end + 1
	}
	return tags, nil
}

// find gives a tag by name; names are case-sensitive (RFC 6376 3.2).
func find(tags []tag, name string) (tag, bool) {
	for _, t := range tags {
		if t.name == name {
			return t, true
		}
	}
	return tag{}, false
}

func isTagName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// hasControl reports what may not stand in a value; folding white space may.
func hasControl(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\t' && c != '\r' && c != '\n' || c == 0x7f {
			return true
		}
	}
	return false
}

func isFWS(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }

func trimFWS(s string) string { return strings.TrimFunc(s, isFWS) }

// dropFWS removes all white space, which base64 values may be folded with.
func dropFWS(s string) string {
	if strings.IndexFunc(s, isFWS) < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if !isFWS(rune(s[i])) {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// splitList reads a list with ":" between and white space around its members.
func splitList(s string) []string {
	list := strings.Split(s, ":")
	for i := range list {
		list[i] = asciiLower(trimFWS(list[i]))
	}
	return list
}

func decodeBase64(s string) ([]byte, error) { return base64.StdEncoding.DecodeString(dropFWS(s)) }
