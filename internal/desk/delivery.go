package desk

import (
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
		"state": Queued, "nextAttempt": due, "recipient": d.Recipient, "sender": d.Sender, "lane": lane(d.Project, d.Recipient),
		"timeline": []Step{{At: now(), State: Queued}}})
	if err := put(tx, r); err != nil {
		return nil, err
	}
	return r, KeepLetter(tx, r.Id, d.Raw)
}

// recall takes back letters that have not left yet: those that match, whose recipient is not to have them any more.
func recall(tx core.App, match dbx.HashExp, why string) error {
	match["state"] = []any{Queued, Delayed}
	waiting, err := where(tx, "deliveries", match)
	if err != nil {
		return err
	}
	for _, d := range waiting {
		takeBack(d, why)
		if err := tx.Save(d); err != nil {
			return err
		}
	}
	return nil
}

// takeBack ends a delivery that has not left.
func takeBack(d *core.Record, why string) {
	d.Load(map[string]any{"state": Failed, "nextAttempt": "", "response": why, "timeline": append(Steps(d), Step{At: now(), State: Failed, Said: why})})
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

// Result is how one attempt went.
type Result struct {
	State        string    // Sent, Delayed (tried again at Next), Bounced (refused for good), Failed (given up)
	Next         time.Time // of Delayed
	Remote, Said string
	SetAside     bool // no attempt was made, because another letter to the domain had just failed
	Hard         bool // the address itself does not exist
}

// FinishDelivery writes an attempt's result down; a final failure, and one delay that has become long, are raised to the team.
func FinishDelivery(tx core.App, id string, t time.Time, res Result) error {
	r, err := find(tx, "deliveries", id)
	if err != nil {
		return nil // deleted with its message while on its way: nobody is left to tell
	}
	before := r.GetString("state")
	late := res.State == Delayed && !r.GetBool("told") && t.Sub(r.GetDateTime("created").Time()) > DelayNotice
	r.Load(map[string]any{"state": res.State, "lease": "", "nextAttempt": "", "told": r.GetBool("told") || late,
		"remote": OneLine(res.Remote, 200), "response": Cut(OneLine(res.Said, 1000), 1000)})
	if res.State == Delayed {
		r.Set("nextAttempt", at(res.Next))
	}
	addStep(r, Step{At: at(t), State: res.State, Who: OneLine(res.Remote, 200), Said: Cut(OneLine(res.Said, 500), 500)}, res.SetAside)
	if err := put(tx, r); err != nil {
		return err
	}
	if res.Hard {
		if err := markBounced(tx, r); err != nil {
			return err
		}
	}
	if (res.State == Bounced || res.State == Failed) && before != Bounced && before != Failed {
		if err := raise(tx, r, DeliveryFailed, "could not be delivered"); err != nil || res.State == Failed {
			return err
		}
		return watchBounces(tx, r)
	}
	if late {
		return raise(tx, r, DeliveryDelayed, "is still on its way after four hours")
	}
	return nil
}

// addStep adds to a timeline what is news: the same reason for waiting once more is not.
func addStep(delivery *core.Record, s Step, quiet bool) {
	steps := Steps(delivery)
	if n := len(steps); n >= maxSteps || quiet && n > 0 && steps[n-1].Said == s.Said {
		return
	}
	delivery.Set("timeline", append(steps, s))
}

// markBounced writes down that an address does not exist: on the participant whose it is, and on the list of those who are asked about
// before anybody writes to them again. The team's own addresses and invited ones are on no list: they are not written to by hand.
func markBounced(tx core.App, delivery *core.Record) error {
	if delivery.GetString("customerMessage") != "" {
		return Suppress(tx, delivery.GetString("recipient"), SuppressedBounce, delivery.GetString("response"))
	}
	p, err := Participant(tx, delivery.GetString("participant"))
	if err != nil || p.GetString("state") != "active" {
		return nil // a letter to somebody who is no participant, or no longer one
	}
	p.Set("state", "bounced")
	if err := put(tx, p); err != nil {
		return err
	}
	return Suppress(tx, p.GetString("email"), SuppressedBounce, delivery.GetString("response"))
}

// Delivery finds a delivery by id.
func Delivery(app core.App, id string) (*core.Record, error) { return find(app, "deliveries", id) }

// raise tells the team of a letter that does not arrive: activity, and a notification to those who care.
func raise(tx core.App, delivery *core.Record, event, what string) error {
	m, err := find(tx, "side_messages", delivery.GetString("message"))
	if err != nil {
		return raiseAnswer(tx, delivery, event, what)
	}
	t, err := Conversation(tx, m.GetString("conversation"))
	if err != nil {
		return err
	}
	text := trouble("message", delivery, what)
	if err := record(tx, Event{Item: t.Item, Conversation: t.Conversation, Name: event, ActorName: "Mail", Text: text}); err != nil {
		return err
	}
	return notify(tx, t, m, event, text)
}

// ofAnswers are the events of letters to the customer, by those of letters to outsiders.
var ofAnswers = map[string]string{DeliveryFailed: AnswerFailed, DeliveryDelayed: AnswerDelayed, Complained: AnswerComplained}

// raiseAnswer is raise for an answer to the customer; who wrote it is told too. A letter of the instance itself is nobody's concern.
func raiseAnswer(tx core.App, delivery *core.Record, event, what string) error {
	m, err := find(tx, "customer_messages", delivery.GetString("customerMessage"))
	if err != nil {
		return nil
	}
	item, err := Feedback(tx, m.GetString("feedback"))
	if err != nil {
		return err
	}
	text, event := trouble("answer", delivery, what), ofAnswers[event]
	if err := record(tx, Event{Item: item, Name: event, ActorName: "Mail", Text: text}); err != nil {
		return err
	}
	return tell(tx, append(itemWatchers(item), m.GetString("author")), notice{Project: item.GetString("project"), Item: item.Id, Event: event, Text: text})
}

// trouble is what happened to a letter, with what the other server said.
func trouble(kind string, delivery *core.Record, what string) string {
	text := "The " + kind + " to " + delivery.GetString("recipient") + " " + what
	if said := delivery.GetString("response"); said != "" {
		text += ": " + said
	}
	return text
}
