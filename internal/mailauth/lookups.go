package mailauth

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
)

// How many look-ups one letter may cost (threats A-33). The shares are apart so
// that a flood of signatures cannot use up what SPF or DMARC need to refuse.
const (
	maxLookups      = 30
	maxDMARCLookups = 12 // a tree walk is 8 at most (RFC 9989 4.10), walks share their names, np= may cost 3
)

// errBudget is definite: asking later would cost as much.
var errBudget = &net.DNSError{Err: "too many look-ups for one letter"}

// budget is a Resolver that answers a bounded number of questions. It also brings
// names and errors into one shape for everything behind it.
type budget struct {
	Resolver
	left atomic.Int64
	used atomic.Bool // a question came after the last one allowed
}

func newBudget(r Resolver, n int) *budget {
	b := &budget{Resolver: r}
	b.left.Store(int64(n))
	return b
}

// unspent is how many questions are left.
func (b *budget) unspent() int { return int(max(0, b.left.Load())) }

// take pays for one question and gives the name as asked for: absolute, so that no
// search list is tried.
func (b *budget) take(name string) (string, error) {
	if b.left.Add(-1) < 0 {
		b.used.Store(true)
		return "", errBudget
	}
	return strings.TrimSuffix(name, ".") + ".", nil
}

func (b *budget) LookupTXT(ctx context.Context, name string) ([]string, error) {
	name, err := b.take(name)
	if err != nil {
		return nil, err
	}
	texts, err := b.Resolver.LookupTXT(ctx, name)
	return texts, bareDNSError(err)
}

func (b *budget) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	name, err := b.take(name)
	if err != nil {
		return nil, err
	}
	hosts, err := b.Resolver.LookupMX(ctx, name)
	return hosts, bareDNSError(err)
}

func (b *budget) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	host, err := b.take(host)
	if err != nil {
		return nil, err
	}
	addrs, err := b.Resolver.LookupIPAddr(ctx, host)
	return addrs, bareDNSError(err)
}

func (b *budget) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	if _, err := b.take(addr); err != nil {
		return nil, err
	}
	names, err := b.Resolver.LookupAddr(ctx, addr)
	return names, bareDNSError(err)
}

// bareDNSError gives an error as a plain *net.DNSError, which is what the SPF
// library looks for without unwrapping (threats D8). What is not a DNS error at all
// is trouble on our side: temporary.
func bareDNSError(err error) error {
	if err == nil {
		return nil
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns
	}
	return &net.DNSError{Err: err.Error(), IsTemporary: true, IsTimeout: errors.Is(err, context.DeadlineExceeded)}
}

func isTemporary(err error) bool {
	if err == nil {
		return false
	}
	dns, _ := bareDNSError(err).(*net.DNSError)
	return !dns.IsNotFound && (dns.IsTemporary || dns.IsTimeout)
}

func isNotFound(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// exists asks whether a name exists at all (RFC 8020), for DMARC's np=. A resolver
// that can tell "no such name" from "nothing of that type" is asked just that;
// with another, a name with no address, mail host or text does not exist
// (RFC 9091 2.7, the nearest that can be asked).
func exists(ctx context.Context, r *budget, name string) (bool, error) {
	if e, ok := r.Resolver.(interface {
		Exists(ctx context.Context, name string) (bool, error)
	}); ok {
		name, err := r.take(name)
		if err != nil {
			return false, err
		}
		return e.Exists(ctx, name)
	}
	_, err := r.LookupIPAddr(ctx, name)
	if isNotFound(err) {
		_, err = r.LookupMX(ctx, name)
	}
	if isNotFound(err) {
		_, err = r.LookupTXT(ctx, name)
	}
	if isNotFound(err) {
		return false, nil
	}
	return err == nil, err
}
