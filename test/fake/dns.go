package fake

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// DNS is a name server on 127.0.0.1, the same port over UDP and TCP. Its zone is
// empty at first; every method may be called while it answers. A name that is not in
// the zone, nor above one that is, does not exist (NXDOMAIN).
type DNS struct {
	addr   string
	mu     sync.Mutex
	zone   map[string][]dns.RR
	faults map[string]DNSFault
	asked  map[string]int
}

// DNSFault is how a name misbehaves.
type DNSFault int

// The faults a name can have. Truncated answers are whole again over TCP.
const (
	NoFault DNSFault = iota
	ServFail
	Timeout
	NXDomain
	Truncated
)

// NewDNS starts a name server that stops with the test.
func NewDNS(t testing.TB) *DNS {
	t.Helper()
	d := &DNS{zone: map[string][]dns.RR{}, faults: map[string]DNSFault{}, asked: map[string]int{}}
	tcp, udp := listenBoth(t)
	d.addr = udp.LocalAddr().String()
	for _, s := range []*dns.Server{{Listener: tcp, Handler: d}, {PacketConn: udp, Handler: d}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go s.ActivateAndServe()
		<-started
		t.Cleanup(func() { s.Shutdown() })
	}
	return d
}

// listenBoth finds a port that is free for TCP and UDP alike.
func listenBoth(t testing.TB) (net.Listener, net.PacketConn) {
	t.Helper()
	var err error
	for range 20 {
		var tcp net.Listener
		if tcp, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			continue
		}
		var udp net.PacketConn
		if udp, err = net.ListenPacket("udp", tcp.Addr().String()); err == nil {
			return tcp, udp
		}
		tcp.Close()
	}
	t.Fatalf("fake DNS: %v", err)
	return nil, nil
}

// Addr is the server's host:port.
func (d *DNS) Addr() string { return d.addr }

// Resolver is Go's own resolver, asking this server and no other.
func (d *DNS) Resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, network, d.addr)
	}}
}

// Asked counts the questions about name so far, of any type.
func (d *DNS) Asked(name string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked[key(name)]
}

// Fault makes name misbehave from now on; NoFault heals it.
func (d *DNS) Fault(name string, f DNSFault) *DNS {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults[key(name)] = f
	return d
}

// ServeDNS answers one question.
func (d *DNS) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	m.Authoritative = true
	if len(q.Question) != 1 {
		m.Rcode = dns.RcodeFormatError
		w.WriteMsg(m)
		return
	}
	udp := w.LocalAddr().Network() == "udp"
	switch d.answer(m, q.Question[0]) {
	case Timeout:
		return
	case ServFail:
		m.Answer, m.Rcode = nil, dns.RcodeServerFailure
	case NXDomain:
		m.Answer, m.Rcode = nil, dns.RcodeNameError
	case Truncated:
		if udp {
			m.Answer, m.Truncated = nil, true
		}
	}
	if size := dns.MinMsgSize; udp {
		if opt := q.IsEdns0(); opt != nil {
			size = int(opt.UDPSize())
		}
		m.Truncate(size)
	}
	w.WriteMsg(m)
}

// answer fills in the records, following CNAMEs inside the zone, and says which fault
// the name asked for has.
func (d *DNS) answer(m *dns.Msg, q dns.Question) DNSFault {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := key(q.Name)
	d.asked[name]++
	fault := d.faults[name]
	for range 8 {
		next := ""
		for _, rr := range d.zone[name] {
			if t := rr.Header().Rrtype; t == q.Qtype {
				m.Answer = append(m.Answer, rr)
			} else if c, ok := rr.(*dns.CNAME); ok {
				m.Answer, next = append(m.Answer, rr), key(c.Target)
			}
		}
		if next == "" {
			break
		}
		name = next
	}
	if !d.exists(name) {
		m.Rcode = dns.RcodeNameError
	}
	return fault
}

// exists is true for a name in the zone and for the empty names above it (RFC 8020).
func (d *DNS) exists(name string) bool {
	for n, rrs := range d.zone {
		if len(rrs) > 0 && (n == name || strings.HasSuffix(n, "."+name)) {
			return true
		}
	}
	return false
}

func key(name string) string { return strings.ToLower(dns.Fqdn(name)) }
