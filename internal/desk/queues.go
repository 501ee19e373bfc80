package desk

import "github.com/pocketbase/pocketbase/core"

// Waiting is how much waits, for metrics.
type Waiting struct {
	Deliveries map[string]int64 // by state, without those that are sent
	Held       int64
}

// Queues counts what waits. Sent deliveries are history: counting them would read them all.
func Queues(app core.App) (w Waiting, err error) {
	w.Deliveries = map[string]int64{Queued: 0, Sending: 0, Delayed: 0}
	for state := range w.Deliveries {
		var n int64
		// the states are named in the text so that the partial indexes are used
		if err := app.DB().NewQuery("SELECT count(*) FROM deliveries WHERE state = '" + state + "'").Row(&n); err != nil {
			return w, err
		}
		w.Deliveries[state] = n
	}
	return w, app.DB().NewQuery("SELECT count(*) FROM held_mail").Row(&w.Held)
}
