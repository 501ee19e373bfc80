package email

import (
	"strings"
)

// Event is what an iCalendar file says, by fixed fields only: nothing is expanded, fetched or interpreted (M-11).
type Event struct {
	Method                                   string // REQUEST, REPLY, CANCEL, …
	Summary, Location, Organizer, Start, End string
	Attendee, Answer                         string // of a REPLY: who, and ACCEPTED, DECLINED or TENTATIVE
}

const maxEvents = 20 // of one file; an invitation holds one

// String is a plain summary, one field a line.
func (e Event) String() string {
	var b strings.Builder
	for _, f := range [][2]string{{"", e.Summary}, {"When: ", join(e.Start, " – ", e.End)}, {"Where: ", e.Location},
		{"Organizer: ", e.Organizer}, {"Answer: ", join(e.Attendee, ": ", e.Answer)}} {
		if f[1] != "" {
			b.WriteString(f[0] + f[1] + "\n")
		}
	}
	return b.String()
}

func join(a, sep, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + sep + b
}

// readEvents reads RFC 5545 lines: unfolded, one property each, fields of the events only.
func readEvents(ics string) []Event {
	var events []Event
	method, inside := "", false
	for line, rest := "", ics; rest != "" && len(events) < maxEvents; {
		line, rest = icsLine(rest)
		name, value, ok := strings.Cut(line, ":")
		name, _, _ = strings.Cut(strings.ToUpper(name), ";")
		switch value = icsText(value); {
		case !ok:
		case name == "METHOD" && !inside:
			method = strings.ToUpper(value)
		case name == "BEGIN" && strings.EqualFold(value, "VEVENT"):
			events, inside = append(events, Event{Method: method}), true
		case name == "END" && strings.EqualFold(value, "VEVENT"):
			inside = false
		case inside:
			events[len(events)-1].set(name, line, value)
		}
	}
	return events
}

func (e *Event) set(name, line, value string) {
	switch name {
	case "SUMMARY":
		e.Summary = value
	case "LOCATION":
		e.Location = value
	case "DTSTART":
		e.Start = icsTime(value)
	case "DTEND":
		e.End = icsTime(value)
	case "ORGANIZER":
		e.Organizer = looseSpec(value)
	case "ATTENDEE":
		e.Attendee = looseSpec(value)
		if _, after, ok := strings.Cut(strings.ToUpper(line), "PARTSTAT="); ok {
			e.Answer = after[:len(after)-len(strings.TrimLeft(after, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-"))]
		}
	}
}

// icsLine takes one unfolded line; a folded one is cut off where nothing shown would be longer.
func icsLine(s string) (line, rest string) {
	line, next := cutLine(s, 0)
	rest = s[next:]
	if rest == "" || rest[0] != ' ' && rest[0] != '\t' {
		return line, rest
	}
	b := []byte(line)
	for rest != "" && (rest[0] == ' ' || rest[0] == '\t') {
		more, next := cutLine(rest, 0)
		if rest = rest[next:]; len(b) < maxValueBytes {
			b = append(b, more[1:]...)
		}
	}
	return string(b), rest
}

var icsEscapes = strings.NewReplacer(`\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\\`, `\`)

func icsText(s string) string {
	return cutRunes(cleanValue(icsEscapes.Replace(s[:min(len(s), maxValueBytes)])), maxDiagnostic)
}

// icsTime turns 20261124T093000Z into 2026-11-24 09:30 UTC; anything else stays as it is.
func icsTime(s string) string {
	if len(s) < 8 || strings.Trim(s[:8], "0123456789") != "" {
		return s
	}
	day := s[:4] + "-" + s[4:6] + "-" + s[6:8]
	if len(s) < 13 || s[8] != 'T' {
		return day
	}
	if day += " " + s[9:11] + ":" + s[11:13]; strings.HasSuffix(s, "Z") {
		day += " UTC"
	}
	return day
}
