package email

import (
	"bytes"
	"strings"
)

// peekBoundary says where the content before the next boundary line ends; the line itself stays to be read.
func (w *walker) peekBoundary() int {
	start := w.pos
	_, _, end := w.nextBoundary()
	w.pos = max(start, w.lineBefore)
	return max(start, end)
}

// nextBoundary finds the next line that is a boundary of an open multipart, from the innermost out, and moves behind
// it. end is where the content before it ends: the line end before a boundary belongs to the boundary (RFC 2046 5.1.1).
// At the end of the letter level is -1.
func (w *walker) nextBoundary() (level int, closing bool, end int) {
	from := w.pos
	for p := from; p < len(w.raw) && len(w.open) > 0; {
		if p > 0 && w.raw[p-1] != '\n' || !bytes.HasPrefix(w.raw[p:], dashes) {
			i := bytes.Index(w.raw[p:], newlineDashes)
			if i < 0 {
				break
			}
			p += i + 1
		}
		if !w.mayMatch(w.raw[p+2:]) {
			p += 2
			continue
		}
		line, _, rest := cutEOL(w.raw[p:])
		next := len(w.raw) - len(rest)
		if level, closing = w.match(line); level >= 0 {
			w.lineBefore, w.pos = p, next
			if end = p; end > from && w.raw[end-1] == '\n' {
				if end--; end > from && w.raw[end-1] == '\r' {
					end--
				}
			}
			return level, closing, end
		}
		p = next
	}
	w.lineBefore, w.pos = len(w.raw), len(w.raw)
	return -1, false, len(w.raw)
}

// mayMatch is the quick look: no open boundary begins here, for most lines that begin with two hyphens.
func (w *walker) mayMatch(b []byte) bool {
	for i := range w.open {
		if bytes.HasPrefix(b, w.open[i].boundary) {
			return true
		}
	}
	return false
}

var dashes, newlineDashes = []byte("--"), []byte("\n--")

// match tells whose boundary a line is, from the innermost out: mailers that use one boundary twice mean the inner one
// until it is closed. A multipart that was closed is asked last, and only for a further part.
func (w *walker) match(line []byte) (level int, closing bool) {
	line = bytes.TrimRight(line[2:], " \t\r")
	level = -1
	for i := len(w.open) - 1; i >= 0; i-- {
		c := &w.open[i]
		rest, ok := bytes.CutPrefix(line, c.boundary)
		if !ok || len(rest) > 0 && string(rest) != "--" {
			continue
		}
		if !c.closed {
			return i, len(rest) > 0
		}
		if len(rest) == 0 && level < 0 {
			level = i
		}
	}
	return level, false
}

// sameWord compares letters and digits alone, in either case: quoting and escapes go wrong in many ways.
func sameWord(a, b string) bool {
	lower := func(s string) string { return strings.Map(dropNonName, strings.ToLower(s)) }
	return lower(a) == lower(b)
}

// cutClosing takes a closing boundary off the end of the letter's last part where it did not get a line of its own.
func (w *walker) cutClosing(body []byte) []byte {
	if w.pos < len(w.raw) {
		return body
	}
	end := bytes.TrimRight(body, " \t\r\n")
	for i := len(w.open) - 1; i >= 0; i-- {
		if cut, ok := bytes.CutSuffix(end, []byte("--"+string(w.open[i].boundary)+"--")); ok && !w.open[i].closed {
			w.open[i].closed = true
			return cut
		}
	}
	return body
}

// openIndex is the open multipart a boundary, or its closing form, belongs to; -1 when there is none.
func (w *walker) openIndex(boundary string) int {
	level, _ := w.match([]byte("--" + boundary))
	return level
}

func (w *walker) isBoundary(line string) bool {
	if !strings.HasPrefix(line, "--") {
		return false
	}
	level, _ := w.match([]byte(line))
	return level >= 0
}

// guessBoundary takes the first line near the top that can only be a boundary: two hyphens, one word, and below it a
// header or a blank line (M-03). Where another was declared, the header must stand there, unless the two differ in signs alone.
func (w *walker) guessBoundary(declared string) string {
	text := string(w.raw[w.pos:min(len(w.raw), w.pos+4096)])
	for p := 0; p < len(text); {
		line, next := cutLine(text, p)
		if p = next; !strings.HasPrefix(line, "--") {
			continue
		}
		below, _ := cutLine(text, next)
		name, _, ok := looseName(below)
		b := strings.TrimRight(line[2:], " \t")
		if w.openIndex(b) >= 0 {
			return "" // the next part of the multipart around
		}
		if (ok && isKnownField(name) || below == "" && (declared == "" || sameWord(b, declared))) && b != "" && len(b) <= 70 && !strings.ContainsAny(b, " \t") && strings.Trim(b, "-_") != "" {
			return b
		}
	}
	return ""
}
