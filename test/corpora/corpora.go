// Package corpora finds the letters of the world that tests read in place: they are never in this repository.
package corpora

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir is where they lie: ASIDE_CORPORA, or ../shared/corpora beside the repository. A test is skipped where there are none.
func Dir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("ASIDE_CORPORA")
	if dir == "" {
		dir = filepath.Join(root(t), "..", "shared", "corpora")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no corpora at %s: set ASIDE_CORPORA to the folder that holds them", dir)
	}
	return dir
}

// root is the folder of go.mod, above the test that runs.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above this test")
	return ""
}
