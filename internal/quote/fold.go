package quote

import "strings"

// A run is a stretch of quoted lines with the introduction above it, if any: lines[start:end].
type run struct {
	start, end int
	introduced bool
	sure       bool // marked as a quotation by the mail program, or
	ours       bool // by the marker our own letter carried
}

// fold says for each line whether it belongs to the quotation; nil when nothing does.
//
// High-level approach: find where the rest of the letter is surely another's (an introduction with
// no quoted lines behind it, a header block, our marker); above it judge the runs of quoted lines by what stands
// around them; then fold the signature at the end of what is left. If nothing a person wrote
// would remain, fold nothing.
func fold(lines []line) []bool {
	if len(lines) == 0 {
		return nil
	}
	folded := make([]bool, len(lines))
	top := topBlock(lines, folded)
	runs, rest, forward := survey(lines, top)
	if forward && len(runs) == 0 {
		return nil
	}
	mark(folded, rest, len(lines))
	foldRuns(lines, folded, runs, top, rest)
	foldSignatures(lines, folded, top)
	if !anyWords(lines, folded) {
		return nil
	}
	foldBlanks(lines, folded)
	for _, f := range folded {
		if f {
			return folded
		}
	}
	return nil
}

// topBlock folds the header lines some systems write above a letter's own text, and gives the first line after.
func topBlock(lines []line, folded []bool) int {
	first := skipBlank(lines, 0)
	if first == len(lines) || lines[first].quoted || lines[first].hint != noHint {
		return 0
	}
	end := blockEnd(lines, first)
	if end == 0 && loneFrom(lines, first) {
		end = first + 1
	}
	if end == 0 || skipBlank(lines, end) == len(lines) {
		return 0
	}
	mark(folded, first, end)
	return end
}

// loneFrom: a first line "From: ann@example.com" with nothing but a blank line under it.
func loneFrom(lines []line, i int) bool {
	f, value := fieldOf(lines[i].text)
	return f == fieldFrom && endsInAddress(value) && i+1 < len(lines) && lines[i+1].blank()
}

// survey walks the letter once. rest is the line from which everything is the other letter (len(lines)
// when there is none); forward says that a letter handed on begins there instead.
func survey(lines []line, from int) (runs []run, rest int, forward bool) {
	candidates := 0
	for i := from; i < len(lines); {
		l := lines[i]
		if l.blank() || l.hint == hintFormatted && len(runs) == 0 {
			i++
			continue
		}
		if isForward(l.text) {
			return runs, len(lines), true
		}
		if !l.quoted && len(l.text) <= maxLook && (mayIntroduce(l.text) || opensWithDate(l.text)) {
			if candidates++; candidates > maxCandidates {
				return runs, len(lines), false
			}
		}
		end := quotationStart(lines, i)
		next := skipBlank(lines, max(end, i))
		switch {
		case l.quoted || end > 0 && next < len(lines) && lines[next].quoted:
			r := readRun(lines, i, max(next, i), end > 0 || len(runs) > 0)
			r.introduced = end > 0
			if r.ours || isMarker(l.text) {
				r.sure = true
				r.start = backToRule(lines, from, i)
			}
			runs = append(runs, r)
			i = r.end
		case end > 0 && hasText(lines, from, i):
			return runs, backToRule(lines, from, i), false
		default:
			i = max(end, i+1)
		}
	}
	return runs, len(lines), false
}

// quotationStart gives the index after whatever opens a quotation at line i, or 0.
func quotationStart(lines []line, i int) int {
	l := lines[i]
	if l.hint == hintRest || isMarker(l.text) {
		return i + 1
	}
	if isOriginal(l.text) {
		next := skipBlank(lines, i+1)
		if next < len(lines) {
			return max(blockEnd(lines, next), i+1)
		}
		return i + 1
	}
	if end := introEnd(lines, i); end > 0 {
		return end
	}
	if l.quoted {
		return 0
	}
	return blockEnd(lines, i)
}

// backToRule takes the drawn line above a header block along, and the introduction (in whatever language) above our marker.
func backToRule(lines []line, from, i int) int {
	above := i - 1
	for above > from && lines[above].blank() {
		above--
	}
	if above <= from {
		return i
	}
	if isRule(lines[above].text) || (lines[i].quoted || isMarker(lines[i].text)) && looksLikeIntro(lines[above].text) {
		return above
	}
	return i
}

// looksLikeIntro is the weak test, enough above our own marker.
func looksLikeIntro(s string) bool {
	return len(s) <= maxLook && endsInColon(s) && (strings.Contains(s, "@") || hasDate(s[:min(len(s), dateWithin)]))
}

