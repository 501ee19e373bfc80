// Package mailauth answers one question about a letter: who really sent it?
// It checks DKIM (RFC 6376, 8301, 8463), SPF (RFC 7208) and DMARC (RFC 9989)
// and gives a Verdict; and it makes our own DKIM signature on the way out.
//
// It is not a policy: what a verified, unverified or refused letter may do is
// decided by desk. It knows no SMTP codes, and it never reads
// Authentication-Results, which anybody can write. ARC is a note of what others
// state, followed only where nothing else vouches, and decides nothing.
//
// Two words are kept apart throughout. A signature's Result is the arithmetic
// of the RFC. Whether that signature *counts* for the From a person sees is our
// own, stricter judgement: a signature over part of the body (l=), or one whose
// key name holds several records, can pass and still count for nothing.
//
// State: a Checker is safe for many goroutines. Check starts one goroutine for
// SPF and, for several signatures, one per key look-up; all end before it returns.
package mailauth

import (
	"context"
	"log/slog"
	"net"
	"time"
)

// Resolver is what is asked for DNS. *net.Resolver fits, so do NewResolver's and
// MapResolver. Errors are *net.DNSError: IsNotFound for a name or type that does
// not exist, IsTemporary or IsTimeout when asking later may help.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// Checker judges letters. The zero value works: it asks the system's resolver
// and reads the system's clock.
type Checker struct {
	Resolver Resolver         // nil: the system's resolver
	Now      func() time.Time // nil: time.Now
	Budget   time.Duration    // for one letter's look-ups; 0: defaultBudget
	Log      *slog.Logger     // hears of a panic in a library, and of nothing else; nil: slog.Default

	keys keyCache
}

// Letter is one message as the SMTP door received it.
type Letter struct {
	Remote   net.IP // the peer; nil when unknown, and then SPF is "none"
	Helo     string // what it said in EHLO
	MailFrom string // envelope sender without <>; empty for a bounce
	From     string // the one addr-spec of the one From field, the one a person will see
	Raw      []byte // the whole letter, CRLF line ends
}

// Verdict is what is known about a letter's sender. It marshals to the facts of
// interface.md ("auth").
type Verdict struct {
	DKIM       []Signature `json:"dkim"`                 // one per DKIM-Signature field, in header order, at most maxSignatures
	SPF        SPF         `json:"spf"`                  // of the envelope sender, or of HELO for a bounce
	DMARC      DMARC       `json:"dmarc"`                // of the From's domain
	Verified   bool        `json:"verified"`             // an aligned signature or SPF pass counts for the From
	Temporary  bool        `json:"temporary,omitempty"`  // a DNS answer the decision needs was missing for now
	Refuse     bool        `json:"refuse,omitempty"`     // DMARC failed for good and the domain asks for reject
	Quarantine bool        `json:"quarantine,omitempty"` // the same, and it asks for quarantine
	ARC        ARC         `json:"arc,omitzero"`         // what servers on the way state; a note, on letters not verified
	Reason     string      `json:"reason"`               // one sentence for a person
	Flags      []string    `json:"flags,omitempty"`      // see the Flag constants
	Took       Took        `json:"-"`                    // how long each check was waited for; no fact about the letter
}

// Took is the time of each check, in milliseconds: SPF and DKIM run side by side, DMARC after them, then ARC.
type Took struct {
	DKIM  float64 `json:"dkim"`
	SPF   float64 `json:"spf"`
	DMARC float64 `json:"dmarc"`
	ARC   float64 `json:"arc"`
}

func millis(since time.Time) float64 { return float64(time.Since(since).Microseconds()) / 1000 }

// Signature is the finding on one DKIM-Signature field.
type Signature struct {
	Domain    string `json:"domain"`    // d=, lower case; empty when unreadable
	Selector  string `json:"selector"`  // s=, lower case
	Algorithm string `json:"algorithm"` // a=, such as rsa-sha256
	Result    string `json:"result"`    // pass, fail, permerror or temperror
	Reason    string `json:"reason"`    // why, in words

	counts  bool // our own rules let this pass stand for its domain
	weak    bool // an RSA key under strongRSABits
	partial bool // a field that changes what is shown was not signed
}

// SPF is the finding of RFC 7208.
type SPF struct {
	Result string `json:"result"` // none, neutral, pass, fail, softfail, temperror, permerror
	Domain string `json:"domain"` // the domain that was asked about, lower case
	Reason string `json:"reason"`

	everyone bool // the pass came from "+all", which proves nothing
}

