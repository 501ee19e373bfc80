package templates

import (
	"time"

	"aside/internal/safehtml"
)

// FeedbackContext is the summary an agent ticked (SC-05): all an outsider ever learns of the item.
type FeedbackContext struct {
	Number         int
	Status         string // a feedback status ("in_progress") or its words
	SubmitterName  string // both empty when the agent unticked the submitter's identity
	SubmitterEmail string
	Excerpt        string // plain text, at most 280 characters, cut by the caller
}

// Submitter is the submitter on one line: name and address, either, or nothing.
func (c FeedbackContext) Submitter() string {
	return Person{c.SubmitterName, c.SubmitterEmail}.String()
}

// Person is someone outside the team, as that person may be shown to the reader of a page or letter.
type Person struct {
	Name  string
	Email string // empty hides it
}

// String is "Bob, bob@vendor.com", or the one that is known.
func (p Person) String() string {
	name, email := line(p.Name), line(p.Email)
	switch {
	case name == "" || name == email:
		return email
	case email == "":
		return name
	}
	return name + ", " + email
}

// File is an attachment. On pages URL leads to it; letters name it only, it travels beside them.
type File struct {
	Name string
	Size int64 // bytes
	URL  string
}

// Previous is an earlier message, quoted below a letter.
type Previous struct {
	Author string        // a name, never an agent's address
	At     time.Time     // said in the zone it carries
	Text   string        // plain text or Markdown
	HTML   safehtml.HTML // the same; when empty, Text is shown
}

// HasHTML tells whether there is an HTML form to show.
func (p Previous) HasHTML() bool { return p.HTML != "" }
