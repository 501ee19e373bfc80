package intake

import (
	"strings"

	"aside/internal/desk"
	"aside/internal/email"

	"github.com/pocketbase/pocketbase/core"
)

// toDelivery reads a report that came to a delivery's own bounce address. Only the recipient of that delivery may change, and only
// by a report that names them and, where it returns a letter, that letter (L-06…L-08). Everything else is held, so that nothing is
// lost and nothing is believed.
func (l *letter) toDelivery(tx core.App, r *route) error {
	report := l.message.Report
	if report == nil {
		return l.holdReport(tx, r, "It came to the address for delivery reports, but is not a report that can be read.")
	}
	if id := desk.DeliveredMessageID(tx, r.delivery); report.OriginalMessageID != "" && id != "" && bare(id) != bare(report.OriginalMessageID) {
		return l.holdReport(tx, r, "It is a report about another letter than the one this address was made for.")
	}
	about, named := l.recipient(r)
	if !named {
		return l.holdReport(tx, r, "It is a report about somebody else than the one the letter went to.")
	}
	if known, err := desk.KeepReport(tx, r.delivery.Id, l.hash, l.envelope.Data); err != nil || known {
		return err
	}
	said := mask(strings.TrimSpace(about.Status + " " + about.Diagnostic))
	switch {
	case l.message.Kind == email.KindComplaint:
		return desk.Complaint(tx, r.delivery.Id)
	case about.Action == "failed":
		return desk.BounceDelivery(tx, r.delivery.Id, about.Hard, said)
	case about.Action == "delayed":
		return desk.NoteReport(tx, r.delivery.Id, desk.Delayed, said)
	}
	return desk.NoteReport(tx, r.delivery.Id, r.delivery.GetString("state"), strings.TrimSpace(about.Action+" "+said))
}

// recipient finds what the report says of the one the delivery went to. One that names nobody speaks of them.
func (l *letter) recipient(r *route) (about email.ReportRecipient, named bool) {
	for _, rr := range l.message.Report.Recipients {
		if desk.SameAddress(rr.Address, r.delivery.GetString("recipient")) {
			return rr, true
		}
	}
	if all := l.message.Report.Recipients; len(all) == 1 && all[0].Address == "" {
		return all[0], true
	}
	return about, false
}

func (l *letter) holdReport(tx core.App, r *route, words string) error {
	h := desk.Hold{Reason: desk.HeldReport, Words: words}
	if m, err := tx.FindRecordById("side_messages", r.delivery.GetString("message")); err == nil {
		h.Suggestion = m.GetString("conversation")
	}
	return l.hold(tx, r, h)
}

func bare(id string) string { return strings.Trim(strings.TrimSpace(id), "<>") }
