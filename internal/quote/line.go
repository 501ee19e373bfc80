package quote

import (
	"strings"
	"unicode/utf8"
)

// A line is what the decision in fold.go sees, whether it came from text or from HTML.
type line struct {
	text   string // without the quotation marks, trimmed
	start  int    // byte offset in the letter; the line runs to the next one's start
	quoted bool   // behind ">" or inside a blockquote
	hint   hint   // what the markup says of it; none in plain text
}

// A hint is what a mail program wrote into its markup for its own use.
type hint uint8

const (
	noHint        hint = iota
	hintIntro          // this line introduces a quotation
	hintRest           // from here on everything is the other letter
	hintSignature      // this line begins a signature
	hintCited          // quoted by the mail program: <blockquote type="cite">
	hintFormatted      // quoted by the writer's own hand, as a way to format
)

func (l line) blank() bool { return l.text == "" }

// maxLook is how many bytes of a line are looked at for an introduction: the longest seen in the
// wild is under 300, and a bound keeps a megabyte without a line end cheap.
const maxLook = 500

// maxLines is how many lines a letter may have to be trimmed at all: more is a log file, shown as it is, and must
// not cost memory many times its size.
const maxLines = 1 << 17

// splitText cuts plain text into lines; nil when there are too many. An introduction on the line of the answer itself
// ("Thanks On Wed, Apr 4 … wrote:") begins a line of its own.
func splitText(s string) []line {
	count := strings.Count(s, "\n") + 1
	if count > maxLines {
		return nil
	}
	lines := make([]line, 0, count)
	for at := 0; at < len(s); {
		end := len(s)
		if n := strings.IndexByte(s[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		lines = append(lines, textLine(s[at:end], at))
		at = end
	}
	return splitShared(lines, s)
}

func textLine(raw string, at int) line {
	text, quoted := unquote(trim(raw))
	return line{text: text, start: at, quoted: quoted}
}

// unquote takes the quotation marks off a trimmed line. "> > x" and ">>x" are marks; "-->" and
// an indented arrow in prose are not, because a mark stands first.
func unquote(s string) (string, bool) {
	quoted := false
	for strings.HasPrefix(s, ">") {
		quoted = true
		s = strings.TrimLeft(s, "> \t")
	}
	return trim(s), quoted
}

// splitShared finds an introduction in the second half of a line that is followed by quoted
// lines; only then, as prose too may end in "… wrote:".
func splitShared(lines []line, s string) []line {
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		if l.quoted || len(l.text) > maxLook || !endsInColon(l.text) {
			continue
		}
		next := skipBlank(lines, i+1)
		if next == len(lines) || !lines[next].quoted || opensWithDate(l.text) {
			continue
		}
		if at := sharedIntro(l.text); at > 0 {
			head, tail := l.text[:at], l.text[at:]
			off := l.start + strings.Index(s[l.start:], tail)
			lines = append(lines, line{})
			copy(lines[i+2:], lines[i+1:])
			lines[i] = line{text: trim(head), start: l.start}
			lines[i+1] = line{text: tail, start: off}
			return lines // one letter has one newest answer
		}
	}
	return lines
}

// sharedIntro gives the offset at which an introduction begins inside s, or 0.
func sharedIntro(s string) int {
	for _, lead := range []string{"--- On ", " On ", " Le ", " Am ", " El ", " Il ", " Op ", " Den ", " Em "} {
		at := strings.LastIndex(s, lead)
		if at <= 0 {
			continue
		}
		if lead[0] == ' ' {
			at++
		}
		if isIntro(s[at:], false) {
			return at
		}
	}
	return 0
}

func skipBlank(lines []line, i int) int {
	for i < len(lines) && lines[i].blank() {
		i++
	}
	return i
}

// trim takes off spaces of every kind, the no-break and zero-width ones mail programs add too.
func trim(s string) string {
	if n := len(s); n > 0 && s[0] > ' ' && s[0] < utf8.RuneSelf && s[n-1] > ' ' && s[n-1] < utf8.RuneSelf {
		return s
	}
	return strings.TrimFunc(s, isSpace)
}

func isSpace(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\v', '\f', '\r', 0x85, 0xA0, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0x200B, 0x200C, 0x200E, 0x200F, 0xFEFF:
		return true
	}
	return r >= 0x2000 && r <= 0x200A
}
