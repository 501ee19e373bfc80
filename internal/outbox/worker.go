package outbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"aside/internal/courier"
	"aside/internal/crash"
	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/core"
)

// The queue's pace.
const (
	leaseTime = time.Minute            // what a killed process held is taken up again after this (threats 3.2, invariant 4)
	renewTime = 15 * time.Second       // leases of attempts under way are renewed this often, so that a slow one is never doubled
	lookAgain = time.Minute            // the ticker behind the wakes: nothing waits longer than this for a lost wake
	lastWords = 5 * time.Second        // what attempts under way may still take when the server stops
	tryAgain  = 200 * time.Millisecond // until results that could not be written down are tried again
	stumbled  = 2 * time.Second        // until the queue is looked at again that could not be read or claimed from: a full disk, a lock
)

// Carrier is who takes a letter across the network: a *courier.Courier.
type Carrier interface {
	Deliver(ctx context.Context, p courier.Parcel) (courier.Outcome, error)
}

// Worker empties the queue. High-level approach: one goroutine, Run, owns all state. Each turn it writes down what attempts have
// come to and claims what may go next, both in one transaction; then it waits for a wake, a result or the time when something is due.
// An attempt has a goroutine of its own that does nothing but carry.
type Worker struct {
	Outbox  *Outbox
	Carrier func() Carrier // asked for each letter, since the operator may change the relay while we run
	Relayed func() bool    // whether one relay takes everything; nil: never
	Now     func() time.Time

	roads    roads
	underWay map[string]desk.Claimed
	renewed  time.Time
	failed   bool // this turn, for want of room or a lock: another comes soon
	done     chan finished
}

// finished is an attempt that has ended, or a letter set aside without one.
type finished struct {
	id     string
	lane   string
	size   int64
	result desk.Result
	tries  int
}

// Run works until ctx ends, then gives the attempts under way a few seconds to end by themselves.
func (w *Worker) Run(ctx context.Context) {
	w.underWay, w.done = map[string]desk.Claimed{}, make(chan finished, maxUnderWay)
	carry, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	context.AfterFunc(ctx, func() { time.AfterFunc(lastWords, cut) })
	var results []finished
	for ctx.Err() == nil || len(w.underWay) > 0 || len(results) > 0 {
		w.failed = false
		if ctx.Err() == nil {
			if err := w.Outbox.MailNotices(); err != nil {
				w.fail("notices could not be queued", err)
			}
		}
		var more bool
		if results, more = w.turn(ctx, carry, results); !more {
			results = w.wait(ctx, results)
		}
	}
}

// turn writes results down and begins new attempts. What could not be written is returned, to be tried again; more says that there is
// something to do at once.
func (w *Worker) turn(ctx, carry context.Context, results []finished) (left []finished, more bool) {
	now := w.now()
	var p plan
	if ctx.Err() == nil {
		due, err := desk.DueDeliveries(w.Outbox.App, now, maxUnderWay)
		if err != nil {
			w.fail("the queue could not be read", err)
		}
		p = w.roads.plan(w.idle(due), now, w.relayed())
		more = len(p.aside) > 0 || len(p.take) > 0 && len(due) == desk.DueLimit
	}
	for _, d := range p.aside {
		results = append(results, finished{id: d.ID, result: w.schedule(desk.Result{Said: d.why, SetAside: true, Next: d.until}, d.Created.Time(), 0)})
	}
	claimed, err := w.write(results, p.ids(), now)
	if err != nil {
		w.fail("the queue could not be written", err)
		return w.oneByOne(results), false
	}
	if len(claimed) > 0 {
		crash.Point("s2")
	}
	if len(results) > 0 {
		crash.Point("s9")
	}
	for _, c := range claimed {
		w.underWay[c.ID] = c
		d := p.size[c.ID]
		w.roads.begin(d.Lane, d.Size)
		go w.attempt(carry, c, d.Size, p.more[w.roads.name(d.Lane)])
	}
	return nil, more
}

// write is the turn's one transaction; none is opened when there is nothing to write.
func (w *Worker) write(results []finished, take []string, now time.Time) (claimed []desk.Claimed, err error) {
	var renew []string
	if len(w.underWay) > 0 && now.Sub(w.renewed) >= renewTime {
		for id := range w.underWay {
			renew = append(renew, id)
		}
		w.renewed = now
	}
	if len(results) == 0 && len(take) == 0 && len(renew) == 0 {
		return nil, nil
	}
	err = w.Outbox.App.RunInTransaction(func(tx core.App) error {
		for _, f := range results {
			if err := desk.FinishDelivery(tx, f.id, now, f.result); err != nil {
				return err
			}
		}
		if len(results) > 0 {
			crash.Point("s8")
		}
		if len(renew) > 0 {
			if err := desk.RenewLeases(tx, now.Add(leaseTime), renew); err != nil {
				return err
			}
		}
		claimed, err = desk.ClaimDeliveries(tx, now, leaseTime, take)
		return err
	})
	return claimed, err
}

