package outbox

import (
	"strings"

	"aside/internal/desk"
	"aside/internal/email"
	"aside/internal/safehtml"
	"aside/templates"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/mailer"
)

type files = []*filesystem.File

// excerptLength is how much of an answer a notice shows: the gist; the rest is in the inbox, behind a sign-in.
const excerptLength = 600

// noticesAtOnce are made into letters in one go; the rest in the next.
const noticesAtOnce = 32

// MailNotices queues the mail of every notification that has none yet. The row is the promise: what was stored and not mailed
// before a crash is mailed after it.
func (o *Outbox) MailNotices() error {
	if o.Domain == "" {
		return nil
	}
	list, err := desk.Unmailed(o.App, noticesAtOnce)
	if err != nil {
		return err
	}
	for _, n := range list {
		if err := o.App.RunInTransaction(func(tx core.App) error { return o.mailNotice(tx, n) }); err != nil {
			return err
		}
	}
	return nil
}

func (o *Outbox) mailNotice(tx core.App, n *core.Record) error {
	user, err := tx.FindRecordById("users", n.GetString("user"))
	if err != nil {
		return desk.MarkMailed(tx, n.Id) // left between the event and its mail
	}
	page, err := o.noticePage(tx, n)
	if err != nil {
		return err
	}
	text, html, err := page.Render()
	if err != nil {
		return err
	}
	d := email.Draft{From: email.Address{Name: desk.Cut(page.Theme.Name+" in Aside", senderLength), Address: "no-reply@" + o.Domain}, To: []email.Address{{Name: desk.NameOf(user), Address: user.Email()}},
		Subject: page.Subject(), MessageID: o.newMessageID(), Date: clock(), Text: text, HTML: html,
		Extra: append(o.extra(), [2]string{"Auto-Submitted", "auto-generated"})}
	raw, err := d.Bytes()
	if err != nil {
		return err
	}
	if err := o.queue(tx, raw, desk.NewDelivery{ID: n.Id, User: user.Id, Recipient: user.Email()}); err != nil {
		return err
	}
	return desk.MarkMailed(tx, n.Id)
}

// noticePage says what happened, with the verdict in words, and where to go.
func (o *Outbox) noticePage(tx core.App, n *core.Record) (p templates.Notification, err error) {
	project, err := desk.Project(tx, n.GetString("project"))
	if err != nil {
		return p, err
	}
	item, err := desk.Feedback(tx, n.GetString("feedback"))
	if err != nil {
		return p, err
	}
	p = templates.Notification{Theme: templates.NewTheme(project.GetString("name")), Kind: templates.Replied, Number: item.GetInt("number"), Item: desk.Headline(item.GetString("message"), 120),
		At: n.GetDateTime("created").Time(), URL: o.BaseURL() + "/app/items/" + item.Id, SettingsURL: o.BaseURL() + "/app/me"}
	if t, err := desk.Conversation(tx, n.GetString("conversation")); err == nil {
		p.About = t.Conversation.GetString("subject")
		p.URL += "?c=" + t.Conversation.Id
	}
	if kind, ofOurs := ourTrouble[n.GetString("event")]; ofOurs {
		p.Kind, p.Detail = kind, n.GetString("text")
		return p, nil
	}
	m, err := tx.FindRecordById("side_messages", n.GetString("message"))
	if err != nil { // not about a side message: the customer wrote
		p.Kind = templates.CustomerWrote
		p.Who, p.About, p.Excerpt = templates.Person{Name: desk.Submitter(item)}, desk.Headline(item.GetString("message"), 80), n.GetString("text")
		return p, nil
	}
	p.Who = templates.Person{Name: m.GetString("fromName"), Email: m.GetString("fromEmail")}
	p.Trust, p.Doubt = m.GetString("trustReason"), m.GetString("trust") != string(desk.Verified)
	p.Excerpt = desk.Cut(m.GetString("body"), excerptLength)
	for _, f := range desk.Files(m) {
		p.Files = append(p.Files, templates.File{Name: f.Name, Size: f.Size})
	}
	return p, nil
}

// ourTrouble are the notices about what we send, not about what somebody wrote.
var ourTrouble = map[string]templates.NotificationKind{desk.DeliveryFailed: templates.DeliveryFailed, desk.DeliveryDelayed: templates.Delayed,
	desk.AnswerFailed: templates.DeliveryFailed, desk.AnswerDelayed: templates.Delayed, desk.AnswerComplained: templates.Complained,
	desk.Complained: templates.Complained, desk.SendingLimited: templates.Limited}

// System queues a mail of PocketBase's own (password reset, one-time code) so that it takes the same road as every other.
// A mail without our domain keeps the sender that the operator gave PocketBase.
func (o *Outbox) System(m *mailer.Message) error {
	d := email.Draft{From: email.Address{Name: m.From.Name, Address: m.From.Address}, Subject: m.Subject, Date: clock(), Text: m.Text, HTML: m.HTML,
		Extra: append(o.extra(), [2]string{"Auto-Submitted", "auto-generated"}), MessageID: o.newMessageID()}
	sender := m.From.Address
	if o.Domain != "" {
		d.From.Address = "no-reply@" + o.Domain
	} else {
		_, domain, _ := strings.Cut(sender, "@")
		d.MessageID += domain
	}
	if d.Text == "" {
		d.Text = safehtml.Plain(m.HTML)
	}
	for _, to := range m.To {
		address, err := email.CheckAddress(to.Address)
		if err != nil {
			return err
		}
		d.To = []email.Address{{Name: to.Name, Address: address}}
		raw, err := d.Bytes()
		if err != nil {
			return err
		}
		if err := o.App.RunInTransaction(func(tx core.App) error {
			return o.queue(tx, raw, desk.NewDelivery{Recipient: address, Sender: sender})
		}); err != nil {
			return err
		}
	}
	o.Wake()
	return nil
}
