// Package safehtml makes a stranger's HTML safe to show, and plain text and Markdown into HTML that is.
//
// What comes out is written by this package, tag by tag, and never copied: only the elements and attributes
// of allow.go, every attribute in one fixed spelling, every text escaped, every element closed. So the way a
// browser mends broken markup, where sanitisers die (mutation XSS), has nothing to work on. A second
// pair of eyes (strict.go) reads the result back byte by byte and knows no other shapes; what it
// would not sign goes through bluemonday with the same list (policy.go).
//
// No style, class, id, name, form, script, frame, remote picture or relative link survives. Pictures of the same
// letter do, through the CID function; remote ones stay as links. Words survive whatever element they stood in, save
// script, style, title and comments.
//
// Clean(Clean(x)) = Clean(x), as long as the CID function is nil or answers with cid: addresses.
//
// It is no substitute for the sandboxed frame and its Content-Security-Policy: both layers hold alone.
package safehtml

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// HTML is cleaned markup: the only type that may become template.HTML.
type HTML string

// CID turns the Content-ID of a picture of the same letter (without <>) into the address to show it from.
// It answers false for anything that is not a picture of that letter.
type CID func(contentID string) (src string, ok bool)

// Clean keeps of a stranger's HTML what is safe to show. cid may be nil: then there are no pictures.
func Clean(fragment string, cid CID) HTML {
	w := newWriter(len(fragment), cid)
	w.copy(fragment)
	return w.finish()
}

// copy walks the tokens of s. The tokenizer is linear and keeps no tree, so depth costs nothing.
func (w *writer) copy(s string) {
	s = valid(s)
	z := html.NewTokenizer(strings.NewReader(s))
	skip := false // inside an element whose text is not words
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			if !skip {
				w.text(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			tag := atom.Lookup(name)
			skip = isSilent(tag)
			if tag == atom.Noscript {
				z.NextIsNotRawText() // scripts never run here, so this is what a reader sees
			}
			w.start(tag, z, more)
		case html.EndTagToken:
			name, _ := z.TagName()
			skip = false
			w.end(atom.Lookup(name))
		}
	}
}

// isSilent names the raw-text elements no browser shows.
func isSilent(tag atom.Atom) bool {
	switch tag {
	case atom.Script, atom.Style, atom.Title, atom.Iframe, atom.Noembed, atom.Noframes:
		return true
	}
	return false
}

func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
