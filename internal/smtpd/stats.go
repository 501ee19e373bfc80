package smtpd

import "sync/atomic"

// counter names one number of Stats.
type counter int

const (
	accepted counter = iota
	refusedIP
	refusedNet
	refusedTotal
	refusedPenalty
	early
	commands
	faults
	badRecipients
	tlsStarted
	tlsFailed
	letters
	lettersRefused
	lettersFailed
	lettersCut
	lettersNoRoom
	bytesIn
	timeouts
	panics
	counters
)

var counterNames = [counters]string{
	accepted: "connections", refusedIP: "refused_ip", refusedNet: "refused_net", refusedTotal: "refused_total",
	refusedPenalty: "refused_penalty", early: "early_talkers", commands: "commands", faults: "errors",
	badRecipients: "bad_recipients", tlsStarted: "tls", tlsFailed: "tls_failed", letters: "letters",
	lettersRefused: "letters_refused", lettersFailed: "letters_failed", lettersCut: "letters_cut",
	lettersNoRoom: "letters_no_room", bytesIn: "letter_bytes", timeouts: "timeouts", panics: "panics",
}

type stats struct{ n [counters]atomic.Int64 }

func (s *stats) add(c counter, n int64) { s.n[c].Add(n) }

// Stats returns counts since the start, by name, and three gauges: open (connections now),
// waiting (for a place) and held_bytes (of letters not yet stored, beyond FreeBytes each).
func (s *Server) Stats() map[string]int64 {
	s.init()
	out := make(map[string]int64, counters+3)
	for c, name := range counterNames {
		out[name] = s.stats.n[c].Load()
	}
	out["open"] = int64(s.gate.openNow())
	out["waiting"] = int64(s.waiting.Load())
	out["held_bytes"] = s.held.used.Load()
	return out
}
