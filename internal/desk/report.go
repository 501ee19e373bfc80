package desk

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// KeepReport stores a report's bytes with the delivery it is about; they go when the delivery goes. known is true for one that came before.
func KeepReport(tx core.App, delivery, hash string, raw []byte) (known bool, err error) {
	res, err := tx.DB().NewQuery(`INSERT OR IGNORE INTO letters (id, raw) VALUES ({:id}, {:raw})`).
		Bind(dbx.Params{"id": delivery + "." + cutBytes(hash, 32), "raw": raw}).Execute()
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 0, err
}

// DeliveredMessageID is the Message-ID under which a delivery's letter left; empty for the instance's own mail.
func DeliveredMessageID(app core.App, delivery *core.Record) string {
	for field, collection := range map[string]string{"message": "side_messages", "customerMessage": "customer_messages"} {
		if m, err := find(app, collection, delivery.GetString(field)); err == nil {
			return m.GetString("messageId")
		}
	}
	return ""
}

// BounceDelivery marks a letter that was handed over and then came back, as a report to its bounce address says (L-06).
// hard also marks the participant.
func BounceDelivery(tx core.App, id string, hard bool, said string) error {
	r, err := find(tx, "deliveries", id)
	if err != nil {
		return err
	}
	return FinishDelivery(tx, id, time.Now(), Result{State: Bounced, Remote: r.GetString("remote"), Said: said, Hard: hard})
}

// NoteReport writes a report that changes nothing on the delivery's timeline: delayed, or handed on (L-06).
func NoteReport(tx core.App, id, state, said string) error {
	r, err := find(tx, "deliveries", id)
	if err != nil {
		return err
	}
	if steps := Steps(r); len(steps) < maxSteps {
		r.Set("timeline", append(steps, Step{At: now(), State: state, Said: Cut(OneLine(said, 500), 500)}))
	}
	return tx.Save(r)
}

// Complaint is what a recipient's provider says when they press "this is spam" (L-12): the team is told, nobody is written to.
func Complaint(tx core.App, id string) error {
	r, err := find(tx, "deliveries", id)
	if err != nil {
		return err
	}
	if err := NoteReport(tx, id, r.GetString("state"), "Its recipient reported it as spam."); err != nil {
		return err
	}
	r.Set("response", "")
	if r.GetString("participant") != "" || r.GetString("customerMessage") != "" {
		if err := Suppress(tx, r.GetString("recipient"), SuppressedComplaint, "reported as spam"); err != nil {
			return err
		}
	}
	return raise(tx, r, Complained, "was reported as spam by its recipient")
}
