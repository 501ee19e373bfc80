package email

import (
	"bytes"
	"unicode/utf8"
)

// base64Value maps a byte to its 6 bits, 64 for padding, 255 for what is skipped. The URL alphabet is read too.
var base64Value = func() (t [256]byte) {
	for i := range t {
		t[i] = 255
	}
	for i, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		t[c] = byte(i)
	}
	t['-'], t['_'], t['='] = 62, 63, 64
	return t
}()

// decodeBase64 skips what is not base64, goes on after padding (two encoders' output set end to end) though not into a
// remark on the same line, and forgives missing padding. ok is false when something other than white space had to be
// skipped. Data that is plainly not base64 at all comes back as it was.
func decodeBase64(in []byte) (out []byte, ok bool) {
	out, junk, left := base64Bytes(in)
	if junk > 8 && junk*20 > len(in) {
		return in, false
	}
	return out, junk == 0 && left == 0
}

// base64Bytes also counts what had to be skipped, and the characters of an unfinished last group. White space counts where it parts
// two words, not where it indents a line.
func base64Bytes(in []byte) (out []byte, junk, left int) {
	out = make([]byte, 0, len(in)*3/4+3)
	var acc uint32
	n, remark, padded, word, gap := 0, false, false, false, false
	for _, c := range in {
		v := base64Value[c]
		if c == '\n' || c == '\r' {
			padded, remark, word, gap = false, false, false, false
			continue
		}
		if isSpace(c) && !padded {
			gap = word
			continue
		}
		if gap {
			junk++
		}
		word, gap = true, false
		if remark || padded && v > 64 {
			remark = true
		} else if v < 64 {
			padded = false
			if acc, n = acc<<6|uint32(v), n+1; n == 4 {
				out = append(out, byte(acc>>16), byte(acc>>8), byte(acc))
				acc, n = 0, 0
			}
		} else if v == 64 {
			out = appendRest(out, acc, n)
			acc, n, padded = 0, 0, true
		} else {
			junk++
		}
	}
	return appendRest(out, acc, n), junk, n
}

// appendRest writes the bytes of an unfinished group of n characters.
func appendRest(out []byte, acc uint32, n int) []byte {
	switch n {
	case 2:
		return append(out, byte(acc>>4))
	case 3:
		return append(out, byte(acc>>10), byte(acc>>2))
	}
	return out
}

// shortWord is a text so short that it may be one word of a person's rather than base64.
const shortWord = 24

// textBase64 is decodeBase64 for a text of the named charset. Servers that undo base64 and leave its name in the header are as
// common as lists that set their footer below it: what makes sense only as it stands is left standing.
func textBase64(in []byte, label string) (out []byte, ok bool) {
	body, footer := cutFooter(in)
	out, junk, left := base64Bytes(body)
	if junk == 0 && left == 0 && len(footer) == 0 {
		return out, true
	}
	if junk*20 > len(body) || len(bytes.TrimSpace(body)) <= shortWord {
		plain, lied := decodeClaimed(out[:min(len(out), maxSniff)], label)
		if (junk > 8 || lied || !isText(plain)) && isText(decodeCharset(wholeLines(in, maxSniff), label)) {
			return in, false
		}
	}
	if len(footer) > 0 {
		out = append(append(out, '\n'), footer...)
	}
	return out, false
}

// isText says that no byte was left over in decoding, and no control character stands in the text.
func isText(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || r == 0x7f || r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' {
			return false
		}
	}
	return true
}

// cutFooter parts base64 from the plain lines that a list server set below it; footer is empty when there are none.
func cutFooter(in []byte) (body, footer []byte) {
	ended, full, from := false, 0, len(in)
	for rest := in; len(rest) > 0; {
		line, _, next := cutEOL(rest)
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0:
			ended = ended || full > 0
		case !isBase64(line):
			if ended && from == len(in) {
				from = len(in) - len(rest)
			}
		case from == len(in) || len(line) > 2*shortWord: // no word of a footer is as long as this
			ended = len(line) < full || line[len(line)-1] == '='
			full, from = max(full, len(line)), len(in)
		}
		rest = next
	}
	return in[:from], in[from:]
}

// isBase64 says that a line could be base64 and is not merely a rule of hyphens.
func isBase64(line []byte) bool {
	for _, c := range line {
		if base64Value[c] > 64 {
			return false
		}
	}
	return len(bytes.Trim(line, "-_=")) > 0
}
