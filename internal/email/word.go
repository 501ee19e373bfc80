package email

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// decodeValue decodes a header value as the world writes RFC 2047: words in quoted strings, glued to other text, with
// spaces inside, with a multi-byte character split between two of them. The result is clean, valid UTF-8 in NFC.
func decodeValue(v string) string {
	if len(v) > 4*maxValueBytes {
		v = v[:4*maxValueBytes]
	}
	v = rawText(v, "")
	if strings.Contains(v, "=?") {
		v = decodeWords(v)
	}
	return cleanValue(v)
}

// rawText decodes what stands in a header without being encoded and is not UTF-8, by the charset that the letter's text claims: both
// come from one program. Encoded words are ASCII and stay as they are.
func rawText(v, label string) string {
	if utf8.ValidString(v) && !strings.Contains(v, "\x1b$") {
		return v
	}
	s, lied := decodeClaimed([]byte(v), label)
	if lied && label != "" {
		s = decodeCharset([]byte(v), "")
	}
	return s
}

// word is one encoded word, its transfer encoding undone but not its charset.
type word struct {
	charset string
	data    []byte
}

func decodeWords(v string) string {
	var out strings.Builder
	var held word // bytes waiting for the rest of their last character
	flush := func() {
		if held.data != nil {
			out.WriteString(decodeCharset(held.data, held.charset))
			held = word{}
		}
	}
	for v != "" {
		i := strings.Index(v, "=?")
		if i < 0 {
			break
		}
		w, used, ok := readWord(v[i:])
		if !ok {
			flush()
			out.WriteString(v[:i+2])
			v = v[i+2:]
			continue
		}
		between := v[:i]
		if held.data == nil || strings.Trim(between, " \t\r\n") != "" {
			flush()
			out.WriteString(between)
		} else if !strings.EqualFold(held.charset, w.charset) {
			flush() // white space between two words is not text (RFC 2047 6.2)
		}
		held.charset, held.data = w.charset, append(held.data, w.data...)
		v = v[i+used:]
	}
	flush()
	out.WriteString(v)
	return out.String()
}

// readWord reads =?charset[*language]?B|Q?text?= at the start of s. The charset is short, so a miss costs little.
func readWord(s string) (w word, used int, ok bool) {
	q1 := strings.IndexByte(s[2:min(len(s), 80)], '?')
	if q1 < 1 || len(s) < 2+q1+3 || s[2+q1+2] != '?' {
		return w, 0, false
	}
	charset, _, _ := strings.Cut(s[2:2+q1], "*")
	enc, text := s[2+q1+1]|0x20, s[2+q1+3:]
	end := strings.Index(text[:min(len(text), maxValueBytes)], "?=") // a cap, or a header of open words costs its square
	if end < 0 || strings.ContainsAny(charset, " \t\r\n=") {
		return w, 0, false
	}
	w = word{charset: charset}
	switch enc {
	case 'b':
		w.data, _ = decodeBase64([]byte(text[:end]))
	case 'q':
		w.data = decodeQ(text[:end])
	default:
		return w, 0, false
	}
	if w.data == nil {
		w.data = []byte{}
	}
	return w, 2 + q1 + 3 + end + 2, true
}

// decodeQ is RFC 2047 4.2; a broken escape stays as it is.
func decodeQ(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			out = append(out, ' ')
		case s[i] == '=' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return out
}

// cleanValue makes a string fit to be shown on one line and quoted into a header: valid UTF-8, NFC, every run of white
// space and control characters one space (H-03), no bidi controls or other invisible format characters (A-23, F-04).
func cleanValue(s string) string {
	if isPlain(s) && !strings.Contains(s, "  ") {
		return strings.Trim(s[:min(len(s), maxValueBytes)], " ")
	}
	if !utf8.ValidString(s) {
		s = decodeCharset([]byte(s), "")
	}
	var b strings.Builder
	gap := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			gap = true
			continue
		case isInvisible(r):
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(r)
		if b.Len() > maxValueBytes {
			break
		}
	}
	return norm.NFC.String(b.String())
}

// isInvisible knows the characters that change how their neighbours look. The joiners stay: Persian and emoji need them.
func isInvisible(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2060 && r <= 0x206F || r == 0x200B || r == 0x200E || r == 0x200F || r == 0x061C ||
		r == 0xFEFF || r == 0xFFF9 || r == 0xFFFA || r == 0xFFFB || r >= 0xE0000 && r <= 0xE007F
}

// unquotePairs removes the backslashes of quoted pairs.
func unquotePairs(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
