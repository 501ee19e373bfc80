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
	either int    // which multipart/alternative it is in, the innermost; 0 for none
	body   []byte
	at     int  // where body begins in the letter
	husk   bool // a multipart in which no part was found, kept whole
}

// container is a multipart whose parts are being read.
type container struct {
	boundary  []byte // without the two hyphens
	subtype   string // "mixed", "digest", …
	either    int    // the multipart/alternative its parts are in, itself perhaps; 0 for none
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
	pos        int
	open       []container
	leaves     []leaf
	parts      int
	defects    defects
	choices    int // multipart/alternatives met
	lineBefore int // where the boundary line found last begins
	closedAt   int // where the part of the letter behind its last closing line begins, 0 before there is one
	sought     int // bytes looked through for boundaries that may not be there, see occurs
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
			top.closed, w.closedAt = true, w.pos
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
	w.closedAt = 0
	if w.parts++; w.parts > MaxParts {
		return nil, &TooComplex{"This message has too many parts."}
	}
	h, used, junk, err := looseHeader(headerBlock(w.raw[w.pos:]), w.stop())
	if err != nil {
		return nil, err
	}
	if junk {
		w.defects.add("a header line was not a header line")
	}
	w.pos += used
	l := leaf{header: h, media: contentType(h, parent), parent: w.parent(), either: w.either()}
	if sub, ok := strings.CutPrefix(l.media.name, "multipart/"); ok {
		boundary := w.boundaryOf(l.media)
		if boundary != "" && len(w.open) == MaxDepth {
			return nil, &TooComplex{"This message is nested too deeply."}
		}
		if boundary != "" {
			c := container{boundary: []byte(boundary), subtype: sub, bodyStart: w.pos, header: h, media: l.media, either: l.either}
			if sub == "alternative" {
				w.choices++
				c.either = w.choices
			}
			w.open = append(w.open, c)
			return h, nil
		}
		l.husk = true
	}
	start := w.pos
	l.body, l.at = w.cutClosing(w.raw[start:w.peekBoundary()]), start
	w.leaves = append(w.leaves, l)
	return h, nil
}

// epilogue is what stands behind the last part, if that was closed.
func (w *walker) epilogue() []byte {
	if w.closedAt == 0 {
		return nil
	}
	return w.raw[w.closedAt:]
}

// stop ends a part's header at a boundary line; the root's header has none.
func (w *walker) stop() func(string) bool {
	if len(w.open) == 0 {
		return nil
	}
	return w.isBoundary
}

// boundaryOf is the declared boundary, or a guess at it; "" when there is nothing to go by.
func (w *walker) boundaryOf(m mediaType) string {
	b := strings.TrimRight(m.get("boundary"), " \t")
	if b == "" {
		if b, _ = m.extended("boundary"); b == "" {
			w.defects.add("a multipart named no boundary")
			return w.guessBoundary("")
		}
	}
	if !w.occurs(b) {
		if guess := w.guessBoundary(b); guess != "" {
			w.defects.add("a multipart named a boundary that is not there")
			return guess
		}
	}
	return b
}

// occurs says that a boundary stands somewhere below. All the looking together costs no more than twice the letter's bytes; then
// every boundary is believed.
func (w *walker) occurs(boundary string) bool {
	if w.sought > 2*len(w.raw) {
		return true
	}
	line := []byte("--" + boundary)
	for p := w.pos; p < len(w.raw); {
		i := bytes.Index(w.raw[p:], line)
		if i < 0 {
			w.sought += len(w.raw) - w.pos
			return false
		}
		if p += i; p == 0 || w.raw[p-1] == '\n' {
			w.sought += p - w.pos
			return true
		}
		p += len(line)
	}
	return false
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
	switch {
	case parent == "digest":
		m.name = "message/rfc822"
	case m.name == "html":
		m.name = "text/html"
	default:
		m.name = "text/plain"
	}
	return m
}

// either is the multipart/alternative that the next part is in.
func (w *walker) either() int {
	if len(w.open) == 0 {
		return 0
	}
	return w.open[len(w.open)-1].either
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
			w.leaves = append(w.leaves, leaf{header: c.header, media: c.media, parent: w.parent(), body: w.raw[c.bodyStart:max(c.bodyStart, end)], at: c.bodyStart, husk: true})
		}
	}
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
