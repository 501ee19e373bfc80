package safehtml

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// maxTextURL is the longest run of characters the linkifier takes for an address.
const maxTextURL = 2048

// Text shows plain text: paragraphs, line ends and indentation kept, web addresses made links, all else escaped.
// Linear: every byte is read at most twice (M-14).
func Text(plain string) HTML {
	w := newWriter(len(plain)+len(plain)/8, nil)
	plain = strings.ReplaceAll(strings.ReplaceAll(valid(plain), "\r\n", "\n"), "\r", "\n")
	inside := false
	for line := range strings.SplitSeq(strings.Trim(plain, "\n"), "\n") {
		if strings.TrimSpace(line) == "" {
			inside = false
			continue
		}
		if inside {
			w.out = append(w.out, "<br>\n"...)
		} else {
			w.startElement(shapeP, noAttrs)
			inside = true
		}
		w.line(line)
	}
	return w.finish()
}

// line writes one line, its links and its spaces.
func (w *writer) line(s string) {
	s = indent(s)
	for s != "" {
		at := nextURL(s)
		if at < 0 {
			w.text([]byte(s))
			return
		}
		w.text([]byte(s[:at]))
		s = s[at:]
		n := urlLength(s)
		if n <= maxTextURL && w.startLink([]byte(s[:n])) {
			w.text([]byte(s[:n]))
			w.end(atom.A)
		} else {
			w.text([]byte(s[:n]))
		}
		s = s[n:]
	}
}

// nextURL finds "http://" or "https://" at the beginning of a word, in any case.
func nextURL(s string) int {
	for from := 0; ; {
		at := strings.Index(s[from:], "://")
		if at < 0 {
			return -1
		}
		at += from
		for _, scheme := range []string{"https", "http"} {
			start := at - len(scheme)
			if start >= 0 && strings.EqualFold(s[start:at], scheme) && (start == 0 || !wordByte(s[start-1])) {
				return start
			}
		}
		from = at + 3
	}
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
}

// urlLength gives how far the address at the start of s goes: not over white space, quotes or brackets, nor over the
// punctuation of the sentence it stands in.
func urlLength(s string) int {
	end := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == 0xA0 || strings.ContainsRune("<>\"`{}|\\^“”«»", r) })
	if end < 0 {
		end = len(s)
	}
	opened := strings.Count(s[:end], "(") - strings.Count(s[:end], ")")
	for end > len("http://") {
		switch c := s[end-1]; {
		case strings.IndexByte(".,;:!?'*_~]", c) >= 0:
		case c == ')' && opened < 0:
			opened++
		default:
			return end
		}
		end--
	}
	return end
}

// indent keeps runs of spaces, which HTML would collapse, by no-break ones.
func indent(s string) string {
	if strings.IndexByte(s, '\t') >= 0 {
		s = strings.ReplaceAll(s, "\t", "    ")
	}
	s = strings.TrimRight(s, " ")
	if strings.HasPrefix(s, " ") {
		s = "\u00a0" + s[1:]
	}
	return strings.ReplaceAll(s, "  ", " \u00a0")
}
