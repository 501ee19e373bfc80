package templates

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// when says a time as a reader at now would: "Today 09:31", "Yesterday 10:04", "Mon 24 Nov 09:31", "24 Nov 2024 09:31".
// Both are read in now's time zone; a zero now gives the full date.
func when(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	if now.IsZero() {
		return at.Format("2 Jan 2006 15:04")
	}
	at = at.In(now.Location())
	switch clock := at.Format("15:04"); {
	case sameDay(at, now):
		return "Today " + clock
	case sameDay(at, now.AddDate(0, 0, -1)):
		return "Yesterday " + clock
	case at.Year() == now.Year():
		return at.Format("Mon 2 Jan ") + clock
	default:
		return at.Format("2 Jan 2006 ") + clock
	}
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// stamp is a time for machines and for letters: RFC 3339 when machine, else "Mon, 24 Nov 2025 at 09:31 UTC".
func stamp(at time.Time, machine bool) string {
	switch {
	case at.IsZero():
		return ""
	case machine:
		return at.Format(time.RFC3339)
	default:
		return at.Format("Mon, 2 Jan 2006 at 15:04 MST")
	}
}

// zoneWords names the zone a page's times are in: "UTC", "CET", "UTC+05:30".
func zoneWords(now time.Time) string {
	name, _ := now.Zone()
	if name == "" || strings.ContainsAny(name[:1], "+-") {
		return "UTC" + now.Format("-07:00")
	}
	return name
}

// sizeWords says a number of bytes in decimal units, as file managers do: "512 bytes", "38 kB", "1.2 MB".
func sizeWords(n int64) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " bytes"
	case n < 1e6:
		return strconv.FormatInt((n+500)/1000, 10) + " kB"
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
}

// nameList joins names as a sentence does: "Bob", "Bob and Carl", "Bob, Carl and Dana".
func nameList(names []string) string {
	clean := make([]string, 0, len(names))
	for _, n := range names {
		if n = line(n); n != "" {
			clean = append(clean, n)
		}
	}
	if len(clean) < 2 {
		return strings.Join(clean, "")
	}
	last := len(clean) - 1
	return strings.Join(clean[:last], ", ") + " and " + clean[last]
}

// statusWords says a feedback status in words: "in_progress" is "In progress". Words pass as they are.
func statusWords(status string) string {
	s := []rune(line(strings.ReplaceAll(status, "_", " ")))
	if len(s) > 0 {
		s[0] = unicode.ToUpper(s[0])
	}
	return string(s)
}

// sentence ends s with a full stop unless it already ends a sentence.
func sentence(s string) string {
	s = line(s)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".?!:") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}
