package intake

import (
	"strings"

	"aside/internal/mailauth"
)

// Trace is why a letter is where it is: stored with it, never computed again.
type Trace struct {
	Envelope Envelope         `json:"envelope"`
	Matched  string           `json:"matched"`
	Checks   []CheckResult    `json:"checks"`
	Verdict  mailauth.Verdict `json:"auth"`
	Decision string           `json:"decision"`
}

// Envelope is what the sending server said.
type Envelope struct {
	Remote   string `json:"remote"`
	Helo     string `json:"helo"`
	TLS      bool   `json:"tls"`
	From     string `json:"from"`
	Received string `json:"received"`
}

// CheckResult is one check in words.
type CheckResult struct {
	Name   string `json:"name"`
	Result string `json:"result"`
	Detail string `json:"detail"`
}

func (l *letter) trace(r *route, decision string) Trace {
	e, v := l.envelope, l.verdict
	t := Trace{Envelope: Envelope{Remote: e.Remote.Addr().String(), Helo: e.Helo, TLS: e.TLS, From: e.From, Received: e.Received.UTC().Format("2006-01-02 15:04:05Z")},
		Matched: r.address, Verdict: v, Decision: decision, Checks: []CheckResult{}}
	for _, s := range v.DKIM {
		t.Checks = append(t.Checks, CheckResult{"DKIM " + s.Domain, s.Result, s.Reason})
	}
	t.Checks = append(t.Checks, CheckResult{"SPF " + v.SPF.Domain, v.SPF.Result, v.SPF.Reason},
		CheckResult{"DMARC " + v.DMARC.Domain, v.DMARC.Result, strings.TrimSpace("policy " + v.DMARC.Policy)},
		CheckResult{"Kind of letter", string(l.message.Kind), ""})
	if doubled := l.header.Ambiguous(); len(doubled) > 0 {
		t.Checks = append(t.Checks, CheckResult{"Header", "twice", strings.Join(doubled, ", ")})
	}
	return t
}
