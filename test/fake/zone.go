package fake

import (
	"fmt"
	"net/netip"

	"github.com/miekg/dns"
)

// txtPiece is the longest character-string of a TXT record (RFC 1035 3.3).
const txtPiece = 255

// Add puts records in zone-file form into the zone: "ext.test. MX 10 mx.ext.test.".
// A line that does not parse is the test's mistake and panics.
func (d *DNS) Add(lines ...string) *DNS {
	for _, line := range lines {
		rr, err := dns.NewRR(line)
		if err != nil || rr == nil {
			panic(fmt.Sprintf("fake DNS: %q: %v", line, err))
		}
		d.add(rr)
	}
	return d
}

// Remove takes every record of name out of the zone.
func (d *DNS) Remove(name string) *DNS {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.zone, key(name))
	return d
}

// TXT replaces the TXT records of name: one record per value, cut into pieces of 255
// octets as long values are on the wire.
func (d *DNS) TXT(name string, values ...string) *DNS {
	d.removeType(name, dns.TypeTXT)
	for _, v := range values {
		var pieces []string
		for len(v) > txtPiece {
			pieces, v = append(pieces, v[:txtPiece]), v[txtPiece:]
		}
		d.add(&dns.TXT{Hdr: header(name, dns.TypeTXT), Txt: append(pieces, v)})
	}
	return d
}

// MX adds one MX record. A host of "." is the null MX (RFC 7505).
func (d *DNS) MX(name string, preference uint16, host string) *DNS {
	return d.add(&dns.MX{Hdr: header(name, dns.TypeMX), Preference: preference, Mx: key(host)})
}

// A adds addresses to name: A records for IPv4, AAAA records for IPv6.
func (d *DNS) A(name string, ips ...string) *DNS {
	for _, s := range ips {
		ip := netip.MustParseAddr(s)
		if ip.Is4() {
			d.add(&dns.A{Hdr: header(name, dns.TypeA), A: ip.AsSlice()})
		} else {
			d.add(&dns.AAAA{Hdr: header(name, dns.TypeAAAA), AAAA: ip.AsSlice()})
		}
	}
	return d
}

// CNAME makes name another name for target.
func (d *DNS) CNAME(name, target string) *DNS {
	return d.add(&dns.CNAME{Hdr: header(name, dns.TypeCNAME), Target: key(target)})
}

// PTR gives ip a name (reverse DNS).
func (d *DNS) PTR(ip, name string) *DNS {
	rev, err := dns.ReverseAddr(ip)
	if err != nil {
		panic(fmt.Sprintf("fake DNS: %v", err))
	}
	return d.add(&dns.PTR{Hdr: header(rev, dns.TypePTR), Ptr: key(name)})
}

func (d *DNS) add(rr dns.RR) *DNS {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := key(rr.Header().Name)
	d.zone[name] = append(d.zone[name], rr)
	return d
}

func (d *DNS) removeType(name string, rrtype uint16) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var kept []dns.RR
	for _, rr := range d.zone[key(name)] {
		if rr.Header().Rrtype != rrtype {
			kept = append(kept, rr)
		}
	}
	d.zone[key(name)] = kept
}

// A TTL of one second: a cache that honours it sees a change soon.
func header(name string, rrtype uint16) dns.RR_Header {
	return dns.RR_Header{Name: key(name), Rrtype: rrtype, Class: dns.ClassINET, Ttl: 1}
}
