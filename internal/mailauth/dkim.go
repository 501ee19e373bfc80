package mailauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"sync"
	"time"
)

// maxSignatures is how many DKIM-Signature fields of a letter are looked at
// (threats A-33). Honest letters carry one to three.
const maxSignatures = 8

// attempt is one signature on its way to a result.
type attempt struct {
	claim
	at      int // its place among the fields
	records []string
	lookup  error // of the key
	Signature
}

// checkDKIM judges the letter's signatures in header order; tooMany says that
// some were not looked at. The stages: read what each claims, ask for the keys
// at once, then compute.
func (c *Checker) checkDKIM(ctx context.Context, r Resolver, fields []field, body []byte, now time.Time) (found []Signature, tooMany bool) {
	tries, tooMany := readClaims(fields, now)
	fetchKeys(ctx, r, tries)
	bodies := bodySums{body: body}
	found = make([]Signature, len(tries))
	for i := range tries {
		tries[i].judge(&c.keys, fields, &bodies)
		found[i] = tries[i].Signature
	}
	return found, tooMany
}

func readClaims(fields []field, now time.Time) (tries []attempt, tooMany bool) {
	for i := range fields {
		if fields[i].name != "dkim-signature" {
			continue
		}
		if len(tries) == maxSignatures {
			return tries, true
		}
		claim, err := readClaim(string(fields[i].value()), now)
		t := attempt{claim: claim, at: i}
		t.Domain, t.Selector, t.Algorithm = claim.domain, claim.selector, claim.algorithm
		t.counts = err == nil && claim.length < 0 && !claim.future // l= leaves room for a stranger's words (threats A-10)
		if err != nil {
			t.end(permerror, err.Error())
		}
		tries = append(tries, t)
	}
	return tries, false
}

// end sets what was found.
func (t *attempt) end(result, reason string) { t.Result, t.Signature.Reason = result, reason }

// fetchKeys asks for every key that is still needed. Several are asked for at the
// same time, so that one slow domain does not use up the others' time.
func fetchKeys(ctx context.Context, r Resolver, tries []attempt) {
	var wg sync.WaitGroup
	for i := range tries {
		t := &tries[i]
		if t.Result != "" {
			continue
		}
		fetch := func() {
			t.records, t.lookup = r.LookupTXT(ctx, t.selector+"._domainkey."+t.domain+".")
		}
		if len(tries) == 1 {
			fetch()
			continue
		}
		wg.Go(fetch)
	}
	wg.Wait()
}

// judge brings an attempt to its end (RFC 6376 6.1).
func (t *attempt) judge(cache *keyCache, fields []field, bodies *bodySums) {
	key, sole := t.key(cache)
	if key == nil {
		return
	}
	sum, size := bodies.sum(t.relaxedBody, t.length)
	digest, partial := t.headerDigest(fields)
	switch {
	case t.length > size:
		t.end(permerror, "its length is more than the body has") // RFC 6376 3.5 l=
	case subtle.ConstantTimeCompare(sum[:], t.bodyHash) != 1:
		t.end(fail, "the body was changed")
	case !key.verify(digest[:], t.claim.signature):
		t.end(fail, "the header was changed, or the key is another")
	default:
		t.counts, t.weak, t.partial = t.counts && sole, key.weak, partial
		t.end(pass, t.standing(sole))
	}
}

// key is the one to verify with; nil when the attempt has come to its end without.
func (t *attempt) key(cache *keyCache) (key *publicKey, sole bool) {
	if t.Result != "" {
		return nil, false
	}
	switch {
	case isTemporary(t.lookup):
		t.end(temperror, "its key could not be asked for just now")
		return nil, false
	case t.lookup != nil || len(t.records) == 0:
		t.end(permerror, "there is no key at its name")
		return nil, false
	}
	key, sole, err := cache.pickKey(t.records, t.algorithm)
	switch {
	case err != nil:
		t.end(permerror, err.Error())
		return nil, false
	case key.strict && t.identityBelow: // RFC 6376 3.6.1 t=s
		t.end(permerror, "its key does not sign for sub-domains")
		return nil, false
	}
	return key, sole
}

// standing says of a pass what it is worth.
func (t *attempt) standing(sole bool) string {
	switch {
	case t.length >= 0:
		return "it covers part of the body only"
	case t.future:
		return "it was made in the future"
	case !sole:
		return "there are several records at its key's name"
	}
	return "signed by " + t.domain
}

// shown are the fields that decide what a person sees, or where an answer goes.
// One of them unsigned lets somebody on the way change it (threats ).
var shown = [...]string{"subject", "to", "cc", "reply-to", "date", "content-type", "content-transfer-encoding"}

// headerDigest hashes the signed fields and then the signature's own field with
// b= emptied (RFC 6376 3.7, 5.4.2: of fields with one name, the last counts
// first). partial: a shown field is left that nothing signs.
func (t *attempt) headerDigest(fields []field) (digest [sha256.Size]byte, partial bool) {
	used := make([]bool, len(fields))
	used[t.at] = true // h= never covers the signature itself (RFC 6376 3.5)
	last := make(map[string]int, 16)
	text := make([]byte, 0, hashChunk)
	for _, name := range t.headers {
		i := nextField(fields, used, last, name)
		if i < 0 {
			continue // named but not there: it adds nothing, and nobody may add it
		}
		used[i] = true
		text = fields[i].appendCanonical(text, t.relaxedHeader)
		text = append(text, '\r', '\n')
	}
	text = fields[t.at].without(t.bFrom, t.bTo).appendCanonical(text, t.relaxedHeader)
	for i, f := range fields {
		partial = partial || !used[i] && isShown(f.name)
	}
	return sha256.Sum256(text), partial
}

// nextField finds the last field with this name that is not used, from where the
// search for that name stopped before, so that a long h= costs no more.
func nextField(fields []field, used []bool, last map[string]int, name string) int {
	i, seen := last[name]
	if !seen {
		i = len(fields)
	}
	for i--; i >= 0; i-- {
		if fields[i].name == name && !used[i] {
			break
		}
	}
	last[name] = max(i, 0)
	return i
}

func isShown(name string) bool {
	for _, s := range shown {
		if s == name {
			return true
		}
	}
	return false
}

// without is the field with the bytes of a value cut out.
func (f field) without(from, to int) field {
	start := len(f.name) + 1
	raw := make([]byte, 0, len(f.raw))
	raw = append(raw, f.raw[:start+from]...)
	raw = append(raw, f.raw[start+to:]...)
	return field{f.name, raw, true}
}

// bodySums hashes a body once for each way it is asked for: eight signatures over
// a large letter mostly ask the same.
type bodySums struct {
	body []byte
	done map[bodyWay]bodySum
}

type bodyWay struct {
	relaxed bool
	length  int64
}

type bodySum struct {
	sum  [sha256.Size]byte
	size int64
}

func (b *bodySums) sum(relaxed bool, length int64) ([sha256.Size]byte, int64) {
	way := bodyWay{relaxed, length}
	s, ok := b.done[way]
	if !ok {
		s.sum, s.size = hashBody(b.body, relaxed, length)
		if b.done == nil {
			b.done = make(map[bodyWay]bodySum)
		}
		b.done[way] = s
	}
	return s.sum, s.size
}
