package quote

import (
	"bytes"
	"html"
	"io"
	"strings"

	xhtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// HTML splits an HTML letter into two fragments, each balanced by itself. Every word of s is in fresh or in
// quoted, in order.
func HTML(s string) (fresh, quoted string) {
	lines := splitHTML(s)
	folded := fold(lines)
	if folded == nil {
		return s, ""
	}
	cuts := cutsOf(lines, folded)
	if len(cuts) > maxCuts {
		return s, ""
	}
	return cut(s, cuts)
}

// Bounds of what is followed in a letter's markup. Deeper elements are read, only not remembered.
const (
	maxDepth = 256
	maxName  = 16          // bytes of an element's name
	maxToken = 8 << 20     // bytes of one tag or text, which the tokenizer holds whole: pictures in addresses have some
	maxKept  = 8 * maxLook // bytes of a line's text: it is judged by its beginning
	perLine  = 64          // bytes of markup that a line has at least in most letters, so that the list of lines seldom grows
)

// An element that is open while the letter is read.
type element struct {
	name   string
	tag    atom.Atom
	quoted bool
	hint   hint
}

// A scanner turns HTML into lines: what a reader would see as one, with the offset at which to cut above it.
type scanner struct {
	lines  []line
	open   []element
	text   []byte
	at     int  // where the line being read starts, -1 when none is
	run    int  // where the start tags just above the next text begin, -1 when none
	skip   bool // the next text is a style, a script, a title
	sticky hint // from an element that is empty by nature
	hints  int  // how many open elements still have something to say
	depth  int  // of quoting elements
	pre    int
}

func splitHTML(s string) []line {
	sc := &scanner{at: -1, run: -1, lines: make([]line, 0, min(len(s)/perLine, maxLines)+1)}
	z := xhtml.NewTokenizer(strings.NewReader(s))
	z.SetMaxBuf(maxToken)
	for off := 0; ; {
		kind := z.Next()
		raw := z.Raw()
		switch kind {
		case xhtml.TextToken:
			sc.words(s[off:off+len(raw)], off)
		case xhtml.StartTagToken, xhtml.SelfClosingTagToken:
			sc.start(z, tagName(z, raw), off)
		case xhtml.EndTagToken:
			sc.end(tagName(z, raw), off)
		case xhtml.ErrorToken:
			if z.Err() != io.EOF {
				return nil
			}
			sc.flush()
			return sc.lines
		}
		off += len(raw)
		if len(sc.lines) > maxLines {
			return nil
		}
	}
}

// tagName is the tokenizer's own, which copies every name twice, for the tag whose raw text this is.
func tagName(z *xhtml.Tokenizer, raw []byte) []byte {
	name := bytes.TrimPrefix(raw[1:], []byte("/"))
	for i, c := range name {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
		case c == '>' || c == ' ' || c == '/' || c == '\n':
			return name[:i]
		default: // capitals and worse
			whole, _ := z.TagName()
			return whole
		}
	}
	return name
}

// words adds text to the line. Inside pre a line end is one.
func (sc *scanner) words(raw string, off int) {
	if sc.skip {
		sc.skip = false
		return
	}
	for sc.pre > 0 {
		n := strings.IndexByte(raw, '\n')
		if n < 0 {
			break
		}
		sc.piece(raw[:n+1], off)
		sc.lineEnd(off)
		raw, off = raw[n+1:], off+n+1
	}
	sc.piece(raw, off)
}

func (sc *scanner) piece(raw string, off int) {
	if trim(raw) == "" {
		if raw != "" && sc.at >= 0 {
			sc.text = append(sc.text, ' ')
		}
		return
	}
	sc.begin(off)
	if room := maxKept - len(sc.text); len(raw) > room {
		raw = raw[:max(room, 0)]
	}
	if strings.IndexByte(raw, '&') >= 0 {
		raw = html.UnescapeString(raw)
	}
	sc.text = append(sc.text, raw...)
}

// begin opens a line at off, or above the start tags that lead to it.
func (sc *scanner) begin(off int) {
	if sc.at < 0 {
		sc.at = off
		if sc.run >= 0 {
			sc.at = sc.run
		}
	}
	sc.run = -1
}

func (sc *scanner) start(z *xhtml.Tokenizer, name []byte, off int) {
	tag := atom.Lookup(name)
	e := element{tag: tag}
	if wantsAttributes(tag) {
		e = sc.read(z, e, off)
	}
	switch tag {
	case atom.Script, atom.Style, atom.Title, atom.Textarea, atom.Noscript, atom.Noframes, atom.Noembed, atom.Iframe, atom.Xmp:
		sc.skip = true
	}
	if e.hint == hintRest && (isVoid(tag) || tag == atom.Div) {
		sc.sticky = hintRest // an empty mark above the other letter
	}
	if breaks(tag) {
		sc.lineBreak(tag, off)
	} else if tag == atom.Td || tag == atom.Th {
		sc.text = append(sc.text, ' ')
	}
	if isVoid(tag) {
		sc.run = -1
		return
	}
	if sc.run < 0 {
		sc.run = off
	}
	sc.push(e, name)
}

func (sc *scanner) push(e element, name []byte) {
	if len(sc.open) == maxDepth || len(name) > maxName {
		return
	}
	if e.name = e.tag.String(); e.tag == 0 {
		e.name = string(name)
	}
	if e.quoted {
		sc.depth++
	}
	if e.hint != noHint {
		sc.hints++
	}
	if e.tag == atom.Pre {
		sc.pre++
	}
	sc.open = append(sc.open, e)
}

