package email

import (
	"bytes"
	"encoding/base64"
	"mime/quotedprintable"
	"regexp"
	"strings"
)

// Rewrite gives a letter with change applied to everything a reader would see of it, whatever it is encoded as: the header, the texts, and
// those of the letters within. What change leaves alone stays byte for byte. A letter that cannot be taken apart is changed as it lies.
func Rewrite(raw []byte, change func(text string) string) []byte {
	return rewrite(raw, change, maxWithin)
}

func rewrite(raw []byte, change func(string) string, depth int) []byte {
	raw = oneLineEnd(raw)
	w := &walker{raw: raw}
	w.skipBlankStart()
	if _, err := w.walk(); err != nil || depth == 0 {
		return []byte(change(string(raw)))
	}
	out, from := make([]byte, 0, len(raw)), 0
	for _, l := range w.leaves {
		if l.at < from {
			continue // a husk lies around what was written already
		}
		out = append(out, rewriteHeader(raw[from:l.at], change)...)
		out = append(out, l.rewritten(change, depth)...)
		from = l.at + len(l.body)
	}
	return append(out, rewriteHeader(raw[from:], change)...)
}

// anyEncodedWord is RFC 2047 2.
var anyEncodedWord = regexp.MustCompile(`=\?[^?\s]+\?[bBqQ]\?[^?]*\?=`)

func rewriteHeader(raw []byte, change func(string) string) []byte {
	raw = anyEncodedWord.ReplaceAllFunc(raw, func(word []byte) []byte {
		text := decodeValue(string(word))
		if changed := change(text); changed != text {
			return []byte("=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte(changed)) + "?=")
		}
		return word
	})
	return []byte(change(string(raw)))
}

// rewritten is a part's body, in its own encoding again.
func (l leaf) rewritten(change func(string) string, depth int) []byte {
	encoding := transferName(l.header.Get("Content-Transfer-Encoding"))
	plain, _ := l.decode(strings.HasPrefix(l.media.name, "text/")) // as it is shown, so that nothing shown is missed
	var changed []byte
	switch {
	case strings.HasPrefix(l.media.name, "message/"):
		changed = rewrite(plain, change, depth-1)
	case bytes.IndexByte(plain, 0) >= 0 && (Attachment{Type: l.media.name, Data: plain}).legible():
		narrow := string(bytes.ReplaceAll(plain, []byte{0}, nil)) // UTF-16 of ASCII is ASCII between zeros
		if changed = plain; change(narrow) != narrow {
			changed = []byte(change(narrow))
		}
	default:
		changed = []byte(change(string(plain)))
	}
	switch {
	case bytes.Equal(changed, plain):
		return l.body
	case encoding == "base64" || encoding == "b":
		return wrapped(base64.StdEncoding.EncodeToString(changed))
	case encoding == "quotedprintable" || encoding == "qp":
		var b bytes.Buffer
		q := quotedprintable.NewWriter(&b)
		_, _ = q.Write(changed)
		_ = q.Close() // neither fails in memory
		return b.Bytes()
	}
	return changed
}

// wrapped is base64 in lines of 76 (RFC 2045 6.8).
func wrapped(s string) []byte {
	const line = 76
	b := make([]byte, 0, len(s)+len(s)/line*2+2)
	for len(s) > line {
		b = append(append(b, s[:line]...), '\r', '\n')
		s = s[line:]
	}
	return append(append(b, s...), '\r', '\n')
}
