package courier

import (
	"context"
	"errors"
	"net"
	"net/netip"
)

// direct hands l to a mail server of its recipient's domain. High-level approach: find
// the hosts and what the domain demands of them (MTA-STS); take each host's addresses in
// turn; the first that takes the letter ends it, and so does one that refuses it for
// good or may have taken it. Anything else leads to the next address.
func (c *Courier) direct(ctx context.Context, l *letter) (Outcome, *Failure) {
	domain := l.to.domain
	hosts, fail := c.hosts(ctx, domain)
	if fail != nil {
		return Outcome{}, fail
	}
	sts := c.policy(ctx, domain)
	tried := 0
	for _, host := range hosts {
		addrs, f := c.reach(ctx, host, sts)
		fail = worse(fail, f)
		for _, ip := range addrs {
			if tried++; tried > maxAddresses || ctx.Err() != nil {
				break
			}
			out, f := c.try(ctx, host, ip, l, security{verified: c.RequireTLS || sts.enforced()})
			if f == nil || f.final {
				return out, f
			}
			fail = worse(fail, f)
		}
	}
	if fail == nil {
		fail = later("4.4.1", "there was no time to try: %w", network(ctx.Err())).at(domain)
	}
	return Outcome{}, fail
}

// reach is addresses for a host that the domain's policy allows.
func (c *Courier) reach(ctx context.Context, host string, sts *policy) ([]netip.Addr, *Failure) {
	if sts.enforced() && !sts.allows(host) {
		return nil, later("4.7.0", "the domain's MTA-STS policy does not name this server").at(host)
	}
	return c.addresses(ctx, host)
}

// try is one server: over a connection that carried a letter of the same road a moment
// ago, else over a new one. What goes wrong on a kept connection counts only when it is
// the server's last word on this letter; anything else is tried afresh.
func (c *Courier) try(ctx context.Context, host string, ip netip.Addr, l *letter, sec security) (Outcome, *Failure) {
	r := road{l.to.domain, host, net.JoinHostPort(ip.String(), c.mxPort()), sec.verified}
	if cn := c.pool.take(r); cn != nil && cn.alive(ctx) {
		if out, f := c.hand(ctx, cn, l, r); f == nil || f.final {
			return out, f
		}
	}
	return c.tryNew(ctx, r, l, sec)
}

// tryNew opens a connection, and once more in clear if its TLS does not work and need not.
func (c *Courier) tryNew(ctx context.Context, r road, l *letter, sec security) (Outcome, *Failure) {
	host, target := r.host, r.target
	cn, f := c.open(ctx, host, target, sec)
	if f != nil && errors.Is(f.Err, errTLS) && !sec.verified && ctx.Err() == nil {
		sec.clear = true
		cn, f = c.open(ctx, host, target, sec)
	}
	if f != nil {
		return Outcome{}, f
	}
	if c.self(cn.name) {
		cn.quit()
		return Outcome{}, never("5.4.6", "the server has our own name: mail would come back to ourselves").at(host)
	}
	if sec.clear {
		l.more = false // its TLS is broken: nothing else goes this way
	}
	return c.hand(ctx, cn, l, r)
}

// hand sends l over cn, and keeps cn only after a letter that was taken, and for letters
// that wait.
func (c *Courier) hand(ctx context.Context, cn *conn, l *letter, r road) (Outcome, *Failure) {
	stop := cn.watch(ctx)
	out, f := cn.send(l)
	if !stop() {
		cn.broken = true // cut by ctx, or about to be
	}
	if f != nil || !l.more || !c.pool.keep(r, cn) {
		cn.quit()
	}
	return out, f
}

func (c *Courier) mxPort() string {
	if c.MXPort == "" {
		return "25"
	}
	return c.MXPort
}
