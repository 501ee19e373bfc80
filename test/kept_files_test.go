package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestKeptFiles_GoWithAMessageThatDoesNotCome sends letters with a file that become no message after it was written (desk.KeepFiles): nothing
// of them stays in the storage, where the file of the one that did become a message is.
func TestKeptFiles_GoWithAMessageThatDoesNotCome(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	kind, body := withFiles("Content-Type: text/plain\n\nThe plan.", named("application/pdf", "plan.pdf", []byte("a plan")))
	answer := letter{from: fromBob, sign: "ext.test", to: c.to, kind: kind, body: body}
	raw := p.bytes(answer)
	automatic := letter{from: "robot@mail.test", sign: "mail.test", to: c.to, kind: kind, body: body, extra: []string{"Auto-Submitted: auto-replied"}}
	for _, step := range []struct {
		name   string
		letter letter
		raw    []byte
	}{
		{"an answer", answer, raw},
		{"the same again", answer, raw},
		{"one that is held", automatic, p.bytes(automatic)},
	} {
		if code, said := p.deliver(step.letter, step.raw); code != 250 {
			t.Fatalf("%s: %d %s", step.name, code, said)
		}
		if stored := storedFiles(p.Dir()); len(stored) != 1 || !strings.Contains(stored[0], c.in()[0].Id) {
			t.Errorf("after %s there is %v", step.name, stored)
		}
	}
	if len(c.in()) != 1 || len(c.held()) != 1 {
		t.Errorf("%d messages, %d held", len(c.in()), len(c.held()))
	}
}

func storedFiles(dir string) (paths []string) {
	_ = filepath.WalkDir(filepath.Join(dir, "storage"), func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !strings.HasSuffix(path, ".attrs") {
			paths = append(paths, path)
		}
		return nil
	})
	return paths
}
