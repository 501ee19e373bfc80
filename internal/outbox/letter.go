package outbox

import (
	"mime"
	"net/http"
	"path"
	"strings"

	"aside/internal/desk"
	"aside/internal/email"
	"aside/internal/quote"
	"aside/internal/safehtml"
	"aside/internal/token"
	"aside/templates"

	"github.com/pocketbase/pocketbase/core"
)

// How much of what came before goes along under a letter.
const (
	maxPrevious   = 6     // messages quoted below: enough to know what it is about; the portal has all
	maxQuotedText = 4_000 // characters of each
	maxReferences = 20    // ids in References: the first and the newest; RFC 5322 sets no limit, servers do
	senderLength  = 70    // characters of a sender's name, so that it fits a header line encoded
)

// letter is one message about to be composed for each of its participants.
type letter struct {
	o         *Outbox
	app       core.App
	thread    *desk.Thread
	agent     *core.Record
	message   *core.Record
	earlier   []*core.Record // what everybody on the conversation may have seen, oldest first
	people    []*core.Record
	messageID string
}

// open gathers what all copies of a message share.
func (o *Outbox) open(app core.App, agent *core.Record, t *desk.Thread) (*letter, error) {
	l := &letter{o: o, app: app, thread: t, agent: agent, message: t.Message, people: t.Participants}
	all, err := desk.Messages(app, t.Conversation.Id)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.Id != t.Message.Id && desk.Shown(m) {
			l.earlier = append(l.earlier, m)
		}
	}
	return l, nil
}

// compose makes the bytes of one participant's copy: To names them alone, Reply-To is theirs alone (T-09).
func (l *letter) compose(p *core.Record, attachments []email.Attachment) ([]byte, error) {
	page := l.page(p)
	if l.message.GetBool("sharePortal") || !l.o.ReplyByEmail {
		page.PortalURL = l.o.PortalURL(p)
	}
	text, html, err := page.Render()
	if err != nil {
		return nil, err
	}
	d := email.Draft{
		From: email.Address{Name: l.sender(), Address: l.thread.Project.GetString("slug") + "@" + l.o.Domain},
		To:   []email.Address{{Name: p.GetString("name"), Address: p.GetString("email")}}, Subject: l.subject(),
		MessageID: l.messageID, References: l.references(), Date: clock(), Text: text, HTML: html, Attachments: attachments, Extra: l.o.extra(),
	}
	if n := len(d.References); n > 0 {
		d.InReplyTo = d.References[n-1]
	}
	if l.o.ReplyByEmail {
		d.ReplyTo = email.Address{Name: desk.SenderName(l.thread.Project), Address: replyAddress(l.o.Tokens, l.o.Domain, p)}
	}
	return d.Bytes()
}

// page fills the letter's template. What is in it is all that leaves: the message, the ticked context, and what was shown before.
func (l *letter) page(p *core.Record) templates.SideMessage {
	body := l.message.GetString("body")
	s := templates.SideMessage{
		Theme: theme(l.thread.Project), Marker: quote.Marker, From: desk.FirstName(desk.NameOf(l.agent)),
		To: templates.Person{Name: p.GetString("name"), Email: p.GetString("email")}, FollowUp: len(l.earlier) > 0,
		Text: body, Body: safehtml.Markdown(body), ProjectSignature: l.thread.Project.GetString("signature"), ReplyByEmail: l.o.ReplyByEmail,
		Previous: l.previous(),
	}
	for _, other := range l.people {
		if other.Id != p.Id {
			s.Others = append(s.Others, desk.PublicName(other.GetString("name"), other.GetString("email")))
		}
	}
	for _, f := range desk.Files(l.message) {
		s.Files = append(s.Files, templates.File{Name: f.Name, Size: f.Size})
	}
	if c := desk.ContextFrom(l.message); c != nil {
		s.Context = &templates.FeedbackContext{Number: c.Number, Status: c.Status, SubmitterName: c.SubmitterName, SubmitterEmail: c.SubmitterEmail, Excerpt: c.Excerpt}
	}
	return s
}

// previous quotes the newest messages, newest first.
func (l *letter) previous() []templates.Previous {
	var list []templates.Previous
	for i := len(l.earlier) - 1; i >= 0 && len(list) < maxPrevious; i-- {
		m := l.earlier[i]
		text := desk.Cut(m.GetString("body"), maxQuotedText)
		prev := templates.Previous{Author: desk.Byline(l.app, m, l.thread.Project), At: m.GetDateTime("created").Time(), Text: text, HTML: safehtml.Text(text)}
		if m.GetString("direction") == "out" {
			prev.HTML = safehtml.Markdown(text)
		}
		list = append(list, prev)
	}
	return list
}

// sender is "Ada from Acme Hardware": a person, and for whom.
func (l *letter) sender() string {
	return desk.Cut(desk.FirstName(desk.NameOf(l.agent))+" from "+desk.SenderName(l.thread.Project), senderLength)
}

