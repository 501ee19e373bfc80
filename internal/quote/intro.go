package quote

import (
	"strings"
	"unicode/utf8"
)

// Bounds of an introduction. Outlook and Polymail break one over five lines; no program over more.
const (
	maxIntroLines = 6
	// maxCandidates is how many lines outside of quotations are read as a possible introduction. A long thread has
	// dozens; a letter with hundreds was made to cost time, and from there on is simply all fresh.
	maxCandidates = 400
	// dateWithin is how far into an introduction its date begins at the latest, in bytes.
	dateWithin = 60
)

// introEnd gives the index after the introduction that begins at line i, or 0.
func introEnd(lines []line, i int) int {
	first := lines[i]
	if first.text == "" || len(first.text) > maxLook {
		return 0
	}
	if first.hint == hintIntro {
		return i + 1
	}
	dated := opensWithDate(first.text)
	if !dated && !mayIntroduce(first.text) {
		return 0
	}
	joined := ""
	for j, end := i, min(len(lines), i+maxIntroLines); j < end; j++ {
		l := lines[j]
		if l.blank() {
			if !dated || j+1 >= end || !strings.HasPrefix(lines[j+1].text, "<") {
				return 0
			}
			continue
		}
		if l.quoted != first.quoted && strings.Count(joined, "<") <= strings.Count(joined, ">") {
			return 0
		}
		if l.quoted && !first.quoted {
			joined += "> "
		}
		joined = strings.TrimPrefix(joined+" "+l.text, " ")
		if len(joined) > maxLook {
			return 0
		}
		next := skipBlank(lines, j+1)
		whole := strings.Count(joined, "<") <= strings.Count(joined, ">")
		if isIntro(joined, whole && next < len(lines) && lines[next].quoted && !first.quoted) {
			return j + 1
		}
		if !dated && j > i || sentenceEnds(l.text) && !strings.Contains(l.text, "@") {
			return 0
		}
	}
	return 0
}

// mayIntroduce is the cheap test most lines fail.
func mayIntroduce(s string) bool {
	return endsInColon(s) || strings.HasPrefix(s, "--") || strings.Contains(s, "@")
}

// bidi marks stand around names in right-to-left letters.
var bidi = strings.NewReplacer("\u202a", "", "\u202b", "", "\u202c", "", "\u200e", "", "\u200f", "", "\u2068", "", "\u2069", "")

// isIntro judges one joined line. marked says that quoted lines follow it, when less proof is enough.
func isIntro(s string, marked bool) bool {
	if strings.Contains(s, "\u202a") || strings.Contains(s, "\u202b") || strings.Contains(s, "\u2068") {
		s = bidi.Replace(s)
	}
	framed := strings.HasPrefix(s, "--") && strings.HasSuffix(s, "--")
	s = strings.Trim(s, "-–—* \t")
	colon := endsInColon(s)
	body := strings.TrimRight(s, ":： *\u00a0")
	dated := opensWithDate(body)
	addr := strings.Contains(body, "@") || strings.Contains(body, "&lt;")
	switch {
	case dated && addr && endsInAddress(body) && (colon || marked):
		return true // no need to know the language
	case !colon && !addr && !framed:
		return false
	case dated && colon && marked && hasTime(body):
		return true
	case !dated && !addr && !framed && !marked:
		return false
	}
	low := strings.ToLower(body)
	last, after := verbIn(low)
	switch {
	case addr && colon && hasPrefix(low, quotings) && endsInAddress(low):
		return true
	case last:
		return dated || addr || framed || marked
	case after > 0 && colon:
		return dated || hasDate(low[after:]) && (addr || marked) // "Ann <a@b.example> schrieb am 3.9.2025:"
	}
	return false
}

// verbIn says whether s ends in a verb of writing, or else where the first words after one begin (0: there is none).
// s is in lower case.
func verbIn(s string) (last bool, after int) {
	for _, v := range verbs {
		at := strings.LastIndex(s, v)
		if at < 0 || !wordAt(s, at, len(v)) {
			continue
		}
		if at+len(v) == len(s) {
			return true, len(s)
		}
		after = max(after, at+len(v))
	}
	return false, after
}

