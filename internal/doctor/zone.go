package doctor

import (
	"maps"
	"slices"
	"strings"
)

// The zone lines that mend a missing record, in the form of zone files (RFC 1035 5.1).
const ttl = " 3600 IN "

func mxLine(domain string) string { return domain + "." + ttl + "MX 10 " + domain + "." }

func addressLine(host string) string {
	return host + "." + ttl + "A <the public address of this server>"
}

// spfLine names who may send: the servers that also receive, or the relay.
func spfLine(p Patient) string {
	if p.Relay != "" {
		return txtLine(p.Domain+".", "v=spf1 mx include:<what your relay tells you to include> -all")
	}
	return txtLine(p.Domain+".", "v=spf1 mx -all")
}

func dmarcLine(p Patient) string {
	return txtLine("_dmarc."+p.Domain+".", "v=DMARC1; p=reject; adkim=s; aspf=s")
}

// piece is the longest character-string of a TXT record (RFC 1035 3.3); longer values are several of them, read as one.
const piece = 255

func txtLine(name, value string) string {
	var quoted []string
	for len(value) > piece {
		quoted, value = append(quoted, `"`+value[:piece]+`"`), value[piece:]
	}
	return name + ttl + "TXT " + strings.Join(append(quoted, `"`+value+`"`), " ")
}

// Zone is every line to publish, in order, comments among them.
func Zone(p Patient) []string {
	lines := []string{
		"; Mail for " + p.Domain + " comes to this server. It greets with that name, so the address must have it as reverse name (PTR) too.",
		mxLine(p.Domain), addressLine(p.Domain),
		"; Who may send in its name.", spfLine(p),
		"; Its signatures. Two, so that who cannot read the newer kind still finds the older.",
	}
	for _, name := range slices.Sorted(maps.Keys(p.Keys)) {
		lines = append(lines, txtLine(name, p.Keys[name]))
	}
	return append(lines,
		"; Everything else that claims to be "+p.Domain+" is to be refused.", dmarcLine(p),
		"; Optional: reports when others could not reach us over TLS (RFC 8460), and a demand that they use it (RFC 8461; needs a policy file",
		"; at https://mta-sts."+p.Domain+"/.well-known/mta-sts.txt and a certificate that is good for "+p.Domain+").",
		"; "+txtLine("_smtp._tls."+p.Domain+".", "v=TLSRPTv1; rua=mailto:postmaster@"+p.Domain),
		"; "+txtLine("_mta-sts."+p.Domain+".", "v=STSv1; id=1"))
}

// KeyLine is the zone line of one DKIM key.
func KeyLine(name, value string) string { return txtLine(name, value) }
