package outbox

import (
	"sync"
	"time"

	"aside/internal/desk"
)

// How many letters are on their way at once.
const (
	maxUnderWay = 64      // in all: each may hold a connection and its letter's bytes
	perProject  = 48      // of one project, so that another always finds a place
	perDomain   = 4       // to one domain: more looks like a flood to it
	perRelay    = 20      // to the operator's relay, which waits for us alone; Postfix takes as many from one client
	largeLetter = 1 << 20 // bytes; with largeAtOnce this bounds memory: 64 small letters and 4 of the largest
	largeAtOnce = 4
)

// A domain whose servers do not answer is left alone, each time for longer. What waits for it meanwhile is set aside, not tried.
const (
	firstRest = 30 * time.Second
	longRest  = 30 * time.Minute
	forgetful = 24 * time.Hour // a domain that nothing was sent to for so long is a new one
)

// relayRoad is the name of the one road when there is a relay; no domain is called so.
const relayRoad = "the relay"

// roads is who may be written to now. The worker's goroutine plans, begins and ends; attempts report what they heard.
type roads struct {
	mu       sync.Mutex
	by       map[string]*road
	projects map[string]int
	all      int
	large    int
	relayed  bool
}

// road is a domain, or the relay.
type road struct {
	busy     int
	failures int // in a row, of the connection and not of a letter
	until    time.Time
	why      string
}

// width is how many letters may be on a road at once; one that failed is tried with a single letter first.
func (r *road) width(relayed bool) int {
	switch {
	case r.failures > 0:
		return 1
	case relayed:
		return perRelay
	}
	return perDomain
}

// plan is what a turn does.
type plan struct {
	take  []desk.Due
	aside []aside
	size  map[string]desk.Due
	more  map[string]bool // roads on which letters wait that find no place now: what was taken may leave its connection to them
}

type aside struct {
	desk.Due
	until time.Time
	why   string
}

func (p plan) ids() (ids []string) {
	for _, d := range p.take {
		ids = append(ids, d.ID)
	}
	return ids
}

// plan chooses from what is due: always the project with the fewest letters under way, and of it the oldest that has a free road.
func (r *roads) plan(due []desk.Due, now time.Time, relayed bool) plan {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tidy(now, relayed)
	p := plan{size: map[string]desk.Due{}, more: map[string]bool{}}
	queues := map[string][]desk.Due{}
	for _, d := range due {
		if road := r.by[r.name(d.Lane)]; road != nil && now.Before(road.until) {
			p.aside = append(p.aside, aside{d, road.until, road.why})
			continue
		}
		queues[d.Project()] = insert(queues[d.Project()], d)
	}
	taken, inProject, onRoad, large := 0, map[string]int{}, map[string]int{}, 0
	for r.all+taken < maxUnderWay {
		project, ok := r.next(queues, inProject)
		if !ok {
			break
		}
		d := queues[project][0]
		queues[project] = queues[project][1:]
		name := r.name(d.Lane)
		road := r.by[name]
		if road == nil {
			road = &nobody
		}
		if road.busy+onRoad[name] >= road.width(relayed) || d.Size > largeLetter && r.large+large >= largeAtOnce {
			p.more[name] = true
			continue // it waits; a letter that ends wakes us
		}
		taken, inProject[project], onRoad[name] = taken+1, inProject[project]+1, onRoad[name]+1
		if d.Size > largeLetter {
			large++
		}
		p.take, p.size[d.ID] = append(p.take, d), d
	}
	return p
}

// nobody is a road that nothing was sent on lately.
var nobody road

// next is the project whose turn it is.
func (r *roads) next(queues map[string][]desk.Due, more map[string]int) (string, bool) {
	best, found := "", false
	for project, queue := range queues {
		n := r.projects[project] + more[project]
		if len(queue) == 0 || n >= perProject {
			continue
		}
		m := r.projects[best] + more[best]
		if !found || n < m || n == m && queue[0].Since.Time().Before(queues[best][0].Since.Time()) {
			best, found = project, true
		}
	}
	return best, found
}

// insert keeps a queue in the order of time; what comes is nearly so already.
func insert(queue []desk.Due, d desk.Due) []desk.Due {
	queue = append(queue, d)
	for i := len(queue) - 1; i > 0 && queue[i].Since.Time().Before(queue[i-1].Since.Time()); i-- {
		queue[i], queue[i-1] = queue[i-1], queue[i]
	}
	return queue
}

func (r *roads) name(lane string) string {
	if r.relayed {
		return relayRoad
	}
	return desk.Due{Lane: lane}.Domain()
}

// tidy forgets quiet roads. When the operator changes between relay and MX, what was learned of the other way is void.
func (r *roads) tidy(now time.Time, relayed bool) {
	if r.by == nil || r.relayed != relayed {
		r.by, r.relayed = map[string]*road{}, relayed
	}
	if r.projects == nil {
		r.projects = map[string]int{}
	}
	for name, road := range r.by {
		if road.busy == 0 && (road.failures == 0 || now.Sub(road.until) > forgetful) {
			delete(r.by, name)
		}
	}
}

func (r *roads) at(lane string) *road {
	name := r.name(lane)
	if r.by[name] == nil {
		r.by[name] = &road{}
	}
	return r.by[name]
}

func (r *roads) begin(lane string, size int64) { r.move(lane, size, 1) }
func (r *roads) end(lane string, size int64)   { r.move(lane, size, -1) }

func (r *roads) move(lane string, size int64, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	road, project := r.at(lane), desk.Due{Lane: lane}.Project()
	road.busy = max(road.busy+n, 0)
	r.all += n
	if r.projects[project] += n; r.projects[project] == 0 {
		delete(r.projects, project)
	}
	if size > largeLetter {
		r.large += n
	}
}

// heard learns from an attempt: a server that could not be reached, or that turned the connection away (421), lets its road rest;
// any answer to a letter, also a refusal, shows that somebody is there.
func (r *roads) heard(lane string, now time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	road := r.at(lane)
	if err == nil {
		road.failures, road.until, road.why = 0, time.Time{}, ""
		return
	}
	f := failure(err)
	switch {
	case f.Permanent || f.Unknown: // of the letter, or half-way through one
	case f.Code == 0 || f.Code == 421:
		road.failures++
		road.until = now.Add(min(firstRest<<min(road.failures-1, 10), longRest))
		road.why = "not tried now, since the last attempt there failed: " + f.Error()
	default:
		road.failures, road.until, road.why = 0, time.Time{}, ""
	}
}
