package desk

import "github.com/pocketbase/pocketbase/core"

// Batch is the app of a transaction that stores many letters. Each is tried in a savepoint of its own, so that a poisoned one fails alone.
// Where letters go is read once: the transaction holds the write lock, and nobody else changes it. What is to be told of the letters waits for Tell.
type Batch struct {
	core.App
	found map[string]*core.Record // by collection and id
	news  []func() error
}

// NewBatch wraps the app of a transaction.
func NewBatch(tx core.App) *Batch { return &Batch{App: tx, found: map[string]*core.Record{}} }

// Try runs one letter's writes. fault is that letter's own and leaves nothing of it behind; err is the whole transaction's.
func (b *Batch) Try(write func(tx core.App) error) (fault, err error) {
	if _, err := writer(b).Exec("SAVEPOINT letter"); err != nil {
		return nil, err
	}
	before := len(b.news)
	if fault = write(b); fault != nil {
		clear(b.found)
		b.news = b.news[:before]
		if _, err := writer(b).Exec("ROLLBACK TO letter"); err != nil {
			return fault, err
		}
	}
	_, err = writer(b).Exec("RELEASE letter")
	return fault, err
}

// Tell tells, once the transaction is committed, what was put in there. Letters are safe by then, whoever cannot be told.
func (b *Batch) Tell() {
	for _, tell := range b.news {
		if err := tell(); err != nil {
			b.Logger().Error("news of a stored letter could not be told", "error", err)
		}
	}
	b.news = nil
}

// find is load with a memory.
func (b *Batch) find(_ core.App, collection, id string) (*core.Record, error) {
	switch collection {
	case "projects", "feedback", "side_conversations":
	default:
		return load(b, collection, id)
	}
	if r := b.found[collection+id]; r != nil {
		return r, nil
	}
	r, err := load(b, collection, id)
	if err == nil {
		b.found[collection+id] = r
	}
	return r, err
}
