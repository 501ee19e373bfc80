package desk

import (
	"slices"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// What may follow on a timeline when a letter has arrived. Neither is stored: both are read from the answers that are there, so they
// go when an answer goes and come when a doubtful one is accepted. Opened is known from an answer written on the page alone: reading
// it leaves no mark, since programs open links before people do (P-02).
const (
	Opened   = "opened"
	Answered = "answered"
)

// answer is what a person wrote back: when, from which address, by which door.
type answer struct {
	At          types.DateTime
	Participant string
	From        string
	Portal      bool
}

// answersIn are the answers of a conversation by which its people themselves spoke, oldest first: automatic mail is none, and neither
// is what nobody has accepted, or what somebody else sent to their address.
func answersIn(messages, participants []*core.Record) (list []answer) {
	known := map[string]*core.Record{}
	for _, p := range participants {
		known[p.Id] = p
	}
	for _, m := range messages {
		p := known[m.GetString("participant")]
		if m.GetString("direction") != "in" || p == nil || !Shown(m) || !IsThem(p, m.GetString("fromEmail")) {
			continue
		}
		list = append(list, answer{At: m.GetDateTime("created"), Participant: p.Id, From: p.GetString("email"), Portal: m.GetString("channel") == "portal"})
	}
	return list
}

// customerAnswers are the customer's own letters in their thread, oldest first.
func customerAnswers(thread []*core.Record) (list []answer) {
	for _, m := range thread {
		if m.GetString("direction") == "in" && m.GetString("kind") == "reply" && m.GetString("trust") == string(Verified) {
			list = append(list, answer{At: m.GetDateTime("created"), From: m.GetString("fromEmail")})
		}
	}
	return list
}

// noteAnswer adds to a delivery's timeline the first answer that its recipient gave after they had it.
func noteAnswer(d *DeliveryView, answers []answer) {
	had := slices.IndexFunc(d.Timeline, func(s Step) bool { return s.State == Sent })
	if had < 0 {
		return // they cannot have answered what never reached their server
	}
	for _, a := range answers {
		if a.Participant != d.Participant || !SameAddress(a.From, d.Recipient) || a.At.Time().Before(d.Timeline[had].At.Time()) {
			continue
		}
		if a.Portal {
			d.Timeline = append(d.Timeline, Step{At: a.At, State: Opened})
		}
		d.Timeline = append(d.Timeline, Step{At: a.At, State: Answered})
		slices.SortStableFunc(d.Timeline, func(a, b Step) int { return a.At.Time().Compare(b.At.Time()) }) // a report may have come later
		return
	}
}
