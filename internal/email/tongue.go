package email

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// tongue is a language as a guesser knows it: its letters above ASCII, the commonest first, and the single-byte encodings it is
// written in, the likeliest first.
type tongue struct {
	letters   string
	encodings []*charmap.Charmap
	chance    map[rune]float64 // logarithm of how often a letter stands among those above ASCII
}

// tongues are the languages that undeclared bytes are tried against. Those of the west come first and are what windows-1252 must be
// beaten by; the first of them is all of them together.
var tongues = heard([]tongue{
	{letters: "éäöüàèáíóñçãõêâôîûïëßåøæúùìòýœþð", encodings: western},
	{letters: "éàèêçùîôâûëïœ", encodings: western},
	{letters: "üäöß", encodings: western},
	{letters: "óíáñéúü", encodings: western},
	{letters: "ãçáéíóõêâàúô", encodings: western},
	{letters: "åäöøæé", encodings: western},
	{letters: "íáðóéþúæöý", encodings: western},
	{letters: "ąłęóżśćńź", encodings: central},
	{letters: "íáéýěřšžčůúňťďó", encodings: central},
	{letters: "áéőöíüóúű", encodings: central},
	{letters: "ăîâşţé", encodings: central},
	{letters: "čšžćđ", encodings: central},
	{letters: "ıüşğöçİâ", encodings: []*charmap.Charmap{charmap.Windows1254}},
	{letters: "ėšųžįąčęū", encodings: baltic},
	{letters: "āīēšūžķļņģč", encodings: baltic},
	{letters: "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", encodings: cyrillic},
	{letters: "оанівитреслкудмпзяьбгйчжхєцюїшщфґ", encodings: cyrillic},
	{letters: "аоиенрсјтукдвлпмзбгшћчцхжњђфљџ", encodings: cyrillic},
	{letters: "αοιετσνρηυπκμλςωάίόέγδήύθχώφβξζψϊ", encodings: []*charmap.Charmap{charmap.Windows1253, charmap.ISO8859_7}},
	{letters: "יוהלארתבשמםנדעחקכפןגצטסזךףץ", encodings: []*charmap.Charmap{charmap.Windows1255}},
	{letters: "اليمنوترةبعدسفهكقحجأشطصخإىضذزءثئغظؤآ", encodings: []*charmap.Charmap{charmap.Windows1256, charmap.ISO8859_6}},
	{letters: "านรอกเงมยลวดท่สตะปบค้ิีไหแจชพขใถโ็์ผุูัืำณศ", encodings: []*charmap.Charmap{charmap.Windows874}},
})

var (
	western  = []*charmap.Charmap{charmap.Windows1252}
	central  = []*charmap.Charmap{charmap.Windows1250, charmap.ISO8859_2}
	baltic   = []*charmap.Charmap{charmap.Windows1257}
	cyrillic = []*charmap.Charmap{charmap.Windows1251, charmap.KOI8U, charmap.ISO8859_5, charmap.CodePage866, charmap.MacintoshCyrillic}
)

// heard works out the chances: of n letters the i-th is met in proportion to n-i, which is near enough for a guess.
func heard(list []tongue) []tongue {
	for i := range list {
		t := &list[i]
		t.chance = make(map[rune]float64)
		n := utf8.RuneCountInString(t.letters)
		rank := 0
		for _, r := range t.letters {
			t.chance[r] = math.Log(2 * float64(n-rank) / float64(n*(n+1)))
			rank++
		}
	}
	return list
}

// What a character costs that no rule of the language explains, in logarithms of its chance.
const (
	strangeLetter = -7.0 // a letter the language hardly has
	oddCapital    = -3.0 // a capital behind a small letter
	wordCapital   = -1.0 // a capital where a word begins
	strangeSign   = -7.0 // a sign that letters do not hold
	noCharacter   = -9.0 // a byte that means nothing, or a control
	mixedScript   = -5.0 // a letter of another script within a word of Latin letters
	thirdAccent   = -4.0 // a Latin letter above ASCII between two others

	minSniffed  = 4    // characters above ASCII; fewer say nothing
	worstMean   = -4.6 // a mean chance below it is no language
	sureOfOther = 0.5  // by how much a language must beat the western ones in the mean
	closeCall   = 0.05 // by how much an encoding must beat a likelier one
	maxTongue   = 256  // characters above ASCII that are looked at: more would say the same
)

// sniffTongue recognises undeclared text in a single-byte encoding by how common its letters would be. Nil is windows-1252, or no idea.
// sure says that it is of another script than Latin, in words that hold no Latin letter: that cannot be western text misread.
func sniffTongue(b []byte) (best encoding.Encoding, mean float64, sure bool) {
	if b = telling(b); highBytes(b) < minSniffed {
		return nil, 0, false
	}
	decoded := make(map[*charmap.Charmap][]rune)
	base := math.Inf(-1)
	mean = worstMean
	for i := range tongues {
		t := &tongues[i]
		for _, e := range t.encodings {
			if decoded[e] == nil {
				decoded[e] = []rune(decodeWith(e, b))
			}
			m, n := t.mean(decoded[e])
			if e == charmap.Windows1252 {
				base = max(base, m)
			} else if m > mean+closeCall && m > base+sureOfOther+2/float64(max(n, 1)) {
				best, mean, sure = e, m, !isLatin([]rune(t.letters)[0])
			}
		}
	}
	return best, mean, sure
}

// anySign are the signs above ASCII that stand in text of any language.
const anySign = "“”„‘’‚«»‹›–—…•·°§€£©®™¿¡ºª№\u00a0\u00ad"

// telling is the part of b that the guess is made from: from its first character above ASCII to the maxTongue-th.
func telling(b []byte) []byte {
	b = b[:min(len(b), maxSniff)]
	from, n := 0, 0
	for i, c := range b {
		if c < utf8.RuneSelf {
			continue
		}
		if n++; n == 1 {
			from = max(0, i-1)
		}
		if n == maxTongue {
			return b[from : i+1]
		}
	}
	return b[from:]
}

// mean is how likely the language finds a character above ASCII of the text, and how many there are.
func (t *tongue) mean(s []rune) (mean float64, n int) {
	sum := 0.0
	latin := isLatin([]rune(t.letters)[0])
	for i, r := range s {
		if r < utf8.RuneSelf {
			continue
		}
		var before, after rune
		if i > 0 {
			before = s[i-1]
		}
		if i+1 < len(s) {
			after = s[i+1]
		}
		switch {
		case r == utf8.RuneError || unicode.IsControl(r):
			sum += noCharacter
		case isLetter(r):
			sum += t.letter(r, before)
			if !latin && (isLatin(before) || isLatin(after)) {
				sum += mixedScript
			} else if latin && before >= utf8.RuneSelf && after >= utf8.RuneSelf && isLetter(before) && isLetter(after) {
				sum += thirdAccent
			}
		case strings.ContainsRune(anySign, r):
			continue
		default:
			sum += strangeSign
		}
		n++
	}
	return sum / float64(max(n, 1)), n
}

// letter is the chance of a letter behind another character.
func (t *tongue) letter(r, before rune) float64 {
	p, ok := t.chance[r]
	if !ok {
		if p, ok = t.chance[unicode.ToLower(r)]; !ok {
			p = strangeLetter
		}
		switch {
		case !unicode.IsUpper(r):
		case unicode.IsLower(before):
			p += oddCapital
		case !isLetter(before):
			p += wordCapital
		}
	}
	return p
}

// isLetter counts marks, which Thai and Hebrew write as letters of their own.
func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

func isLatin(r rune) bool { return unicode.Is(unicode.Latin, r) }
