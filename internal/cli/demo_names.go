package cli

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"

	"github.com/miekg/dns"
)

// What the demo's senders publish.
const (
	demoSelector = "s1"
	silentDomain = "silent.test" // the one domain that says nothing about its mail
	honestSource = "127.0.0.10"  // whence the domains' own servers send; a forger comes from 127.0.0.1
	relaySource  = "127.0.0.11"  // whence a relay of ours would send on; nothing does here
	nameTTL      = 60
	portTries    = 20 // for a port that is free over UDP and TCP alike
)

// demoNames is a name server for the demo's outsiders: whatever domain an agent writes to has mail servers, an SPF record, DMARC
// p=reject and a DKIM key, so that its answers are as well proved as those of a careful company. The private half of that key
// signs what is answered on the caught-mail page. Only silentDomain has nothing. own has what `aside dns` asks its owner to publish,
// with the keys that Aside itself signs with.
type demoNames struct {
	own     string
	private ed25519.PrivateKey
	key     string
	servers []*dns.Server
	ours    atomic.Pointer[map[string]string] // records of own's keys, by name with a dot at the end
}

// publish puts our own keys into the zone, once the server has made them.
func (d *demoNames) publish(records map[string]string) { d.ours.Store(&records) }

// newDemoNames serves on a free loopback port until close.
func newDemoNames(own string) (*demoNames, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	d := &demoNames{own: own, private: private, key: "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}
	stream, packets, err := twinPort()
	if err != nil {
		return nil, fmt.Errorf("demo's name server: %w", err)
	}
	d.servers = []*dns.Server{{PacketConn: packets, Handler: d}, {Listener: stream, Handler: d}}
	for _, s := range d.servers {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go s.ActivateAndServe() //nolint:errcheck // ends with close
		<-started
	}
	return d, nil
}

func twinPort() (stream net.Listener, packets net.PacketConn, err error) {
	for range portTries {
		if packets, err = net.ListenPacket("udp", "127.0.0.1:0"); err != nil {
			continue
		}
		if stream, err = net.Listen("tcp", packets.LocalAddr().String()); err == nil {
			return stream, packets, nil
		}
		packets.Close()
	}
	return nil, nil, errors.Join(errors.New("no free port"), err)
}

func (d *demoNames) addr() string { return d.servers[0].PacketConn.LocalAddr().String() }

func (d *demoNames) close() {
	for _, s := range d.servers {
		_ = s.Shutdown()
	}
}

// ServeDNS answers one question.
func (d *demoNames) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg)
	m.SetReply(q)
	m.Authoritative = true
	if len(q.Question) == 1 {
		head := dns.RR_Header{Name: q.Question[0].Name, Rrtype: q.Question[0].Qtype, Class: dns.ClassINET, Ttl: nameTTL}
		if rr := d.record(head, strings.TrimSuffix(strings.ToLower(head.Name), ".")); rr != nil {
			m.Answer = []dns.RR{rr}
		} else if head.Rrtype == dns.TypeTXT {
			m.Rcode = dns.RcodeNameError
		}
	}
	_ = w.WriteMsg(m)
}

func (d *demoNames) record(head dns.RR_Header, name string) dns.RR {
	switch head.Rrtype {
	case dns.TypeTXT:
		if text := d.text(name); text != "" {
			return &dns.TXT{Hdr: head, Txt: pieces(text)}
		}
	case dns.TypeMX:
		if name == d.own {
			return &dns.MX{Hdr: head, Preference: 10, Mx: name + "."}
		}
		if isDomainName(name) {
			return &dns.MX{Hdr: head, Preference: 10, Mx: "mail." + name + "."}
		}
	case dns.TypeA:
		if name == d.own {
			return &dns.A{Hdr: head, A: net.IPv4(127, 0, 0, 1)}
		}
		if isDomainName(name) {
			return &dns.A{Hdr: head, A: net.ParseIP(honestSource)}
		}
	}
	return nil
}

// text is what a name publishes: a key (RFC 6376 3.6.2.1), a policy (RFC 7489 6.1) or who sends for it (RFC 7208 3).
func (d *demoNames) text(name string) string {
	label, domain, _ := strings.Cut(name, ".")
	switch {
	case strings.HasSuffix(name, silentDomain):
		return ""
	case label == "_dmarc" && isDomainName(domain):
		return "v=DMARC1; p=reject"
	case strings.HasSuffix(name, "._domainkey."+d.own):
		if ours := d.ours.Load(); ours != nil {
			return (*ours)[name+"."]
		}
	case label == demoSelector && strings.HasPrefix(domain, "_domainkey."):
		if isDomainName(strings.TrimPrefix(domain, "_domainkey.")) {
			return d.key
		}
	case name == d.own:
		return "v=spf1 ip4:" + relaySource + " -all"
	case isDomainName(name):
		return "v=spf1 ip4:" + honestSource + " -all"
	}
	return ""
}

// pieces cuts a value into the character-strings of a TXT record (RFC 1035 3.3).
func pieces(s string) (list []string) {
	const longest = 255
	for len(s) > longest {
		list, s = append(list, s[:longest]), s[longest:]
	}
	return append(list, s)
}

// isDomainName leaves out top-level names, reverse names and service names: nobody has a mailbox there.
func isDomainName(name string) bool {
	return strings.Contains(name, ".") && !strings.Contains(name, "_") && !strings.HasSuffix(name, ".arpa")
}
