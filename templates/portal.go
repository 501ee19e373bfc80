package templates

import (
	"time"

	"aside/internal/safehtml"
)

// PortalPage is what an outsider sees of a side conversation: who asks, about what, the history, and a form to answer.
type PortalPage struct {
	Theme        Theme
	Now          time.Time // the moment of the request, in the zone times are shown in
	Subject      string
	Welcome      string   // a line of the project's own on top, such as when somebody reads this; empty leaves it out
	Reader       Person   // whose private page this is; empty on a shared link
	Shared       bool     // opened by the shared link: the form asks for name and email
	Others       []string // names also on this conversation, the reader not among them
	Messages     []PortalMessage
	Closed       bool // no form; words say so
	ReplyByEmail bool // false: answers by mail do not reach us, so nothing speaks of them
	Sent         bool // the reader comes from a successful answer
	Form         ReplyForm
	WrongPerson  string // form action of "I am not the right person"; empty leaves it out. Posts nonce and message
}

// PortalMessage is one message of the history, oldest first.
type PortalMessage struct {
	Author  string // a name; the page adds "from <project>" for the team's and says "You" for the reader's own
	Team    bool   // written by the team
	Own     bool   // written by the reader of this page
	At      time.Time
	Channel string // words: "by email", "on this page", "via shared link, name as given"
	Body    safehtml.HTML
	Quoted  safehtml.HTML    // folded; empty when nothing was quoted
	Context *FeedbackContext // nil when not ticked
	Files   []File
}

// ReplyForm is the answer form of a portal page, and what it was filled with when it comes back.
// It posts message, name, email, attachments (files) and nonce as multipart/form-data.
type ReplyForm struct {
	Action  string // "/c/TOKEN/replies"
	Nonce   string
	Message string // what was typed, kept after an error
	Name    string
	Email   string
	Limit   string // words under the file field: "Up to 20 files, 25 MB together"
	Error   string // one sentence, shown on top; empty when nothing is wrong
	Faults  Faults
}

// Faults are sentences beside the fields they are about; empty means the field is fine.
type Faults struct{ Message, Name, Email, Files string }

// Portal renders a portal page as a whole HTML document.
func Portal(p PortalPage) ([]byte, error) {
	p.Theme = p.Theme.complete()
	return page("portal.html", p)
}

// Title is the document's title: what happened first, then the subject.
func (p PortalPage) Title() string {
	title := p.Heading() + " · " + p.Theme.Name
	switch {
	case p.Form.Error != "":
		return "Not sent: " + title
	case p.Sent:
		return "Sent: " + title
	}
	return title
}

// Heading is the subject, or words where there is none.
func (p PortalPage) Heading() string {
	if s := line(p.Subject); s != "" {
		return s
	}
	return "A question from " + p.Theme.Name
}

// Readers says who will read an answer, as the button's audience: "Acme Hardware and Carl".
func (p PortalPage) Readers() string {
	return nameList(append([]string{p.Theme.Name}, p.Others...))
}

// Unsent tells whether a closed page has to give a typed text back, lest it be lost (threats P-08).
func (p PortalPage) Unsent() bool { return p.Closed && p.Form.Message != "" }

// Retry tells whether the form comes back with an error; it then stands above the history.
func (p PortalPage) Retry() bool { return p.Form.Error != "" && !p.Closed }

// Long tells whether the history is long enough that a link down to the form helps.
func (p PortalPage) Long() bool { return len(p.Messages) > 3 && !p.Closed && !p.Retry() }

// Who is who wrote a message, in words.
func (m PortalMessage) Who() string { return line(m.Author) }
