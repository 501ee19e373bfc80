package mailauth

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// server is a real DNS server on loopback, UDP and TCP.
type server struct {
	addr  string
	asked atomic.Int64
	tcp   atomic.Int64
	rrs   map[string][]string // "name. TYPE" -> records in zone file form
	rcode map[string]int
	slow  atomic.Int64 // nanoseconds before an answer
}

func serve(t *testing.T, rrs map[string][]string, rcode map[string]int) *server {
	t.Helper()
	s := &server{rrs: rrs, rcode: rcode}
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = pc.LocalAddr().String()
	l, err := net.Listen("tcp", s.addr)
	if err != nil {
		t.Skipf("the TCP port beside %s is taken: %v", s.addr, err)
	}
	for _, d := range []*dns.Server{{PacketConn: pc, Handler: s}, {Listener: l, Handler: s}} {
		up := make(chan struct{})
		d.NotifyStartedFunc = func() { close(up) }
		go func() { _ = d.ActivateAndServe() }()
		<-up
		t.Cleanup(func() { _ = d.Shutdown() })
	}
	return s
}

func (s *server) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	s.asked.Add(1)
	time.Sleep(time.Duration(s.slow.Load()))
	m := new(dns.Msg)
	m.SetReply(q)
	name := strings.ToLower(q.Question[0].Name)
	m.Rcode = s.rcode[name]
	for _, text := range s.rrs[name+" "+dns.TypeToString[q.Question[0].Qtype]] {
		rr, err := dns.NewRR(text)
		if err != nil {
			panic(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
		m.Truncate(udpSize)
	} else {
		s.tcp.Add(1)
	}
	_ = w.WriteMsg(m)
}

func TestResolverReadsEveryType(t *testing.T) {
	s := serve(t, map[string][]string{
		"txt.test. TXT":               {`txt.test. 60 TXT "v=spf1 " "ip4:192.0.2.1" " \"q\" \\ \195\169"`, `txt.test. 60 TXT "two"`},
		"alias.test. TXT":             {"alias.test. 60 CNAME Other.test.", `other.test. 60 TXT "behind"`, `evil.test. 60 TXT "not asked for"`},
		"mx.test. MX":                 {"mx.test. 60 MX 10 a.test.", "mx.test. 60 MX 5 b.test."},
		"host.test. A":                {"host.test. 60 A 192.0.2.7"},
		"host.test. AAAA":             {"host.test. 60 AAAA 2001:db8::7"},
		"4.test. A":                   {"4.test. 60 A 192.0.2.8"},
		"7.2.0.192.in-addr.arpa. PTR": {"7.2.0.192.in-addr.arpa. 60 PTR host.test."},
	}, map[string]int{"gone.test.": dns.RcodeNameError, "ill.test.": dns.RcodeServerFailure, "no.test.": dns.RcodeRefused})
	r := NewResolver(s.addr)
	ctx := context.Background()

	texts, err := r.LookupTXT(ctx, "TXT.test")
	if err != nil || len(texts) != 2 || texts[0] != "v=spf1 ip4:192.0.2.1 \"q\" \\ \xc3\xa9" {
		t.Errorf("TXT: %q %v", texts, err)
	}
	if texts, err = r.LookupTXT(ctx, "alias.test."); err != nil || len(texts) != 1 || texts[0] != "behind" {
		t.Errorf("alias: %q %v", texts, err)
	}
	if hosts, err := r.LookupMX(ctx, "mx.test"); err != nil || len(hosts) != 2 || hosts[0].Host != "a.test." {
		t.Errorf("MX: %v %v", hosts, err)
	}
	if addrs, err := r.LookupIPAddr(ctx, "host.test"); err != nil || len(addrs) != 2 {
		t.Errorf("addresses: %v %v", addrs, err)
	}
	if addrs, err := r.LookupIPAddr(ctx, "4.test"); err != nil || len(addrs) != 1 {
		t.Errorf("addresses of one family: %v %v", addrs, err)
	}
	if names, err := r.LookupAddr(ctx, "192.0.2.7"); err != nil || names[0] != "host.test." {
		t.Errorf("PTR: %v %v", names, err)
	}
	for name, temporary := range map[string]bool{"gone.test": false, "host.test": false, "ill.test": true, "no.test": true} {
		_, err := r.LookupTXT(ctx, name)
		var d *net.DNSError
		if !errors.As(err, &d) || d.IsNotFound == temporary || d.IsTemporary != temporary {
			t.Errorf("%s: %#v", name, err)
		}
	}
	for name, want := range map[string]bool{"gone.test": false, "host.test": true, "txt.test": true} {
		if got, err := r.(*dnsResolver).Exists(ctx, name); got != want || err != nil {
			t.Errorf("Exists(%s) = %v, %v", name, got, err)
		}
	}
	if _, err := r.LookupTXT(ctx, strings.Repeat("x", 70)+".test"); !isNotFound(err) {
		t.Errorf("a name that cannot be: %v", err)
	}
}

func TestResolverGoesToTCPWhenUDPIsTooSmall(t *testing.T) {
	long := strings.Repeat("x", 250)
	s := serve(t, map[string][]string{"big.test. TXT": {`big.test. 60 TXT "` + strings.Repeat(long+`" "`, 8) + `"`}}, nil)
	texts, err := NewResolver(s.addr).LookupTXT(context.Background(), "big.test")
	if err != nil || len(texts) != 1 || len(texts[0]) != 8*250 || s.tcp.Load() != 1 {
		t.Errorf("%d texts, %v, %d by TCP", len(texts), err, s.tcp.Load())
	}
}

func TestAnswersAreKeptForTheirTTLAndNoLonger(t *testing.T) {
	s := serve(t, map[string][]string{
		"a.test. TXT":    {`a.test. 300 TXT "a"`, `a.test. 200 TXT "b"`},
		"zero.test. TXT": {`zero.test. 0 TXT "a"`},
		"week.test. TXT": {`week.test. 604800 TXT "a"`},
	}, map[string]int{"ill.test.": dns.RcodeServerFailure})
	r := NewResolver(s.addr).(*dnsResolver)
	now := noon
	r.cache.now = func() time.Time { return now }
	for _, c := range []struct {
		name  string
		after time.Duration
		asks  int64
	}{
		{"a.test", 0, 1}, {"a.test", 199 * time.Second, 0}, {"a.test", 2 * time.Second, 1},
		{"zero.test", 0, 1}, {"zero.test", minTTL - time.Second, 0}, {"zero.test", 2 * time.Second, 1},
		{"week.test", 0, 1}, {"week.test", time.Hour + time.Second, 1},
		{"none.test", 0, 1}, {"none.test", noSOATTL - time.Second, 0}, {"none.test", 2 * time.Second, 1},
		{"ill.test", 0, queryTries}, {"ill.test", 0, queryTries},
	} {
		now = now.Add(c.after)
		before := s.asked.Load()
		_, _ = r.LookupTXT(context.Background(), c.name)
		if got := s.asked.Load() - before; got != c.asks {
			t.Errorf("%s after %v: asked %d times, want %d", c.name, c.after, got, c.asks)
		}
	}
}

func TestManyWhoAskTheSameAskOnce(t *testing.T) {
	s := serve(t, map[string][]string{"a.test. TXT": {`a.test. 300 TXT "a"`}}, nil)
	s.slow.Store(int64(200 * time.Millisecond))
	r := NewResolver(s.addr)
	gaveUp, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.LookupTXT(gaveUp, "a.test"); !isTemporary(err) {
		t.Errorf("one who gives up: %v", err)
	}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if _, err := r.LookupTXT(context.Background(), "a.test"); err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if got := s.asked.Load(); got != 1 {
		t.Errorf("asked %d times", got)
	}
}

func TestCacheIsBounded(t *testing.T) {
	var c dnsCache
	rr, _ := dns.NewRR(`a.test. 300 TXT "` + strings.Repeat(strings.Repeat("x", 250)+`" "`, 20) + `"`)
	for i := range 3 * maxCacheEntries {
		c.keep(question{name: dns.Fqdn(strings.Repeat("x", i%50) + string(rune('a'+i%26)) + time.Duration(i).String()), qtype: 1}, answer{records: []dns.RR{rr}, ttl: time.Hour})
		if len(c.entries) > maxCacheEntries || c.bytes > maxCacheBytes {
			t.Fatalf("%d entries of %d bytes", len(c.entries), c.bytes)
		}
	}
	sum := 0
	for q, e := range c.entries {
		sum += e.bytes
		c.drop(q, e)
	}
	if c.bytes != 0 || sum == 0 {
		t.Errorf("the count is off by %d", c.bytes)
	}
}

func TestAServerThatIsNotThereIsTemporaryTrouble(t *testing.T) {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := pc.LocalAddr().String()
	pc.Close()
	_, err = NewResolver(addr).LookupTXT(context.Background(), "a.test")
	if !isTemporary(err) {
		t.Errorf("got %#v", err)
	}
	c := Checker{Resolver: NewResolver(addr), Now: func() time.Time { return noon }}
	v := c.Check(context.Background(), Letter{Remote: evilIP, Helo: "h.test", MailFrom: "bob@ext.test", From: "bob@ext.test", Raw: []byte(plainLetter)})
	if verdictWord(v) != "temporary" {
		t.Error(describe(v))
	}
}

func TestMapResolver(t *testing.T) {
	m, err := LoadMapResolver([]byte(`{"a.test.": ["x", "y"], "B.test": {"error": "temperror"}, "c.test.": {"MX": ["m.test"], "A": ["192.0.2.1", "2001:db8::1"]},
		"d.test.": {"error": "nxdomain"}, "e.test.": {"error": "permerror"}, "f.test.": {"CNAME": "a.test"}, "x.g.test.": []}`))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for _, name := range []string{"a.test", "A.TEST.", "f.test"} {
		if texts, err := m.LookupTXT(ctx, name); err != nil || len(texts) != 2 {
			t.Errorf("%s: %v %v", name, texts, err)
		}
	}
	for name, want := range map[string][2]bool{ // not found, temporary
		"b.test": {false, true}, "c.test": {true, false}, "d.test": {true, false}, "e.test": {false, false}, "none.test": {true, false},
	} {
		_, err := m.LookupTXT(ctx, name)
		if isNotFound(err) != want[0] || isTemporary(err) != want[1] {
			t.Errorf("%s: %v", name, err)
		}
	}
	if hosts, err := m.LookupMX(ctx, "c.test"); err != nil || hosts[0].Host != "m.test." {
		t.Errorf("MX: %v %v", hosts, err)
	}
	if addrs, err := m.LookupIPAddr(ctx, "c.test"); err != nil || len(addrs) != 2 {
		t.Errorf("addresses: %v %v", addrs, err)
	}
	for name, want := range map[string]bool{"a.test": true, "g.test": true, "h.test": false} {
		if got, _ := m.Exists(ctx, name); got != want {
			t.Errorf("Exists(%s) = %v", name, got)
		}
	}
	if _, err := LoadMapResolver([]byte(`[]`)); err == nil {
		t.Error("took a list")
	}
}
