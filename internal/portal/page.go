package portal

import (
	"fmt"
	"strings"

	"aside/internal/desk"
	"aside/internal/safehtml"
	"aside/templates"

	"github.com/pocketbase/pocketbase/core"
)

// Page renders what this visitor may see. form brings back what was typed, with an error; the zero form is a fresh one.
func (p *Portal) Page(v *Visit, form templates.ReplyForm, sent bool) ([]byte, error) {
	page, err := p.page(v)
	if err != nil {
		return nil, err
	}
	page.Sent = sent
	form.Action, form.Nonce, form.Limit = "/c/"+v.Token+"/replies", p.Tokens.Nonce(purpose(v.Token)), fmt.Sprintf("Up to %d files, %d MB together", desk.MaxFiles, desk.MaxLetterSize>>20)
	page.Form = form
	if !v.Shared() && !page.Closed {
		page.WrongPerson = "/c/" + v.Token + "/wrong-person"
	}
	return templates.Portal(page)
}

// Preview renders the page as it would look with a message that is not stored yet, for the agent who is about to send it.
func (p *Portal) Preview(t *desk.Thread) ([]byte, error) {
	v := &Visit{Token: "shown-when-sent", Thread: t}
	if len(t.Participants) > 0 {
		v.Reader = t.Participants[0]
	}
	page, err := p.page(v)
	if err != nil {
		return nil, err
	}
	page.Messages = append(page.Messages, p.message(v, t.Message))
	return templates.Portal(page)
}

func (p *Portal) page(v *Visit) (templates.PortalPage, error) {
	c, project := v.Thread.Conversation, v.Thread.Project
	page := templates.PortalPage{Theme: templates.NewTheme(desk.SenderName(project)).Colored(project.GetString("portalColor")), Welcome: project.GetString("portalWelcome"),
		Now: p.now(), Subject: c.GetString("subject"), Shared: v.Shared(),
		Closed: c.GetString("status") == "closed", ReplyByEmail: p.ReplyByEmail && !v.Shared()}
	if !v.Shared() {
		page.Reader = templates.Person{Name: v.Reader.GetString("name"), Email: v.Reader.GetString("email")}
	}
	if c.Id == "" {
		return page, nil // a preview of a conversation that is not there yet
	}
	people, err := desk.Active(p.App, c.Id)
	if err != nil {
		return page, err
	}
	for _, other := range people {
		if v.Shared() || other.Id != v.Reader.Id {
			page.Others = append(page.Others, desk.PublicName(other.GetString("name"), other.GetString("email")))
		}
	}
	messages, err := desk.Messages(p.App, c.Id)
	if err != nil {
		return page, err
	}
	for _, m := range messages {
		if desk.Shown(m) {
			page.Messages = append(page.Messages, p.message(v, m))
		}
	}
	return page, nil
}

// message shows one message: a name, a time, words. Never an agent's address, a record's id, or where it came from.
func (p *Portal) message(v *Visit, m *core.Record) templates.PortalMessage {
	out := m.GetString("direction") == "out"
	body := m.GetString("body")
	s := templates.PortalMessage{Team: out, At: m.GetDateTime("created").Time().In(p.now().Location()), Channel: channel(m),
		Own: !out && !v.Shared() && m.GetString("participant") == v.Reader.Id && m.GetString("trust") == string(desk.Verified)}
	if out {
		s.Author, s.Body = desk.FirstName(m.GetString("fromName")), safehtml.Markdown(body)
	} else {
		s.Author = desk.Byline(p.App, m, v.Thread.Project)
		if s.Body = safehtml.Pictures(safehtml.HTML(m.GetString("html")), pictures(v, m)); strings.TrimSpace(string(s.Body)) == "" {
			s.Body = safehtml.Text(body)
		}
		s.Quoted = safehtml.Text(m.GetString("quoted")) // an answer may stand between the lines of what it answers
	}
	if s.At.Year() < 2000 { // a preview is of now
		s.At = p.now()
	}
	if c := desk.ContextFrom(m); c != nil {
		s.Context = &templates.FeedbackContext{Number: c.Number, Status: c.Status, SubmitterName: c.SubmitterName, SubmitterEmail: c.SubmitterEmail, Excerpt: c.Excerpt}
	}
	for _, f := range desk.ShownFiles(m) {
		s.Files = append(s.Files, templates.File{Name: f.Name, Size: f.Size, URL: "/c/" + v.Token + "/files/" + m.Id + "/" + f.Stored})
	}
	return s
}

// pictures are shown from this page's own files: whoever may read the words may see them.
func pictures(v *Visit, m *core.Record) safehtml.CID {
	return func(id string) (string, bool) {
		f, ok := desk.PictureOf(m, id)
		return "/c/" + v.Token + "/files/" + m.Id + "/" + f.Stored, ok && !f.Inside
	}
}

func channel(m *core.Record) string {
	switch {
	case m.GetString("trust") == string(desk.SharedLink):
		return "via shared link, name as given"
	case m.GetString("channel") == "portal":
		return "on this page"
	case m.GetString("channel") == "email":
		return "by email"
	}
	return ""
}

// File finds an attachment of a message that this visitor may see: the record it lies on, and what it is called.
func (p *Portal) File(v *Visit, messageID, stored string) (*core.Record, desk.File, error) {
	m, err := p.App.FindRecordById("side_messages", messageID)
	if err != nil || m.GetString("conversation") != v.Thread.Conversation.Id || !desk.Shown(m) {
		return nil, desk.File{}, ErrGone
	}
	for _, f := range desk.ShownFiles(m) {
		if f.Stored == stored {
			return m, f, nil
		}
	}
	return nil, desk.File{}, ErrGone
}
