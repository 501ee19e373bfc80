package mailauth

import (
	"context"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// spfGuard stands between the SPF library and DNS and closes what the library
// leaves open of RFC 7208: a syntax error anywhere in a record counts (4.6), even
// behind the term that matches; names that cannot be are not asked for (4.3, 7.3);
// a domain may hold a "/" (7.1); and %{p} is the peer's validated name (7.3).
type spfGuard struct {
	*budget
	remote net.IP
}

var (
	errSPFSyntax = &net.DNSError{Err: "the SPF record is malformed"}
	errNoName    = &net.DNSError{Err: "no such host", IsNotFound: true}
)

func (g *spfGuard) LookupTXT(ctx context.Context, name string) ([]string, error) {
	name, ok := spfName(name)
	if !ok {
		return nil, errNoName
	}
	texts, err := g.budget.LookupTXT(ctx, name)
	if err != nil {
		return nil, err
	}
	texts = slices.Clone(texts) // the resolver may keep its own
	for i, text := range texts {
		if !isSPF(text) {
			continue
		}
		if !validSPF(text) {
			return nil, errSPFSyntax
		}
		texts[i] = g.rewrite(ctx, text, name)
	}
	return texts, nil
}

// slash stands in a rewritten record for a "/" that belongs to a name: the library
// takes every other for the start of a prefix length.
const slash = '\x01'

// rewrite puts a record into the words the library understands.
func (g *spfGuard) rewrite(ctx context.Context, text, domain string) string {
	if spfPeerName.MatchString(text) {
		peer := g.peerName(ctx, domain)
		text = spfPeerName.ReplaceAllStringFunc(text, func(macro string) string { return expandPeer(macro, peer) })
	}
	return spfSlashed.ReplaceAllStringFunc(text, func(name string) string {
		return strings.ReplaceAll(name, "/", string(slash))
	})
}

// spfSlashed is a "/" with what follows up to a dot: a prefix length has none.
// "%" is left out, so that a macro keeps its delimiters.
var (
	spfSlashed  = regexp.MustCompile(`/[^ %./]*\.`)
	spfPeerName = regexp.MustCompile(`%\{[pP]([0-9]*)([rR]?)([-.+,/_=]*)\}`)
)

// peerName is the peer's name that leads back to it: the domain itself or one
// below it if there is one, else any (RFC 7208 5.5, 7.3). The peer writes its own
// reverse zone, so only a plain name may get into somebody else's record.
func (g *spfGuard) peerName(ctx context.Context, domain string) string {
	const most = 10 // names looked at (RFC 7208 4.6.4)
	names, _ := g.LookupAddr(ctx, g.remote.String())
	best := "unknown"
	for _, name := range names[:min(len(names), most)] {
		name = asciiLower(strings.TrimSuffix(name, "."))
		if !isLDH(name) || best != "unknown" && !isWithin(name, asciiLower(domain)) {
			continue
		}
		addrs, _ := g.LookupIPAddr(ctx, name)
		if slices.ContainsFunc(addrs, func(a net.IPAddr) bool { return a.IP.Equal(g.remote) }) {
			best = name
		}
		if best == asciiLower(domain) {
			break
		}
	}
	return best
}

// expandPeer applies a macro's transformers to the peer's name (RFC 7208 7.1).
func expandPeer(macro, peer string) string {
	m := spfPeerName.FindStringSubmatch(macro)
	delimiters := m[3]
	if delimiters == "" {
		delimiters = "."
	}
	labels := strings.FieldsFunc(peer, func(r rune) bool { return strings.ContainsRune(delimiters, r) })
	if m[2] != "" {
		slices.Reverse(labels)
	}
	if n, err := strconv.Atoi(m[1]); err == nil && n < len(labels) {
		labels = labels[len(labels)-n:]
	}
	return strings.Join(labels, ".")
}

func (g *spfGuard) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	name, ok := spfName(name)
	if !ok {
		return nil, errNoName
	}
	return g.budget.LookupMX(ctx, name)
}

func (g *spfGuard) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	host, ok := spfName(host)
	if !ok {
		return nil, errNoName
	}
	return g.budget.LookupIPAddr(ctx, host)
}

// spfName shortens a name from the left to what DNS can hold (RFC 7208 7.3) and
// refuses one with an empty or over-long label (4.3).
func spfName(name string) (string, bool) {
	name = strings.ReplaceAll(strings.TrimSuffix(name, "."), string(slash), "/")
	for len(name) > maxDomain {
		_, rest, ok := strings.Cut(name, ".")
		if !ok {
			return "", false
		}
		name = rest
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel {
			return "", false
		}
	}
	return name, true
}
