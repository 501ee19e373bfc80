package courier

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// MTA-STS (RFC 8461): a domain says over HTTPS which servers take its mail and that TLS
// must be verified there. What was learned is kept in memory, for as long as the policy
// says.
const (
	stsRecheck = 10 * time.Minute // between two looks at a domain's record; RFC 8461 3.3 asks for 5 at least after a failure
	stsFetch   = 20 * time.Second // a policy must not hold up a letter for long
	stsDomains = 4096             // remembered; beyond that others are forgotten
)

type stsCache struct {
	mu      sync.Mutex
	domains map[string]stsEntry
}

// stsEntry is what is known of a domain; its policy is nil where there is none.
type stsEntry struct {
	policy  *policy
	checked time.Time
}

// policy returns what domain demands now, nil for nothing. It has no errors: without an
// answer the last known policy holds until it expires (RFC 8461 5.1), and without that
// mail goes as it would have.
func (c *Courier) policy(ctx context.Context, domain string) *policy {
	known := c.sts.get(domain)
	now := c.now()
	if known.policy != nil && !now.Before(known.policy.expires) {
		known.policy = nil
	}
	if !known.checked.IsZero() && now.Sub(known.checked) < stsRecheck {
		return known.policy
	}
	fresh, err := c.learn(ctx, domain, known.policy)
	if err != nil {
		c.log().Warn("MTA-STS policy not read", "domain", domain, "error", err)
		fresh = known.policy
	}
	c.sts.put(domain, stsEntry{policy: fresh, checked: now})
	return fresh
}

// learn asks DNS for the policy's id and fetches the policy if the id is new.
func (c *Courier) learn(ctx context.Context, domain string, known *policy) (*policy, error) {
	txts, err := c.resolver().LookupTXT(ctx, "_mta-sts."+domain+".")
	if err != nil && !notFound(err) {
		return nil, err
	}
	id, ok := stsID(txts)
	if !ok || (known != nil && known.id == id) {
		return known, nil // a vanished record does not end a policy (RFC 8461 5.1)
	}
	text, err := c.fetch(ctx, "https://mta-sts."+domain+"/.well-known/mta-sts.txt")
	if err != nil {
		return nil, err
	}
	p, err := parsePolicy(text)
	if err != nil {
		return nil, err
	}
	p.id, p.expires = id, c.now().Add(p.maxAge)
	return p, nil
}

// fetch gets one small text: no redirect, HTTPS verified, nothing but 200 (RFC 8461 3.3).
func (c *Courier) fetch(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, stsFetch)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	res, err := c.client().Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if res.StatusCode != http.StatusOK || kind != "text/plain" {
		return "", fmt.Errorf("%s: status %d, type %s", url, res.StatusCode, escape(kind, 80))
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxPolicy+1))
	if err == nil && len(body) > maxPolicy {
		err = errors.New("the policy is too long")
	}
	return string(body), err
}

func (c *Courier) client() *http.Client {
	if c.HTTP != nil {
		return c.HTTP
	}
	c.once.Do(func() { c.http = c.newClient() })
	return c.http
}

// newClient dials as mail is dialled: by our resolver, to the public Internet only. The
// domain was named by a stranger; this must not be a way to knock on inner doors.
func (c *Courier) newClient() *http.Client {
	dial := func(ctx context.Context, _, target string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(target)
		if err != nil {
			return nil, err
		}
		ips, fail := c.addresses(ctx, strings.TrimSuffix(host, "."))
		if fail != nil {
			return nil, fail
		}
		return c.dial(ctx, net.JoinHostPort(ips[0].String(), port))
	}
	trust := &tls.Config{}
	if c.TLS != nil {
		trust.RootCAs = c.TLS.RootCAs
	}
	return &http.Client{
		Transport:     &http.Transport{DialContext: dial, TLSClientConfig: trust, DisableKeepAlives: true, MaxResponseHeaderBytes: maxPolicy},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (s *stsCache) get(domain string) stsEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.domains[domain]
}

func (s *stsCache) put(domain string, e stsEntry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.domains == nil {
		s.domains = map[string]stsEntry{}
	}
	s.domains[domain] = e
	s.shrink(domain)
}

// shrink forgets a domain other than keep when there are too many, one without a policy
// if a few looks find one.
func (s *stsCache) shrink(keep string) {
	if len(s.domains) <= stsDomains {
		return
	}
	victim, looks := "", 0
	for name, e := range s.domains {
		if name == keep {
			continue
		}
		victim = name
		if looks++; e.policy == nil || looks == 64 {
			break
		}
	}
	delete(s.domains, victim)
}
