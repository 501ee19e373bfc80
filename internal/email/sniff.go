package email

import (
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
)

// eastAsian are the encodings an undeclared letter may be in, with the characters their languages cannot do without.
var eastAsian = []struct{ label, common string }{
	{"shift_jis", "のにはをたがでてとしれさあいうるなっかもりくす、。です"},
	{"euc-jp", "のにはをたがでてとしれさあいうるなっかもりくす、。です"},
	{"gb18030", "的一是不了在人有我他这个们中来上大为和国地到以说时，。您请好"},
	{"big5", "的一是不了在人有我他這個們中來上大為和國地到以說時，。您請好"},
	{"euc-kr", "이다는을의가에하고를한은로사기지어요니습안"},
}

// sniffEastAsian recognises undeclared double-byte text: it must decode without fault, be mostly double-byte, and hold
// the language's commonest characters. Nil when nothing is sure; then one letter too many looks odd, but none is lost.
func sniffEastAsian(b []byte) encoding.Encoding {
	b = b[:min(len(b), 4096)]
	var best encoding.Encoding
	bestShare := 0.12
	for _, c := range eastAsian {
		e, _ := charset.Lookup(c.label)
		if share := commonShare(decodeWith(e, b), c.common); share > bestShare {
			best, bestShare = e, share
		}
	}
	return best
}

// commonShare is the part of the non-ASCII characters of s that are common ones; 0 when a byte could not be decoded.
func commonShare(s, common string) float64 {
	known := make(map[rune]bool)
	for _, r := range common {
		known[r] = true
	}
	high, hits, bad := 0, 0, 0
	for _, r := range s {
		if r < 0x80 {
			continue
		}
		high++
		if known[r] {
			hits++
		}
		if r == 0xFFFD || r >= 0xFF61 && r <= 0xFF9F { // half-width katakana: what Latin letters become in Shift_JIS
			bad++
		}
	}
	if high < 4 || bad > 1+high/50 {
		return 0
	}
	return float64(hits) / float64(high)
}
