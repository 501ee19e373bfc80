package intake

import (
	"strings"

	"aside/internal/desk"
	"aside/internal/email"

	"github.com/pocketbase/pocketbase/core"
)

// toConversation places an answer that came to a participant's reply address.
func (l *letter) toConversation(tx core.App, r *route) error {
	e := l.evidence(tx, r)
	if l.verdict.Temporary && !l.in.tries.enough(l.hash) {
		return ErrTemporary
	}
	j := desk.Judge(e)
	switch j.Place {
	case desk.Refused:
		return &Refused{Words: j.Words}
	case desk.InHeldMail:
		return l.hold(tx, r, desk.Hold{Reason: j.Hold, Words: j.Words, Suggestion: r.thread.Conversation.Id, Participant: r.participant.Id})
	}
	in, err := l.incoming()
	if err != nil {
		return err
	}
	in.Participant, in.Trust, in.Reason, in.Accepted = r.participant, string(j.Trust), j.Words, j.Accepted
	if j.Trust == desk.Verified && in.FromName == "" {
		in.FromName = r.participant.GetString("name")
	}
	in.Warnings = append(in.Warnings, l.warnings(tx, r)...)
	in.Verdict = l.trace(r, "Shown in the thread: "+j.Words)
	_, err = desk.AddIncoming(tx, r.thread, in)
	return err
}

// evidence gathers what desk judges by.
func (l *letter) evidence(tx core.App, r *route) desk.Evidence {
	from := l.header.From().Address
	_, domain, _ := strings.Cut(from, "@")
	them := desk.IsThem(r.participant, from)
	return desk.Evidence{
		Aligned: l.verdict.Verified, Refuse: l.verdict.Refuse && !l.verdict.Temporary, Quarantine: l.verdict.Quarantine && !l.verdict.Temporary,
		OwnDomain: strings.EqualFold(domain, l.in.Domain), FromThem: them, FromAgent: !them && isAgent(tx, r.thread.Project.Id, from),
		AddressedUs: l.addressed(tx, r), Ambiguous: len(l.header.Ambiguous()) > 0, Kind: string(l.message.Kind), NullSender: l.envelope.From == "",
		Loop: l.header.Get("X-Aside-Loop") == l.in.Instance, TooMany: l.in.pace.tooFast(r.participant.Id, l.in.now()),
		HoldDoubtful: r.thread.Project.GetString("unverifiedReplies") == "hold", Domain: domain, Person: desk.DisplayName(r.participant), Reason: l.verdict.Reason,
	}
}

// addressed tells whether the participant's address stands in To or Cc: a letter replayed to another conversation does not have it.
func (l *letter) addressed(tx core.App, r *route) bool {
	for _, a := range append(append([]email.Address{}, l.message.To...), l.message.Cc...) {
		if other, err := l.in.route(tx, a.Address); err == nil && other.kind == toReply && other.participant.Id == r.participant.Id {
			return true
		}
	}
	return false
}

func isAgent(tx core.App, project, address string) bool {
	user, err := tx.FindAuthRecordByEmail("users", address)
	if err != nil {
		return false
	}
	_, err = desk.RoleOf(tx, project, user.Id)
	return err == nil
}

// warnings are what an agent should know besides the verdict.
func (l *letter) warnings(tx core.App, r *route) (list []string) {
	from := l.header.From()
	for _, a := range l.message.ReplyTo {
		if !desk.SameAddress(a.Address, from.Address) {
			list = append(list, "It asks for answers to "+a.Address+" instead. Yours go to the people on this conversation.")
		}
	}
	if strings.Contains(from.Name, "@") && !strings.Contains(strings.ToLower(from.Name), strings.ToLower(from.Address)) {
		list = append(list, "Its name looks like another address than the one it came from.")
	}
	for _, a := range append(append([]email.Address{}, l.message.To...), l.message.Cc...) {
		if _, err := l.in.route(tx, a.Address); err != nil && !desk.SameAddress(a.Address, from.Address) && !desk.IsThem(r.participant, a.Address) {
			list = append(list, "Also addressed to "+a.Address+".")
		}
		if len(list) >= maxWarnings {
			break
		}
	}
	return list
}

// maxWarnings keeps a letter with a thousand names in Cc readable.
const maxWarnings = 20

