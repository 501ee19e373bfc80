package safehtml

import "golang.org/x/net/html/atom"

// A shape is how an allowed element is written and where it may stand.
type shape struct {
	name string
	kind kind
}

// A kind decides which open elements a start tag closes and which an end tag may reach.
type kind uint8

const (
	inline  kind = iota
	block        // closes an open paragraph
	item         // li, dt, dd: closes its like in the same list
	list         // ul, ol, dl
	table        // a wall: nothing inside closes anything outside
	section      // thead, tbody, tfoot, caption
	row
	cell // a wall too
	void
	link
	image
)

var (
	shapeP     = &shape{"p", block}
	shapeDiv   = &shape{"div", block}
	shapeUl    = &shape{"ul", list}
	shapePre   = &shape{"pre", block}
	shapeCode  = &shape{"code", inline}
	shapeS     = &shape{"s", inline}
	shapeBr    = &shape{"br", void}
	shapeA     = &shape{"a", link}
	shapeImg   = &shape{"img", image}
	shapeTable = &shape{"table", table}
)

// shapes is the allow-list. An element that is not here vanishes and leaves its words.
var shapes = map[atom.Atom]*shape{
	atom.P: shapeP, atom.Div: shapeDiv, atom.Blockquote: {"blockquote", block}, atom.Pre: shapePre, atom.Hr: {"hr", void}, atom.Br: shapeBr,
	atom.H1: {"h1", block}, atom.H2: {"h2", block}, atom.H3: {"h3", block}, atom.H4: {"h4", block}, atom.H5: {"h5", block}, atom.H6: {"h6", block},
	atom.Ul: shapeUl, atom.Ol: {"ol", list}, atom.Dl: {"dl", list}, atom.Li: {"li", item}, atom.Dt: {"dt", item}, atom.Dd: {"dd", item},
	atom.Table: shapeTable, atom.Caption: {"caption", section}, atom.Thead: {"thead", section}, atom.Tbody: {"tbody", section}, atom.Tfoot: {"tfoot", section},
	atom.Tr: {"tr", row}, atom.Td: {"td", cell}, atom.Th: {"th", cell},
	atom.B: {"b", inline}, atom.Strong: {"strong", inline}, atom.I: {"i", inline}, atom.Em: {"em", inline}, atom.U: {"u", inline}, atom.S: shapeS,
	atom.Del: {"del", inline}, atom.Ins: {"ins", inline}, atom.Sub: {"sub", inline}, atom.Sup: {"sup", inline}, atom.Small: {"small", inline},
	atom.Mark: {"mark", inline}, atom.Q: {"q", inline}, atom.Cite: {"cite", inline}, atom.Abbr: {"abbr", inline},
	atom.Code: shapeCode, atom.Kbd: {"kbd", inline}, atom.Samp: {"samp", inline}, atom.Var: {"var", inline},
	atom.A: shapeA, atom.Img: shapeImg,
	// Other names for the same.
	atom.Strike: shapeS, atom.Tt: shapeCode, atom.Acronym: {"abbr", inline}, atom.Xmp: shapePre, atom.Listing: shapePre, atom.Dir: shapeUl, atom.Menu: shapeUl,
	atom.Section: shapeDiv, atom.Article: shapeDiv, atom.Header: shapeDiv, atom.Footer: shapeDiv, atom.Main: shapeDiv, atom.Nav: shapeDiv, atom.Aside: shapeDiv,
	atom.Center: shapeDiv, atom.Address: shapeDiv, atom.Figure: shapeDiv, atom.Figcaption: shapeDiv, atom.Fieldset: shapeDiv, atom.Legend: shapeDiv, atom.Form: shapeDiv,
	atom.Details: shapeDiv, atom.Summary: shapeDiv, atom.Textarea: shapeDiv, atom.Option: shapeDiv, atom.Dialog: shapeDiv,
}

func init() {
	// An acronym must be the same shape as abbr, or its end tag would not find it again.
	shapes[atom.Acronym] = shapes[atom.Abbr]
}

// The attributes that survive besides href, src and alt, each with its grammar. Numbers are capped in digits: a
// colspan of a million cells is a way to stall a browser.
const (
	maxSpanDigits  = 2
	maxSizeDigits  = 4
	maxStartDigits = 5
)

// attribute judges one attribute and gives the value to write, or "".
func attribute(s *shape, key string, val []byte) string {
	switch key {
	case "dir":
		if s.kind != inline && s.kind != void {
			return oneOf(val, "ltr", "rtl", "auto")
		}
	case "colspan", "rowspan":
		if s.kind == cell {
			return digits(val, maxSpanDigits)
		}
	case "align":
		if s.kind == cell {
			return oneOf(val, "left", "right", "center")
		}
	case "start":
		if s.name == "ol" {
			return digits(val, maxStartDigits)
		}
	case "width", "height":
		if s.kind == image {
			return digits(val, maxSizeDigits)
		}
	}
	return ""
}

func oneOf(val []byte, words ...string) string {
	for _, w := range words {
		if equalFold(val, w) {
			return w
		}
	}
	return ""
}

func equalFold(val []byte, low string) bool {
	if len(val) != len(low) {
		return false
	}
	for i, c := range val {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != low[i] {
			return false
		}
	}
	return true
}

func digits(val []byte, max int) string {
	if len(val) == 0 || len(val) > max {
		return ""
	}
	for _, c := range val {
		if c < '0' || c > '9' {
			return ""
		}
	}
	return string(val)
}
