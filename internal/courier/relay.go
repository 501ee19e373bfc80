package courier

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"slices"
)

// viaRelay hands l to the operator's relay, over a kept connection if there is one. A
// kept connection that turns out dead before the letter's last byte costs nothing: the
// same letter goes over a fresh one.
func (c *Courier) viaRelay(ctx context.Context, l *letter) (Outcome, *Failure) {
	if cn := c.pool.take(relayRoad); cn != nil {
		out, f := c.over(ctx, cn, l)
		if f == nil || f.final || !cn.broken || (f.Code >= 400 && f.Code != 421) {
			return out, f
		}
	}
	cn, f := c.openRelay(ctx)
	if f != nil {
		// What goes wrong before MAIL is between the operator and the relay; the
		// letter waits for them.
		f.Permanent = false
		return Outcome{}, f
	}
	return c.over(ctx, cn, l)
}

// over sends l over cn and keeps or closes it.
func (c *Courier) over(ctx context.Context, cn *conn, l *letter) (Outcome, *Failure) {
	stop := cn.watch(ctx)
	out, f := cn.send(l)
	if !stop() {
		cn.broken = true // cut by ctx, or about to be
	}
	if !c.pool.keep(relayRoad, cn) {
		cn.quit()
	}
	if f != nil && slices.Contains(wantsLogin, f.Code) {
		f.Permanent = false
	}
	return out, f
}

// wantsLogin are refusals that speak of the operator's login, not of the letter (RFC 4954 6).
var wantsLogin = []int{530, 534, 535, 538}

func (c *Courier) openRelay(ctx context.Context) (*conn, *Failure) {
	host := c.Relay.Hostname()
	sec := relaySecurity(c.Relay)
	targets, f := c.relayTargets(ctx, host, relayPort(c.Relay))
	if f != nil {
		return nil, f
	}
	var fail *Failure
	for _, target := range targets {
		cn, f := c.open(ctx, host, target, sec)
		if f == nil {
			return cn, nil
		}
		fail = worse(fail, f)
	}
	return nil, fail
}

// relaySecurity: a password and smtps:// mean verified TLS, except on this machine,
// where nobody is in between and certificates for "localhost" are rare.
func relaySecurity(relay *url.URL) security {
	sec := security{implicit: relay.Scheme == "smtps"}
	if _, has := relay.User.Password(); has {
		sec.login = relay.User
	}
	sec.verified = (sec.implicit || sec.login != nil) && !loopback(relay.Hostname())
	return sec
}

// relayPort is the port of the URL, or what its form implies: 465, 587 with a login, 25.
func relayPort(relay *url.URL) string {
	switch {
	case relay.Port() != "":
		return relay.Port()
	case relay.Scheme == "smtps":
		return "465"
	case relay.User != nil:
		return "587"
	}
	return "25"
}

// relayTargets are what to dial. The operator chose the relay, so any address will do; a
// name that only this machine knows (a container's) is left to the dialer.
func (c *Courier) relayTargets(ctx context.Context, host, port string) ([]string, *Failure) {
	if loopback(host) {
		return loopbackTargets(host, port), nil
	}
	if _, err := netip.ParseAddr(host); err == nil || c.Resolver == nil {
		return []string{net.JoinHostPort(host, port)}, nil
	}
	found, err := c.Resolver.LookupIPAddr(ctx, host)
	if err != nil {
		return nil, later("4.4.3", "%w", &cause{"the relay's name has no address", err}).at(host)
	}
	var targets []string
	for _, f := range found {
		targets = append(targets, net.JoinHostPort(f.String(), port))
	}
	return targets[:min(len(targets), maxAddresses)], nil
}

// loopback is true for a host that is this machine whatever DNS says (RFC 6761 6.3).
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && ip.Unmap().IsLoopback())
}

// loopbackTargets spells "localhost" out, so that no resolver can lead it elsewhere.
func loopbackTargets(host, port string) []string {
	if host != "localhost" {
		return []string{net.JoinHostPort(host, port)}
	}
	return []string{net.JoinHostPort("127.0.0.1", port), net.JoinHostPort("::1", port)}
}
