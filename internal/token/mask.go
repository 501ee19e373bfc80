package token

import "strings"

// masked stands where a token was.
const masked = "…"

// Mask takes every token out of a text, whoever made it and whatever for, so that what is shown or quoted to others cannot be used
// by them (threats T-09). No key is needed: a token is known by its shape, a version and a record id in base32, which no word and
// no number has by chance.
func Mask(s string) string {
	if len(s) < Size {
		return s
	}
	var b strings.Builder
	kept, run := 0, 0 // all before kept is in b; run digits of base32 stand before i
	for i := 0; i < len(s); i++ {
		if digits[s[i]]&0x80 != 0 {
			run = 0
			continue
		}
		if run++; run < Size || !shapedLikeToken(s[i+1-Size:i+1]) {
			continue
		}
		b.WriteString(s[kept : i+1-Size])
		b.WriteString(masked)
		kept, run = i+1, 0
	}
	if kept == 0 {
		return s
	}
	b.WriteString(s[kept:])
	return b.String()
}

// Within tells whether a text holds a token, by the same shape.
func Within(s string) bool { return Mask(s) != s }

// shapedLikeToken looks at the first character of the id before it decodes, so that long runs of letters cost little.
func shapedLikeToken(window string) bool {
	first := digits[window[3]]<<4 | digits[window[4]]>>1
	if (first < 'a' || first > 'z') && (first < '0' || first > '9') {
		return false
	}
	raw, shaped := decode(window)
	return shaped && isID(string(raw[versionSize:versionSize+idSize])) && (raw[0] != 0 || raw[1] != 0)
}
