package desk

// Trust is what a message's place in a thread says about its sender.
type Trust string

// The states of threats.md 2.0 as a side message carries them.
const (
	Verified    Trust = "verified"
	OtherSender Trust = "other_sender"
	Unverified  Trust = "unverified"
	SharedLink  Trust = "shared_link"
)

// Evidence is what is known about a letter when it is to be placed. The zero value is a letter of which nothing is known: unverified.
type Evidence struct {
	Aligned     bool   // DMARC-aligned DKIM or SPF pass
	Refuse      bool   // the sender's domain asks that such mail be refused, and every DNS answer was definitive
	Quarantine  bool   // … or set aside
	Temporary   bool   // a DNS answer that the decision needs was missing, and the sender may be asked to come again
	OwnDomain   bool   // it claims to come from our mail domain
	FromThem    bool   // From is the participant (or the submitter), or an alias an agent named
	FromAgent   bool   // From is somebody of the team
	FromMachine bool   // From is an address that no person reads: no-reply@ and its kin
	AddressedUs bool   // the participant's reply address stands in a To or Cc that the sender vouches for
	Ambiguous   bool   // singleton headers twice (H-06)
	Kind        string // reply, auto_reply, bounce, delay, receipt, complaint
	NullSender  bool   // MAIL FROM:<>
	Loop        bool   // our own letter came back
	TooMany     bool   // more letters than a person writes
	Blank       bool   // nothing to read: neither a text nor a file; for new feedback neither a subject nor a text
	QuotesUs    bool   // came to a project's address, but answers a letter of a side conversation

	HoldDoubtful bool // the project wants unverified answers held
	HoldRefused  bool // the project wants mail held that its sender's domain asks to have refused

	Domain string // of the From address, for words
	Person string // the participant, for words
	Reason string // the verdict's own sentence
}

// Place is where a letter goes: into the thread, to held mail, or back.
type Place int

// Places, from open to shut.
const (
	InThread Place = iota
	InHeldMail
	Again // not yet: its sender is asked to come again
	Refused
)

// Judgement is the decision with its words.
type Judgement struct {
	Place    Place
	Trust    Trust
	Accepted bool   // shown to everybody on the conversation
	Hold     string // why it is held: one of the reasons below
	Words    string // a sentence for an agent
}

// Reasons a letter is held for.
const (
	HeldQuarantine = "dmarc_quarantine"
	HeldReject     = "dmarc_reject"
	HeldReport     = "bounce_unparsed"
	HeldLoop       = "loop"
	HeldTooMany    = "over_limits"
	HeldAutomatic  = "automatic"
	HeldUnverified = "unverified"
	HeldQuotesUs   = "quotes_us"
	HeldBlank      = "blank"
	HeldOperator   = "operator"
)

// Judge is the table of threats.md 2.0: what a letter to a participant's reply address may do. Whatever it says, the letter adds
// nobody, grants nothing and sends nothing.
func Judge(e Evidence) Judgement {
	if j, shut := e.shut(); shut {
		return j
	}
	if hold, words := e.hold(); hold != "" {
		return Judgement{Place: InHeldMail, Trust: e.trust(), Hold: hold, Words: words}
	}
	j := Judgement{Trust: e.trust(), Words: e.Reason}
	j.Accepted = j.Trust == Verified
	switch {
	case e.Ambiguous:
		j.Words = "A header stands in it twice, so it cannot be said which one is meant."
	case j.Trust == OtherSender && e.FromThem:
		j.Words = "It is " + e.Person + "’s address, but nothing shows that the letter was addressed to this conversation."
	case j.Trust == OtherSender && e.FromAgent:
		j.Words = "It came from somebody of your team. Answers by email to this address never count as the team’s."
	case j.Trust == OtherSender:
		j.Words = "It came through " + e.Person + "’s reply address, but from another sender."
	case j.Trust == Unverified && e.FromThem:
		j.Words = "Could not verify that this is from " + e.Person + ". " + e.Reason
	}
	return j
}

// JudgeCustomer is the table for a letter to an item's own address, where the submitter answers. It is shown to the team only, whoever
// wrote it, so doubt is said and does not hold it back.
func JudgeCustomer(e Evidence) Judgement {
	if j, shut := e.shut(); shut {
		return j
	}
	switch {
	case e.Loop:
		return held(HeldLoop, loopWords)
	case e.isReport():
		return held(HeldReport, reportWords)
	case e.isBlankAnswer():
		return held(HeldBlank, blankWords)
	}
	e.AddressedUs, e.FromAgent = true, false // no token is shared here, and nobody outside sees it
	j := Judgement{Trust: e.trust(), Words: e.Reason}
	if j.Trust == OtherSender {
		j.Words = "It came through the customer’s reply address, but from another sender."
	}
	return j
}