// readRun reads quoted lines from at on; formatted says that what looks quoted by hand belongs to them. Blank lines belong to it when more quoted lines follow, and so do
// the short ends of lines that some program on the way wrapped.
func readRun(lines []line, start, at int, formatted bool) run {
	r := run{start: start, end: at}
	for i := at; i < len(lines); {
		switch {
		case lines[i].quoted && (formatted || lines[i].hint != hintFormatted):
			r.ours = r.ours || isMarker(lines[i].text)
			r.sure = r.sure || r.ours || lines[i].hint == hintCited
			i++
			r.end = i
		case lines[i].blank():
			i++
		case continues(lines, r.end, i):
			i++
		default:
			return r
		}
	}
	return r
}

// continues says whether the unmarked line i is the wrapped end of the quoted line above it: an open
// link, or a small piece in lower case after a long line that had not come to its end.
func continues(lines []line, end, i int) bool {
	if i != end || i+1 >= len(lines) || !lines[i+1].quoted {
		return false
	}
	above, here := lines[i-1].text, lines[i].text
	if openLink(above) || openLink("("+lines[i+1].text) && len(here) > 0 && here[0] == '(' {
		return true
	}
	if here[0] == '(' && len(here) > 6 && here[1:5] == "http" {
		return true
	}
	return len(above) >= 60 && here[0] >= 'a' && here[0] <= 'z' && !sentenceEnds(above) && !endsInColon(above)
}

// openLink: "(http://…" or "<http://…" without its end.
func openLink(s string) bool {
	for i := len(s) - 1; i >= 0 && i > len(s)-maxLook; i-- {
		switch s[i] {
		case ')', '>':
			return false
		case '(', '<':
			return i+5 <= len(s) && s[i+1:i+5] == "http"
		}
	}
	return false
}

// foldRuns judges the runs of quoted lines above rest.
func foldRuns(lines []line, folded []bool, runs []run, top, rest int) {
	for below := false; len(runs) > 0 && !hasAnswer(lines, runs[len(runs)-1].end, rest); below = true {
		last := runs[len(runs)-1]
		if below && !last.introduced && !last.sure && hasText(lines, top, last.start) {
			return // quoted by hand, above the quotation the program made
		}
		mark(folded, last.start, rest)
		runs, rest = runs[:len(runs)-1], last.start
		if len(runs) > 0 && hasAnswer(lines, runs[len(runs)-1].end, rest) && !onlyClosing(lines, last) {
			return // answers between quoted lines: they stay together
		}
	}
	if len(runs) != 1 {
		return
	}
	if r := runs[0]; r.introduced || r.sure || !hasText(lines, top, r.start) {
		mark(folded, r.start, r.end)
	}
}

// onlyClosing says whether a run holds nothing to answer: just the other's signature or list footer.
func onlyClosing(lines []line, r run) bool {
	for i := r.start; i < r.end; i++ {
		if t := lines[i].text; t != "" {
			return t[0] == '-' || isRule(t) || isSignatureRule(t)
		}
	}
	return true
}

// hasAnswer says whether a person wrote something in lines[from:to]; a signature is no answer.
func hasAnswer(lines []line, from, to int) bool {
	i := skipBlank(lines, from)
	return i < to && !(opensSignature(lines, i, to))
}

func hasText(lines []line, from, to int) bool {
	for i := from; i < to; i++ {
		if !lines[i].quoted && hasWord(lines[i].text) {
			return true
		}
	}
	return false
}

func mark(folded []bool, from, to int) {
	for i := from; i < to; i++ {
		folded[i] = true
	}
}

func anyWords(lines []line, folded []bool) bool {
	for i, l := range lines {
		if !folded[i] && hasWord(l.text) {
			return true
		}
	}
	return false
}

// hasWord: ":+1:" and "👍" are answers too; a drawn line is not.
func hasWord(s string) bool { return s != "" && !isRule(s) }

// foldBlanks gives the blank lines and drawn rules above a fold to the fold, and those below one that begins the letter.
func foldBlanks(lines []line, folded []bool) {
	for i := len(lines) - 2; i >= 0; i-- {
		if folded[i+1] && (lines[i].blank() || isRule(lines[i].text)) {
			folded[i] = true
		}
	}
	for i := 1; i < len(lines) && folded[0]; i++ {
		if !folded[i] && !lines[i].blank() {
			return
		}
		folded[i] = true
	}
}
