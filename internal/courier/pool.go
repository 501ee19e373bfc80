package courier

import (
	"sync"
	"time"
)

// pool keeps the relay's connections between letters. Its zero value is ready. One
// kept connection waits at most idleTime; the last used is taken first, so that a
// quiet hour shrinks the pool.
type pool struct {
	mu     sync.Mutex
	idle   []*idleConn
	closed bool
}

type idleConn struct {
	*conn
	timer *time.Timer
}

// take returns a kept connection, or nil.
func (p *pool) take() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		last := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		// A timer that already fired is about to close this one: not ours any more.
		if last.timer.Stop() {
			return last.conn
		}
	}
	return nil
}

// keep takes cn over if it is worth it; else the caller still has it.
func (p *pool) keep(cn *conn) bool {
	// Bytes nobody asked for would be read as the next letter's answer.
	if cn.broken || cn.letters >= maxLettersConn || cn.r.Buffered() > 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle) >= maxIdle {
		return false
	}
	kept := &idleConn{conn: cn}
	kept.timer = time.AfterFunc(idleTime, func() { p.expire(kept) })
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
	p.mu.Unlock()
	for cn := p.take(); cn != nil; cn = p.take() {
		cn.quit()
	}
}
