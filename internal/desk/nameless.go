package desk

import (
	"strings"
	"unicode"
)

// withoutPerson blanks out of a text who wrote it: their address, their name, and the parts of their name that stand alone. A word
// too many is blanked rather than a name shown.
func withoutPerson(text, name, address string) string {
	text = without(text, address, false)
	name = oneSpaced(name)
	text = without(text, name, letters(name) < namePart)
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		if letters(part) >= namePart {
			text = without(text, part, true)
		}
	}
	return text
}

// namePart is how many letters a part of a name has that is blanked by itself: "de" and "van" alone would blank half of a language,
// "Ann" would not.
const namePart = 3

func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// without blanks every place where a text says known, whatever its case; with alone only where no word goes on around it.
func without(text, known string, alone bool) string {
	fits := anywhere
	if alone {
		fits = wholeWord
	}
	return replaced(text, []rune(known), "…", fits)
}

// goesOn tells whether the word that begins or ends at edge has the character at beyond too. Scripts that are written without spaces
// have no such edges.
func goesOn(in []rune, beyond, edge int) bool {
	if beyond < 0 || beyond >= len(in) || unicode.In(in[edge], unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai) {
		return false
	}
	return unicode.IsLetter(in[beyond]) || unicode.IsMark(in[beyond]) || unicode.IsDigit(in[beyond])
}

func sameRunes(a, b []rune) bool {
	for i := range a {
		if a[i] != b[i] && folded(a[i]) != folded(b[i]) {
			return false
		}
	}
	return true
}

// folded is one character for all that differ in case only: the least of them. The Turkish İ and ı have no partner in Unicode's simple
// folding; here they are an i.
func folded(r rune) rune {
	if r == 'İ' || r == 'ı' {
		r = 'i'
	}
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return least
}
