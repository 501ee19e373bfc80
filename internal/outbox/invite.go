package outbox

import (
	"aside/internal/desk"
	"aside/internal/email"
	"aside/templates"

	"github.com/pocketbase/pocketbase/core"
)

// Invite stores an invitation and queues its letter, in one transaction: nobody is invited by a letter that never leaves.
func (o *Outbox) Invite(agent *core.Record, project, address string, role desk.Role) (*core.Record, error) {
	return o.invite(agent, func(tx core.App) (*core.Record, string, error) { return desk.Invite(tx, agent, project, address, role) })
}

// Reinvite queues the letter again with a new link.
func (o *Outbox) Reinvite(agent *core.Record, id string) (*core.Record, error) {
	return o.invite(agent, func(tx core.App) (*core.Record, string, error) { return desk.Reinvite(tx, agent, id) })
}

func (o *Outbox) invite(agent *core.Record, store func(core.App) (*core.Record, string, error)) (inv *core.Record, err error) {
	err = o.App.RunInTransaction(func(tx core.App) error {
		var secret string
		if inv, secret, err = store(tx); err != nil {
			return err
		}
		if o.Domain == "" {
			return noDomain
		}
		return o.postInvitation(tx, agent, inv, secret)
	})
	o.wakeAfter(o.App, err)
	return inv, err
}

func (o *Outbox) postInvitation(tx core.App, agent, inv *core.Record, secret string) error {
	project, err := desk.Project(tx, inv.GetString("project"))
	if err != nil {
		return err
	}
	page := templates.Invitation{Theme: templates.NewTheme(project.GetString("name")), To: inv.GetString("email"), Inviter: desk.NameOf(agent), Role: inv.GetString("role"),
		URL: o.BaseURL() + "/app/invite/" + secret, Expires: inv.GetDateTime("expires").Time()}
	text, html, err := page.Render()
	if err != nil {
		return err
	}
	d := email.Draft{From: email.Address{Name: desk.Cut(page.Theme.Name+" in Aside", senderLength), Address: "no-reply@" + o.Domain}, To: []email.Address{{Address: page.To}},
		Subject: page.Subject(), MessageID: o.newMessageID(), Date: clock(), Text: text, HTML: html, Extra: append(o.extra(), [2]string{"Auto-Submitted", "auto-generated"})}
	raw, err := d.Bytes()
	if err != nil {
		return err
	}
	return o.queue(tx, raw, desk.NewDelivery{Recipient: page.To})
}
