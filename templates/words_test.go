package templates

import (
	"testing"
	"time"
)

func TestWhen(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	cases := []struct {
		name    string
		at, now time.Time
		want    string
	}{
		{"the same day", at(9, 31), noon, "Today 09:31"},
		{"the day before", at(9, 31).AddDate(0, 0, -1), noon, "Yesterday 09:31"},
		{"the day before, over New Year", time.Date(2025, 12, 31, 23, 5, 0, 0, time.UTC), time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC), "Yesterday 23:05"},
		{"this year", time.Date(2025, 3, 3, 7, 5, 0, 0, time.UTC), noon, "Mon 3 Mar 07:05"},
		{"another year", time.Date(2024, 11, 24, 7, 5, 0, 0, time.UTC), noon, "24 Nov 2024 07:05"},
		{"today only in the reader's zone", time.Date(2025, 11, 23, 23, 30, 0, 0, time.UTC), noon.In(berlin), "Today 00:30"},
		{"without a now", at(9, 31), time.Time{}, "24 Nov 2025 09:31"},
		{"never", time.Time{}, noon, ""},
	}
	for _, c := range cases {
		if got := when(c.at, c.now); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if z := zoneWords(noon.In(time.FixedZone("", 19800))); z != "UTC+05:30" {
		t.Errorf("nameless zone is %q", z)
	}
}

func TestWords(t *testing.T) {
	cases := []struct{ name, got, want string }{
		{"bytes", sizeWords(512), "512 bytes"},
		{"kilobytes", sizeWords(38200), "38 kB"},
		{"megabytes", sizeWords(1234567), "1.2 MB"},
		{"no names", nameList(nil), ""},
		{"one name", nameList([]string{"Bob"}), "Bob"},
		{"three names, one of them empty", nameList([]string{"Bob", " ", "Carl", "Dana"}), "Bob, Carl and Dana"},
		{"a status", statusWords("in_progress"), "In progress"},
		{"a person without a name", Person{"", "a@b.test"}.String(), "a@b.test"},
		{"a person named by the address", Person{"a@b.test", "a@b.test"}.String(), "a@b.test"},
		{"a line", line(" a\r\n\tb\u2028c\u202e\x00 "), "a b c"},
		{"joiners stay in a line", line("क्\u200dष"), "क्\u200dष"},
		{"broken UTF-8 is marked", line("a\xffb"), "a\uFFFDb"},
		{"text keeps its lines", plainText("\na\r\nb\rc\x1b\n"), "a\nb\nc"},
		{"quotes deepen", quotedText("a\n\n> b"), "> a\n>\n>> b"},
		{"nothing quoted is nothing", quotedText("\n"), ""},
		{"a sentence ends", sentence("You made it"), "You made it."},
		{"a question stays", sentence("Why?"), "Why?"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}
