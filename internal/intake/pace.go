package intake

import (
	"sync"
	"time"
)

// Letters from one participant: more than a person writes is a loop (L-04).
const (
	paceLetters = 10
	paceWindow  = 10 * time.Minute
)

// bound keeps the small memories below from growing with the number of senders; forgetting only makes us milder.
const bound = 10_000

// pace remembers when each participant's last letters came.
type pace struct {
	mu   sync.Mutex
	seen map[string][]time.Time
}

func (p *pace) tooFast(participant string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil || len(p.seen) > bound {
		p.seen = map[string][]time.Time{}
	}
	recent := p.seen[participant][:0]
	for _, t := range p.seen[participant] {
		if now.Sub(t) < paceWindow {
			recent = append(recent, t)
		}
	}
	p.seen[participant] = append(recent, now)[max(0, len(recent)+1-paceLetters-1):]
	return len(recent) >= paceLetters
}

// maxTries is how often a letter is asked to come again for a DNS answer before it is taken as unverified (threats 2.0).
const maxTries = 3

// tries counts, per content hash, how often that was.
type tries struct {
	mu   sync.Mutex
	seen map[string]int
}

func (t *tries) enough(hash string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seen == nil || len(t.seen) > bound {
		t.seen = map[string]int{}
	}
	t.seen[hash]++
	return t.seen[hash] > maxTries
}
