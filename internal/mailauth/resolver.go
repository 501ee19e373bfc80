package mailauth

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Bounds of one question.
const (
	queryTimeout  = 3 * time.Second // of one try at one server
	queryTries    = 2               // rounds over all servers
	lookupTimeout = 8 * time.Second // of a whole look-up, below a letter's budget
	udpSize       = 1232            // what passes every path unfragmented (DNS flag day 2020)
	maxAliases    = 8               // CNAMEs followed in one answer
)

// dnsResolver asks DNS servers itself, because the standard library tells no TTL.
//
// State: the cache, and one goroutine per look-up in flight, shared by everyone who
// asks the same and ended by lookupTimeout at the latest.
type dnsResolver struct {
	servers []string
	cache   dnsCache
}

// NewResolver gives a Resolver that asks one recursive server ("host:port"), or
// with "" the system's of /etc/resolv.conf. It keeps answers for their TTL, asks
// once for what many want at the same time, and goes to TCP when UDP is too small.
// Search lists and /etc/hosts are not used: every name is absolute. No error is
// possible here; a server that is not there shows as temporary trouble.
func NewResolver(hostport string) Resolver {
	if hostport == "" {
		return &dnsResolver{servers: systemServers()}
	}
	if _, _, err := net.SplitHostPort(hostport); err != nil {
		hostport = net.JoinHostPort(strings.Trim(hostport, "[]"), "53")
	}
	return &dnsResolver{servers: []string{hostport}}
}

var systemResolver = sync.OnceValue(func() Resolver { return NewResolver("") })

// systemServers reads resolv.conf; without one, a server on this machine is the
// rule (resolv.conf(5)).
func systemServers() []string {
	conf, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil || len(conf.Servers) == 0 {
		return []string{"127.0.0.1:53"}
	}
	servers := make([]string, len(conf.Servers))
	for i, s := range conf.Servers {
		servers[i] = net.JoinHostPort(s, conf.Port)
	}
	return servers
}

// LookupTXT gives the TXT records of a name, each with its strings joined.
func (r *dnsResolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	records, err := r.lookup(ctx, name, dns.TypeTXT)
	texts := make([]string, 0, len(records))
	for _, rr := range records {
		texts = append(texts, unescape(strings.Join(rr.(*dns.TXT).Txt, "")))
	}
	return texts, err
}

// LookupMX gives the mail hosts of a name, in the order they came.
func (r *dnsResolver) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	records, err := r.lookup(ctx, name, dns.TypeMX)
	hosts := make([]*net.MX, 0, len(records))
	for _, rr := range records {
		hosts = append(hosts, &net.MX{Host: rr.(*dns.MX).Mx, Pref: rr.(*dns.MX).Preference})
	}
	return hosts, err
}

// LookupIPAddr gives the addresses of a host, both families asked at once. When
// one family cannot be had for now, the other's addresses come with the error.
func (r *dnsResolver) LookupIPAddr(ctx context.Context, host string) (addrs []net.IPAddr, err error) {
	var six []dns.RR
	var err6 error
	done := make(chan struct{})
	go func() { six, err6 = r.lookup(ctx, host, dns.TypeAAAA); close(done) }()
	four, err4 := r.lookup(ctx, host, dns.TypeA)
	<-done
	for _, rr := range four {
		addrs = append(addrs, net.IPAddr{IP: rr.(*dns.A).A})
	}
	for _, rr := range six {
		addrs = append(addrs, net.IPAddr{IP: rr.(*dns.AAAA).AAAA})
	}
	for _, err := range [...]error{err4, err6} {
		if err != nil && (!isNotFound(err) || len(addrs) == 0) {
			return addrs, err
		}
	}
	return addrs, nil
}

// LookupAddr gives the names an address points back to.
func (r *dnsResolver) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	name, err := dns.ReverseAddr(addr)
	if err != nil {
		return nil, &net.DNSError{Err: "not an IP address", Name: addr}
	}
	records, err := r.lookup(ctx, name, dns.TypePTR)
	names := make([]string, 0, len(records))
	for _, rr := range records {
		names = append(names, rr.(*dns.PTR).Ptr)
	}
	return names, err
}

// Exists says whether a name exists, with or without records (RFC 8020). The
// standard resolver cannot tell; DMARC's np= wants to know.
func (r *dnsResolver) Exists(ctx context.Context, name string) (bool, error) {
	a, err := r.ask(ctx, name, dns.TypeA)
	return err == nil && !a.noName, err
}

// lookup gives the records of one type, or a *net.DNSError.
func (r *dnsResolver) lookup(ctx context.Context, name string, qtype uint16) ([]dns.RR, error) {
	a, err := r.ask(ctx, name, qtype)
	if err != nil {
		return nil, err
	}
	if len(a.records) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return a.records, nil
}

// ask gives the answer to one question from the cache or from a server.
func (r *dnsResolver) ask(ctx context.Context, name string, qtype uint16) (answer, error) {
	q := question{dns.CanonicalName(name), qtype}
	if _, ok := dns.IsDomainName(q.name); !ok {
		return answer{noName: true}, nil
	}
	a, err := r.cache.get(ctx, q, func() (answer, error) {
		ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
		defer cancel()
		return r.query(ctx, q)
	})
	if err == nil {
		return a, nil
	}
	var known *net.DNSError
	if errors.As(err, &known) {
		return a, known
	}
	timeout := errors.Is(err, context.DeadlineExceeded)
	return a, &net.DNSError{Err: err.Error(), Name: name, IsTimeout: timeout, IsTemporary: true}
}

// query asks the servers in turn until one gives an answer that settles it.
func (r *dnsResolver) query(ctx context.Context, q question) (a answer, err error) {
	m := new(dns.Msg)
	m.SetQuestion(q.name, q.qtype)
	m.SetEdns0(udpSize, false)
	for try := 0; try < queryTries*len(r.servers) && ctx.Err() == nil; try++ {
		m.Id = dns.Id()
		server := r.servers[try%len(r.servers)]
		var reply *dns.Msg
		if reply, err = exchange(ctx, m, server); err != nil {
			continue
		}
		if a, err = readAnswer(reply, q); err == nil {
			return a, nil
		}
	}
	if err == nil {
		err = ctx.Err()
	}
	return a, err
}

// exchange sends over UDP, and over TCP when the answer did not fit.
func exchange(ctx context.Context, m *dns.Msg, server string) (*dns.Msg, error) {
	client := dns.Client{Net: "udp", Timeout: queryTimeout, UDPSize: udpSize}
	reply, _, err := client.ExchangeContext(ctx, m, server)
	if err == nil && reply.Truncated {
		client.Net = "tcp"
		reply, _, err = client.ExchangeContext(ctx, m, server)
	}
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return nil, &net.DNSError{Err: "the DNS server did not answer", IsTimeout: true, IsTemporary: true, Server: server}
	}
	return reply, err
}
