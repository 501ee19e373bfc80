package quote

import (
	"strings"

	xhtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxCuts bounds how many pieces an HTML letter is cut into: at each cut the open elements are closed and
// opened again, and a letter made of cuts must not grow by that.
const maxCuts = 64

// cutsOf gives the offsets at which sight and fold take turns; the letter begins in sight.
func cutsOf(lines []line, folded []bool) []int {
	var cuts []int
	for i, l := range lines {
		if folded[i] != (len(cuts)%2 == 1) {
			cuts = append(cuts, l.start)
		}
	}
	return cuts
}

// A cutter writes pieces of a letter in turn to fresh and to quoted, each balanced by itself.
type cutter struct {
	src   string
	cuts  []int
	out   [2]strings.Builder
	turn  int // 0 fresh, 1 quoted
	from  int
	names []string // the elements open here
}

func cut(s string, cuts []int) (fresh, quoted string) {
	c := &cutter{src: s, cuts: cuts}
	z := xhtml.NewTokenizer(strings.NewReader(s))
	for off := 0; ; {
		kind := z.Next()
		raw := z.Raw()
		next := off + len(raw)
		for len(c.cuts) > 0 && c.cuts[0] < next {
			c.switchAt(c.cuts[0])
			c.cuts = c.cuts[1:]
		}
		if len(c.cuts) == 0 || kind == xhtml.ErrorToken {
			c.write(len(s))
			return c.out[0].String(), c.out[1].String()
		}
		switch kind {
		case xhtml.StartTagToken, xhtml.SelfClosingTagToken:
			c.push(tagName(z, raw))
		case xhtml.EndTagToken:
			c.pop(string(tagName(z, raw)))
		}
		off = next
	}
}

// switchAt ends a piece at off and begins one on the other side.
func (c *cutter) switchAt(off int) {
	c.write(off)
	c.turn, c.from = 1-c.turn, off
	for _, n := range c.names {
		c.out[c.turn].WriteString("<" + n + ">")
	}
}

func (c *cutter) write(to int) {
	out := &c.out[c.turn]
	out.WriteString(c.src[c.from:to])
	if to == len(c.src) {
		return
	}
	if len(c.names) == 0 && to > c.from && c.src[to-1] != '>' {
		out.WriteByte('\n') // a text that ends in < must not make a tag of the words that come next on this side
	}
	for i := len(c.names) - 1; i >= 0; i-- {
		out.WriteString("</" + c.names[i] + ">")
	}
}

func (c *cutter) push(name []byte) {
	tag := atom.Lookup(name)
	if isVoid(tag) || len(name) > maxName || len(c.names) == maxDepth {
		return
	}
	switch tag {
	case 0, atom.Html, atom.Head, atom.Body, atom.Script, atom.Style, atom.Title:
		return // not opened again: they carry no words, or are not ours to repeat
	}
	c.names = append(c.names, string(name))
}

func (c *cutter) pop(name string) {
	for i := len(c.names) - 1; i >= 0; i-- {
		if c.names[i] == name {
			c.names = c.names[:i]
			return
		}
	}
}
