package templates

import "aside/internal/safehtml"

// CustomerMessage is the team's answer to the submitter, in the customer thread. It has no field that could hold anything of a note
// or a side conversation.
type CustomerMessage struct {
	Theme            Theme
	Marker           string // quote.Marker, as in SideMessage
	From             string // the agent's name as shown to customers; empty lets the project speak
	Number           int    // the feedback item's number; 0 leaves it out
	Text             string // the message as Markdown or plain text
	Body             safehtml.HTML
	Signature        string
	ProjectSignature string
	Files            []File
	ReplyByEmail     bool
	Previous         []Previous // of the customer thread, newest first
}

// Render gives the letter as plain text and as an HTML document.
func (l CustomerMessage) Render() (text, html string, err error) {
	l.Theme = l.Theme.complete()
	return letter("customer_message", l)
}

// Asker is who writes, in words.
func (l CustomerMessage) Asker() string { return asker(l.From, l.Theme) }

// How says how to answer.
func (l CustomerMessage) How() string {
	if l.ReplyByEmail {
		return "To answer, reply to this email."
	}
	return "Replies to this email do not arrive."
}

// Answerable tells whether the marker line belongs on the letter.
func (l CustomerMessage) Answerable() bool { return l.ReplyByEmail && l.Marker != "" }