// maxTries is how often a result that cannot be written is tried again, before its lease may run out and repeat the letter.
const maxTries = 50

// oneByOne writes results each on its own after they failed together, so that one bad row stops nobody else.
func (w *Worker) oneByOne(results []finished) (left []finished) {
	for _, f := range results {
		_, err := w.write([]finished{f}, nil, w.now())
		if f.tries++; err != nil && f.tries < maxTries {
			left = append(left, f)
		} else if err != nil {
			w.warn("a delivery's result could not be written down", err)
		}
	}
	return left
}

// wait gathers what attempts have come to; it returns when there is something to do.
func (w *Worker) wait(ctx context.Context, results []finished) []finished {
	timer := time.NewTimer(w.pause(len(results) > 0))
	defer timer.Stop()
	stop := ctx.Done()
	if ctx.Err() != nil {
		if len(w.underWay) == 0 {
			return results // it ended during the turn: nothing is left to wait for
		}
		stop = nil // it has been heard: now only results count
	}
	select {
	case <-stop:
	case <-timer.C:
	case <-w.Outbox.woken():
	case f := <-w.done:
		results = append(results, w.ended(f))
	}
	for {
		select {
		case f := <-w.done:
			results = append(results, w.ended(f))
		default:
			return results
		}
	}
}

func (w *Worker) ended(f finished) finished {
	delete(w.underWay, f.id)
	w.roads.end(f.lane, f.size)
	return f
}

func (w *Worker) pause(unwritten bool) time.Duration {
	if unwritten {
		return tryAgain
	}
	pause := lookAgain
	switch {
	case w.failed:
		pause = stumbled // NextDue knows what is due later, not what is overdue
	case len(w.underWay) > 0:
		pause = renewTime
	}
	if due, err := desk.NextDue(w.Outbox.App, w.now()); err == nil && !due.IsZero() {
		pause = min(pause, max(due.Sub(w.now()), time.Millisecond))
	}
	return pause
}

// idle leaves out what this process is at already, whatever the clock says of its lease.
func (w *Worker) idle(due []desk.Due) []desk.Due {
	list := due[:0:len(due)]
	for _, d := range due {
		if _, busy := w.underWay[d.ID]; !busy {
			list = append(list, d)
		}
	}
	return list
}

// attempt carries one letter; more says that others wait for the same road. Its bytes are in memory only now. A panic in it stops nobody else.
func (w *Worker) attempt(ctx context.Context, c desk.Claimed, size int64, more bool) {
	f := finished{id: c.ID, lane: c.Lane, size: size}
	defer func() {
		if p := recover(); p != nil {
			w.Outbox.App.Logger().Error("an attempt at a delivery panicked", "delivery", c.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			f.result = w.schedule(desk.Result{Said: "an attempt failed here, on our side"}, c.Created.Time(), c.Attempts)
		}
		w.done <- f
	}()
	raw, err := desk.Letter(w.Outbox.App, c.ID)
	if err != nil {
		f.result = desk.Result{State: desk.Failed, Said: "its letter is no longer here"}
		return
	}
	out, err := w.Carrier().Deliver(ctx, courier.Parcel{From: w.Outbox.envelope(c.ID, c.Sender), To: c.Recipient, Data: raw, More: more})
	crash.Point("s7")
	f.result = w.result(ctx, c, out, err)
	if ctx.Err() == nil { // else it was us who hung up
		w.roads.heard(c.Lane, w.now(), err)
	}
}

// result turns the courier's answer into the delivery's next state.
func (w *Worker) result(ctx context.Context, c desk.Claimed, out courier.Outcome, err error) desk.Result {
	if err == nil {
		return desk.Result{State: desk.Sent, Remote: out.Remote, Said: out.Response}
	}
	f := failure(err)
	r := desk.Result{Remote: f.Remote, Said: f.Response}
	if r.Said == "" {
		r.Said = f.Error()
	}
	switch {
	case f.Permanent && f.Code != 0:
		r.State, r.Hard = desk.Bounced, noSuchAddress(f)
		return r
	case f.Permanent:
		r.State, r.Hard = desk.Failed, noSuchAddress(f)
		return r
	case ctx.Err() != nil:
		r.Next = w.now() // it was us who hung up
	}
	return w.schedule(r, c.Created.Time(), c.Attempts)
}

func failure(err error) *courier.Failure {
	var f *courier.Failure
	if !errors.As(err, &f) {
		f = &courier.Failure{Err: err}
	}
	return f
}

func (w *Worker) relayed() bool { return w.Relayed != nil && w.Relayed() }

func (w *Worker) now() time.Time {
	if w.Now == nil {
		return time.Now()
	}
	return w.Now()
}

// fail is a warning after which the queue is looked at again soon.
func (w *Worker) fail(what string, err error) {
	w.failed = true
	w.warn(what, err)
}

func (w *Worker) warn(what string, err error) { w.Outbox.App.Logger().Warn(what, "error", err) }
