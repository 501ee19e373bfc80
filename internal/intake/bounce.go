package intake

import (
	"strings"

	"aside/internal/desk"
	"aside/internal/email"

	"github.com/pocketbase/pocketbase/core"
)

// toDelivery reads a report that came to a delivery's own bounce address. Only the recipient of that delivery may change, and only
// by a report that names them (L-06, L-08); everything else is held, so that nothing is lost and nothing is believed.
func (l *letter) toDelivery(tx core.App, r *route) error {
	if l.message.Report == nil {
		return l.hold(tx, r, desk.Hold{Reason: desk.HeldReport, Words: "It came to the address for delivery reports, but is not a report that can be read."})
	}
	recipient := r.delivery.GetString("recipient")
	for _, rr := range l.message.Report.Recipients {
		if rr.Address != "" && !strings.EqualFold(rr.Address, recipient) {
			continue
		}
		said := strings.TrimSpace(rr.Status + " " + rr.Diagnostic)
		switch l.message.Kind {
		case email.KindBounce:
			return desk.BounceDelivery(tx, r.delivery.Id, rr.Hard, said)
		case email.KindDelay, email.KindReceipt:
			return desk.NoteDelay(tx, r.delivery.Id, said)
		}
	}
	return l.hold(tx, r, desk.Hold{Reason: desk.HeldReport, Words: "It is a report about somebody else than the one the letter went to."})
}
