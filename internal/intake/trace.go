package intake

import (
	"fmt"
	"strings"
	"time"

	"aside/internal/mailauth"
)

// Trace is why a letter is where it is: stored with it, never computed again. It holds no token (T-09).
type Trace struct {
	Envelope Envelope         `json:"envelope"`
	Matched  string           `json:"matched"` // the address in words
	Checks   []CheckResult    `json:"checks"`
	Verdict  mailauth.Verdict `json:"auth"` // as `aside inspect` prints it
	Decision string           `json:"decision"`
	Later    []string         `json:"later,omitempty"` // what people decided after that
}

// Envelope is what the sending server said.
type Envelope struct {
	Remote   string `json:"remote"`
	Helo     string `json:"helo"`
	TLS      bool   `json:"tls"`
	From     string `json:"from"`
	To       string `json:"to"` // in words
	Received string `json:"received"`
	Decided  string `json:"decided"`
}

// CheckResult is one check in words.
type CheckResult struct {
	Name   string `json:"name"`
	Result string `json:"result"`
	Detail string `json:"detail"`
}

// traceTime is how the trace writes times.
const traceTime = "2006-01-02 15:04:05.000Z"

// maxFact bounds what a stranger's server may put into a trace.
const maxFact = 300

func (l *letter) trace(r *route, decision string) Trace {
	e, v := l.envelope, l.verdict
	at := l.in.now().UTC()
	t := Trace{Envelope: Envelope{Remote: e.Remote.Addr().Unmap().String(), Helo: fact(e.Helo), TLS: e.TLS, From: fact(e.From), To: r.address, Received: e.Received.UTC().Format(traceTime), Decided: at.Format(traceTime)},
		Matched: r.address, Verdict: v, Decision: fact(decision)}
	if t.Envelope.From == "" {
		t.Envelope.From = "nobody (<>)"
	}
	for _, s := range v.DKIM {
		t.add("DKIM "+s.Domain, s.Result, s.Reason)
	}
	t.add("SPF "+v.SPF.Domain, v.SPF.Result, v.SPF.Reason)
	t.add("DMARC "+v.DMARC.Domain, v.DMARC.Result, policy(v.DMARC.Policy))
	t.add("Sender", yes(v.Verified, "verified", "not verified"), strings.Join(append([]string{v.Reason}, v.Flags...), ", "))
	if v.ARC.Result != "" {
		t.add("ARC "+v.ARC.Domain, v.ARC.Result, v.ARC.Note+v.ARC.Reason) // never both
	}
	t.add("Address", "matched", r.address)
	t.add("Kind of letter", strings.ReplaceAll(string(l.message.Kind), "_", " "), "")
	if doubled := l.header.Ambiguous(); len(doubled) > 0 {
		t.add("Header", "twice", strings.Join(doubled, ", "))
	}
	t.add("Checks", fmt.Sprintf("%.1f ms", v.Took.ARC+v.Took.DMARC+max(v.Took.DKIM, v.Took.SPF)), fmt.Sprintf("DKIM %.1f ms, SPF %.1f ms beside it, DMARC %.1f ms", v.Took.DKIM, v.Took.SPF, v.Took.DMARC))
	t.add("Time", took(at.Sub(e.Received)), "from its last byte to this decision")
	return t
}

func (t *Trace) add(name, result, detail string) {
	t.Checks = append(t.Checks, CheckResult{fact(name), fact(result), fact(detail)})
}

// fact is one line without a token.
func fact(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, mask(s))
	if runes := []rune(s); len(runes) > maxFact {
		return string(runes[:maxFact]) + "…"
	}
	return strings.TrimSpace(s)
}

func policy(p string) string {
	if p == "" {
		return "the domain says nothing"
	}
	return "the domain asks for " + p
}

func yes(is bool, a, b string) string {
	if is {
		return a
	}
	return b
}

// took is a duration as people read it.
func took(d time.Duration) string {
	return fmt.Sprintf("%d ms", max(0, d.Milliseconds()))
}
