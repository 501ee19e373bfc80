package desk

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Hold is a letter that waits for a person's decision.
type Hold struct {
	ID                         string
	Project                    string // empty: the operator's
	Reason, Words              string
	From, To, Subject, Excerpt string
	Suggestion, Participant    string // the conversation it may belong to, and whose address it used
	Dedupe                     string
	Verdict                    any
	Raw                        []byte
}

// HoldMail stores a letter whole, with the reason in words. A repeated delivery is stored once.
func HoldMail(tx core.App, h Hold) error {
	if h.Dedupe != "" {
		if _, err := tx.FindFirstRecordByData("held_mail", "dedupe", h.Dedupe); err == nil {
			return nil
		}
	}
	r, err := newRecord(tx, "held_mail")
	if err != nil {
		return err
	}
	r.Id = h.ID
	r.Load(map[string]any{"project": h.Project, "reason": h.Reason, "words": OneLine(h.Words, 400), "from": OneLine(h.From, 400), "to": OneLine(h.To, 120),
		"subject": OneLine(h.Subject, 400), "excerpt": Cut(h.Excerpt, 1500), "suggestion": h.Suggestion, "participant": h.Participant, "dedupe": h.Dedupe, "verdict": h.Verdict})
	if err := tx.Save(r); err != nil {
		return err
	}
	if err := KeepLetter(tx, r.Id, h.Raw); err != nil {
		return err
	}
	if h.Suggestion == "" {
		return nil
	}
	t, err := Conversation(tx, h.Suggestion)
	if err != nil {
		return err
	}
	return record(tx, Event{Item: t.Item, Conversation: t.Conversation, Name: Held, ActorName: h.From, Text: "A letter from " + h.From + " is held: " + h.Words})
}

// HeldMail finds a held letter that an agent may decide on.
func HeldMail(app core.App, agent *core.Record, id string) (*core.Record, error) {
	r, err := find(app, "held_mail", id)
	if err != nil {
		return nil, err
	}
	return r, MayWrite(app, r.GetString("project"), agent)
}

// ReleaseHeld puts a held letter, read again from its bytes, into a conversation of the same project and takes it off the list.
// It is shown to the team first, whoever it is from: releasing says where it belongs, not who wrote it.
func ReleaseHeld(tx core.App, agent, held *core.Record, conversation string, in Incoming) (*core.Record, error) {
	t, err := MayAct(tx, agent, conversation)
	if err != nil {
		return nil, err
	}
	if t.Project.Id != held.GetString("project") {
		return nil, ErrNotFound
	}
	if p, err := Participant(tx, held.GetString("participant")); err == nil && p.GetString("conversation") == conversation {
		in.Participant = p
	}
	raw, err := Letter(tx, held.Id)
	if err != nil {
		return nil, err
	}
	in.Raw = raw
	m, err := AddIncoming(tx, t, in)
	if err != nil {
		return nil, err
	}
	if err := tx.Delete(held); err != nil {
		return nil, err
	}
	return m, agentDid(tx, agent, t.Item, t.Conversation, "side_conversation.released", "released a held letter of "+in.FromEmail+" into a side conversation")
}

// DeleteHeld throws a held letter away for good; where it looked like an answer, the item's log says who did.
func DeleteHeld(tx core.App, agent *core.Record, id string) error {
	r, err := HeldMail(tx, agent, id)
	if err != nil {
		return err
	}
	if err := tx.Delete(r); err != nil {
		return err
	}
	return logHeld(tx, r, agent, "deleted a held letter of "+r.GetString("from"))
}

// logHeld writes down what became of a held letter, on the item it seemed to belong to. A letter that belonged nowhere has no log.
func logHeld(tx core.App, held, agent *core.Record, did string) error {
	t, err := Conversation(tx, held.GetString("suggestion"))
	if err != nil {
		return nil
	}
	if agent != nil {
		return agentDid(tx, agent, t.Item, t.Conversation, Held, did)
	}
	return record(tx, Event{Item: t.Item, Conversation: t.Conversation, Name: Held, ActorName: "Aside", Text: did})
}

// ConversationOfMessageID finds the conversation of a project in which one of our letters left under one of these Message-IDs.
func ConversationOfMessageID(app core.App, project string, ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	values := make([]any, len(ids))
	for i, id := range ids {
		values[i] = id
	}
	var conversation string
	err := app.DB().Select("conversation").From("side_messages").Where(dbx.HashExp{"messageId": values, "project": project, "direction": "out"}).Limit(1).Row(&conversation)
	if err != nil {
		return ""
	}
	return conversation
}

// HeldView is a held letter as agents see it.
type HeldView struct {
	ID         string `db:"id" json:"id"`
	Reason     string `db:"words" json:"reason"`
	Code       string `db:"reason" json:"code"`
	From       string `db:"from" json:"from"`
	To         string `db:"to" json:"to"`
	Subject    string `db:"subject" json:"subject"`
	Excerpt    string `db:"excerpt" json:"excerpt"`
	Created    string `db:"created" json:"created"`
	Expires    string `db:"-" json:"expires"` // when it is deleted unless somebody decides; empty: never
	Until      string `db:"-" json:"until"`   // the same in words
	Suggestion *Hint  `db:"-" json:"suggestion"`
	hint
}

type hint struct {
	SuggestionID string `db:"suggestion" json:"-"`
	HintSubject  string `db:"hint_subject" json:"-"`
	HintItem     string `db:"hint_item" json:"-"`
	HintNumber   int    `db:"hint_number" json:"-"`
}

// Hint is where a held letter probably belongs.
type Hint struct {
	Conversation string `json:"conversation"`
	Subject      string `json:"subject"`
	Feedback     string `json:"feedback"`
	Number       int    `json:"number"`
}

// HeldMails lists a project's held letters, newest first.
func HeldMails(app core.App, project string) ([]HeldView, error) {
	rows := []HeldView{}
	p, err := Project(app, project)
	if err != nil {
		return nil, err
	}
	err = app.DB().NewQuery(`SELECT h.id, h.words, h.reason, h."from", h."to", h.subject, h.excerpt, h.created, h.suggestion,
			coalesce(c.subject, '') AS hint_subject, coalesce(f.id, '') AS hint_item, coalesce(f.number, 0) AS hint_number
		FROM held_mail h LEFT JOIN side_conversations c ON c.id = h.suggestion LEFT JOIN feedback f ON f.id = c.feedback
		WHERE h.project = {:project} ORDER BY h.created DESC LIMIT 200`).Bind(dbx.Params{"project": project}).All(&rows)
	for i := range rows {
		r := &rows[i]
		r.Expires, r.Until = keptUntil(r.Created, p.GetInt("heldDays"))
		if r.SuggestionID != "" {
			r.Suggestion = &Hint{Conversation: r.SuggestionID, Subject: r.HintSubject, Feedback: r.HintItem, Number: r.HintNumber}
		}
	}
	return rows, err
}
