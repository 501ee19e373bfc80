package courier

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// hosts finds who takes mail for domain, best first (RFC 5321 5.1, RFC 7505).
func (c *Courier) hosts(ctx context.Context, domain string) ([]string, *Failure) {
	// The dot at the end keeps the machine's own search domains out of it. Go returns
	// records together with an error when some of them had malformed names.
	mxs, err := c.resolver().LookupMX(ctx, domain+".")
	switch {
	case len(mxs) > 0:
		return c.order(domain, mxs)
	case err == nil, notFound(err):
		return []string{domain}, nil // the implicit MX
	}
	return nil, noAnswer(domain, err)
}

func (c *Courier) order(domain string, mxs []*net.MX) ([]string, *Failure) {
	var list []net.MX
	for _, mx := range mxs {
		// A name with bytes that do not print is nobody's host name.
		if host := strings.ToLower(strings.TrimSuffix(mx.Host, ".")); host != "" && escape(host, maxDomain) == host {
			list = append(list, net.MX{Host: host, Pref: mx.Pref})
		}
	}
	if len(list) == 0 {
		return nil, never("5.1.10", "takes no mail (it says so in DNS)").at(domain)
	}
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	slices.SortStableFunc(list, func(a, b net.MX) int { return cmp.Compare(a.Pref, b.Pref) })
	if list = c.before(list); len(list) == 0 {
		return nil, never("5.4.6", "mail would come back to ourselves").at(domain)
	}
	var hosts []string
	for _, mx := range list {
		if !slices.Contains(hosts, mx.Host) && len(hosts) < maxHosts {
			hosts = append(hosts, mx.Host)
		}
	}
	return hosts, nil
}

// before cuts the list at ourselves: whoever is no better than we are would send the
// letter back to us (RFC 5321 5.1).
func (c *Courier) before(list []net.MX) []net.MX {
	self := slices.IndexFunc(list, func(mx net.MX) bool { return c.self(mx.Host) })
	if self < 0 {
		return list
	}
	return slices.DeleteFunc(list, func(mx net.MX) bool { return mx.Pref >= list[self].Pref })
}

// self is true for our own name, in MX records or in a server's greeting.
func (c *Courier) self(host string) bool {
	return c.Hello != "" && strings.EqualFold(strings.TrimSuffix(c.Hello, "."), host)
}

// addresses are those of host that may be dialled, in the resolver's order.
func (c *Courier) addresses(ctx context.Context, host string) ([]netip.Addr, *Failure) {
	found, err := c.resolver().LookupIPAddr(ctx, host+".")
	if err != nil && !notFound(err) && len(found) == 0 {
		return nil, noAnswer(host, err)
	}
	if len(found) == 0 {
		return nil, never("5.1.2", "has no address to send mail to").at(host)
	}
	var good []netip.Addr
	for _, f := range found {
		if ip, ok := netip.AddrFromSlice(f.IP); ok && c.mayDial(ip.WithZone(f.Zone)) {
			good = append(good, ip.Unmap())
		}
	}
	if len(good) == 0 {
		return nil, never("5.4.4", "the address %s is not on the public Internet, so no mail is sent there", found[0].IP).at(host)
	}
	return good, nil
}

func noAnswer(name string, err error) *Failure {
	return later("4.4.3", "%w", &cause{"its name servers gave no answer", err}).at(name)
}

// notFound: the name servers are sure that there is nothing.
func notFound(err error) bool {
	var e *net.DNSError
	return errors.As(err, &e) && e.IsNotFound
}
