package mailauth

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// Rules about time and size of a signature.
const (
	clockTolerance = 5 * time.Minute // how far ahead of us a signer's clock may be (threats A-11)
	maxTimeDigits  = 12              // RFC 6376 3.5 t=: up to the year 200,000; longer is no time
	maxLengthDigit = 76              // RFC 6376 3.5 l=
	hashSize       = 32              // SHA-256
)

// claim is one DKIM-Signature field, read (RFC 6376 3.5).
type claim struct {
	domain, selector, algorithm string
	headers                     []string // h=, lower case, in order
	relaxedHeader, relaxedBody  bool
	length                      int64 // l=, or -1: the whole body
	bodyHash, signature         []byte
	identityBelow               bool // i= names a sub-domain of d=, which t=s in the key forbids
	future                      bool // t= is ahead of our clock by more than clockTolerance
	bFrom, bTo                  int  // where the value of b= lies in the field's value
}

// readClaim reads a DKIM-Signature's value and applies every rule that needs no
// DNS. Domain, selector and algorithm are filled in even when an error is
// returned, if they could be read: they are facts for the person who looks.
func readClaim(value string, now time.Time) (c claim, err error) {
	tags, err := parseTags(value)
	if err != nil {
		return c, err
	}
	get := func(name string) string { t, _ := find(tags, name); return t.value }
	if err := c.readSigner(tags, "v", "a", "b", "bh", "d", "h", "s"); err != nil {
		return c, err
	}
	if get("v") != "1" {
		return c, errors.New("its version is not 1")
	}
	for _, read := range [...]func(func(string) string) error{
		c.readAlgorithm, c.readHeaders, c.readHashes, c.readIdentity,
	} {
		if err := read(get); err != nil {
			return c, err
		}
	}
	if err := c.readLength(tags); err != nil {
		return c, err
	}
	return c, c.readTimes(tags, now)
}

// readSigner reads who signed, and by which key. The tags named must all be there.
func (c *claim) readSigner(tags []tag, needed ...string) error {
	get := func(name string) string { t, _ := find(tags, name); return t.value }
	domainOK, selectorOK := false, false
	c.domain, domainOK = cleanDomain(get("d"))
	c.selector, selectorOK = cleanSelector(get("s"))
	c.algorithm = asciiLower(get("a"))
	if !isTagName(strings.ReplaceAll(c.algorithm, "-", "_")) {
		c.algorithm = ""
	}
	for _, name := range needed {
		if _, ok := find(tags, name); !ok {
			return errors.New("the tag " + name + "= is missing")
		}
	}
	switch {
	case !domainOK:
		return errors.New("its domain is not a domain name")
	case !selectorOK:
		return errors.New("its selector is not a name")
	case isPublicSuffix(c.domain):
		return errors.New(c.domain + " belongs to no one person, so nobody can sign for it")
	}
	b, _ := find(tags, "b")
	c.bFrom, c.bTo = b.from, b.to
	return nil
}

func (c *claim) readAlgorithm(get func(string) string) error {
	switch c.algorithm {
	case "rsa-sha256", "ed25519-sha256":
	case "rsa-sha1": // RFC 8301 3.1: must not be verified
		return errors.New("it uses SHA-1, which can be forged")
	default:
		return errors.New("its algorithm is unknown")
	}
	header, body, _ := strings.Cut(asciiLower(get("c")), "/")
	var ok1, ok2 bool
	c.relaxedHeader, ok1 = canonicalization(header)
	c.relaxedBody, ok2 = canonicalization(body)
	if !ok1 || !ok2 {
		return errors.New("its canonicalization is unknown")
	}
	if q := get("q"); q != "" { // RFC 6376 3.5: one known method must be listed
		for _, method := range splitList(q) {
			if method == "dns/txt" {
				return nil
			}
		}
		return errors.New("its key is not in DNS")
	}
	return nil
}

// canonicalization reads one half of c=; simple is what a missing half means.
func canonicalization(s string) (relaxed, ok bool) {
	return s == "relaxed", s == "relaxed" || s == "simple" || s == ""
}

func (c *claim) readHeaders(get func(string) string) error {
	c.headers = splitList(get("h"))
	for _, name := range c.headers {
		if name == "from" {
			return nil
		}
	}
	return errors.New("it does not cover the From") // RFC 6376 5.4
}

func (c *claim) readHashes(get func(string) string) (err error) {
	if c.bodyHash, err = decodeBase64(get("bh")); err != nil || len(c.bodyHash) != hashSize {
		return errors.New("its body hash is damaged")
	}
	if c.signature, err = decodeBase64(get("b")); err != nil || len(c.signature) == 0 {
		return errors.New("its value is damaged")
	}
	return nil
}

// readIdentity checks that i= lies within d= (RFC 6376 3.5). The local part may be
// in dkim-quoted-printable; the domain, after the last "@", may not.
func (c *claim) readIdentity(get func(string) string) error {
	identity := get("i")
	if identity == "" {
		return nil
	}
	domain, ok := cleanDomain(identity[strings.LastIndexByte(identity, '@')+1:])
	if !ok || !strings.Contains(identity, "@") || !isWithin(domain, c.domain) {
		return errors.New("its identity is outside " + c.domain)
	}
	c.identityBelow = domain != c.domain
	return nil
}

func (c *claim) readLength(tags []tag) error {
	c.length = -1
	l, ok := find(tags, "l")
	if !ok {
		return nil
	}
	n, ok := number(l.value, maxLengthDigit)
	if !ok {
		return errors.New("its length is not a number")
	}
	c.length = n
	return nil
}

// readTimes applies t= and x= (RFC 6376 3.5, threats A-11). A time in the future
// is no fault of the signature, but a receiver may ignore it, and we do.
func (c *claim) readTimes(tags []tag, now time.Time) error {
	made, expires := int64(-1), int64(-1)
	for _, t := range tags {
		var ok bool
		switch t.name {
		case "t":
			if made, ok = number(t.value, maxTimeDigits); !ok {
				return errors.New("its time is not a number")
			}
		case "x":
			if expires, ok = number(t.value, maxTimeDigits); !ok {
				return errors.New("its time of expiry is not a number")
			}
		}
	}
	c.future = made > now.Add(clockTolerance).Unix()
	switch {
	case expires >= 0 && expires <= made:
		return errors.New("it expired before it was made")
	case expires >= 0 && now.Unix() > expires:
		return errors.New("it has expired")
	}
	return nil
}

// number reads digits, as many as the grammar allows; what exceeds an int64 is as
// good as infinite.
func number(s string, digits int) (int64, bool) {
	if s == "" || len(s) > digits || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return math.MaxInt64, true
	}
	return n, true
}
