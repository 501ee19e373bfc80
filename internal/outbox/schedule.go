package outbox

import (
	"strings"
	"time"

	"aside/internal/courier"
	"aside/internal/desk"
)

// giveUpAfter is when a letter that nobody took is given up (R-5; RFC 5321 4.5.4.1 asks for four to five days).
const giveUpAfter = 5 * 24 * time.Hour

// retries are the pauses after the 1st, 2nd, … failed attempt; the last repeats until giveUpAfter (RFC 5321 4.5.4.1).
var retries = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}

// schedule makes a result that a retry may mend into one more attempt, or the last word after five days. attempts counts those made.
func (w *Worker) schedule(r desk.Result, created time.Time, attempts int) desk.Result {
	now := w.now()
	if now.Sub(created) > giveUpAfter {
		r.State, r.Said, r.SetAside = desk.Failed, "given up after five days; the last answer was: "+r.Said, false
		return r
	}
	r.State = desk.Delayed
	if r.Next.IsZero() {
		r.Next = now.Add(retries[min(max(attempts, 1), len(retries))-1])
	}
	if end := created.Add(giveUpAfter + time.Second); r.Next.After(end) && end.After(now) {
		r.Next = end // the last attempt comes when the five days are over, not hours later
	}
	return r
}

// noSuchAddress tells a failure of the address from one of the letter: RFC 3463 3.2 has X.1 for addresses, and X.2.1 for a mailbox that
// is closed. Without such a code, 550, 551 and 553 say it (RFC 5321 4.2.3).
func noSuchAddress(f *courier.Failure) bool {
	switch {
	case f.Enhanced == "":
		return f.Code == 550 || f.Code == 551 || f.Code == 553
	case f.Enhanced == "5.1.8" || f.Enhanced == "5.1.7": // these are about the sender's address: ours
		return false
	}
	return strings.HasPrefix(f.Enhanced, "5.1.") || f.Enhanced == "5.2.1"
}