// wordAt says whether s[at:at+n] is not a piece of a longer word. Mail programs glue "wrote" to the
// address before it ("<a@b.example>wrote:"), and Chinese has no spaces.
func wordAt(s string, at, n int) bool {
	if at > 0 && isLetter(s[at-1]) && s[at] < utf8.RuneSelf {
		return false
	}
	return at+n == len(s) || !isLetter(s[at+n]) || s[at] >= 0xE0
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= utf8.RuneSelf }

// endsInAddress says whether nothing but brackets follows the address in s.
func endsInAddress(s string) bool {
	s = strings.TrimRight(s, " >)]\"'")
	s = strings.TrimSuffix(s, "&gt;")
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-3 && !strings.ContainsAny(s[at:], " \t,;!?")
}

func endsInColon(s string) bool {
	s = strings.TrimRight(s, "* -\u00a0")
	return strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：")
}

func sentenceEnds(s string) bool {
	return strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "p.m.") && !strings.HasSuffix(s, "a.m.")
}

// opensWithDate says whether s begins as an introduction does: with a lead word or a digit among its
// first three words, and a date or a time of day not far behind.
func opensWithDate(s string) bool {
	s = strings.TrimLeft(s, "-–—*_ >\"")
	if s == "" {
		return false
	}
	window := s[:min(len(s), dateWithin)]
	if !hasDate(window) {
		return false
	}
	return earlyDigit(window) || hasLead(window)
}

func earlyDigit(s string) bool {
	words := 1
	for i := 0; i < len(s) && words <= 3; i++ {
		if s[i] >= '0' && s[i] <= '9' {
			return true
		}
		if s[i] == ' ' {
			words++
		}
	}
	return false
}

func hasLead(s string) bool {
	return hasPrefix(strings.ToLower(s), leads)
}

func hasPrefix(s string, any []string) bool {
	for _, p := range any {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// hasDate looks for a year, a day of a month in figures, a time of day, or an English month beside a
// number: what every program's introduction has and few sentences begin with.
func hasDate(s string) bool {
	for i := 0; i < len(s); {
		if s[i] < '0' || s[i] > '9' {
			i++
			continue
		}
		j := i
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		if datePart(s, i, j) {
			return true
		}
		i = j
	}
	return false
}

// hasTime looks for a time of day: 14:02, 14.02, 14h02, or the ideographs of hour and afternoon.
func hasTime(s string) bool {
	for i := 1; i+2 < len(s); i++ {
		if strings.IndexByte(":.h", s[i]) < 0 || !digit(s[i-1]) || !digit(s[i+1]) || !digit(s[i+2]) {
			continue
		}
		if i+3 == len(s) || !digit(s[i+3]) && s[i+3] != '.' {
			return true
		}
	}
	return strings.Contains(s, "点") || strings.Contains(s, "時") || strings.Contains(s, "시")
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// datePart judges the number s[i:j] by its length and its neighbours.
func datePart(s string, i, j int) bool {
	switch n := s[i:j]; {
	case len(n) == 4:
		return n[:2] == "19" || n[:2] == "20"
	case len(n) > 2:
		return false
	}
	if j+1 < len(s) && strings.IndexByte(":./-h", s[j]) >= 0 && s[j+1] >= '0' && s[j+1] <= '9' {
		return true
	}
	before := strings.TrimRight(s[:i], " .,")
	after := strings.TrimLeft(s[j:], " .,")
	return monthAt(after) || len(before) >= 3 && (monthAt(before[len(before)-3:]) || monthAt(lastWord(before)))
}

func lastWord(s string) string { return s[strings.LastIndexByte(s, ' ')+1:] }

// monthAt says whether s begins with the name of an English month.
func monthAt(s string) bool {
	if len(s) < 3 {
		return false
	}
	var b [3]byte
	for i := range b {
		b[i] = s[i] | 0x20
	}
	switch string(b[:]) {
	case "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec":
		return true
	}
	return false
}
