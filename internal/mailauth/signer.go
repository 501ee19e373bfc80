package mailauth

import (
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// signatureLife is how long a signature stands (x=): long enough for a letter that
// is retried for days, short enough that a withdrawn key stops mattering (threats
// Keys are published for as long after their last use.
const signatureLife = 7 * 24 * time.Hour

// signedFields is h= of every letter: each field once for itself and once more, so
// that nobody can add another (threats A-17, RFC 6376 8.15). The five that a relay
// may rightly add to a letter without them stand once.
var signedFields = []string{
	"from", "from", "to", "to", "cc", "cc", "subject", "subject", "date", "date", "message-id", "message-id",
	"reply-to", "reply-to", "in-reply-to", "references", "mime-version", "content-type", "content-type", "content-transfer-encoding",
}

// signedIfPresent are signed when there, and never promised to be absent: RFC 8058
// 4 wants the first two covered.
var signedIfPresent = []string{"list-unsubscribe", "list-unsubscribe-post", "auto-submitted", "sender"}

// Signer makes our own DKIM signatures, one RSA and one Ed25519 on every letter:
// who cannot read the newer kind still finds the older. Safe for many goroutines.
type Signer struct {
	Now func() time.Time // nil: time.Now

	dir, domain string
	mu          sync.RWMutex
	ring        ring
	pairs       map[int]keyPair // by generation: the ones in the ring
}

// Sign gives the letter with both signatures on top. The letter must be well
// formed: CRLF line ends, exactly one From; otherwise an error, and nothing leaves.
func (s *Signer) Sign(raw []byte) ([]byte, error) {
	fields, body, err := splitLetter(raw)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	if n := count(fields, "from"); n != 1 {
		return nil, fmt.Errorf("signing: the letter has %d From fields", n)
	}
	s.mu.RLock()
	generation, pair := s.ring.Current, s.pairs[s.ring.Current]
	s.mu.RUnlock()

	names := slices.Clone(signedFields)
	for _, name := range signedIfPresent {
		for range count(fields, name) {
			names = append(names, name)
		}
	}
	sum, _ := hashBody(body, true, -1)
	out := make([]byte, 0, len(raw)+2048)
	for _, key := range []struct {
		kind string
		crypto.Signer
	}{{"rsa", pair.rsa}, {"ed25519", pair.ed25519}} {
		header := s.header(key.kind, selector(generation, key.kind), names, sum[:])
		signature, err := signHeader(key.Signer, fields, header)
		if err != nil {
			return nil, fmt.Errorf("signing: %w", err)
		}
		out = append(append(out, header...), foldBase64(signature)...)
		out = append(out, crlf...)
	}
	return append(out, raw...), nil
}

// header is a DKIM-Signature field up to its empty b=, folded.
func (s *Signer) header(kind, selector string, names []string, sum []byte) string {
	now := s.time()
	var b strings.Builder
	fmt.Fprintf(&b, "DKIM-Signature: v=1; a=%s-sha256; c=relaxed/relaxed;\r\n", kind)
	fmt.Fprintf(&b, "\td=%s;\r\n\ts=%s; t=%d; x=%d;\r\n", s.domain, selector, now.Unix(), now.Add(signatureLife).Unix())
	line := "\th="
	for i, name := range names {
		if i > 0 {
			name = ":" + name
		}
		if len(line)+len(name) > foldAt {
			b.WriteString(line + "\r\n")
			line = "\t "
		}
		line += name
	}
	fmt.Fprintf(&b, "%s;\r\n\tbh=%s;\r\n\tb=", line, base64.StdEncoding.EncodeToString(sum))
	return b.String()
}

// foldAt keeps lines within the 78 characters RFC 5322 2.1.1 asks for.
const foldAt = 74

// signHeader signs the chosen fields and then the signature's own (RFC 6376 3.7).
func signHeader(key crypto.Signer, fields []field, header string) ([]byte, error) {
	own := field{"dkim-signature", []byte(header), true}
	t := attempt{claim: claim{relaxedHeader: true}, at: len(fields)}
	t.headers = hNames(header)
	end := len(header) - len("DKIM-Signature:")
	t.bFrom, t.bTo = end, end
	digest, _ := t.headerDigest(append(slices.Clip(fields), own))
	if _, ok := key.(*rsa.PrivateKey); ok {
		return key.Sign(nil, digest[:], crypto.SHA256)
	}
	return key.Sign(nil, digest[:], crypto.Hash(0)) // RFC 8463 3: Ed25519 over the digest
}

// hNames reads h= back from the field, so that what is promised is what is signed.
func hNames(header string) []string {
	tags, err := parseTags(header[len("DKIM-Signature:"):])
	if err != nil {
		return nil
	}
	h, _ := find(tags, "h")
	return splitList(h.value)
}

func foldBase64(data []byte) string {
	text := base64.StdEncoding.EncodeToString(data)
	var b strings.Builder
	for len(text) > foldAt {
		b.WriteString(text[:foldAt] + "\r\n\t ")
		text = text[foldAt:]
	}
	return b.String() + text
}

// Records gives the TXT records to publish, by name with a dot at the end: those
// in use, those made ready by Prepare, and those that letters on their way may
// still carry.
func (s *Signer) Records() map[string]string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	records := make(map[string]string)
	for generation, pair := range s.pairs {
		if s.ring.expired(generation, s.time()) {
			continue
		}
		for _, kind := range []string{"rsa", "ed25519"} {
			records[selector(generation, kind)+"._domainkey."+s.domain+"."] = pair.record(kind)
		}
	}
	return records
}

func (s *Signer) time() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}