// JudgeProject is the table for a letter to a project's public address: InThread opens an item.
func JudgeProject(e Evidence) Judgement {
	if j, shut := e.shut(); shut {
		return j
	}
	switch {
	case e.Loop:
		return held(HeldLoop, loopWords)
	case e.QuotesUs:
		return held(HeldQuotesUs, "It came to the project’s address, but answers a letter of a side conversation.")
	case e.Kind != "reply":
		return held(HeldAutomatic, "It is automatic mail, so no item was opened for it.")
	case e.Refuse:
		return held(HeldReject, e.Domain+" asks that mail like this be refused.")
	case e.Quarantine:
		return held(HeldQuarantine, e.Domain+" asks that mail like this be set aside.")
	case e.Blank:
		return held(HeldBlank, "It has neither a subject nor a text.")
	}
	return Judgement{Trust: e.trust(), Words: e.Reason}
}

const (
	loopWords   = "Our own letter came back to us."
	blankWords  = "There is nothing in it: neither a text nor a file."
	reportWords = "It is a report about a letter, but it did not come to the address for such reports, so it changes nothing."
)

func held(reason, words string) Judgement {
	return Judgement{Place: InHeldMail, Trust: Unverified, Hold: reason, Words: words}
}

// shut is what holds for every address: our own domain forged, DNS not answering yet, what the sender's domain asks for.
func (e Evidence) shut() (j Judgement, is bool) {
	switch {
	case e.Temporary && !e.Aligned:
		return Judgement{Place: Again, Trust: Unverified, Words: "A DNS look-up about the sender did not answer."}, true
	case e.OwnDomain && !e.Aligned:
		return Judgement{Place: Refused, Trust: Unverified, Words: "It claims to come from " + e.Domain + ", which is ours, and we did not send it."}, true
	case e.Refuse && !e.Aligned && !e.HoldRefused:
		return Judgement{Place: Refused, Trust: Unverified, Words: e.Domain + " asks that mail like this be refused."}, true
	}
	return Judgement{}, false
}

// trust orders the states: first what caps it, then whose address it is.
func (e Evidence) trust() Trust {
	switch {
	case !e.Aligned || e.Ambiguous || e.NullSender && e.Kind == "reply":
		return Unverified
	case e.FromThem && e.AddressedUs && !e.FromAgent:
		return Verified
	}
	return OtherSender
}

// isReport tells letters about letters: they belong to a bounce address and mean nothing anywhere else (L-07).
func (e Evidence) isReport() bool {
	return e.Kind == "bounce" || e.Kind == "delay" || e.Kind == "complaint"
}

// isAutomatic tells letters no person wrote, or that nobody will read an answer to.
func (e Evidence) isAutomatic() bool { return e.Kind == "auto_reply" || e.Kind == "receipt" }

// isBlankAnswer tells an answer that nobody would find anything in (M-07): a slip, or a text that was lost on the way.
func (e Evidence) isBlankAnswer() bool { return e.Blank && e.Kind == "reply" }

// hold says why a letter to a conversation waits for an agent, or nothing.
func (e Evidence) hold() (reason, words string) {
	switch {
	case e.Loop:
		return HeldLoop, loopWords
	case e.TooMany:
		return HeldTooMany, "More letters came from this sender in a few minutes than a person writes."
	case e.isReport():
		return HeldReport, reportWords
	case e.Refuse && !e.Aligned:
		return HeldReject, e.Domain + " asks that mail like this be refused."
	case e.Quarantine && !e.Aligned:
		return HeldQuarantine, e.Domain + " asks that mail like this be set aside."
	case e.isAutomatic() && !e.FromThem:
		return HeldAutomatic, "It is automatic mail from somebody who is not on this conversation."
	case e.FromMachine && !e.FromThem:
		return HeldAutomatic, "It came from an address that no person reads, of somebody who is not on this conversation."
	case e.isBlankAnswer():
		return HeldBlank, blankWords
	case e.HoldDoubtful && e.trust() != Verified && !e.isAutomatic():
		return HeldUnverified, e.Reason
	}
	return "", ""
}
