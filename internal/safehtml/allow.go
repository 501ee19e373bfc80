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
