// Package courier carries one letter to one recipient and says, in a form a queue can
// act on, how that went: to the operator's relay if there is one, else straight to the
// recipient's mail servers (MX).
//
// It speaks SMTP itself (a bounded reader over a net.Conn) because what is at the other
// end is a stranger: answers have limits of length, number and time, addresses are
// checked before they become commands, only addresses of the public Internet are dialled
// for a stranger's domain, and bytes that could be read as two letters never leave.
//
// It is not a queue: it does not retry later, keep state on disk, write or sign letters,
// or know what a conversation is. One Deliver is one attempt. A letter is never handed
// to a second server once its last byte went to a first that may have taken it.
//
// Goroutines: none of its own, but for the timers that close idle connections.
package courier

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"
)

// Resolver is what a Courier asks of DNS; *net.Resolver fits. Errors that are not a
// *net.DNSError with IsNotFound count as passing trouble.
type Resolver interface {
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// Dialer opens connections; *net.Dialer fits. For direct delivery the address is always
// an IP that was checked, never a name.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Courier delivers letters. Its zero value delivers straight to MX hosts by the system's
// resolver. Set the fields before the first Deliver; after that any number of goroutines
// may call Deliver at once.
type Courier struct {
	// Relay takes every letter when set: smtp://user:pass@host:port (STARTTLS where
	// offered) or smtps:// (TLS from the start). A password goes out over verified TLS
	// alone, except to a loopback address.
	Relay *url.URL
	// Resolver is net.DefaultResolver when nil.
	Resolver Resolver
	// Dialer is a plain *net.Dialer when nil.
	Dialer Dialer
	// TLS is the base of every TLS client configuration: RootCAs for instance.
	TLS *tls.Config
	// Hello is our name in EHLO; when it is not a full domain name, our address is
	// given instead (RFC 5321 4.1.4).
	Hello string
	// MXAllow are networks beyond the public Internet that direct delivery may reach.
	MXAllow []netip.Prefix
	// MXPort is the port of MX hosts, "25" when empty.
	MXPort string
	// RequireTLS refuses, for now, to hand a letter to an MX host without TLS and a
	// certificate that is good for its name.
	RequireTLS bool
	// HTTP fetches MTA-STS policies; nil is a client of the courier's own that dials
	// global addresses only. It must not follow redirects (RFC 8461 3.3).
	HTTP *http.Client
	// Timeouts of zero are the defaults of RFC 5321 4.5.3.2.
	Timeouts Timeouts
	// Now is time.Now when nil; it only ages MTA-STS policies.
	Now func() time.Time
	// Log is silent when nil. Neither logins nor letters are ever written to it.
	Log *slog.Logger

	pool pool
	sts  stsCache
	once sync.Once
	http *http.Client
}

// Parcel is one letter for one recipient.
type Parcel struct {
	From string // envelope sender, "" for the null sender
	To   string
	Data []byte // the whole letter as signed, CRLF line ends, dots not stuffed
	More bool   // others to the same domain wait: the connection is kept for them
}

// Outcome is who took a letter and how.
type Outcome struct {
	Remote   string         // host name of the server, as MX or relay names it
	Addr     netip.AddrPort // where that was
	Response string         // its answer to the final dot, at most 1 KB, control bytes escaped
	TLS      string         // "TLS 1.3"; "" for a connection in clear
	Verified bool           // the certificate was good for Remote
}

// Deliver makes one attempt to hand p to whoever takes mail for it. The error is always
// a *Failure.
func (c *Courier) Deliver(ctx context.Context, p Parcel) (Outcome, error) {
	l, fail := check(p)
	if fail == nil {
		ctx, cancel := context.WithTimeout(ctx, c.Timeouts.session())
		defer cancel()
		var out Outcome
		if c.Relay != nil {
			out, fail = c.viaRelay(ctx, l)
		} else {
			out, fail = c.direct(ctx, l)
		}
		if fail == nil {
			c.log().Info("letter handed over", "remote", out.Remote, "tls", out.TLS, "response", out.Response)
			return out, nil
		}
	}
	c.log().Info("letter not handed over", "remote", fail.Remote, "permanent", fail.Permanent, "unknown", fail.Unknown, "error", fail, "cause", fail.root())
	return Outcome{}, fail
}

// Close closes the connections kept. Deliver may still be called, but
// keeps none from then on.
func (c *Courier) Close() error {
	c.pool.close()
	return nil
}

func (c *Courier) log() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}

func (c *Courier) resolver() Resolver {
	if c.Resolver == nil {
		return net.DefaultResolver
	}
	return c.Resolver
}

func (c *Courier) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}
