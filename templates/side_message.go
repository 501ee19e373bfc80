package templates

import "aside/internal/safehtml"

// SideMessage is a letter to one external party: a person's text first, then the facts of the request, one button, how to answer.
// It never carries an agent's address; From is a name.
type SideMessage struct {
	Theme            Theme
	Marker           string // quote.Marker, on a line of its own on top; shown only when answers by mail reach us
	From             string // the agent's name as shown to outsiders; empty lets the project speak
	To               Person // who gets this very letter
	Others           []string
	FollowUp         bool          // not the first message of the conversation
	Why              string        // why this person was asked, one sentence; empty takes the standing words
	Text             string        // the message as Markdown or plain text
	Body             safehtml.HTML // the same as HTML
	Signature        string        // the agent's, plain text, may have several lines
	ProjectSignature string        // the project's, plain text
	Files            []File        // travelling with the letter; named here
	Context          *FeedbackContext
	PortalURL        string // this person's own link; empty when not shared
	ReplyByEmail     bool
	Previous         []Previous // newest first
}

// Render gives the letter as plain text and as an HTML document.
func (l SideMessage) Render() (text, html string, err error) {
	l.Theme = l.Theme.complete()
	return letter("side_message", l)
}

// Asker is who writes, in words: "Ada from Acme Hardware", or the project alone.
func (l SideMessage) Asker() string { return asker(l.From, l.Theme) }

// Head says who asks.
func (l SideMessage) Head() string {
	switch {
	case l.FollowUp:
		return "wrote again in your conversation."
	case l.Context != nil:
		return "asks for your help with a customer’s feedback."
	}
	return "asks for your help."
}

// Reason says why this person was asked.
func (l SideMessage) Reason() string {
	if l.Why != "" {
		return sentence(l.Why)
	}
	to := line(l.To.Email)
	switch {
	case to == "" && l.FollowUp:
		return "You are part of it."
	case to == "":
		return "You were asked directly."
	case l.FollowUp:
		return "You are part of it as " + to + "."
	}
	return "You were asked directly, at " + to + "."
}

// How says how to answer.
func (l SideMessage) How() string {
	switch {
	case l.ReplyByEmail && l.PortalURL != "":
		return "To answer, reply to this email or write on the conversation’s page."
	case l.ReplyByEmail:
		return "To answer, reply to this email."
	case l.PortalURL != "":
		return "To answer, open the conversation’s page and write there. Replies to this email do not arrive."
	}
	return "Replies to this email do not arrive. Please answer " + l.Theme.Name + " the way you usually do."
}

// Answerable tells whether the marker line belongs on the letter.
func (l SideMessage) Answerable() bool { return l.ReplyByEmail && l.Marker != "" }

func asker(from string, t Theme) string {
	from = line(from)
	if from == "" || from == t.Name {
		return t.Name
	}
	return from + " from " + t.Name
}