// DMARC is the finding of RFC 9989 for the From's domain.
type DMARC struct {
	Result string `json:"result"` // none, pass, fail, temperror, permerror
	Policy string `json:"policy"` // none, quarantine or reject as asked for this From; empty without a record
	Domain string `json:"domain"` // where the record was found; the From's domain without one
}

// The words a Result may hold.
const (
	none      = "none"
	pass      = "pass"
	fail      = "fail"
	neutral   = "neutral"
	softfail  = "softfail"
	temperror = "temperror"
	permerror = "permerror"
)

// The words a Verdict's Flags may hold.
const (
	FlagWeak              = "weak"                // verified by an RSA key under 2048 bits
	FlagPartiallySigned   = "partially_signed"    // a field that changes what is shown was not signed
	FlagSPFOnly           = "spf_only"            // verified by the sending machine alone, no signature
	FlagSPFEveryone       = "spf_everyone"        // the domain lets every machine send ("+all"): not counted
	FlagMalformed         = "malformed_header"    // the header has several readings, or not exactly one From
	FlagTooManySignatures = "too_many_signatures" // some were not looked at
	FlagDMARCTesting      = "dmarc_testing"       // the domain's record says t=y: its policy was softened by one step
	FlagDMARCFaulty       = "dmarc_faulty"        // a part of the domain's record was discarded
)

// defaultBudget bounds all look-ups of one letter (threats A-33): a sender's slow
// DNS may cost a letter ten seconds, never a connection.
const defaultBudget = 10 * time.Second

// Check judges one letter. It never fails: trouble is part of the Verdict.
func (c *Checker) Check(ctx context.Context, l Letter) Verdict {
	ctx, cancel := context.WithTimeout(ctx, c.budget())
	defer cancel()
	// The names a sender chooses get two thirds of the time: were they to use it all
	// up, a forger's slow DNS would keep the From's own policy from being asked for.
	chosen, cancelChosen := context.WithTimeout(ctx, c.budget()*2/3)
	defer cancelChosen()
	r := c.resolver()
	fields, body, err := splitLetter(l.Raw)
	if err != nil || count(fields, "from") != 1 {
		return malformed(c.guardedSPF(chosen, newBudget(r, maxLookups), l))
	}
	signatures := min(count(fields, "dkim-signature"), maxSignatures)
	spf := make(chan SPF, 1)
	var v Verdict
	began := time.Now()
	forSPF, forDMARC := newBudget(r, maxLookups-maxDMARCLookups-signatures), newBudget(r, maxDMARCLookups)
	go func() {
		found := c.guardedSPF(chosen, forSPF, l)
		v.Took.SPF = millis(began) // read only after the channel was
		spf <- found
	}()
	var tooMany bool
	v.DKIM, tooMany = c.checkDKIM(chosen, newBudget(r, maxSignatures), fields, body, c.now())
	v.Took.DKIM = millis(began)
	v.SPF = <-spf
	from, ok := addressDomain(l.From)
	if !ok {
		return v.withoutDomain(tooMany)
	}
	began = time.Now()
	f := checkDMARC(ctx, forDMARC, from, v.DKIM, v.SPF)
	v.Took.DMARC = millis(began)
	v.decide(f)
	v.flag(f, tooMany)
	v.Reason = v.sentence(f, from)
	if !v.Verified && count(fields, "arc-seal") > 0 { // after all is decided, from what the look-ups before left
		began = time.Now()
		v.ARC = checkARC(chosen, newBudget(r, min(maxARCLookups, forSPF.unspent()+forDMARC.unspent())), &c.keys, fields, body, from, c.now())
		v.Took.ARC = millis(began)
	}
	return v
}

// guardedSPF keeps a panic over a stranger's record to this one letter: the record
// cannot be followed, then.
func (c *Checker) guardedSPF(ctx context.Context, r *budget, l Letter) (found SPF) {
	defer func() {
		if trouble := recover(); trouble != nil {
			c.log().Error("SPF check panicked", "panic", trouble, "sender", l.MailFrom, "helo", l.Helo, "remote", l.Remote)
			found = SPF{Result: permerror, Reason: "the SPF record cannot be followed"}
		}
	}()
	return checkSPF(ctx, r, l)
}

func (c *Checker) log() *slog.Logger {
	if c.Log != nil {
		return c.Log
	}
	return slog.Default()
}

func (c *Checker) budget() time.Duration {
	if c.Budget > 0 {
		return c.Budget
	}
	return defaultBudget
}

func (c *Checker) resolver() Resolver {
	if c.Resolver != nil {
		return c.Resolver
	}
	return systemResolver()
}

func (c *Checker) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}
