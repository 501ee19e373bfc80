package fake

import (
	"fmt"
	"strings"
	"time"
)

// Stage is a moment of an SMTP session at which an [MX] can misbehave.
type Stage string

// The stages. Connect comes before the banner; Data is the DATA command, Dot the end of
// the letter's bytes.
const (
	Connect  Stage = "CONNECT"
	Helo     Stage = "HELO" // EHLO and HELO alike
	StartTLS Stage = "STARTTLS"
	Auth     Stage = "AUTH"
	Mail     Stage = "MAIL"
	Rcpt     Stage = "RCPT"
	Data     Stage = "DATA"
	Dot      Stage = "."
	Reset    Stage = "RSET"
	Quit     Stage = "QUIT"
)

// Fault is what a server does instead of what it should. Make one with [Refuse],
// [Drop], [Slow], [Say], [Drip] or [Flood], narrow it with Times and For.
type Fault struct {
	raw   string        // said instead of the right answer; "" says nothing
	flood bool          // raw over and over, until the client hangs up
	drop  bool          // hang up afterwards
	wait  time.Duration // before anything else
	gap   time.Duration // between two bytes of raw
	keep  bool          // accept the letter all the same (Dot only)
	right bool          // go on with the right answer after the wait
	times int           // how often; 0 = always
	only  string        // only commands that contain this
}

type fault struct {
	stage Stage
	Fault
}

// Refuse answers with code and text ("4.7.1 try later"); lines of text split at "\n"
// make a multi-line answer.
func Refuse(code int, text string) Fault {
	lines := strings.Split(text, "\n")
	var b strings.Builder
	for i, line := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		fmt.Fprintf(&b, "%d%s%s\r\n", code, sep, line)
	}
	return Fault{raw: b.String()}
}

// Drop hangs up without a word. At [Dot] the letter is kept: the answer is lost, not it.
func Drop() Fault { return Fault{drop: true, keep: true} }

// Slow waits for d, then does the right thing.
func Slow(d time.Duration) Fault { return Fault{wait: d, right: true} }

// Say sends raw, whatever it is, instead of an answer.
func Say(raw string) Fault { return Fault{raw: raw} }

// Flood sends raw without end.
func Flood(raw string) Fault { return Fault{raw: raw, flood: true} }

// Drip sends raw a byte at a time with gap between two.
func Drip(raw string, gap time.Duration) Fault { return Fault{raw: raw, gap: gap} }

// ThenDrop hangs up after what the fault says.
func (f Fault) ThenDrop() Fault { f.drop = true; return f }

// After waits for d before the fault.
func (f Fault) After(d time.Duration) Fault { f.wait += d; return f }

// Times lets the fault happen n times, then no more.
func (f Fault) Times(n int) Fault { f.times = n; return f }

// For narrows the fault to commands that contain s, an address for instance.
func (f Fault) For(s string) Fault { f.only = s; return f }

// At gives the server a fault at a stage. Of several that fit, the one given first
// happens.
func (m *MX) At(stage Stage, f Fault) *MX {
	return m.set(func() { m.faults = append(m.faults, &fault{stage, f}) })
}

// Behave takes all faults away.
func (m *MX) Behave() *MX { return m.set(func() { m.faults = nil }) }

// fault finds what should go wrong at stage for this command, and counts it.
func (m *MX) fault(stage Stage, command string) (Fault, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, f := range m.faults {
		if f.stage != stage || !strings.Contains(command, f.only) {
			continue
		}
		if f.times == 1 {
			m.faults = append(m.faults[:i:i], m.faults[i+1:]...)
		} else if f.times > 1 {
			f.times--
		}
		return f.Fault, true
	}
	return Fault{}, false
}
