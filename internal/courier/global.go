package courier

import (
	"net"
	"net/netip"
)

// special are the networks inside "unicast" that are not the public Internet (IANA's
// special-purpose registries, RFC 6890), beyond those netip knows by itself.
var special = prefixes(
	"0.0.0.0/8",       // this network
	"100.64.0.0/10",   // carrier NAT, RFC 6598
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // 6to4 relays, retired
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"240.0.0.0/4",     // reserved, and broadcast
	"2001::/23",       // protocol assignments: Teredo, ORCHID, …
	"2001:db8::/32",   // documentation
	"2002::/16",       // 6to4: an IPv4 address in disguise
	"3fff::/20",       // documentation
)

// unicast6 is all of IPv6 that IANA gives out as global. What lies outside of it is
// local, multicast, or IPv4 in disguise (::/96, 64:ff9b::/96).
var unicast6 = netip.MustParsePrefix("2000::/3")

// global is true for an address of the public Internet.
func global(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Zone() != "" {
		return false
	}
	if ip.Is6() && !unicast6.Contains(ip) {
		return false
	}
	return !within(special, ip)
}

// mayDial decides whether a stranger's DNS may point us at ip (threats W-04).
func (c *Courier) mayDial(ip netip.Addr) bool {
	return within(c.MXAllow, ip.Unmap()) || (global(ip) && !ours(ip))
}

// ours is true for an address of this machine: a letter sent there comes back.
func ours(ip netip.Addr) bool {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr() == ip.Unmap() {
			return true
		}
	}
	return false
}

func within(list []netip.Prefix, ip netip.Addr) bool {
	for _, p := range list {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}
