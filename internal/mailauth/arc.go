package mailauth

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"time"
)

// ARC is what servers on the way sealed into a letter (RFC 8617). It is a note for the person who looks and nothing else: anybody may
// seal, so no verdict, flag or policy depends on it (threats A-29).
type ARC struct {
	Result string `json:"result"`         // pass, fail or temperror; none without a chain
	Domain string `json:"domain"`         // who sealed last; empty unless passed
	Reason string `json:"reason"`         // what failed
	Note   string `json:"note,omitempty"` // what the first who sealed states of the sender, as a sentence
}

// Bounds of a chain. RFC 8617 4.2.1 allows 50 sets; letters pass three or four hands, and every hand may cost two look-ups.
const (
	maxSets       = 10
	maxARCLookups = maxSets + 1
)

// arcSet is one instance: three fields that one server added (RFC 8617 4.2).
type arcSet struct {
	results, message, seal int // where its fields stand, -1 while none was met
}

// checkARC follows RFC 8617 5.2: every set whole, the newest message signature, and each seal over all that lies below it. from is the
// From's domain.
func checkARC(ctx context.Context, r Resolver, cache *keyCache, fields []field, body []byte, from string, now time.Time) ARC {
	sets, err := readSets(fields)
	if err != nil {
		return ARC{Result: fail, Reason: err.Error()}
	}
	if len(sets) == 0 {
		return ARC{Result: none}
	}
	tries := []attempt{readMessageSignature(fields, sets[len(sets)-1].message, now)}
	for i := range sets {
		tries = append(tries, readSeal(fields, sets[i].seal, i, now))
	}
	if a, bad := fault(tries); bad {
		return a
	}
	fetchKeysOnce(ctx, r, tries)
	tries[0].judge(cache, fields, &bodySums{body: body})
	for i := range sets {
		tries[i+1].judgeSeal(cache, fields, sets[:i+1])
	}
	if a, bad := fault(tries); bad {
		return a
	}
	a := ARC{Result: pass, Domain: tries[len(sets)].domain}
	if first := tries[1]; !first.future && statesPass(string(fields[sets[0].results].value()), from) {
		a.Note = first.domain + " states that the letter passed DMARC for " + from + " when it came there; anybody could state that"
	}
	return a
}

// fault is the first attempt that came to another end than a pass.
func fault(tries []attempt) (a ARC, bad bool) {
	for i := range tries {
		switch t := &tries[i]; t.Result {
		case "", pass:
		case temperror:
			return ARC{Result: temperror, Reason: t.Signature.Reason}, true
		default:
			a.Result, a.Reason = fail, t.Signature.Reason
			if bad = true; t.domain != "" {
				a.Reason = "of the seal of " + t.domain + ": " + a.Reason
			}
			return a, true
		}
	}
	return a, false
}

// readSets gathers the instances and checks that each is whole and none is missing (RFC 8617 5.2 step 3).
func readSets(fields []field) (sets []arcSet, err error) {
	for at := range fields {
		name := fields[at].name
		if name != "arc-seal" && name != "arc-message-signature" && name != "arc-authentication-results" {
			continue
		}
		n, ok := instance(name, string(fields[at].value()))
		if !ok {
			return nil, errors.New("a field of it has no instance")
		}
		if n > maxSets {
			return nil, errors.New("it is longer than we follow")
		}
		for len(sets) < n {
			sets = append(sets, arcSet{-1, -1, -1})
		}
		set := &sets[n-1]
		place := map[string]*int{"arc-seal": &set.seal, "arc-message-signature": &set.message}[name]
		if place == nil {
			place = &set.results
		}
		if *place >= 0 {
			return nil, errors.New("a field of it stands twice")
		}
		*place = at
	}
	for _, set := range sets {
		if set.results < 0 || set.message < 0 || set.seal < 0 {
			return nil, errors.New("a field of it is missing")
		}
	}
	return sets, nil
}

// instance reads i=, which stands first in ARC-Authentication-Results and anywhere in the others (RFC 8617 4.1).
func instance(name, value string) (n int, ok bool) {
	if name == "arc-authentication-results" {
		if value, _, ok = strings.Cut(value, ";"); !ok {
			return 0, false
		}
	}
	tags, err := parseTags(value)
	if err != nil {
		return 0, false
	}
	i, _ := find(tags, "i")
	number, ok := number(i.value, 2) // at most 50
	return int(number), ok && number >= 1 && i.value[0] != '0'
}

