package intake

import (
	"slices"
	"strings"

	"aside/internal/desk"
	"aside/internal/email"

	"github.com/pocketbase/pocketbase/core"
)

// toConversation places an answer that came to a participant's reply address.
func (l *letter) toConversation(tx core.App, r *route) error {
	again, sameID, err := desk.Seen(tx, r.thread.Conversation.Id, l.hash, usableID(l.message.MessageID))
	if err != nil || again {
		return err // a replay, or a retry after our 250 was lost: shown once (A-18, L-17)
	}
	e := l.evidence(tx, r.project, r.participant.GetString("email"), desk.Aliases(r.participant)...)
	e.Person, e.AddressedUs, e.HoldDoubtful = desk.DisplayName(r.participant), l.addressed(r), r.project.GetString("unverifiedReplies") == "hold"
	e.TooMany, e.Blank = l.tooMany(r, e), l.isBlank()
	j := desk.Judge(e)
	if refused := l.turnedAway(j); refused != nil {
		return refused
	}
	if j.Place == desk.InHeldMail {
		return l.hold(tx, r, desk.Hold{Reason: j.Hold, Words: j.Words, Suggestion: r.thread.Conversation.Id, Participant: r.participant.Id})
	}
	room, err := l.room(tx, r, r.thread.Conversation, j.Trust != desk.Verified)
	if err != nil {
		return err
	}
	in := l.answer()
	in.Participant, in.Trust, in.Reason, in.Accepted, in.New = r.participant, string(j.Trust), j.Words, j.Accepted, true
	if j.Trust == desk.Verified && in.FromName == "" {
		in.FromName = r.participant.GetString("name")
	}
	warnings, err := l.warnings(tx, r, sameID)
	if err != nil {
		return err
	}
	in.Warnings = append(in.Warnings, warnings...)
	if room != "" {
		in.Warnings = append(in.Warnings, room)
	}
	in.Verdict = l.trace(r, "Shown in the thread: "+j.Words)
	_, err = desk.AddIncoming(tx, r.thread, in)
	return err
}

// toCustomerThread places the submitter's answer. It never touches a side conversation.
func (l *letter) toCustomerThread(tx core.App, r *route) error {
	e := l.evidence(tx, r.project, r.item.GetString("submitterEmail"))
	e.Blank = l.isBlank()
	j := desk.JudgeCustomer(e)
	if refused := l.turnedAway(j); refused != nil {
		return refused
	}
	if j.Place == desk.InHeldMail {
		return l.hold(tx, r, desk.Hold{Reason: j.Hold, Words: j.Words})
	}
	if _, err := l.room(tx, r, nil, false); err != nil {
		return err
	}
	in := l.incoming()
	in.Trust, in.Reason = string(j.Trust), j.Words
	in.Verdict = l.trace(r, "Shown in the customer thread: "+j.Words)
	_, err := desk.AddCustomerMessage(tx, r.item, in)
	return err
}

// toProject opens a feedback item, unless the letter quotes one of ours: then it is held with the thread it may belong to.
func (l *letter) toProject(tx core.App, r *route) error {
	e := l.evidence(tx, r.project, "")
	suggestion := desk.ConversationOfMessageID(tx, r.project.Id, append([]string{l.message.InReplyTo}, l.message.References...))
	e.QuotesUs, e.Blank = suggestion != "", l.reading.Fresh == "" && l.message.Subject == ""
	j := desk.JudgeProject(e)
	if refused := l.turnedAway(j); refused != nil {
		return refused
	}
	if j.Place == desk.InHeldMail {
		if j.Hold != desk.HeldQuotesUs {
			suggestion = ""
		}
		return l.hold(tx, r, desk.Hold{Reason: j.Hold, Words: j.Words, Suggestion: suggestion})
	}
	if _, err := l.room(tx, r, nil, false); err != nil {
		return err
	}
	in := l.incoming()
	subject := l.subject()
	_, err := desk.OpenFeedback(tx, r.project, desk.FeedbackDraft{ID: in.ID, Message: subjectAndText(subject, in.Body), SubmitterName: in.FromName, SubmitterEmail: in.FromEmail,
		Dedupe: l.hash, MessageID: in.MessageID, Context: map[string]any{"channel": "email", "trust": j.Words, "subject": subject}, Uploads: in.Uploads, Names: in.Files, Raw: in.Raw})
	return err
}

