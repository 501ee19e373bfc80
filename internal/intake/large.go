package intake

import (
	"context"
	"sync"
)

// Reading and storing a letter takes up to three times its bytes besides those it came with (PF-9), so large ones take turns: together they
// may be of largeBytes. Ordinary letters never wait.
const (
	largeUnit  = 1 << 20        // letters below it are no large ones
	largeBytes = 32 * largeUnit // one of the largest there are, and some
)

// turns are what large letters wait for, one place a unit.
type turns struct {
	once   sync.Once
	asking chan struct{} // holds the one who is gathering places: two would each wait for what the other has
	places chan struct{}
}

// take waits for the places of a letter of n bytes. leave gives them back.
func (t *turns) take(ctx context.Context, n int) (leave func(), err error) {
	t.once.Do(func() { t.asking, t.places = make(chan struct{}, 1), make(chan struct{}, largeBytes/largeUnit) })
	want, have := min(n/largeUnit, cap(t.places)), 0
	leave = func() {
		for ; have > 0; have-- {
			<-t.places
		}
	}
	if want == 0 {
		return leave, nil
	}
	select {
	case t.asking <- struct{}{}:
		defer func() { <-t.asking }()
	case <-ctx.Done():
		return leave, ctx.Err()
	}
	for ; have < want; have++ {
		select {
		case t.places <- struct{}{}:
		case <-ctx.Done():
			leave()
			return leave, ctx.Err()
		}
	}
	return leave, nil
}
