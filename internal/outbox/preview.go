package outbox

import (
	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/core"
)

// Preview is the letter its first recipient would get, but for the link, which is not made before it is sent.
type Preview struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
	Portal  string `json:"portal"`
}

// previewToken stands where the link's token will stand; it opens nothing.
const previewToken = "shown-when-sent"

// PreviewStart composes a new conversation's letter without storing anything.
func (o *Outbox) PreviewStart(app core.App, agent *core.Record, s desk.Start) (*Preview, *desk.Thread, error) {
	item, err := desk.Feedback(app, s.Feedback)
	if err != nil {
		return nil, nil, err
	}
	project, err := desk.MayStart(app, agent, item)
	if err != nil {
		return nil, nil, err
	}
	t := &desk.Thread{Project: project, Item: item}
	if t.Conversation, err = draft(app, "side_conversations", map[string]any{"subject": desk.OneLine(s.Subject, desk.MaxSubject), "sharePortal": s.SharePortal}); err != nil {
		return nil, nil, err
	}
	for _, to := range s.To {
		p, err := draft(app, "participants", map[string]any{"name": to.Name, "email": to.Email, "state": "active"})
		if err != nil {
			return nil, nil, err
		}
		t.Participants = append(t.Participants, p)
	}
	if err := fillMessage(app, t, agent, s.Message, s.Context, s.SharePortal); err != nil {
		return nil, nil, err
	}
	return o.preview(app, agent, t)
}

// PreviewFollow composes a follow-up without storing anything.
func (o *Outbox) PreviewFollow(app core.App, agent *core.Record, conversation, body string) (*Preview, *desk.Thread, error) {
	t, err := desk.MayAct(app, agent, conversation)
	if err != nil {
		return nil, nil, err
	}
	if t.Participants, err = desk.Active(app, conversation); err != nil {
		return nil, nil, err
	}
	if err := fillMessage(app, t, agent, body, nil, t.Conversation.GetBool("sharePortal")); err != nil {
		return nil, nil, err
	}
	return o.preview(app, agent, t)
}

func fillMessage(app core.App, t *desk.Thread, agent *core.Record, body string, context *desk.Context, sharePortal bool) (err error) {
	t.Message, err = draft(app, "side_messages", map[string]any{"direction": "out", "channel": "inbox", "fromName": desk.NameOf(agent), "body": body, "context": context, "sharePortal": sharePortal, "kind": "reply", "trust": "team"})
	return err
}

func (o *Outbox) preview(app core.App, agent *core.Record, t *desk.Thread) (*Preview, *desk.Thread, error) {
	l, err := o.open(app, agent, t)
	if err != nil {
		return nil, nil, err
	}
	to := &core.Record{}
	if len(t.Participants) > 0 {
		to = t.Participants[0]
	} else if to, err = draft(app, "participants", map[string]any{"email": "name@example.com"}); err != nil {
		return nil, nil, err
	}
	page := l.page(to)
	if t.Message.GetBool("sharePortal") || !o.ReplyByEmail {
		page.PortalURL = o.BaseURL() + "/c/" + previewToken
	}
	text, html, err := page.Render()
	return &Preview{Subject: l.subject(), Text: text, HTML: html}, t, err
}

// draft is a record that is never saved.
func draft(app core.App, collection string, values map[string]any) (*core.Record, error) {
	c, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	r := core.NewRecord(c)
	r.Load(values)
	return r, nil
}
