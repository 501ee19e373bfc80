package email

import (
	"bytes"
	"strings"
)

// leaf is a part that holds no other part we look into: its header and its bytes as they lie in the letter.
type leaf struct {
	header *Header
	media  mediaType
	parent string // the media type of the multipart around it, or ""
	body   []byte
	husk   bool // a multipart in which no part was found, kept whole
}

// container is a multipart whose parts are being read.
type container struct {
	boundary  []byte // without the two hyphens
	subtype   string // "mixed", "digest", …
	bodyStart int
	parts     int
	closed    bool // its closing line was seen
	header    *Header
	media     mediaType
}

// walker goes once over the letter. Its whole state is the stack of open multiparts; a message/rfc822 is a leaf, so
// depth comes from multiparts alone and nothing recurses (M-02).
type walker struct {
	raw        []byte
	text       string // the same bytes: headers are cut out of it without copying
	pos        int
	open       []container
	leaves     []leaf
	parts      int
	defects    defects
	lineBefore int // where the boundary line found last begins
}

// walk reads the root header and every leaf. The error is *TooComplex.
func (w *walker) walk() (*Header, error) {
	root, err := w.part("")
	for err == nil && len(w.open) > 0 {
		level, closing, end := w.nextBoundary()
		w.pop(level, end)
		if level < 0 {
			break
		}
		top := &w.open[level]
		if closing {
			top.closed = true
			continue // the epilogue is passed over
		}
		if top.closed {
			w.defects.add("a multipart went on after its end")
			top.closed = false
		}
		top.parts++
		_, err = w.part(top.subtype)
	}
	return root, err
}

// part reads one header at w.pos, then either opens a multipart or takes a leaf.
func (w *walker) part(parent string) (*Header, error) {
	if w.parts++; w.parts > MaxParts {
		return nil, &TooComplex{"This message has too many parts."}
	}
	stop := w.isBoundary
	if len(w.open) == 0 {
		stop = nil
	}
	h, used, junk, err := looseHeader(headerBlock(w.raw[w.pos:]), stop)
	if err != nil {
		return nil, err
	}
	if junk {
		w.defects.add("a header line was not a header line")
	}
	w.pos += used
	media := contentType(h, parent)
	boundary, husk := strings.TrimRight(media.get("boundary"), " \t"), false
	if sub, ok := strings.CutPrefix(media.name, "multipart/"); ok {
		if boundary == "" {
			boundary = w.guessBoundary()
			w.defects.add("a multipart named no boundary")
		}
		if boundary != "" {
			if len(w.open) == MaxDepth {
				return nil, &TooComplex{"This message is nested too deeply."}
			}
			w.open = append(w.open, container{boundary: []byte(boundary), subtype: sub, bodyStart: w.pos, header: h, media: media})
			return h, nil
		}
		husk = true
	}
	start := w.pos
	w.leaves = append(w.leaves, leaf{header: h, media: media, parent: w.parent(), husk: husk})
	if len(w.open) == 0 {
		w.leaves[len(w.leaves)-1].body, w.pos = w.raw[start:], len(w.raw)
		return h, nil
	}
	w.leaves[len(w.leaves)-1].body = w.raw[start:w.peekBoundary()]
	return h, nil
}

// headerBlock is b up to its first empty line, at most a little more than a header may have: the only bytes of a letter
// that are copied before they are decoded.
func headerBlock(b []byte) string {
	limit := min(len(b), MaxHeaderBytes+4096)
	for p := 0; p < limit; {
		i := bytes.IndexByte(b[p:limit], '\n')
		if i < 0 {
			break
		}
		if p += i + 1; i == 0 || i == 1 && b[p-2] == '\r' {
			return string(b[:p])
		}
	}
	return string(b[:limit])
}

// contentType is the declared type, or the default of RFC 2045 5.2 and RFC 2046 5.1.5.
func contentType(h *Header, parent string) mediaType {
	m := parseMedia(h.Get("Content-Type"))
	if strings.Contains(m.name, "/") && !strings.HasPrefix(m.name, "/") && !strings.HasSuffix(m.name, "/") {
		return m
	}
	if m.name = "text/plain"; parent == "digest" {
		m.name = "message/rfc822"
	}
	return m
}

func (w *walker) parent() string {
	if len(w.open) == 0 {
		return ""
	}
	return "multipart/" + w.open[len(w.open)-1].subtype
}

// pop closes every multipart inside level. One in which no part was found becomes a leaf: nothing is lost.
func (w *walker) pop(level, end int) {
	for i := len(w.open) - 1; i > level; i-- {
		c := w.open[i]
		w.open = w.open[:i]
		if !c.closed {
			w.defects.add("a multipart was not closed")
		}
		if c.parts == 0 {
			w.leaves = append(w.leaves, leaf{header: c.header, media: c.media, parent: w.parent(), body: w.raw[c.bodyStart:max(c.bodyStart, end)], husk: true})
		}
	}
}

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
	for p := from; p < len(w.raw); {
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

func (w *walker) isBoundary(line string) bool {
	if !strings.HasPrefix(line, "--") {
		return false
	}
	level, _ := w.match([]byte(line))
	return level >= 0
}

// guessBoundary takes the first line near the top that can only be a boundary: two hyphens, one word, and below it a
// header or a blank line (M-03).
func (w *walker) guessBoundary() string {
	text := string(w.raw[w.pos:min(len(w.raw), w.pos+4096)])
	for p := 0; p < len(text); {
		line, next := cutLine(text, p)
		if p = next; !strings.HasPrefix(line, "--") {
			continue
		}
		below, _ := cutLine(text, next)
		name, _, ok := looseName(below)
		b := strings.TrimRight(line[2:], " \t")
		if (ok && isKnownField(name) || below == "") && b != "" && len(b) <= 70 && !strings.ContainsAny(b, " \t") && strings.Trim(b, "-_") != "" {
			return b
		}
	}
	return ""
}

// defects are words for what was wrong, each once.
type defects []string

func (d *defects) add(s string) {
	for _, old := range *d {
		if old == s {
			return
		}
	}
	if s != "" {
		*d = append(*d, s)
	}
}
