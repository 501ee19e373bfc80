package outbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"aside/internal/courier"
	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/core"
)

// The queue's pace.
const (
	batch       = 32               // deliveries claimed at once: more only lengthens leases
	perDomain   = 4                // letters on their way to one domain at once: more looks like a flood to it
	leaseTime   = 15 * time.Minute // longer than one attempt may take, so that a live attempt is never doubled
	giveUpAfter = 5 * 24 * time.Hour
	lookAgain   = time.Minute // the ticker behind the wakes: nothing waits longer than this for a lost wake
)

// retries are the pauses after the 1st, 2nd, … failed attempt; the last repeats until giveUpAfter (RFC 5321 4.5.4.1).
var retries = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}

// Carrier is who takes a letter across the network: a *courier.Courier.
type Carrier interface {
	Deliver(ctx context.Context, p courier.Parcel) (courier.Outcome, error)
}

// Worker empties the queue.
type Worker struct {
	Outbox  *Outbox
	Carrier func() Carrier // asked for each letter, since the operator may change the relay while we run
	Now     func() time.Time

	lanes sync.Map // domain -> chan struct{}, perDomain wide
}

// Run works until ctx ends, then waits for the attempts under way.
func (w *Worker) Run(ctx context.Context) {
	var attempts sync.WaitGroup
	defer attempts.Wait()
	for ctx.Err() == nil {
		if err := w.Outbox.MailNotices(); err != nil {
			w.warn("notices could not be queued", err)
		}
		claimed, err := desk.ClaimDeliveries(w.Outbox.App, w.now(), leaseTime, batch)
		if err != nil {
			w.warn("the queue could not be read", err)
		}
		for _, c := range claimed {
			attempts.Add(1)
			go func() {
				defer attempts.Done()
				w.attempt(ctx, c)
			}()
		}
		if len(claimed) == batch {
			continue
		}
		w.sleep(ctx)
	}
}

func (w *Worker) sleep(ctx context.Context) {
	pause := lookAgain
	if due, err := desk.NextDue(w.Outbox.App); err == nil && !due.IsZero() {
		pause = min(pause, max(due.Sub(w.now()), 0))
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-w.Outbox.woken():
	}
}

// attempt makes one attempt at one delivery and writes its result down. A panic in it stops nobody else.
func (w *Worker) attempt(ctx context.Context, c desk.Claimed) {
	defer func() {
		if p := recover(); p != nil {
			w.Outbox.App.Logger().Error("an attempt at a delivery panicked", "delivery", c.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	_, domain, _ := strings.Cut(c.Recipient, "@")
	lane, _ := w.lanes.LoadOrStore(domain, make(chan struct{}, perDomain))
	select {
	case lane.(chan struct{}) <- struct{}{}:
		defer func() { <-lane.(chan struct{}) }()
	case <-ctx.Done(): // not begun: the lease is given back by running out
		return
	}
	out, err := w.Carrier().Deliver(ctx, courier.Parcel{From: c.Sender, To: c.Recipient, Data: c.Raw})
	if err := w.finish(c, w.result(c, out, err)); err != nil {
		w.warn("a delivery's result could not be written down", err)
	}
}

// finish writes the result; a database that is busy gets a second chance before the lease would repeat the letter.
func (w *Worker) finish(c desk.Claimed, r desk.Result) (err error) {
	for range 5 {
		err = w.Outbox.App.RunInTransaction(func(tx core.App) error { return desk.FinishDelivery(tx, c.ID, w.now(), r) })
		if err == nil {
			return nil
		}
		time.Sleep(200 * time.Millisecond)
	}
	return err
}

// result turns the courier's answer into the delivery's next state.
func (w *Worker) result(c desk.Claimed, out courier.Outcome, err error) desk.Result {
	if err == nil {
		return desk.Result{State: desk.Sent, Remote: out.Remote, Said: out.Response}
	}
	var f *courier.Failure
	if !errors.As(err, &f) {
		f = &courier.Failure{Err: err}
	}
	r := desk.Result{Remote: f.Remote, Said: f.Response}
	if r.Said == "" {
		r.Said = f.Error()
	}
	switch {
	case f.Permanent && f.Code != 0:
		r.State = desk.Bounced
	case f.Permanent:
		r.State = desk.Failed
	case w.now().Sub(c.Created.Time()) > giveUpAfter:
		r.State, r.Said = desk.Failed, "given up after five days; the last answer was: "+r.Said
	default:
		r.State, r.Next = desk.Delayed, w.now().Add(retries[min(max(c.Attempts, 1), len(retries))-1])
	}
	return r
}

func (w *Worker) now() time.Time {
	if w.Now == nil {
		return time.Now()
	}
	return w.Now()
}

func (w *Worker) warn(what string, err error) { w.Outbox.App.Logger().Warn(what, "error", err) }
