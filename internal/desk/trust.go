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

// Evidence is what is known about a letter that came to a participant's reply address.
type Evidence struct {
	Aligned      bool   // DMARC-aligned DKIM or SPF pass
	Refuse       bool   // the sender's domain asks that such mail be refused, and every DNS answer was definitive
	Quarantine   bool   // … or set aside
	OwnDomain    bool   // it claims to come from our mail domain
	FromThem     bool   // From is the participant, or an alias an agent named
	FromAgent    bool   // From is somebody of the team
	AddressedUs  bool   // the participant's reply address stands in To or Cc
	Ambiguous    bool   // singleton headers twice (H-06)
	Kind         string // reply, auto_reply, bounce, delay, receipt, complaint
	NullSender   bool   // MAIL FROM:<>
	Loop         bool   // our own letter came back
	TooMany      bool   // more letters than a person writes
	HoldDoubtful bool   // the project wants unverified answers held
	Domain       string // of the From address, for words
	Person       string // the participant, for words
	Reason       string // the verdict's own sentence
}

// Place is where a letter goes: into the thread, to held mail, or back.
type Place int

// Places, from open to shut.
const (
	InThread Place = iota
	InHeldMail
	Refused
)

// Judgement is the decision with its words.
type Judgement struct {
	Place    Place
	Trust    Trust
	Accepted bool   // shown to everybody on the conversation
	Hold     string // why it is held: one of the reasons below
	Words    string // a sentence for an agent
	Warnings []string
}

// Reasons a letter is held for.
const (
	HeldQuarantine = "dmarc_quarantine"
	HeldReport     = "bounce_unparsed"
	HeldLoop       = "loop"
	HeldTooMany    = "over_limits"
	HeldAutomatic  = "automatic"
	HeldUnverified = "unverified"
	HeldQuotesUs   = "quotes_us"
	HeldBlank      = "blank"
	HeldOperator   = "operator"
)

// Judge is the table of threats.md 2.0: what a letter to a reply address may do. Nothing in it adds anyone, grants anything or sends anything.
func Judge(e Evidence) Judgement {
	if e.OwnDomain && !e.Aligned {
		return Judgement{Place: Refused, Words: "It claims to come from " + e.Domain + ", which is ours, and we did not send it."}
	}
	if e.Refuse {
		return Judgement{Place: Refused, Words: e.Domain + " asks that mail like this be refused."}
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
		j.Words = "It is " + e.Person + "’s address, but the letter was not addressed to this conversation."
	case j.Trust == OtherSender && e.FromAgent:
		j.Words = "It came from somebody of your team. Answers by email to this address never count as the team’s."
	case j.Trust == OtherSender:
		j.Words = "It came through " + e.Person + "’s reply address, but from another sender."
	}
	return j
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

// hold says why a letter waits for an agent, or nothing.
func (e Evidence) hold() (reason, words string) {
	switch {
	case e.Loop:
		return HeldLoop, "Our own letter came back to us."
	case e.TooMany:
		return HeldTooMany, "More letters came from this sender in a few minutes than a person writes."
	case e.Kind == "bounce" || e.Kind == "delay" || e.Kind == "complaint":
		return HeldReport, "It is a report about a letter, but it did not come to the address for such reports, so it changes nothing."
	case e.Quarantine:
		return HeldQuarantine, e.Domain + " asks that mail like this be set aside."
	case e.Kind == "auto_reply" && !e.FromThem:
		return HeldAutomatic, "It is automatic mail from somebody who is not on this conversation."
	case e.HoldDoubtful && e.trust() != Verified && e.Kind != "auto_reply" && e.Kind != "receipt":
		return HeldUnverified, e.Reason
	}
	return "", ""
}
