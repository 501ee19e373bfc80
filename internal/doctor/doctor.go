// Package doctor examines what makes other mail servers trust this one: names, signatures, ports, clock. Each check ends in pass, warn or
// fail, says in words what is so, and gives the one line to paste where it is not.
//
// It only looks: it changes nothing, stores nothing and knows no record. DNS, dialer, HTTP and clock come in as fields, so that a made-up
// zone can have each fault. It is not a monitor; somebody asks, it answers once.
package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
)

// Status is how a check ended.
type Status string

// The three of them. A failure means that mail does not work or will not be believed; a warning, that it works and could be better.
const (
	Pass Status = "pass"
	Warn Status = "warn"
	Fail Status = "fail"
)

// Check is one finding.
type Check struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	Says   string `json:"says"`
	Paste  string `json:"paste,omitempty"` // the line that mends it: a zone line, or a flag
}

// Patient is the installation that is examined.
type Patient struct {
	Domain  string            // the mail domain, also our name in EHLO
	Keys    map[string]string // the DKIM records to be published, by name with a dot at the end
	BaseURL string            // where people reach us
	Door    string            // host:port at which our own SMTP door answers; empty when it is off
	Relay   string            // host:port of the relay that takes our letters; empty when they go straight to the recipients
}

// Resolver is what a Doctor asks of DNS; *net.Resolver fits.
type Resolver interface {
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// Doctor examines. Its zero value asks the real world.
type Doctor struct {
	Resolver Resolver                                                             // nil: the system's
	Dial     func(ctx context.Context, network, address string) (net.Conn, error) // nil: a plain one
	HTTP     *http.Client                                                         // nil: a plain one
	Now      func() time.Time
	Roots    *tls.Config // RootCAs for the door's certificate; nil: the system's
	Port     string      // of mail servers; empty: 25
	Outside  string      // a domain whose mail server shows that port 25 is open outwards; empty: OutsideDomain
	TimeURL  string      // whose Date header the clock is held against; empty: TimeServer
}

// The two places outside that are asked. Both learn our address and nothing else.
const (
	OutsideDomain = "gmail.com"
	TimeServer    = "https://www.iana.org/"
)

// patience is how long one check may take; the whole examination takes a few of them.
const patience = 8 * time.Second

// Examine makes all checks in the order in which an operator mends them.
func (d *Doctor) Examine(ctx context.Context, p Patient) []Check {
	if p.Domain == "" {
		return []Check{{"mail domain", Fail, "No mail domain is set, so nothing can be sent or received.", "--mailDomain=desk.example.com"}}
	}
	var checks []Check
	hosts, c := d.mx(ctx, p)
	checks = append(checks, c)
	addresses, c := d.addresses(ctx, p, hosts)
	checks = append(checks, c, d.reverse(ctx, p), d.spf(ctx, p, addresses))
	checks = append(checks, d.Keys(ctx, p)...)
	checks = append(checks, d.dmarc(ctx, p), d.door(ctx, p), d.inward(ctx, p, hosts), d.outward(ctx, p), d.clock(ctx), d.base(ctx, p))
	return checks
}

// Failed tells whether any check failed.
func Failed(checks []Check) bool {
	for _, c := range checks {
		if c.Status == Fail {
			return true
		}
	}
	return false
}

func (d *Doctor) resolver() Resolver {
	if d.Resolver == nil {
		return net.DefaultResolver
	}
	return d.Resolver
}

func (d *Doctor) dial(ctx context.Context, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if d.Dial != nil {
		return d.Dial(ctx, "tcp", address)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}

func (d *Doctor) port() string { return either(d.Port, "25") }

func (d *Doctor) now() time.Time {
	if d.Now == nil {
		return time.Now()
	}
	return d.Now()
}

func either(set, standard string) string {
	if set != "" {
		return set
	}
	return standard
}

// missing tells a name that does not exist from a name server that does not answer.
func missing(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// silent is the finding when DNS does not answer: no verdict about the zone.
func silent(name, asked string) Check {
	return Check{name, Fail, "The name server gave no answer about " + asked + ". That is trouble with DNS itself, and nothing can be said of the record.", ""}
}

func bare(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }
