package desk

import (
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// States of a delivery.
const (
	Queued  = "queued"
	Sending = "sending"
	Sent    = "sent"
	Delayed = "delayed"
	Bounced = "bounced"
	Failed  = "failed"
)

// NewDelivery is one letter on its way to one address, its bytes frozen. ID is made beforehand: the envelope sender is made from it.
type NewDelivery struct {
	ID                                                   string
	Project, Message, CustomerMessage, Participant, User string
	Recipient, Sender                                    string
	Raw                                                  []byte
	Due                                                  time.Time // zero: at once
}

// QueueDelivery stores a delivery and its bytes in the transaction that stores what it carries.
func QueueDelivery(tx core.App, d NewDelivery) (*core.Record, error) {
	r, err := newRecord(tx, "deliveries")
	if err != nil {
		return nil, err
	}
	due := now()
	if !d.Due.IsZero() {
		due = at(d.Due)
	}
	r.Id = d.ID
	r.Load(map[string]any{"project": d.Project, "message": d.Message, "customerMessage": d.CustomerMessage, "participant": d.Participant, "user": d.User,
		"state": Queued, "nextAttempt": due, "recipient": d.Recipient, "sender": d.Sender,
		"timeline": []Step{{At: now(), State: Queued}}})
	if err := tx.Save(r); err != nil {
		return nil, err
	}
	return r, KeepLetter(tx, r.Id, d.Raw)
}

// Step is one moment of a delivery, as its timeline in the inbox shows it.
type Step struct {
	At    types.DateTime `json:"at"`
	State string         `json:"state"`
	Who   string         `json:"who,omitempty"`  // the server that answered
	Said  string         `json:"said,omitempty"` // what it said
}

// DelayNotice is how long a letter may be on its way before its starter is told.
const DelayNotice = 4 * time.Hour

// maxSteps bounds a timeline: five days of retries fit.
const maxSteps = 60

// Steps reads a delivery's timeline.
func Steps(delivery *core.Record) []Step {
	steps := []Step{}
	_ = delivery.UnmarshalJSONField("timeline", &steps) // an unreadable timeline is an empty one
	return steps
}

// Claimed is a delivery this process may now send, until its lease ends.
type Claimed struct {
	ID        string         `db:"id"`
	Recipient string         `db:"recipient"`
	Sender    string         `db:"sender"`
	Attempts  int            `db:"attempts"`
	Project   string         `db:"project"`
	Created   types.DateTime `db:"created"`
	Raw       []byte         `db:"-"`
}

// ClaimDeliveries leases up to n deliveries that are due, or whose lease ran out with the process that held it.
func ClaimDeliveries(app core.App, t time.Time, lease time.Duration, n int) ([]Claimed, error) {
	claimed := []Claimed{}
	err := app.NonconcurrentDB().NewQuery(`UPDATE deliveries SET state = 'sending', attempts = attempts + 1, lease = {:lease}, updated = {:now}
		WHERE id IN (
			SELECT id FROM deliveries WHERE (state = 'queued' OR state = 'delayed') AND nextAttempt <= {:now}
			UNION SELECT id FROM deliveries WHERE state = 'sending' AND lease <= {:now} LIMIT {:n})
		RETURNING id, recipient, sender, attempts, project, created`).
		Bind(dbx.Params{"lease": at(t.Add(lease)).String(), "now": at(t).String(), "n": n}).All(&claimed)
	if err != nil {
		return nil, err
	}
	for i := range claimed {
		if claimed[i].Raw, err = Letter(app, claimed[i].ID); err != nil {
			return nil, err
		}
	}
	return claimed, nil
}

// NextDue says when the next delivery wants attention; zero when nothing waits.
func NextDue(app core.App) (time.Time, error) {
	var due string
	err := app.DB().NewQuery(`SELECT coalesce(min(t), '') FROM (
		SELECT min(nextAttempt) AS t FROM deliveries WHERE (state = 'queued' OR state = 'delayed')
		UNION ALL SELECT min(lease) FROM deliveries WHERE state = 'sending') WHERE t != ''`).Row(&due)
	if err != nil || due == "" {
		return time.Time{}, err
	}
	d, err := types.ParseDateTime(due)
	return d.Time(), err
}

// Result is how one attempt went.
type Result struct {
	State        string    // Sent, Delayed (tried again at Next), Bounced (refused for good), Failed (given up)
	Next         time.Time // of Delayed
	Remote, Said string
}

// FinishDelivery writes an attempt's result down; a final failure is raised to the team.
func FinishDelivery(tx core.App, id string, t time.Time, res Result) error {
	r, err := find(tx, "deliveries", id)
	if err != nil {
		return nil // deleted with its message while on its way: nobody is left to tell
	}
	before := r.GetString("state")
	late := r.GetDateTime("created").Time().Add(DelayNotice)
	notice := res.State == Delayed && t.After(late) && !slices.ContainsFunc(Steps(r), func(s Step) bool { return s.State == Delayed && s.At.Time().After(late) })
	r.Set("state", res.State)
	r.Set("lease", "")
	r.Set("nextAttempt", "")
	if res.State == Delayed {
		r.Set("nextAttempt", at(res.Next))
	}
	r.Set("remote", OneLine(res.Remote, 200))
	r.Set("response", Cut(OneLine(res.Said, 1000), 1000))
	if steps := Steps(r); len(steps) < maxSteps {
		r.Set("timeline", append(steps, Step{At: at(t), State: res.State, Who: OneLine(res.Remote, 200), Said: Cut(OneLine(res.Said, 500), 500)}))
	}
	if err := tx.Save(r); err != nil {
		return err
	}
	if (res.State == Bounced || res.State == Failed) && before != Bounced && before != Failed {
		return raise(tx, r, "could not be delivered")
	}
	if notice {
		return raise(tx, r, "is still on its way after four hours")
	}
	return nil
}

// Delivery finds a delivery by id.
func Delivery(app core.App, id string) (*core.Record, error) { return find(app, "deliveries", id) }

// raise tells the team of a letter that does not arrive: activity, and a notification to those who care.
func raise(tx core.App, delivery *core.Record, what string) error {
	m, err := find(tx, "side_messages", delivery.GetString("message"))
	if err != nil {
		return nil // a letter of the instance itself or to the customer: its own row says so
	}
	t, err := Conversation(tx, m.GetString("conversation"))
	if err != nil {
		return err
	}
	text := "The message to " + delivery.GetString("recipient") + " " + what
	if said := delivery.GetString("response"); said != "" {
		text += ": " + said
	}
	if err := record(tx, Event{Item: t.Item, Conversation: t.Conversation, Name: DeliveryFailed, ActorName: "Mail", Text: text}); err != nil {
		return err
	}
	return notify(tx, t, m, DeliveryFailed, text)
}
