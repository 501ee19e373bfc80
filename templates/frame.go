package templates

import "aside/internal/safehtml"

// Frame is a plain letter around any few words: password reset, one-time codes, notices to the operator.
type Frame struct {
	Theme      Theme
	Title      string
	Text       string        // the words as plain text
	Body       safehtml.HTML // the same as HTML; when empty, Text is shown
	Code       string        // a one-time code, shown large; empty leaves it out
	Button     string        // the button's words; shown only with URL
	URL        string
	SmallPrint string // one sentence at the end
}

// Render gives the letter as plain text and as an HTML document.
func (l Frame) Render() (text, html string, err error) {
	l.Theme = l.Theme.complete()
	return letter("frame", l)
}

// ButtonWords are the button's words, never empty.
func (l Frame) ButtonWords() string {
	if b := line(l.Button); b != "" {
		return b
	}
	return "Open"
}

// Heading is the HTML document's title.
func (l Frame) Heading() string {
	if t := line(l.Title); t != "" {
		return t
	}
	return l.Theme.Name
}