func (sc *scanner) end(name []byte, off int) {
	tag := atom.Lookup(name)
	if breaks(tag) {
		sc.lineBreak(tag, off)
	}
	sc.run, sc.skip = -1, false
	for i := len(sc.open) - 1; i >= 0; i-- {
		if sc.open[i].name != string(name) {
			continue
		}
		for _, e := range sc.open[i:] {
			if e.quoted {
				sc.depth--
			}
			if e.hint != noHint {
				sc.hints--
			}
			if e.tag == atom.Pre {
				sc.pre--
			}
		}
		sc.open = sc.open[:i]
		return
	}
}

// lineBreak ends the line; a paragraph leaves a blank one behind, and so does a second br.
func (sc *scanner) lineBreak(tag atom.Atom, off int) {
	switch tag {
	case atom.Hr:
		sc.flush()
		sc.lines = append(sc.lines, line{text: "-----", start: off, quoted: sc.depth > 0})
	case atom.P, atom.Blockquote, atom.Table, atom.H1, atom.H2, atom.H3, atom.Ul, atom.Ol, atom.Pre:
		sc.flush()
		if n := len(sc.lines); n > 0 && !sc.lines[n-1].blank() {
			sc.blank(off)
		}
	case atom.Br:
		sc.lineEnd(off)
	default:
		sc.flush()
	}
}

func (sc *scanner) lineEnd(off int) {
	if sc.at < 0 {
		sc.blank(off)
		return
	}
	sc.flush()
}

func (sc *scanner) blank(off int) {
	if sc.run >= 0 {
		off = sc.run
	}
	sc.lines = append(sc.lines, line{start: off})
	sc.run = -1
}

// flush ends the line being read.
func (sc *scanner) flush() {
	if sc.at < 0 {
		sc.text = sc.text[:0]
		return
	}
	text, marked := unquote(collapse(sc.text))
	sc.lines = append(sc.lines, line{text: text, start: sc.at, quoted: marked || sc.depth > 0, hint: sc.takeHint()})
	sc.text = sc.text[:0]
	sc.at = -1
}

// takeHint gives what the open elements say of this line. A signature says it of every line, the others of their first.
func (sc *scanner) takeHint() hint {
	h := sc.sticky
	sc.sticky = noHint
	for i := 0; sc.hints > 0 && i < len(sc.open); i++ {
		e := &sc.open[i]
		if e.hint == noHint || e.hint == hintFormatted && sc.depth == 0 {
			continue
		}
		if h == noHint {
			h = e.hint
		}
		if e.hint == hintIntro || e.hint == hintRest {
			e.hint = noHint
			sc.hints--
		}
	}
	return h
}

// collapse makes one space of every stretch of white space and trims the ends. It works in place.
func collapse(b []byte) string {
	out, due := b[:0], false
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == 0xC2 && i+1 < len(b) && b[i+1] == 0xA0 { // no-break space
			i++
			c = ' '
		}
		if c == ' ' || c >= '\t' && c <= '\r' {
			due = len(out) > 0
			continue
		}
		if due {
			out, due = append(out, ' '), false
		}
		out = append(out, c)
	}
	return trim(string(out))
}

func wantsAttributes(tag atom.Atom) bool {
	switch tag {
	case atom.Div, atom.Blockquote, atom.Span, atom.P, atom.Hr, atom.Table, atom.Section, atom.A, atom.Img, atom.Pre, 0:
		return true
	}
	return false
}

// read looks at the marks mail programs leave for themselves in class, id and data attributes.
func (sc *scanner) read(z *xhtml.Tokenizer, e element, off int) element {
	e.quoted = e.tag == atom.Blockquote
	cite := false
	for more := true; more; {
		var key, val []byte
		key, val, more = z.TagAttr()
		switch string(key) {
		case "class", "id", "data-aside", "data-signatureblock", "data-smartmail":
			e.hint = max(e.hint, hintOf(e.tag, string(key), val))
		case "type":
			cite = cite || bytes.EqualFold(val, []byte("cite"))
		case "src":
			if e.tag == atom.Img && (bytes.HasPrefix(val, []byte("cid:")) || bytes.HasPrefix(val, []byte("data:"))) {
				sc.begin(off)
				sc.text = append(sc.text, "\ufffc"...) // a picture sent along is something said
			}
		}
	}
	if cite && e.quoted {
		e.hint = hintCited
	}
	return e
}

// breaks says whether an element begins and ends on a line of its own.
func breaks(tag atom.Atom) bool {
	switch tag {
	case atom.P, atom.Div, atom.Br, atom.Hr, atom.Blockquote, atom.Table, atom.Tr, atom.Ul, atom.Ol, atom.Li, atom.Dl, atom.Dt, atom.Dd, atom.Pre,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Address, atom.Center, atom.Body, atom.Caption, atom.Form:
		return true
	}
	return false
}

func isVoid(tag atom.Atom) bool {
	switch tag {
	case atom.Br, atom.Hr, atom.Img, atom.Meta, atom.Link, atom.Input, atom.Base, atom.Col, atom.Area, atom.Wbr, atom.Embed, atom.Source, atom.Param, atom.Track:
		return true
	}
	return false
}
