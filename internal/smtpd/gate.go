package smtpd

import (
	"net/netip"
	"sync"
	"time"
)

// gate decides who may connect. It counts open connections and refused recipients per
// address and per network, and remembers who delivered lately.
type gate struct {
	limits  Limits
	trusted []netip.Prefix
	now     func() time.Time

	mu    sync.Mutex
	open  int
	peers map[netip.Prefix]*peer // addresses (as /32 and /128) and networks
}

// peer is what is known of one address or network.
type peer struct {
	open  int
	bad   int       // refused recipients since
	since time.Time // start of the penalty window
	good  time.Time // last letter stored
}

const (
	// maxPeers bounds the memory a distributed flood can fill (about 10 MB).
	maxPeers = 1 << 16
	// goodFor is how long a delivery spares its address the silence before the greeting.
	goodFor = 24 * time.Hour
)

func newGate(l Limits, trusted []netip.Prefix, now func() time.Time) *gate {
	return &gate{limits: l, trusted: trusted, now: now, peers: map[netip.Prefix]*peer{}}
}

// keys returns the address and its network as they are counted.
func keys(ip netip.Addr) [2]netip.Prefix {
	bits := 24
	if ip.Is6() {
		bits = 64 // the smallest block that is handed out
	}
	net, _ := ip.Prefix(bits)
	return [2]netip.Prefix{netip.PrefixFrom(ip, ip.BitLen()), net}
}

func (g *gate) trusts(ip netip.Addr) bool {
	for _, p := range g.trusted {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// enter counts a connection in, or says why not. What was entered must leave.
func (g *gate) enter(ip netip.Addr) (refused *Reply, why counter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	trusted, total := g.trusts(ip), g.limits.Total
	if trusted {
		total += g.limits.TrustedReserve
	}
	if g.open >= total {
		return tooBusy, refusedTotal
	}
	k := keys(ip)
	if !trusted {
		if refused, why := g.refuse(k); refused != nil {
			return refused, why
		}
	}
	g.open++
	for _, key := range k {
		g.peer(key).open++
	}
	return nil, accepted
}

func (g *gate) refuse(k [2]netip.Prefix) (*Reply, counter) {
	ip, net := g.look(k[0]), g.look(k[1])
	switch {
	case ip.open >= g.limits.PerIP:
		return tooManyHere, refusedIP
	case net.open >= g.limits.PerNet:
		return tooManyHere, refusedNet
	case ip.bad >= g.limits.BadPerIP, net.bad >= g.limits.BadPerNet:
		return tooManyFaults, refusedPenalty
	}
	return nil, accepted
}

func (g *gate) leave(ip netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
	for _, key := range keys(ip) {
		if p := g.peers[key]; p != nil {
			p.open--
			if *p == (peer{}) {
				delete(g.peers, key)
			}
		}
	}
}

// bad notes a refused recipient, and reports whether this one shut the door.
func (g *gate) bad(ip netip.Addr) (shut bool) {
	if g.trusts(ip) {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, key := range keys(ip) {
		p := g.peer(key)
		if g.now().Sub(p.since) > g.limits.PenaltyWindow {
			p.bad, p.since = 0, g.now()
		}
		p.bad++
		shut = shut || p.bad == [2]int{g.limits.BadPerIP, g.limits.BadPerNet}[i]
	}
	return shut
}

// good notes a stored letter.
func (g *gate) good(ip netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, key := range keys(ip) {
		p := g.peer(key)
		p.good, p.bad = g.now(), max(0, p.bad-Forgiven)
	}
}

// welcome reports whether ip need not be watched before the greeting.
func (g *gate) welcome(ip netip.Addr) bool {
	if g.trusts(ip) {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	good := g.look(keys(ip)[0]).good
	return !good.IsZero() && g.now().Sub(good) < goodFor
}

func (g *gate) openNow() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open
}

// stressed reports that places are getting scarce.
func (g *gate) stressed() bool { return g.openNow() > g.limits.Total*3/4 }

// look returns what is known of key now: a penalty whose window is over is none.
func (g *gate) look(key netip.Prefix) peer {
	p := g.peers[key]
	if p == nil {
		return peer{}
	}
	seen := *p
	if g.now().Sub(seen.since) > g.limits.PenaltyWindow {
		seen.bad = 0
	}
	return seen
}

// peer returns key's record to write to, making room for it first: who is not connected
// is forgotten before the map grows beyond its bound, the harmless before the rest.
func (g *gate) peer(key netip.Prefix) *peer {
	if p := g.peers[key]; p != nil {
		return p
	}
	if len(g.peers) >= maxPeers {
		g.forget(func(p *peer) bool { return p.bad == 0 || g.now().Sub(p.since) > g.limits.PenaltyWindow })
	}
	if len(g.peers) >= maxPeers {
		g.forget(func(*peer) bool { return true })
	}
	p := &peer{}
	g.peers[key] = p
	return p
}

func (g *gate) forget(which func(*peer) bool) {
	for key, p := range g.peers {
		if p.open == 0 && which(p) {
			delete(g.peers, key)
		}
	}
}
