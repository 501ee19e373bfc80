package doctor

import (
	"context"
	"net/netip"
	"slices"
	"strings"
)

// mx finds who takes mail for the domain.
func (d *Doctor) mx(ctx context.Context, p Patient) (hosts []string, c Check) {
	c = Check{Name: "MX", Status: Pass}
	records, err := d.resolver().LookupMX(ctx, p.Domain)
	switch {
	case err != nil && !missing(err):
		return nil, silent("MX", p.Domain)
	case len(records) == 0 && p.Door == "":
		return nil, Check{"MX", Warn, "No server takes mail for " + p.Domain + ". The SMTP door is off, so answers come by the portal only, and bounces are lost.", ""}
	case len(records) == 0:
		return nil, Check{"MX", Fail, "No server is named that takes mail for " + p.Domain + ", so answers do not arrive.", mxLine(p.Domain)}
	}
	for _, r := range records {
		if host := bare(r.Host); host != "" {
			hosts = append(hosts, host)
		}
	}
	if len(hosts) == 0 {
		return nil, Check{"MX", Fail, p.Domain + " says that it takes no mail at all (a null MX, RFC 7505).", mxLine(p.Domain)}
	}
	c.Says = "Mail for " + p.Domain + " goes to " + strings.Join(hosts, ", ") + "."
	return hosts, c
}

// addresses finds where those hosts are.
func (d *Doctor) addresses(ctx context.Context, p Patient, hosts []string) (all []netip.Addr, c Check) {
	if len(hosts) == 0 {
		hosts = []string{p.Domain}
	}
	for _, host := range hosts {
		found, err := d.ips(ctx, host)
		switch {
		case err != nil && !missing(err):
			return all, silent("A, AAAA", host)
		case len(found) == 0 && p.Door == "" && host == p.Domain:
			return all, Check{"A, AAAA", Warn, host + " has no address.", addressLine(host)}
		case len(found) == 0:
			return all, Check{"A, AAAA", Fail, "The mail server " + host + " has no address, so nobody reaches it.", addressLine(host)}
		}
		all = append(all, found...)
	}
	c = Check{"A, AAAA", Pass, "It is at " + join(all) + ".", ""}
	if inner := slices.DeleteFunc(slices.Clone(all), func(a netip.Addr) bool { return a.IsGlobalUnicast() && !a.IsPrivate() }); len(inner) > 0 {
		c.Status, c.Says = Warn, join(inner)+" cannot be reached from outside: it is an address of an inner network."
	}
	return all, c
}

func (d *Doctor) ips(ctx context.Context, host string) (list []netip.Addr, err error) {
	found, err := d.resolver().LookupIPAddr(ctx, host)
	for _, ip := range found {
		if a, ok := netip.AddrFromSlice(ip.IP); ok {
			list = append(list, a.Unmap())
		}
	}
	return list, err
}

// reverse holds the sending address's name against the one we greet with. Large providers refuse mail from addresses without one.
func (d *Doctor) reverse(ctx context.Context, p Patient) Check {
	const name = "reverse DNS"
	if p.Relay != "" {
		return Check{name, Pass, "Letters leave through the relay, whose address is its own business.", ""}
	}
	ips, err := d.ips(ctx, p.Domain)
	if err != nil && !missing(err) {
		return silent(name, p.Domain)
	}
	if len(ips) == 0 {
		return Check{name, Fail, p.Domain + " is how this server greets, and it has no address.", addressLine(p.Domain)}
	}
	for _, ip := range ips {
		names, err := d.resolver().LookupAddr(ctx, ip.String())
		if err != nil && !missing(err) {
			return silent(name, ip.String())
		}
		if !slices.ContainsFunc(names, func(n string) bool { return bare(n) == p.Domain }) {
			says := ip.String() + " has no name"
			if len(names) > 0 {
				says = ip.String() + " is called " + bare(names[0])
			}
			return Check{name, Fail, says + ", but the server greets as " + p.Domain + ". Many servers refuse mail then. Whoever gives you the address can set it.", pointer(ip) + ttl + "PTR " + p.Domain + "."}
		}
	}
	return Check{name, Pass, join(ips) + " is called " + p.Domain + ", as the server greets.", ""}
}

// pointer is an address's name under in-addr.arpa or ip6.arpa (RFC 1035 3.5, RFC 3596 2.5).
func pointer(ip netip.Addr) string {
	const hex = "0123456789abcdef"
	var labels []string
	for _, b := range ip.AsSlice() {
		if ip.Is4() {
			labels = append(labels, netip.AddrFrom4([4]byte{0, 0, 0, b}).String()[len("0.0.0."):])
		} else {
			labels = append(labels, string(hex[b>>4]), string(hex[b&15]))
		}
	}
	slices.Reverse(labels)
	if ip.Is4() {
		return strings.Join(labels, ".") + ".in-addr.arpa."
	}
	return strings.Join(labels, ".") + ".ip6.arpa."
}

func join(list []netip.Addr) string {
	words := make([]string, len(list))
	for i, a := range list {
		words[i] = a.String()
	}
	return strings.Join(words, ", ")
}