// readMessageSignature reads an ARC-Message-Signature: a DKIM-Signature without v= whose i= is the instance (RFC 8617 4.1.2).
func readMessageSignature(fields []field, at int, now time.Time) attempt {
	t := attempt{at: at}
	tags, err := parseTags(string(fields[at].value()))
	get := func(name string) string {
		tag, given := find(tags, name)
		switch {
		case name == "i":
			return ""
		case name == "c" && !given:
			return "relaxed/relaxed" // as the seals are; RFC 8617 is silent, the published vectors are not
		}
		return tag.value
	}
	for _, read := range [...]func() error{
		func() error { return err },
		func() error { return t.readSigner(tags, "a", "b", "bh", "d", "h", "s") },
		func() error { return t.readAlgorithm(get) },
		func() error { t.headers = splitList(get("h")); return nil },
		func() error { return t.readHashes(get) },
		func() error { return t.readLength(nil) },
		func() error { return t.readTimes(tags, now) },
	} {
		if err := read(); err != nil {
			t.end(permerror, err.Error())
			return t
		}
	}
	if contains(t.headers, "arc-seal") { // RFC 8617 4.1.2
		t.end(permerror, "it covers a seal")
	}
	return t
}

// readSeal reads the ARC-Seal of set i, counted from 0. It seals no body and names no fields (RFC 8617 4.1.3).
func readSeal(fields []field, at, i int, now time.Time) attempt {
	t := attempt{at: at}
	tags, err := parseTags(string(fields[at].value()))
	if err == nil {
		err = t.readSigner(tags, "a", "b", "d", "s", "cv")
	}
	if err == nil {
		err = t.readAlgorithm(func(string) string { return "" })
	}
	if err == nil {
		err = t.readTimes(tags, now)
	}
	b, _ := find(tags, "b")
	cv, _ := find(tags, "cv")
	_, h := find(tags, "h")
	want := pass
	if i == 0 {
		want = none
	}
	if err == nil {
		t.claim.signature, err = decodeBase64(b.value)
	}
	switch {
	case err != nil:
		t.end(permerror, err.Error())
	case h:
		t.end(permerror, "a seal may not name fields")
	case asciiLower(cv.value) != want:
		t.end(fail, "it does not say that all was well below it")
	}
	return t
}

// fetchKeysOnce asks for each key once: most servers seal and sign with one.
func fetchKeysOnce(ctx context.Context, r Resolver, tries []attempt) {
	var asked []attempt
	place := make(map[string]int)
	for _, t := range tries {
		name := t.selector + "._domainkey." + t.domain
		if _, ok := place[name]; !ok {
			place[name] = len(asked)
			asked = append(asked, t)
		}
	}
	fetchKeys(ctx, r, asked)
	for i := range tries {
		t := &tries[i]
		from := asked[place[t.selector+"._domainkey."+t.domain]]
		t.records, t.lookup = from.records, from.lookup
	}
}

// judgeSeal verifies a seal over its own set and all below it.
func (t *attempt) judgeSeal(cache *keyCache, fields []field, sets []arcSet) {
	key, _ := t.key(cache)
	if key == nil {
		return
	}
	digest := sha256.Sum256(sealedText(fields, sets, t.at, t.bFrom, t.bTo))
	if !key.verify(digest[:], t.claim.signature) {
		t.end(fail, "it was changed, or the key is another")
		return
	}
	t.end(pass, "")
}

// sealedText is what the seal at a place covers: results, message signature and seal of each set, relaxed, its own without the value
// of b= and without a line end (RFC 8617 5.1.1).
func sealedText(fields []field, sets []arcSet, at, bFrom, bTo int) []byte {
	text := make([]byte, 0, hashChunk)
	for _, set := range sets {
		text = append(fields[set.results].appendCanonical(text, true), '\r', '\n')
		text = append(fields[set.message].appendCanonical(text, true), '\r', '\n')
		if set.seal == at {
			return fields[at].without(bFrom, bTo).appendCanonical(text, true)
		}
		text = append(fields[set.seal].appendCanonical(text, true), '\r', '\n')
	}
	return text
}

// statesPass says that an ARC-Authentication-Results holds dmarc=pass with header.from= this domain (RFC 8601 2.2). What cannot be
// read strictly states nothing.
func statesPass(results, from string) bool {
	for _, result := range strings.Split(withoutComments(results), ";") {
		words := strings.Fields(asciiLower(result))
		if len(words) == 0 || words[0] != "dmarc=pass" {
			continue
		}
		for _, w := range words[1:] {
			if domain, ok := strings.CutPrefix(w, "header.from="); ok && domain == from {
				return true
			}
		}
	}
	return false
}

// withoutComments drops RFC 5322 comments; a value with quoted text, or parentheses that do not match, comes out empty.
func withoutComments(s string) string {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return ""
			}
		case c == '"' || c == '\\':
			return ""
		case depth == 0:
			b.WriteByte(c)
		}
	}
	if depth > 0 {
		return ""
	}
	return b.String()
}
