package mailauth

import (
	"context"
	"strings"
)

// maxWalkLabels: a longer name is cut to one label less in the first step of the
// walk, so that no name costs more than eight questions (RFC 9989 4.10).
const maxWalkLabels = 8

// walker finds policy records up the tree and remembers what it asked within one
// letter. A name that fails for good is like one without a record; one there was
// no budget left to ask for is an error, so that nothing is concluded from it.
type walker struct {
	ctx   context.Context
	dns   *budget
	asked map[string]published
}

// published is a policy record and where it lies.
type published struct {
	record
	domain string
	ok     bool
	broken bool // DNS failed there for good, so nobody knows
}

// at asks for the record of exactly one domain. Of several, none holds (RFC 9989
// 4.10 step 2). The error is a temporary one, or errBudget.
func (w *walker) at(domain string) (published, error) {
	if p, ok := w.asked[domain]; ok {
		return p, nil
	}
	texts, err := w.dns.LookupTXT(w.ctx, "_dmarc."+domain)
	if isTemporary(err) || err == error(errBudget) {
		return published{}, err
	}
	p := published{domain: domain, broken: err != nil && !isNotFound(err)}
	found := 0
	for _, text := range texts {
		if r, ok := readRecord(text); ok {
			found++
			p.record = r
		}
	}
	p.ok = found == 1
	if w.asked == nil {
		w.asked = make(map[string]published)
	}
	w.asked[domain] = p
	return p, nil
}

// walk gives the records from a domain up to its top, longest name first, and
// stops at one that says psd=y or psd=n (RFC 9989 4.10).
func (w *walker) walk(domain string) (found []published, err error) {
	for name := domain; name != ""; name = parent(name) {
		p, err := w.at(name)
		if err != nil {
			return nil, err
		}
		if p.ok {
			found = append(found, p)
			if p.psd != 'u' {
				return found, nil
			}
		}
	}
	return found, nil
}

// parent is the next name of a walk, "" at the end.
func parent(name string) string {
	labels := strings.Count(name, ".") + 1
	drop := 1
	if labels >= maxWalkLabels {
		drop = labels - (maxWalkLabels - 1)
	}
	for ; drop > 0; drop-- {
		_, name, _ = strings.Cut(name, ".")
	}
	return name
}

// organization picks the organizational domain out of a walk (RFC 9989 4.10.2).
// One rule is ours: strangers share a public suffix, so it is nobody's
// organization, whatever record lies there.
func organization(domain string, found []published) string {
	org := domain
	for _, p := range found {
		if p.psd == 'n' {
			org = p.domain
			break
		}
		if p.psd == 'y' && p.domain != domain {
			org = childOf(p.domain, domain)
			break
		}
		org = p.domain
	}
	if org != domain && isPublicSuffix(org) {
		return registrable(suffixes, domain)
	}
	return org
}

// childOf is the name one label below a parent on the way to a domain.
func childOf(parent, domain string) string {
	rest := strings.TrimSuffix(domain, "."+parent)
	return domain[strings.LastIndexByte(rest, '.')+1:]
}

// organizationOf walks and picks.
func (w *walker) organizationOf(domain string) (string, error) {
	found, err := w.walk(domain)
	if err != nil {
		return "", err
	}
	return organization(domain, found), nil
}

// policy is the record that holds for a From, and what it asks for.
type policy struct {
	published
	wants string // none, quarantine or reject, softened by t=y
}

// discover finds the policy for a From's domain: its own record, its
// organization's, or that of the suffix above (RFC 9989 4.10.1). ok is false in
// policy when there is none. The error is a temporary one.
func (w *walker) discover(from string) (policy, error) {
	own, err := w.at(from)
	if err != nil || own.ok || own.broken {
		return policy{own, softened(own.record, own.policy)}, err
	}
	found, err := w.walk(from)
	if err != nil || len(found) == 0 {
		return policy{published: published{domain: from}}, err
	}
	org := organization(from, found)
	p := found[len(found)-1] // the suffix's, unless the organization has its own
	for _, f := range found {
		if f.domain == org {
			p = f
		}
	}
	wants := p.below
	if p.nonexistent != p.below {
		there, err := exists(w.ctx, w.dns, from)
		if isTemporary(err) {
			return policy{}, err
		}
		if !there && err == nil {
			wants = p.nonexistent
		}
	}
	return policy{p, softened(p.record, wants)}, nil
}

// softened applies t=y: one step below what is asked (RFC 9989 4.7).
func softened(r record, wants string) string {
	if !r.testing {
		return wants
	}
	if wants == "reject" {
		return "quarantine"
	}
	return none
}
