package safehtml

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Plain gives the readable text of HTML: blocks on lines of their own, paragraphs apart, list items marked, the
// cells of a row side by side. Links give their words only.
func Plain(h string) string {
	p := &plain{}
	p.out.Grow(len(h) / 2)
	z := html.NewTokenizer(strings.NewReader(valid(h)))
	for skip := false; ; {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(p.out.String())
		case html.TextToken:
			if !skip {
				p.text(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			tag := atom.Lookup(name)
			if skip = isSilent(tag); tag == atom.Noscript {
				z.NextIsNotRawText()
			}
			p.start(tag)
		case html.EndTagToken:
			name, _ := z.TagName()
			skip = false
			p.end(atom.Lookup(name))
		}
	}
}

// maxIndent is how many levels of lists and quotations are shown by indentation.
const maxIndent = 8

// plain writes text with the white space of a page.
type plain struct {
	out   strings.Builder
	lines int    // line ends that are due before the next word
	gap   bool   // a space is due
	lead  string // the mark of a list item that is due
	lists []int  // -1 for ul, else the number of the last item
	depth int    // of lists and blockquotes
	pre   int
}

// text writes words, collapsing white space outside pre.
func (p *plain) text(t []byte) {
	if p.pre > 0 {
		p.verbatim(t)
		return
	}
	from := -1
	for i := 0; i <= len(t); i++ {
		if i < len(t) && t[i] > ' ' && t[i] != 0x7F && !isNBSP(t, i) {
			if from < 0 {
				from = i
			}
			continue
		}
		if from >= 0 {
			p.word(t[from:i])
			from = -1
		}
		if i < len(t) {
			p.gap = true
			if t[i] == 0xC2 {
				i++
			}
		}
	}
}

// isNBSP: a no-break space in UTF-8, which mail programs use for two spaces in a row.
func isNBSP(t []byte, i int) bool { return t[i] == 0xC2 && i+1 < len(t) && t[i+1] == 0xA0 }

func (p *plain) verbatim(t []byte) {
	for i, l := range strings.Split(strings.ReplaceAll(string(t), "\r", ""), "\n") {
		if i > 0 {
			p.lines++
		}
		if strings.TrimSpace(l) != "" {
			p.word([]byte(strings.TrimRight(l, " \t")))
		}
	}
}

// word writes what is due and then a word.
func (p *plain) word(w []byte) {
	switch {
	case p.out.Len() == 0:
		p.out.WriteString(p.lead)
	case p.lines > 0:
		for range min(p.lines, 2) {
			p.out.WriteByte('\n')
		}
		for range min(max(p.depth-1, 0), maxIndent) {
			p.out.WriteString("  ")
		}
		p.out.WriteString(p.lead)
	case p.gap:
		p.out.WriteByte(' ')
	}
	p.lines, p.gap, p.lead = 0, false, ""
	for _, c := range w {
		if c >= ' ' && c != 0x7F || c == '\t' {
			p.out.WriteByte(c)
		}
	}
}

// due asks for n line ends before the next word.
func (p *plain) due(n int) {
	p.lines, p.gap = max(p.lines, n), false
}

func (p *plain) start(tag atom.Atom) {
	switch tag {
	case atom.Br:
		p.lines, p.gap = p.lines+1, false
	case atom.P, atom.Hr, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Dl:
		p.due(2)
	case atom.Blockquote:
		p.due(2)
		p.depth++
	case atom.Pre, atom.Xmp:
		p.due(2)
		p.pre++
	case atom.Ul, atom.Ol:
		p.due(1)
		p.openList(tag)
	case atom.Li:
		p.due(1)
		p.item()
	case atom.Td, atom.Th:
		if p.lines == 0 && p.lead == "" {
			p.gap = true
		}
	default:
		if s := shapes[tag]; s != nil && (s.kind == block || s.kind == row || s.kind == section || s.kind == item) {
			p.due(1)
		}
	}
}

func (p *plain) openList(tag atom.Atom) {
	if len(p.lists) >= maxDepth {
		return
	}
	n := -1
	if tag == atom.Ol {
		n = 0
	}
	p.lists = append(p.lists, n)
	p.depth++
}

func (p *plain) item() {
	p.lead = "- "
	if n := len(p.lists); n > 0 && p.lists[n-1] >= 0 {
		p.lists[n-1]++
		p.lead = strconv.Itoa(p.lists[n-1]) + ". "
	}
}

func (p *plain) end(tag atom.Atom) {
	switch tag {
	case atom.P, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Dl:
		p.due(2)
	case atom.Blockquote:
		p.due(2)
		p.depth = max(p.depth-1, 0)
	case atom.Pre, atom.Xmp:
		p.due(2)
		p.pre = max(p.pre-1, 0)
	case atom.Ul, atom.Ol:
		p.due(1)
		if n := len(p.lists); n > 0 {
			p.lists = p.lists[:n-1]
			p.depth = max(p.depth-1, 0)
		}
	default:
		if s := shapes[tag]; s != nil && (s.kind == block || s.kind == row || s.kind == section || s.kind == item) {
			p.due(1)
		}
	}
}
