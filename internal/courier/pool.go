package courier

import (
	"slices"
	"sync"
	"time"
)

// pool keeps connections between letters: the relay's, and those to MX hosts for whose
// domain more letters wait. Its zero value is ready. The last used is taken first, so
// that a quiet hour shrinks the pool.
type pool struct {
	mu     sync.Mutex
	idle   []*idleConn
	closed bool
}

type idleConn struct {
	*conn
	road  road
	timer *time.Timer
}

// road is what letters must have in common to share a connection: all of it.
type road struct {
	domain   string // of the recipients; empty for the relay
	host     string // the server's name,
	target   string // its address and port,
	verified bool   // and what TLS had to be
}

// relayRoad is the one that all letters share.
var relayRoad road

// limits are how many letters a connection carries and how long it waits for the next.
func (r road) limits() (letters int, idle time.Duration) {
	if r == relayRoad {
		return maxLettersConn, idleTime
	}
	return maxLettersMX, idleTimeMX
}

// take returns a kept connection of a road, or nil.
func (p *pool) take(r road) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.idle) - 1; i >= 0; i-- {
		last := p.idle[i]
		if last.road != r {
			continue
		}
		p.idle = slices.Delete(p.idle, i, i+1)
		// A timer that already fired is about to close this one: not ours any more.
		if last.timer.Stop() {
			return last.conn
		}
	}
	return nil
}

// keep takes cn over if it is worth it; else the caller still has it.
func (p *pool) keep(r road, cn *conn) bool {
	letters, idle := r.limits()
	// Bytes nobody asked for would be read as the next letter's answer.
	if cn.broken || cn.letters >= letters || cn.r.Buffered() > 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle) >= maxIdle {
		return false
	}
	kept := &idleConn{conn: cn, road: r}
	kept.timer = time.AfterFunc(idle, func() { p.expire(kept) })
	p.idle = append(p.idle, kept)
	return true
}

func (p *pool) expire(kept *idleConn) {
	p.mu.Lock()
	for i, other := range p.idle {
		if other == kept {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			break
		}
	}
	p.mu.Unlock()
	kept.quit()
}

func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	kept := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, k := range kept {
		if k.timer.Stop() {
			k.quit()
		}
	}
}
