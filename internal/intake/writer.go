package intake

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"aside/internal/crash"
	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/core"
)

// How letters are gathered into one commit.
const (
	maxGathered = 64 // letters in one transaction: the fsync is shared well before, and others wait for the write lock
	maxWaiting  = 1024
)

// errStopped is what a letter gets that arrives after the writer has ended; the door makes it a 421.
var errStopped = errors.New("shutting down")

// writer gathers waiting letters into one transaction, in which a poisoned one still fails alone, and answers all of them after the
// commit that made them durable. Group commit makes synchronous=FULL cost what NORMAL does.
type writer struct {
	once sync.Once
	jobs chan *job
	done chan struct{}

	committed func(letters int, took time.Duration, err error) // told of every commit; nil: nobody
}

type job struct {
	write  func(tx core.App) error
	result chan error
}

func (w *writer) init() {
	w.once.Do(func() { w.jobs, w.done = make(chan *job, maxWaiting), make(chan struct{}) })
}

// store waits until write has been committed and flushed, or says why not. When ctx ends first the letter may or may not be
// stored; the sender comes again and the content hash shows it once.
func (w *writer) store(ctx context.Context, write func(tx core.App) error) error {
	w.init()
	j := &job{write: write, result: make(chan error, 1)}
	select {
	case w.jobs <- j:
	case <-w.done:
		return errStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-j.result:
		return err
	case <-w.done:
		select {
		case err := <-j.result:
			return err
		default:
			return errStopped
		}
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) run(ctx context.Context, app core.App) {
	w.init()
	defer close(w.done)
	for {
		select {
		case j := <-w.jobs:
			w.commit(app, w.gather(j))
		case <-ctx.Done():
			w.drain(app)
			return
		}
	}
}

// drain commits what is waiting when the end comes: those senders are still there.
func (w *writer) drain(app core.App) {
	for {
		select {
		case j := <-w.jobs:
			w.commit(app, w.gather(j))
		default:
			return
		}
	}
}

func (w *writer) gather(first *job) []*job {
	jobs := []*job{first}
	for len(jobs) < maxGathered {
		select {
		case j := <-w.jobs:
			jobs = append(jobs, j)
		default:
			return jobs
		}
	}
	return jobs
}

// commit stores letters and answers them. They share a transaction, and as long as none of them fails within it they cost no savepoints,
// which have SQLite copy every page that a letter touches. One that does fail spoils it, and all are written again, each apart.
func (w *writer) commit(app core.App, jobs []*job) {
	began := time.Now()
	batch, results, err := write(app, jobs, together)
	if errors.Is(err, errSpoiled) {
		batch, results, err = write(app, jobs, apart)
	}
	if w.committed != nil {
		w.committed(len(jobs), time.Since(began), err)
	}
	for i, j := range jobs {
		if err != nil && results[i] == nil {
			results[i] = fmt.Errorf("letters could not be committed: %w", err)
		}
		j.result <- results[i]
	}
	if err != nil {
		return
	}
	if err := guard(func() error { batch.Tell(); return nil }); err != nil { // behind the answers: nobody waits for it
		app.Logger().Error("news of stored letters stumbled", "error", err)
	}
}

// errSpoiled ends a transaction in which a letter failed after it had written something.
var errSpoiled = errors.New("a letter failed among others")

// errUnsure is a commit that failed: its letters may still be found in the log after a restart, when they were written and only the flush failed.
var errUnsure = errors.New("the commit failed")

// untouched is the fault of a letter that was turned away before it wrote anything: nothing has to be taken back.
type untouched struct{ error }

func (u untouched) Unwrap() error { return u.error }

// together writes a letter without a way back.
func together(batch *desk.Batch, letter func(core.App) error) (fault, err error) {
	var clean untouched
	if fault = letter(batch); fault != nil && !errors.As(fault, &clean) {
		return fault, errSpoiled
	}
	return fault, nil
}

// apart gives it a savepoint.
func apart(batch *desk.Batch, letter func(core.App) error) (fault, err error) {
	return batch.Try(letter)
}

// write runs one transaction. results are the letters' own faults, err is the transaction's.
func write(app core.App, jobs []*job, one func(*desk.Batch, func(core.App) error) (error, error)) (batch *desk.Batch, results []error, err error) {
	results = make([]error, len(jobs))
	committing := false
	crash.Point("c4")
	err = app.RunInTransaction(func(tx core.App) error {
		batch = desk.NewBatch(tx)
		for i, j := range jobs {
			fault, err := one(batch, func(tx core.App) error {
				crash.Point("c5")
				return guard(func() error { return j.write(tx) }) // a panic is that letter's fault (R-8, O-10)
			})
			if err != nil {
				return err // the transaction itself is lost
			}
			results[i] = fault
			crash.Point("c6")
		}
		crash.Point("c7")
		committing = true
		return nil
	})
	crash.Point("c8")
	if err != nil && committing {
		err = errors.Join(errUnsure, err)
	}
	return batch, results, err
}
