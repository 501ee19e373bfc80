package intake

import (
	"context"
	"errors"
	"fmt"
	"runtime"
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
	maxUntold   = 64 // transactions whose news wait to be told, before the next one waits for them
)

// errStopped is what a letter gets that arrives after the writer has ended; the door makes it a 421.
var errStopped = errors.New("shutting down")

// writer gathers waiting letters into one transaction, in which a poisoned one still fails alone, and answers all of them after the
// commit that made them durable. Group commit makes synchronous=FULL cost what NORMAL does. A letter that comes while nobody else is
// there is committed by its own goroutine: handing it over would take longer than a row.
type writer struct {
	once sync.Once
	jobs chan *job
	news chan *desk.Batch
	done chan struct{}

	committing sync.Mutex
	app        core.App // nil before run

	committed func(letters int, took time.Duration, err error) // told of every commit; nil: nobody
}

type job struct {
	write  func(tx core.App) error
	result chan error
}

func (w *writer) init() {
	w.once.Do(func() {
		w.jobs, w.news, w.done = make(chan *job, maxWaiting), make(chan *desk.Batch, maxUntold), make(chan struct{})
	})
}

// store waits until write has been committed and flushed, or says why not. When ctx ends first the letter may or may not be
// stored; the sender comes again and the content hash shows it once.
func (w *writer) store(ctx context.Context, write func(tx core.App) error) error {
	w.init()
	j := &job{write: write, result: make(chan error, 1)}
	if w.alone(j) {
		return <-j.result
	}
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

// alone commits a letter where it is, if no other is being committed or waits.
func (w *writer) alone(j *job) bool {
	if len(w.jobs) > 0 || !w.committing.TryLock() {
		return false
	}
	defer w.committing.Unlock()
	select {
	case <-w.done:
		return false
	default:
	}
	if w.app == nil {
		return false
	}
	w.commit(w.app, []*job{j})
	return true
}

func (w *writer) run(ctx context.Context, app core.App) {
	w.init()
	told := beside(func() { w.tell(app) })
	w.committing.Lock()
	w.app = app
	w.committing.Unlock()
	for ctx.Err() == nil {
		select {
		case j := <-w.jobs:
			w.together(app, j)
		case <-ctx.Done():
		}
	}
	w.drain(app)
	close(w.news)
	if err := told(); err != nil {
		app.Logger().Error("news of stored letters stumbled", "error", err)
	}
}

// drain commits what is waiting when the end comes: those senders are still there.
func (w *writer) drain(app core.App) {
	w.committing.Lock()
	defer w.committing.Unlock()
	defer close(w.done)
	for {
		select {
		case j := <-w.jobs:
			w.commit(app, w.gather(j))
		default:
			return
		}
	}
}

// together commits a letter with those that wait by then.
func (w *writer) together(app core.App, first *job) {
	w.committing.Lock()
	defer w.committing.Unlock()
	runtime.Gosched() // those that are about to come may come along
	w.commit(app, w.gather(first))
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
	batch, results, err := write(app, jobs, unbroken)
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
	if err == nil {
		w.news <- batch
	}
}

// tell tells what was committed, in that order, behind the answers: nobody waits for it.
func (w *writer) tell(app core.App) {
	for batch := range w.news {
		if err := guard(func() error { batch.Tell(); return nil }); err != nil {
			app.Logger().Error("news of stored letters stumbled", "error", err)
		}
	}
}

// errSpoiled ends a transaction in which a letter failed after it had written something.
var errSpoiled = errors.New("a letter failed among others")

// errUnsure is a commit that failed: its letters may still be found in the log after a restart, when they were written and only the flush failed.
var errUnsure = errors.New("the commit failed")

// untouched is the fault of a letter that was turned away before it wrote anything: nothing has to be taken back.
type untouched struct{ error }

func (u untouched) Unwrap() error { return u.error }

// unbroken writes a letter without a way back.
func unbroken(batch *desk.Batch, letter func(core.App) error) (fault, err error) {
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
