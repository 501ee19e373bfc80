// Package quote tells what was written from what was quoted.
package quote

// Marker is the line our own letters carry above the text an answer would quote.
const Marker = "…"

// Text splits a plain-text letter: every line of s is in fresh or in quoted, in order.
func Text(s string) (fresh, quoted string) { return s, "" }

// HTML splits an HTML letter: HTML fragments in, HTML fragments out.
func HTML(s string) (fresh, quoted string) { return s, "" }
