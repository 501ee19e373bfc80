// Package quote tells what a person wrote from what their mail program quoted.
//
// It folds and never deletes: every line of a letter is in fresh or in quoted, in its order, and
// when it is unsure everything is fresh. It reads one shape, a list of lines, made from plain
// text (text.go) or from HTML (html.go), and decides once for both (fold.go):
//
//   - an introduction ("On … wrote:", in thirty languages), a block of header lines or a rule with
//     "Original Message" begins a quotation;
//   - lines behind ">" or inside a blockquote belong to it; without them it runs to the end;
//   - an answer between quoted lines stays with the lines it answers;
//   - a forwarded letter stays in sight whole;
//   - a signature, a list footer or a disclaimer at the end is folded with the quotation.
//
// There is no regular expression here: each line is looked at a bounded number of times, so the
// cost is linear in the letter whatever it holds.
//
// It is not a sanitiser: HTML comes out as unsafe as it went in (safehtml cleans it), and it knows
// nothing of MIME (email) or of records (desk).
package quote

import (
	"slices"
	"strings"
)

// Marker is the line our own letters carry above the text an answer would quote. Text and HTML know it
// behind any quotation mark, and in HTML also by an attribute data-aside="above".
const Marker = "--- Please write your answer above this line ---"

// Text splits a plain-text letter (UTF-8; LF or CRLF). Every line of s is in fresh or in quoted, in
// order; a line shared by an answer and an introduction is cut between the two.
func Text(s string) (fresh, quoted string) {
	lines := splitText(s)
	folded := fold(lines)
	if folded == nil {
		return s, ""
	}
	if at, ok := onlyCut(lines, folded); ok {
		return s[:at], s[at:]
	}
	var f, q strings.Builder
	f.Grow(len(s))
	for i, l := range lines {
		end := len(s)
		if i+1 < len(lines) {
			end = lines[i+1].start
		}
		if folded[i] {
			q.WriteString(s[l.start:end])
		} else {
			f.WriteString(s[l.start:end])
		}
	}
	return f.String(), q.String()
}

// onlyCut is where the quotation begins in a letter, as in most, that has nothing below it.
func onlyCut(lines []line, folded []bool) (at int, ok bool) {
	first := slices.Index(folded, true)
	if first < 0 || slices.Contains(folded[first:], false) {
		return 0, false
	}
	return lines[first].start, true
}
