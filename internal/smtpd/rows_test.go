package smtpd

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// Every S row of threats.md has a dialog file or a Go test that bears its id.
func TestEveryRowHasATest(t *testing.T) {
	const rows = 57
	has := map[string]bool{}
	files, _ := filepath.Glob("testdata/S-*.txt")
	for _, f := range files {
		dialogs, err := readDialogs(f)
		if err != nil || len(dialogs) == 0 {
			t.Errorf("%s holds no dialog: %v", f, err)
		}
		has[filepath.Base(f)[:len("S-00")]] = true
	}
	for _, v := range endOfData {
		has[v.id] = true
	}
	sources, _ := filepath.Glob("*_test.go")
	for _, f := range sources {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^func TestS(\d\d)_`).FindAllSubmatch(text, -1) {
			has["S-"+string(m[1])] = true
		}
	}
	for n := 1; n <= rows; n++ {
		if id := fmt.Sprintf("S-%02d", n); !has[id] {
			t.Errorf("%s has no test", id)
		}
	}
}

// The rows are those of the plan, where the plan is at hand.
func TestRowsAreThoseOfThreats(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "threats.md"))
	if err != nil {
		t.Skip("threats.md is not beside the repository:", err)
	}
	last := 0
	for _, m := range regexp.MustCompile(`(?m)^\| S-(\d\d)`).FindAllSubmatch(text, -1) {
		n, _ := strconv.Atoi(string(m[1]))
		last = max(last, n)
	}
	if last != 57 {
		t.Errorf("threats.md goes to S-%02d: TestEveryRowHasATest must follow", last)
	}
}
