package mailauth

// malformed is the verdict on a letter that two readers could read differently:
// whatever passes, nobody knows for which From.
func malformed(spf SPF) Verdict {
	return Verdict{
		DKIM:   []Signature{},
		SPF:    spf,
		DMARC:  DMARC{Result: permerror},
		Reason: "The header can be read in more than one way, so nothing in it can be relied on",
		Flags:  []string{FlagMalformed},
	}
}

// withoutDomain ends a verdict whose From has no domain that could speak for it:
// an IP literal, a single label, nothing (threats A-07).
func (v Verdict) withoutDomain(tooMany bool) Verdict {
	v.DMARC.Result = none
	v.Reason = "The sender's address has no domain that could be checked"
	if tooMany {
		v.Flags = append(v.Flags, FlagTooManySignatures)
	}
	return v
}

// decide draws the four conclusions. Exactly one finding allows each, and none of
// Refuse and Quarantine survives an answer that was missing.
func (v *Verdict) decide(f finding) {
	v.DMARC = f.DMARC
	v.Verified = f.verified()
	v.Temporary = f.temporary
	v.Refuse = f.wants == "reject"
	v.Quarantine = f.wants == "quarantine"
}

func (v *Verdict) flag(f finding, tooMany bool) {
	for _, c := range [...]struct {
		holds bool
		flag  string
	}{
		{f.signature != nil && f.signature.weak, FlagWeak},
		{f.signature != nil && f.signature.partial, FlagPartiallySigned},
		{v.Verified && f.signature == nil, FlagSPFOnly},
		{v.SPF.everyone, FlagSPFEveryone},
		{f.testing, FlagDMARCTesting},
		{f.faulty, FlagDMARCFaulty},
		{tooMany, FlagTooManySignatures},
	} {
		if c.holds {
			v.Flags = append(v.Flags, c.flag)
		}
	}
}

// sentence says the verdict to a person: who vouches, or what is missing, and what
// the domain's owner asks for.
func (v *Verdict) sentence(f finding, from string) string {
	switch {
	case f.signature != nil:
		return "Signed by " + f.signature.Domain
	case v.Verified:
		return "Not signed, but sent from a machine of " + v.SPF.Domain
	case v.Temporary:
		return "The DNS of " + from + " could not be asked just now"
	}
	why := v.missing(from)
	switch {
	case v.Refuse:
		return why + "; " + f.Domain + " asks that such mail be refused"
	case v.Quarantine:
		return why + "; " + f.Domain + " asks that such mail be held back"
	}
	return why
}

// missing says why nothing vouches for the From. A signature that names the
// From's domain says most, then one of somebody else, then none.
func (v *Verdict) missing(from string) string {
	other := ""
	for _, s := range v.DKIM {
		near := s.Domain != "" && registrable(suffixes, s.Domain) == registrable(suffixes, from)
		switch {
		case near && s.Result == fail:
			return "The signature broke on the way"
		case near && (s.Result != pass || !s.counts):
			return "The signature of " + s.Domain + " does not count: " + s.Reason
		case s.Result == pass && other == "":
			other = s.Domain
		}
	}
	switch {
	case v.SPF.everyone:
		return "Not signed, and " + v.SPF.Reason
	case other != "":
		return "Signed by " + other + ", which does not speak for " + from
	}
	return "Nothing shows that this came from " + from
}