// subject stays constant but for Re:, which is what mail programs thread by besides References.
func (l *letter) subject() string {
	if len(l.earlier) == 0 {
		return l.thread.Conversation.GetString("subject")
	}
	return "Re: " + l.thread.Conversation.GetString("subject")
}

// references is the chain of Message-IDs, oldest first; the first stays when the middle is cut (RFC 5322 3.6.4).
func (l *letter) references() []string {
	var ids []string
	for _, m := range l.earlier {
		if id := m.GetString("messageId"); id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) > maxReferences {
		ids = append(ids[:1], ids[len(ids)-maxReferences+1:]...)
	}
	return ids
}

func theme(project *core.Record) templates.Theme {
	return templates.NewTheme(desk.SenderName(project)).Colored(project.GetString("portalColor"))
}

// mediaType names an attachment's type by its extension, else by its first bytes (RFC 2046 4.5.1: octet-stream when unknown).
func mediaType(name string, data []byte) string {
	if t := mime.TypeByExtension(strings.ToLower(path.Ext(name))); t != "" {
		return t
	}
	return http.DetectContentType(data)
}

// AnswerCustomer stores the team's answer in the customer thread and queues it for the submitter, if there is an address.
func (o *Outbox) AnswerCustomer(app core.App, agent *core.Record, a desk.CustomerAnswer) (message *core.Record, err error) {
	err = app.RunInTransaction(func(tx core.App) error {
		project, item, m, repeated, err := desk.AnswerCustomer(tx, agent, a)
		if err != nil {
			return err
		}
		if message = m; repeated {
			return nil
		}
		if item.GetString("submitterEmail") == "" {
			return nil
		}
		if o.Domain == "" {
			return noDomain
		}
		if _, err := email.CheckAddress(item.GetString("submitterEmail")); err != nil {
			return desk.Invalidf("submitterEmail", "The customer’s address, "+item.GetString("submitterEmail")+", is none that a letter can be sent to. Correct it on the item first.")
		}
		return o.postToCustomer(tx, agent, project, item, m, a.Files)
	})
	o.wakeAfter(app, err)
	return message, err
}

// postToCustomer composes and queues the letter. It reads nothing but the item, its customer thread and the project (invariant 1).
func (o *Outbox) postToCustomer(tx core.App, agent, project, item, m *core.Record, uploads files) error {
	attachments, err := read(uploads)
	if err != nil {
		return err
	}
	thread, err := desk.CustomerThread(tx, item.Id)
	if err != nil {
		return err
	}
	body, id := m.GetString("body"), o.newMessageID()
	if err := desk.SetCustomerMessageID(tx, m, id); err != nil {
		return err
	}
	page := templates.CustomerMessage{Theme: theme(project), Marker: quote.Marker, From: desk.FirstName(desk.NameOf(agent)), Number: item.GetInt("number"),
		Text: body, Body: safehtml.Markdown(body), ProjectSignature: project.GetString("signature"), ReplyByEmail: o.ReplyByEmail}
	for _, f := range desk.Files(m) {
		page.Files = append(page.Files, templates.File{Name: f.Name, Size: f.Size})
	}
	text, html, err := page.Render()
	if err != nil {
		return err
	}
	d := email.Draft{From: email.Address{Name: desk.Cut(page.From+" from "+desk.SenderName(project), senderLength), Address: project.GetString("slug") + "@" + o.Domain},
		To: []email.Address{{Name: desk.OneLine(item.GetString("submitterName"), senderLength), Address: item.GetString("submitterEmail")}}, Subject: customerSubject(item),
		MessageID: id, References: customerReferences(item, thread), Date: clock(), Text: text, HTML: html, Attachments: attachments, Extra: o.extra()}
	if n := len(d.References); n > 0 {
		d.InReplyTo = d.References[n-1]
	}
	if o.ReplyByEmail {
		d.ReplyTo = email.Address{Name: desk.SenderName(project), Address: "item+" + o.Tokens.Make(token.Item, item.Id, desk.ItemVersion(item)) + "@" + o.Domain}
	}
	raw, err := d.Bytes()
	if err != nil {
		return err
	}
	return o.queue(tx, raw, desk.NewDelivery{Project: project.Id, CustomerMessage: m.Id, Recipient: item.GetString("submitterEmail")})
}

func customerSubject(item *core.Record) string {
	return "Re: " + desk.Headline(item.GetString("message"), 70)
}

func customerReferences(item *core.Record, thread []*core.Record) []string {
	var ids []string
	for _, r := range append([]*core.Record{item}, thread...) {
		if id := r.GetString("messageId"); id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) > maxReferences {
		ids = append(ids[:1], ids[len(ids)-maxReferences+1:]...)
	}
	return ids
}
