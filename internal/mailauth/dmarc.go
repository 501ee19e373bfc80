package mailauth

import "context"

// finding is DMARC's outcome with what the Verdict needs besides.
type finding struct {
	DMARC
	signature *Signature // the aligned signature that verifies the From
	bySPF     bool       // an aligned SPF pass, without such a signature
	spfCounts bool       // and it says something: not "+all"
	temporary bool       // an answer the decision needs was missing for now
	wants     string     // what the domain asks for, when it failed for good
	testing   bool
	faulty    bool // the record had a part that was discarded
}

// checkDMARC brings the results together for the From's domain (RFC 9989 5.3).
// Without a record an identity can still be the From's own domain, letter for
// letter: that verifies, though DMARC itself says "none".
func checkDMARC(ctx context.Context, dns *budget, from string, signatures []Signature, spf SPF) finding {
	w := &walker{ctx: ctx, dns: dns}
	p, err := w.discover(from)
	if err != nil {
		return finding{DMARC: DMARC{Result: temperror, Domain: from}, temporary: true}
	}
	applies := p.ok && !p.unprocessed
	f := finding{DMARC: DMARC{Result: none, Domain: p.domain}, testing: applies && p.testing, faulty: p.ok && p.faulty}
	if p.broken {
		f.Result = permerror
	}
	strictDKIM, strictSPF := true, true
	if applies {
		f.Policy, strictDKIM, strictSPF = p.wants, p.strictDKIM, p.strictSPF
	}
	f.align(w, from, signatures, strictDKIM, spf, strictSPF)
	f.conclude(applies)
	return f
}

// align looks for an identity that passed and is aligned with the From, and for
// one that might have been, had DNS answered.
func (f *finding) align(w *walker, from string, signatures []Signature, strictDKIM bool, spf SPF, strictSPF bool) {
	for i := range signatures {
		s := &signatures[i]
		if !s.counts || s.Result != pass && s.Result != temperror {
			continue
		}
		aligned, err := w.aligned(s.Domain, from, strictDKIM)
		switch {
		case isTemporary(err) || aligned && s.Result == temperror:
			f.temporary = true
		case aligned && better(s, f.signature):
			f.signature = s
		}
	}
	if f.signature != nil || spf.Result != pass && spf.Result != temperror {
		return
	}
	aligned, err := w.aligned(spf.Domain, from, strictSPF)
	switch {
	case isTemporary(err) || aligned && spf.Result == temperror:
		f.temporary = true
	case aligned:
		f.bySPF, f.spfCounts = true, !spf.everyone
	}
}

// better prefers the signature with less to warn about.
func better(s, than *Signature) bool {
	return than == nil || than.partial && !s.partial || than.partial == s.partial && than.weak && !s.weak
}

// verified says that the From is who it says.
func (f *finding) verified() bool { return f.signature != nil || f.spfCounts }

// conclude sets the result. A pass needs no further answer; a failure needs all.
func (f *finding) conclude(applies bool) {
	f.temporary = f.temporary && !f.verified()
	switch {
	case !applies:
	case f.signature != nil || f.bySPF:
		f.Result = pass
	case f.temporary:
		f.Result = temperror
	default:
		f.Result, f.wants = fail, f.Policy
	}
}

// aligned compares an identity with the From (RFC 9989 4.4, 4.10.2): the same
// name, or in relaxed mode the same organization. Names under different
// registrable domains are never one organization, so nothing is asked for them.
func (w *walker) aligned(domain, from string, strict bool) (bool, error) {
	if domain == from {
		return true, nil
	}
	if strict || registrable(suffixes, domain) != registrable(suffixes, from) {
		return false, nil
	}
	org, err := w.organizationOf(from)
	if err != nil {
		return false, err
	}
	other, err := w.organizationOf(domain)
	return err == nil && org == other, err
}
