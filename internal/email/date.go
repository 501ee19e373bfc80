package email

import (
	"strconv"
	"strings"
	"time"
)

var months = map[string]time.Month{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}

// zones are the names of RFC 5322 4.3 and the few others one meets, in minutes east of Greenwich.
var zones = map[string]int{"UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
	"PST": -480, "PDT": -420, "BST": 60, "CET": 60, "CEST": 120, "MET": 60, "MEST": 120, "EET": 120, "EEST": 180, "JST": 540}

// parseDate reads RFC 5322 dates and their forerunners by what each word can be, in whatever order; zero time when the
// words make no date. The time keeps the offset it was written with.
func parseDate(v string) time.Time {
	bare, _, err := stripComments(v)
	if err != nil {
		bare = v
	}
	d := dateWords{day: -1, year: -1, hour: -1}
	for _, w := range strings.FieldsFunc(bare, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' }) {
		d.take(w)
	}
	if d.day < 1 || d.day > 31 || d.month == 0 || d.year < 0 || d.hour < 0 || d.hour > 23 || d.min > 59 || d.sec > 60 {
		return time.Time{}
	}
	t := time.Date(d.year, d.month, d.day, d.hour, d.min, d.sec, 0, time.FixedZone("", d.offset*60))
	if t.Day() != d.day && d.sec < 60 { // 31 February
		return time.Time{}
	}
	return t
}

type dateWords struct {
	day, year, hour, min, sec, offset int
	month                             time.Month
}

func (d *dateWords) take(w string) {
	if h, ok := strings.CutPrefix(w, "+"); ok {
		d.zone(h, 1)
	} else if h, ok := strings.CutPrefix(w, "-"); ok {
		d.zone(h, -1)
	} else if strings.Contains(w, ":") {
		d.clock(w)
	} else if p := strings.Split(w, "-"); len(p) == 3 { // 21-Nov-1997, 1997-11-21
		if len(p[0]) == 4 {
			p[0], p[2] = p[2], p[0]
		}
		if m, err := strconv.Atoi(p[1]); err == nil && m >= 1 && m <= 12 {
			d.month = time.Month(m)
			p[1] = ""
		}
		d.take(p[0])
		d.take(p[1])
		d.take(p[2])
	} else if n, err := strconv.Atoi(w); err == nil {
		d.number(n, len(w))
	} else if m, ok := months[strings.ToLower(w[:min(3, len(w))])]; ok && d.month == 0 {
		d.month = m
	} else if z, ok := zones[strings.ToUpper(w)]; ok {
		d.offset = z
	}
}

// number is the day when there is none yet and it can be one, else the year; two and three digits as RFC 5322 4.3 says.
func (d *dateWords) number(n, digits int) {
	switch {
	case d.day < 0 && digits <= 2:
		d.day = n
	case d.year < 0 && digits == 2 && n < 50:
		d.year = 2000 + n
	case d.year < 0 && digits <= 3:
		d.year = 1900 + n
	case d.year < 0 && n <= 9999:
		d.year = n
	}
}

func (d *dateWords) clock(w string) {
	p := strings.SplitN(w, ":", 3)
	h, err1 := strconv.Atoi(p[0])
	m, err2 := strconv.Atoi(p[1])
	s := 0
	if len(p) == 3 {
		s, _ = strconv.Atoi(strings.SplitN(p[2], ".", 2)[0])
	}
	if err1 == nil && err2 == nil && d.hour < 0 && m >= 0 && s >= 0 {
		d.hour, d.min, d.sec = h, m, s
	}
}

// zone is hhmm or hh:mm.
func (d *dateWords) zone(h string, sign int) {
	h = strings.Replace(h, ":", "", 1)
	if n, err := strconv.Atoi(h); err == nil && len(h) == 4 && n >= 0 && n <= 1459 && n%100 < 60 {
		d.offset = sign * (n/100*60 + n%100)
	}
}
