package doctor

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"blitiri.com.ar/go/spf"
)

// spf asks whether the domain lets this server send in its name (RFC 7208).
func (d *Doctor) spf(ctx context.Context, p Patient, from []netip.Addr) Check {
	const name = "SPF"
	record, n, err := d.text(ctx, p.Domain, "v=spf1")
	switch {
	case err != nil && !missing(err):
		return silent(name, p.Domain)
	case n == 0:
		return Check{name, Fail, p.Domain + " does not say who may send in its name.", spfLine(p)}
	case n > 1:
		return Check{name, Fail, p.Domain + " has two SPF records, which counts as an error. Keep one.", spfLine(p)}
	case strings.HasSuffix(record, "+all") || strings.HasSuffix(record, " all"):
		return Check{name, Fail, "The record lets everybody send in the name of " + p.Domain + ".", spfLine(p)}
	case p.Relay != "" && !strings.Contains(record, "include:") && !strings.Contains(record, "ip4:") && !strings.Contains(record, "ip6:"):
		return Check{name, Warn, "The record names neither an include nor an address, so it cannot mean the relay " + p.Relay + ".", spfLine(p)}
	case p.Relay != "":
		return Check{name, Pass, "There is a record that names others. Whether it means the relay shows in the round trip.", ""}
	}
	for _, ip := range from {
		result, _ := spf.CheckHostWithSender(ip.AsSlice(), p.Domain, "postmaster@"+p.Domain, spf.WithContext(ctx), spf.WithResolver(d.resolver()))
		switch result {
		case spf.Pass:
		case spf.TempError:
			return silent(name, p.Domain)
		default:
			return Check{name, Fail, "The record does not let " + ip.String() + " send (" + string(result) + ").", spfLine(p)}
		}
	}
	return Check{name, Pass, "This server may send in the name of " + p.Domain + ".", ""}
}

// text finds the TXT record that begins with a version, and counts those that do.
func (d *Doctor) text(ctx context.Context, name, version string) (record string, n int, err error) {
	records, err := d.resolver().LookupTXT(ctx, name)
	for _, r := range records {
		if r == version || strings.HasPrefix(r, version+" ") || strings.HasPrefix(r, version+";") {
			record = r
			n++
		}
	}
	return strings.TrimSpace(record), n, err
}

// Keys compares what is published with our DKIM keys, one finding a key.
func (d *Doctor) Keys(ctx context.Context, p Patient) (checks []Check) {
	for _, name := range slices.Sorted(maps.Keys(p.Keys)) {
		selector, _, _ := strings.Cut(name, ".")
		checks = append(checks, d.key(ctx, "DKIM "+selector, name, p.Keys[name]))
	}
	return checks
}

func (d *Doctor) key(ctx context.Context, what, name, want string) Check {
	records, err := d.resolver().LookupTXT(ctx, strings.TrimSuffix(name, "."))
	switch {
	case err != nil && !missing(err):
		return silent(what, name)
	case len(records) == 0:
		return Check{what, Fail, "The key is not published, so nobody can check our signature.", txtLine(name, want)}
	case len(records) > 1:
		return Check{what, Fail, "Several records stand under this name. Keep one.", txtLine(name, want)}
	case tag(records[0], "p") != tag(want, "p"):
		return Check{what, Fail, "Another key is published than the one we sign with (often the line was cut at 255 characters).", txtLine(name, want)}
	}
	return Check{what, Pass, "The published key is ours.", ""}
}

// tag reads one tag of a tag list (RFC 6376 3.2), white space left out.
func tag(record, name string) string {
	for _, part := range strings.Split(record, ";") {
		key, value, _ := strings.Cut(part, "=")
		if strings.TrimSpace(key) == name {
			return strings.Join(strings.Fields(value), "")
		}
	}
	return ""
}

// dmarc looks for the policy at the domain and above it (the tree walk of RFC 9989 4.10, which stops after eight names).
func (d *Doctor) dmarc(ctx context.Context, p Patient) Check {
	const name = "DMARC"
	at := p.Domain
	for range 8 {
		record, n, err := d.text(ctx, "_dmarc."+at, "v=DMARC1")
		switch {
		case err != nil && !missing(err):
			return silent(name, "_dmarc."+at)
		case n > 1:
			return Check{name, Fail, at + " has several DMARC records, which counts as none.", dmarcLine(p)}
		case n == 1:
			return policy(p, at, record)
		}
		_, parent, more := strings.Cut(at, ".")
		if !more || !strings.Contains(parent, ".") {
			break
		}
		at = parent
	}
	return Check{name, Fail, "Nobody is told what to do with forged mail from " + p.Domain + ". Large providers ask for a policy.", dmarcLine(p)}
}

func policy(p Patient, at, record string) Check {
	asked := tag(record, "p")
	if sp := tag(record, "sp"); at != p.Domain && sp != "" {
		asked = sp
	}
	switch strings.ToLower(asked) {
	case "reject", "quarantine":
		return Check{"DMARC", Pass, at + " asks that forged mail be met with “" + asked + "”.", ""}
	case "none":
		return Check{"DMARC", Warn, at + " has a policy, but it asks for nothing (p=none): forged mail is delivered.", dmarcLine(p)}
	}
	return Check{"DMARC", Fail, "The policy of " + at + " cannot be read: it has no p= that is known.", dmarcLine(p)}
}
