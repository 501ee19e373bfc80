package templates

// FormPage is the hosted feedback form, /f/{project-slug}, for customers.
// It posts message, category, name, email and nonce as application/x-www-form-urlencoded.
type FormPage struct {
	Theme    Theme
	Welcome  string // a line of the project's own on top; empty leaves it out
	Action   string // "/f/acme"
	Nonce    string
	Message  string // what was typed, kept after an error; so are the next three
	Category string // bug, feature_request, question or other; anything else chooses none
	Name     string
	Email    string
	Error    string // one sentence, shown on top; empty when nothing is wrong
	Faults   Faults // Files is not used
	Thanks   bool   // it was stored: no form, words of thanks
	Number   int    // the new item's number, said with the thanks; 0 leaves it out
}

// Category is one choice of the form: the value stored and the words shown.
type Category struct{ Value, Words string }

// Categories are the feedback categories in the order the form shows them.
var Categories = []Category{
	{"bug", "Something is wrong"},
	{"feature_request", "An idea"},
	{"question", "A question"},
	{"other", "Something else"},
}

// Form renders the hosted feedback form as a whole HTML document.
func Form(p FormPage) ([]byte, error) {
	p.Theme = p.Theme.complete()
	return page("form.html", p)
}

// Choices are the categories to show.
func (p FormPage) Choices() []Category { return Categories }

// Title is the document's title: what happened first.
func (p FormPage) Title() string {
	switch {
	case p.Thanks:
		return "Thank you · " + p.Theme.Name
	case p.Error != "":
		return "Not sent: Write to " + p.Theme.Name
	}
	return "Write to " + p.Theme.Name
}