// evidence gathers what desk judges by, as far as it does not depend on the address. them are the addresses of whoever is expected to write.
func (l *letter) evidence(tx core.App, project *core.Record, own string, more ...string) desk.Evidence {
	from, v := l.header.From().Address, l.verdict
	local, domain, _ := strings.Cut(from, "@")
	them := slices.ContainsFunc(append(more, own), func(a string) bool { return desk.SameAddress(a, from) })
	return desk.Evidence{
		Aligned: v.Verified, Refuse: v.Refuse && !v.Temporary, Quarantine: v.Quarantine && !v.Temporary, Temporary: l.missing,
		OwnDomain: strings.EqualFold(domain, l.in.Domain), FromThem: them, FromAgent: !them && desk.InTeam(tx, project.Id, from), FromMachine: isMachine(local),
		Ambiguous: len(l.header.Ambiguous()) > 0, Kind: string(l.message.Kind), NullSender: l.envelope.From == "",
		Loop: l.cameBack(), HoldRefused: project.GetString("rejectedMail") == "hold", Domain: domain, Reason: v.Reason,
	}
}

// turnedAway is the door's answer to a letter that does not come in, now or ever.
func (l *letter) turnedAway(j desk.Judgement) error {
	switch j.Place {
	case desk.Again:
		return ErrTemporary
	case desk.Refused:
		return &Refused{Words: j.Words}
	}
	return nil
}

// tooMany counts the letters that come in through a participant's address. Those that prove to be theirs have a count of their own, so
// that a forger cannot keep the real answer out.
func (l *letter) tooMany(r *route, e desk.Evidence) bool {
	if e.Temporary || e.Refuse && !e.HoldRefused {
		return false // it does not come in
	}
	who := r.participant.Id
	if !e.Aligned || !e.FromThem {
		who += " doubtful"
	}
	if _, counted := l.pace[who]; !counted {
		l.pace[who] = l.in.pace.tooFast(who, l.in.now())
	}
	return l.pace[who]
}

// isBlank tells a letter with nothing to show: what it quotes counts too, since that is shown when nothing else is there.
func (l *letter) isBlank() bool {
	return l.reading.Fresh == "" && l.reading.Quoted == "" && len(l.message.Attachments) == 0
}

// cameBack tells our own letters, sent round by somebody's rule or by another Aside (L-04, L-05).
func (l *letter) cameBack() bool {
	return slices.ContainsFunc(l.header.Values("X-Aside-Loop"), func(v string) bool { return strings.TrimSpace(v) == l.in.Instance })
}

// unread are local parts whose mail comes from a program and whose answers no person reads.
var unread = map[string]bool{"noreply": true, "donotreply": true, "mailerdaemon": true, "postmaster": true, "notification": true, "notifications": true, "bounce": true, "bounces": true}

// isMachine knows them however they are spelled: no-reply, no_reply, no.reply+tag.
func isMachine(local string) bool {
	local, _, _ = strings.Cut(local, "+")
	return unread[email.Unjoined(local)]
}

func subjectAndText(subject, text string) string {
	if subject == "" || strings.HasPrefix(text, subject) {
		return text
	}
	return strings.TrimSpace(subject + "\n\n" + text)
}

// hold stores the letter for a person's decision.
func (l *letter) hold(tx core.App, r *route, h desk.Hold) error {
	if _, err := l.room(tx, r, nil, true); err != nil {
		return err
	}
	in := email.Address{Name: mask(l.header.From().Name), Address: l.header.From().Address}
	h.ID, h.From, h.To, h.Subject, h.Excerpt, h.Raw = desk.NewID(), in.String(), r.address, l.subject(), mask(l.reading.Fresh), l.envelope.Data
	if r.project != nil {
		h.Project = r.project.Id
	}
	h.Dedupe = l.hash + " " + r.key() // Release reads the first word of it
	h.Verdict = l.trace(r, "Held: "+h.Words)
	return desk.HoldMail(tx, h)
}
