package intake

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestLargeLettersTakeTurns(t *testing.T) {
	const largest, ordinary = 25 << 20, 100 << 10
	t.Run("together they never hold more than there is", func(t *testing.T) {
		var places turns
		var held, most atomic.Int64
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				n := []int{1 << 20, 9 << 20, largest}[i%3]
				leave, err := places.take(t.Context(), n)
				if err != nil {
					t.Error(err)
					return
				}
				most.Store(max(most.Load(), held.Add(int64(n))))
				time.Sleep(100 * time.Microsecond)
				held.Add(-int64(n))
				leave()
			})
		}
		wg.Wait()
		if most.Load() > largeBytes {
			t.Errorf("%d bytes at once", most.Load())
		}
		if leave, err := places.take(t.Context(), largest); err != nil || len(places.places) != largest/largeUnit {
			t.Errorf("%d places are taken, %v", len(places.places), err)
		} else {
			leave()
		}
	})
	t.Run("an ordinary letter does not wait, and who gives up leaves nothing taken", func(t *testing.T) {
		var places turns
		leave, _ := places.take(t.Context(), largest)
		if _, err := places.take(t.Context(), ordinary); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := places.take(ctx, largest); err == nil {
			t.Error("a second one of the largest came in")
		}
		leave()
		if leave, err := places.take(t.Context(), largest); err != nil {
			t.Error(err)
		} else {
			leave()
		}
		if len(places.places) != 0 {
			t.Errorf("%d places are still taken", len(places.places))
		}
	})
}
