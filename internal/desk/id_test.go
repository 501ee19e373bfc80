package desk

import (
	"regexp"
	"testing"
	"time"
)

func TestNewID(t *testing.T) {
	seen := map[string]bool{}
	last := ""
	for range 5 {
		for range 1000 {
			id := NewID()
			if seen[id] || !regexp.MustCompile(`^[a-z0-9]{15}$`).MatchString(id) {
				t.Fatalf("%q is there already, or is no id of PocketBase's", id)
			}
			seen[id] = true
			last = max(last, id)
		}
		time.Sleep(2 * time.Millisecond)
		if id := NewID(); id <= last {
			t.Fatalf("%q was made later than %q and stands before it", id, last)
		}
	}
}
