package safehtml

import (
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxDepth is how deep elements nest in what we write. Browsers give up at 512; a letter has 30. Deeper tags vanish, their words stay.
const maxDepth = 100

// A writer builds cleaned HTML. Its one promise: whatever is called in whatever order, out is a well-nested
// sequence of allowed tags and escaped text.
type writer struct {
	out  []byte
	open []*shape
	over int // start tags that were too deep and wait for their end tags
	cid  CID
	read attrs // of the tag at hand

	target   target // of the link that is open
	linkText []byte
}

func newWriter(size int, cid CID) *writer {
	return &writer{out: make([]byte, 0, size+size/8+16), cid: cid}
}

// finish closes what is open and has the result read back.
func (w *writer) finish() HTML {
	w.closeTo(0)
	out := string(w.out)
	if !strict(out) {
		out = policy().Sanitize(out)
	}
	return HTML(out)
}

// start handles a start tag.
func (w *writer) start(tag atom.Atom, z *html.Tokenizer, more bool) {
	s := shapes[tag]
	if s == nil {
		return
	}
	a := noAttrs
	if more {
		a = w.readAttrs(s, z)
	}
	switch s.kind {
	case void:
		if s != shapeBr {
			w.closeParagraph()
		}
		w.tag(s, a)
	case image:
		w.image(a)
	case link:
		w.startLink(a.href)
	default:
		w.startElement(s, a)
	}
}

func (w *writer) startElement(s *shape, a *attrs) {
	switch s.kind {
	case block, list, table:
		w.closeParagraph()
	case item:
		w.closeParagraph()
		w.closeItem(s)
	case section, row, cell:
		if !w.enterTable(s) {
			w.space()
			return
		}
	}
	if len(w.open) >= maxDepth {
		w.over++
		return
	}
	w.tag(s, a)
	w.open = append(w.open, s)
}

// tag writes a start tag in its one spelling.
func (w *writer) tag(s *shape, a *attrs) {
	w.out = append(append(w.out, '<'), s.name...)
	if a.some {
		w.attr(" dir=\"", a.dir)
		w.attr(" colspan=\"", a.colspan)
		w.attr(" rowspan=\"", a.rowspan)
		w.attr(" align=\"", a.align)
		w.attr(" start=\"", a.start)
	}
	w.out = append(w.out, '>')
}

func (w *writer) attr(key, val string) {
	if val != "" {
		w.out = append(append(append(w.out, key...), val...), '"')
	}
}

// end handles an end tag: it closes the nearest element of its shape, and what is open inside; it does not reach through a wall.
func (w *writer) end(tag atom.Atom) {
	s := shapes[tag]
	switch {
	case s == nil:
		return
	case s == shapeBr: // browsers read </br> as <br>
		w.tag(s, noAttrs)
		return
	case w.over > 0 && s.kind != link && s.kind != void:
		w.over--
		return
	}
	for i := len(w.open) - 1; i >= 0; i-- {
		if w.open[i] == s {
			w.closeTo(i)
			return
		}
		if w.open[i].kind == table || w.open[i].kind == cell && s.kind != row && s.kind != section && s.kind != table {
			return
		}
	}
}

// closeTo closes the elements above depth n.
func (w *writer) closeTo(n int) {
	for i := len(w.open) - 1; i >= n; i-- {
		if w.open[i] == shapeA {
			w.showTarget()
		}
		w.out = append(append(append(w.out, "</"...), w.open[i].name...), '>')
	}
	w.open = w.open[:n]
}

// closeParagraph: a block ends the paragraph it stands in, as a browser has it.
func (w *writer) closeParagraph() {
	for i := len(w.open) - 1; i >= 0 && w.open[i].kind != table && w.open[i].kind != cell && w.open[i].kind != section; i-- {
		if w.open[i] == shapeP {
			w.closeTo(i)
			return
		}
	}
}

// closeItem: an item ends the item before it, up to the list both are in.
func (w *writer) closeItem(s *shape) {
	for i := len(w.open) - 1; i >= 0; i-- {
		o := w.open[i]
		switch {
		case o.kind == list || o.kind == table || o.kind == cell || o.kind == section || o.name == "blockquote":
			return
		case o.kind == item && (o.name == "li") == (s.name == "li"):
			w.closeTo(i)
			return
		}
	}
}

// enterTable closes the cell, row or section a new one follows. It refuses parts of tables outside of one.
func (w *writer) enterTable(s *shape) bool {
	for i := len(w.open) - 1; i >= 0; i-- {
		o := w.open[i]
		if o.kind == table || o.kind == section && s.kind > section || o.kind == row && s.kind == cell {
			w.closeTo(i + 1)
			return true
		}
	}
	return false
}

// space keeps words of a broken table apart.
func (w *writer) space() {
	if n := len(w.out); n > 0 && w.out[n-1] != ' ' && w.out[n-1] != '>' && w.out[n-1] != '\n' {
		w.out = append(w.out, ' ')
		w.linkText = append(w.linkText, ' ')
	}
}

// text writes words, escaped.
func (w *writer) text(t []byte) {
	inLink := w.target.shown != ""
	at := len(w.out)
	w.out = escape(w.out, t, inLink, false)
	if inLink {
		w.linkText = append(w.linkText, w.out[at:]...)
	}
}

// escape appends t for use between tags or between double quotes. Control characters vanish, and so do those that
// turn the direction of writing around: they make a name read as another. In a link every bidi mark goes.
func escape(out, t []byte, inLink, inAttribute bool) []byte {
	from := 0
	for i := 0; i < len(t); {
		c, size, sub := t[i], 1, ""
		switch {
		case c == '<':
			sub = "&lt;"
		case c == '>':
			sub = "&gt;"
		case c == '&':
			sub = "&amp;"
		case c == '"' && inAttribute:
			sub = "&#34;"
		case c == '\r' && i+1 < len(t) && t[i+1] == '\n', c < ' ' && c != '\n' && c != '\t' && c != '\r', c == 0x7F:
		case c == '\r':
			sub = "\n"
		case c < utf8.RuneSelf:
			i++
			continue
		default:
			var r rune
			if r, size = utf8.DecodeRune(t[i:]); !unwanted(r, inLink) && (r != utf8.RuneError || size > 1) {
				i += size
				continue
			}
			if r == utf8.RuneError {
				sub = "\uFFFD"
			}
		}
		out = append(append(out, t[from:i]...), sub...)
		i += size
		from = i
	}
	return append(out, t[from:]...)
}

// unwanted: C1 controls and the two overrides anywhere; embeddings and isolates in a link.
func unwanted(r rune, inLink bool) bool {
	switch {
	case r >= 0x80 && r < 0xA0, r == 0x202D, r == 0x202E, r >= 0xFFF9 && r <= 0xFFFB, r >= 0xE0000 && r <= 0xE0FFF:
		return true
	}
	return inLink && (r >= 0x202A && r <= 0x202C || r >= 0x2066 && r <= 0x2069 || r == 0x200E || r == 0x200F || r == 0x061C)
}
