package safehtml

import (
	"bytes"
	"strings"

	"golang.org/x/net/html/atom"
)

// image writes a picture of the same letter; of a remote one, a link to it; of any other, its words.
func (w *writer) image(a *attrs) {
	if id, ok := contentID(a.src); ok {
		if w.cid != nil {
			if src, ok := w.cid(id); ok && src != "" {
				w.picture(src, a)
				return
			}
		}
		w.text(bytes.TrimSpace(a.alt))
		return
	}
	alt := bytes.TrimSpace(a.alt)
	if len(alt) == 0 || tiny(a.width) && tiny(a.height) && a.width+a.height != "" {
		return // a spacer or a tracking pixel: nothing to read
	}
	if w.target.shown == "" && w.startLink(a.src) {
		w.text(alt)
		w.end(atom.A)
		return
	}
	w.text(alt)
}

func tiny(size string) bool { return len(size) < 2 }

func (w *writer) picture(src string, a *attrs) {
	w.out = escape(append(w.out, "<img src=\""...), []byte(src), true, true)
	w.out = escape(append(w.out, "\" alt=\""...), a.alt, true, true)
	w.out = append(w.out, '"')
	w.attr(" width=\"", a.width)
	w.attr(" height=\"", a.height)
	w.out = append(w.out, '>')
}

// contentID reads "cid:…" (RFC 2392).
func contentID(src []byte) (string, bool) {
	s := strings.TrimSpace(string(src))
	if len(s) < 5 || !strings.EqualFold(s[:4], "cid:") {
		return "", false
	}
	return unescapeID(s[4:]), true
}

// Pictures gives the pictures of a letter that was cleaned before, and kept them by their Content-ID, the addresses to show them
// from. Whatever else stands in h is as Clean left it.
func Pictures(h HTML, cid CID) HTML {
	if !strings.Contains(string(h), `<img src="cid:`) {
		return h
	}
	return Clean(string(h), cid)
}
