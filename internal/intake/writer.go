package intake

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

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

// writer gathers waiting letters into one transaction: each in a savepoint, so that a poisoned one fails alone, and all answered
// after the commit that made them durable. Group commit makes synchronous=FULL cost what NORMAL does.
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

func (w *writer) commit(app core.App, jobs []*job) {
	results, began := make([]error, len(jobs)), time.Now()
	var batch *desk.Batch
	crashPoint("c4")
	err := app.RunInTransaction(func(tx core.App) error {
		batch = desk.NewBatch(tx)
		for i, j := range jobs {
			fault, err := batch.Try(func(tx core.App) error {
				crashPoint("c5")
				return guard(func() error { return j.write(tx) }) // a panic is that letter's fault (R-8, O-10)
			})
			if err != nil {
				return err // the transaction itself is lost
			}
			results[i] = fault
			crashPoint("c6")
		}
		crashPoint("c7")
		return nil
	})
	crashPoint("c8")
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
		batch.Tell() // behind the answers: nobody waits for it
	}
}
