package mailauth

import (
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// How long an answer may be kept, whatever its TTL says.
const (
	maxTTL         = time.Hour        // so that a key withdrawn is believed no longer than this
	maxNegativeTTL = 15 * time.Minute // so that a record just published is found soon
	minTTL         = 5 * time.Second  // so that a domain that says 0 does not make us ask three times for every letter it sends
	noSOATTL       = time.Minute      // of "nothing there" without a SOA to say how long (RFC 2308 5 would not keep it)
)

// question is what an answer is kept under; the name is lower case with a dot.
type question struct {
	name  string
	qtype uint16
}

// answer is a definite answer: records, or that there are none.
type answer struct {
	records []dns.RR
	noName  bool // NXDOMAIN: nothing of any type, nor below (RFC 8020)
	ttl     time.Duration
}

// readAnswer takes the records that answer the question, aliases followed. Any
// RCODE but 0 and 3 is trouble that may pass (RFC 7208 2.6.6, RFC 9989 4.10.1).
func readAnswer(m *dns.Msg, q question) (answer, error) {
	if len(m.Question) != 1 || dns.CanonicalName(m.Question[0].Name) != q.name || m.Question[0].Qtype != q.qtype {
		return answer{}, &net.DNSError{Err: "the answer is to another question", Name: q.name, IsTemporary: true}
	}
	if m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
		return answer{}, &net.DNSError{Err: fmt.Sprintf("server says %s", dns.RcodeToString[m.Rcode]), Name: q.name, IsTemporary: true}
	}
	a := answer{ttl: maxTTL}
	owner := q.name
	for hop := 0; hop <= maxAliases; hop++ {
		next := ""
		for _, rr := range m.Answer {
			h := rr.Header()
			if dns.CanonicalName(h.Name) != owner || h.Class != dns.ClassINET {
				continue
			}
			if alias, ok := rr.(*dns.CNAME); ok && q.qtype != dns.TypeCNAME {
				next = dns.CanonicalName(alias.Target)
			} else if h.Rrtype != q.qtype {
				continue
			} else {
				a.records = append(a.records, rr)
			}
			a.ttl = min(a.ttl, time.Duration(h.Ttl)*time.Second)
		}
		if next == "" || len(a.records) > 0 {
			break
		}
		owner = next
	}
	a.noName = m.Rcode == dns.RcodeNameError && owner == q.name // an alias to nowhere is itself a name
	if len(a.records) == 0 {
		a.ttl = min(a.ttl, negativeTTL(m))
	}
	a.ttl = max(a.ttl, minTTL)
	return a, nil
}

// negativeTTL is how long "nothing there" holds (RFC 2308 5).
func negativeTTL(m *dns.Msg) time.Duration {
	for _, rr := range m.Ns {
		if soa, ok := rr.(*dns.SOA); ok {
			seconds := min(soa.Hdr.Ttl, soa.Minttl)
			return min(maxNegativeTTL, time.Duration(seconds)*time.Second)
		}
	}
	return noSOATTL
}

// unescape turns the library's presentation form of a TXT string back into bytes:
// \" and \\ and \DDD.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		i++
		if i+2 < len(s) && isDigit(s[i]) && isDigit(s[i+1]) && isDigit(s[i+2]) {
			b = append(b, (s[i]-'0')*100+(s[i+1]-'0')*10+(s[i+2]-'0'))
			i += 2
			continue
		}
		b = append(b, s[i])
	}
	return string(b)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