// toCustomerThread places the submitter's answer. Only a letter that is not refused gets in; it never touches a side conversation.
func (l *letter) toCustomerThread(tx core.App, r *route) error {
	if refused := l.refused(); refused != nil {
		return refused
	}
	switch l.message.Kind {
	case email.KindBounce, email.KindDelay, email.KindComplaint:
		return l.hold(tx, r, desk.Hold{Reason: desk.HeldReport, Words: "It is a report about a letter, but it did not come to the address for such reports."})
	}
	if l.header.Get("X-Aside-Loop") == l.in.Instance {
		return l.hold(tx, r, desk.Hold{Reason: desk.HeldLoop, Words: "Our own letter came back to us."})
	}
	in, err := l.incoming()
	if err != nil {
		return err
	}
	in.Trust, in.Reason = string(desk.Unverified), l.verdict.Reason
	if l.verdict.Verified {
		in.Trust = string(desk.OtherSender)
		if desk.SameAddress(r.item.GetString("submitterEmail"), in.FromEmail) {
			in.Trust = string(desk.Verified)
		}
	}
	in.Verdict = l.trace(r, "Shown in the customer thread")
	_, err = desk.AddCustomerMessage(tx, r.item, in)
	return err
}

// refused applies what holds for every destination: policy of the sender's domain, our own domain forged, DNS not answering yet.
func (l *letter) refused() error {
	_, domain, _ := strings.Cut(l.header.From().Address, "@")
	switch {
	case l.verdict.Temporary && !l.in.tries.enough(l.hash):
		return ErrTemporary
	case strings.EqualFold(domain, l.in.Domain) && !l.verdict.Verified:
		return &Refused{Words: "It claims to come from " + domain + ", which is ours, and we did not send it."}
	case l.verdict.Refuse && !l.verdict.Temporary:
		return &Refused{Words: domain + " asks that mail like this be refused."}
	}
	return nil
}

// toProject opens a feedback item, unless the letter quotes one of ours: then it is held with the thread it may belong to.
func (l *letter) toProject(tx core.App, r *route) error {
	if refused := l.refused(); refused != nil {
		return refused
	}
	ids := append([]string{l.message.InReplyTo}, l.message.References...)
	switch suggestion := desk.ConversationOfMessageID(tx, r.project.Id, ids); {
	case l.header.Get("X-Aside-Loop") == l.in.Instance:
		return l.hold(tx, r, desk.Hold{Reason: desk.HeldLoop, Words: "Our own letter came back to us."})
	case suggestion != "":
		return l.hold(tx, r, desk.Hold{Reason: desk.HeldQuotesUs, Suggestion: suggestion, Words: "It came to the project’s address, but answers a letter of a side conversation."})
	case l.message.Kind != email.KindReply:
		return l.hold(tx, r, desk.Hold{Reason: desk.HeldAutomatic, Words: "It is automatic mail, so no item was opened for it."})
	case l.verdict.Quarantine && !l.verdict.Temporary:
		return l.hold(tx, r, desk.Hold{Reason: desk.HeldQuarantine, Words: "Its sender’s domain asks that mail like this be set aside."})
	case l.reading.Fresh == "" && l.message.Subject == "":
		return l.hold(tx, r, desk.Hold{Reason: desk.HeldBlank, Words: "It has neither a subject nor a text."})
	}
	uploads, files, err := attachments(l.message)
	if err != nil {
		return err
	}
	from := l.header.From()
	_, err = desk.OpenFeedback(tx, r.project, desk.FeedbackDraft{ID: core.GenerateDefaultRandomId(), Message: subjectAndText(l.message.Subject, l.reading.Fresh),
		SubmitterName: from.Name, SubmitterEmail: from.Address, Dedupe: l.hash, MessageID: l.message.MessageID,
		Context: map[string]any{"channel": "email", "trust": l.verdict.Reason, "subject": l.message.Subject}, Uploads: uploads, Names: files, Raw: l.envelope.Data})
	return err
}

func subjectAndText(subject, text string) string {
	if subject == "" || strings.HasPrefix(text, subject) {
		return text
	}
	return strings.TrimSpace(subject + "\n\n" + text)
}

// hold stores the letter for a person's decision.
func (l *letter) hold(tx core.App, r *route, h desk.Hold) error {
	h.ID, h.From, h.To, h.Subject, h.Excerpt, h.Raw = core.GenerateDefaultRandomId(), l.header.From().String(), r.address, l.message.Subject, l.reading.Fresh, l.envelope.Data
	if r.project != nil {
		h.Project = r.project.Id
	}
	h.Dedupe = l.hash + " " + r.key()
	h.Verdict = l.trace(r, "Held: "+h.Words)
	return desk.HoldMail(tx, h)
}

// key tells two recipients of one letter apart.
func (r *route) key() string {
	switch {
	case r.participant != nil:
		return r.participant.Id
	case r.item != nil:
		return r.item.Id
	case r.delivery != nil:
		return r.delivery.Id
	}
	return r.address
}
