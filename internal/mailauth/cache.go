package mailauth

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sync/singleflight"
)

// Bounds of the cache: senders choose what we ask, so they must not choose how
// much we keep.
const (
	maxCacheEntries = 8192
	maxCacheBytes   = 16 << 20
	maxAnswerBytes  = 16 << 10 // a larger answer is used and forgotten
	entryOverhead   = 256      // bytes of an entry beside its records, about
)

// dnsCache keeps definite answers for their TTL; trouble is never kept. Usable as
// its zero value.
type dnsCache struct {
	mu      sync.Mutex
	entries map[question]entry
	bytes   int
	flight  singleflight.Group
	now     func() time.Time // nil: time.Now
}

type entry struct {
	answer
	expires time.Time
	bytes   int
}

// get gives the kept answer, or fetches it once for everyone who waits. A caller
// that gives up does not end the fetch for the others.
func (c *dnsCache) get(ctx context.Context, q question, fetch func() (answer, error)) (answer, error) {
	if a, ok := c.find(q); ok {
		return a, nil
	}
	result := c.flight.DoChan(q.name+" "+strconv.Itoa(int(q.qtype)), func() (any, error) {
		a, err := calm(fetch)
		if err == nil {
			c.keep(q, a)
		}
		return a, err
	})
	select {
	case r := <-result:
		a, _ := r.Val.(answer)
		return a, r.Err
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

// calm turns a panic over a stranger's packet into an error; in singleflight's
// goroutine it would end the program.
func calm(fetch func() (answer, error)) (a answer, err error) {
	defer func() {
		if trouble := recover(); trouble != nil {
			err = fmt.Errorf("reading a DNS answer: %v", trouble)
		}
	}()
	return fetch()
}

func (c *dnsCache) find(q question) (answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[q]
	if ok && !c.time().Before(e.expires) {
		c.drop(q, e)
		ok = false
	}
	return e.answer, ok
}

func (c *dnsCache) keep(q question, a answer) {
	size := entryOverhead + len(q.name)
	for _, rr := range a.records {
		size += dns.Len(rr)
	}
	if size > maxAnswerBytes {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = make(map[question]entry)
	}
	if old, ok := c.entries[q]; ok {
		c.drop(q, old)
	}
	c.makeRoom(size)
	c.entries[q] = entry{a, c.time().Add(a.ttl), size}
	c.bytes += size
}

// makeRoom drops entries in the map's random order: no list to maintain, and
// nothing a sender could aim at.
func (c *dnsCache) makeRoom(size int) {
	for q, e := range c.entries {
		if len(c.entries) < maxCacheEntries && c.bytes+size <= maxCacheBytes {
			return
		}
		c.drop(q, e)
	}
}

func (c *dnsCache) drop(q question, e entry) {
	delete(c.entries, q)
	c.bytes -= e.bytes
}

func (c *dnsCache) time() time.Time {
	if c.now != nil {
		return c.now()
	}
	return time.Now()
}
