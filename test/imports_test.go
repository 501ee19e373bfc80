package test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ground are the rooms that know nothing of PocketBase and nothing of each other.
var ground = []string{"config", "smtpd", "mailauth", "email", "quote", "safehtml", "courier", "token", "doctor", "crash"}

// plan is the house: which of our packages each may import. A new arrow fails until it stands here, where it can be argued about.
var plan = map[string][]string{
	".":                  {"hooks", "internal/cli", "internal/config", "pb_migrations"},
	"hooks":              {"internal/*", "templates"},
	"pb_migrations":      {},
	"templates":          {"internal/safehtml"}, // for the one type that may become template.HTML
	"internal/desk":      {},
	"internal/intake":    {"internal/crash", "internal/desk", "internal/smtpd", "internal/email", "internal/mailauth", "internal/quote", "internal/safehtml", "internal/token"},
	"internal/outbox":    {"internal/crash", "internal/desk", "internal/email", "internal/mailauth", "internal/courier", "internal/quote", "internal/safehtml", "internal/token", "templates"},
	"internal/portal":    {"internal/desk", "internal/email", "internal/safehtml", "internal/token", "templates"},
	"internal/cli":       {"internal/config", "internal/intake", "internal/outbox", "internal/portal", "internal/desk", "internal/email", "internal/mailauth", "internal/quote", "internal/safehtml", "internal/smtpd", "internal/courier", "internal/doctor", "internal/token"},
	"internal/doctor":    {},
	"internal/config":    {},
	"internal/statement": {},
	"internal/smtpd":     {},
	"internal/mailauth":  {},
	"internal/email":     {},
	"internal/quote":     {},
	"internal/safehtml":  {},
	"internal/courier":   {"internal/crash"}, // which does nothing but in the tests' binary
	"internal/crash":     {},
	"internal/token":     {},
	"test":               {"*"},
	"test/corpora":       {},
	"test/fake":          {},
	"test/peers":         {},
}

func TestEveryArrowInTheHouseIsInThePlan(t *testing.T) {
	for dir, imports := range ourImports(t, false) {
		allowed, known := plan[dir]
		if !known && !strings.HasPrefix(dir, "test/") && !strings.HasPrefix(dir, "scripts") {
			t.Errorf("%s is not in the plan", dir)
		}
		for _, path := range imports {
			ours, is := strings.CutPrefix(path, "aside/")
			if is && known && !allows(allowed, ours) {
				t.Errorf("%s imports %s, which the plan does not have", dir, ours)
			}
		}
	}
}

func TestBelowDeskNobodyKnowsPocketBase(t *testing.T) {
	imports := ourImports(t, false)
	for _, room := range ground {
		for _, path := range imports["internal/"+room] {
			if strings.HasPrefix(path, "github.com/pocketbase/") {
				t.Errorf("internal/%s imports %s", room, path)
			}
		}
	}
	for _, flow := range []string{"internal/intake", "internal/outbox", "internal/portal"} {
		for _, path := range imports[flow] {
			if path == "github.com/pocketbase/pocketbase/apis" || path == "net/http" && flow == "internal/portal" {
				t.Errorf("%s imports %s: flows know no HTTP", flow, path)
			}
		}
	}
}

func TestNothingStandsInPublicThatIsNotForTheWorld(t *testing.T) {
	err := filepath.WalkDir("../pb_public", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") {
			t.Errorf("%s would be served to the world", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func allows(allowed []string, path string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		prefix, wild := strings.CutSuffix(a, "*")
		return a == path || wild && strings.HasPrefix(path, prefix)
	})
}

// ourImports maps each folder of the repository to what its Go files import.
func ourImports(t *testing.T, tests bool) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") && !tests {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel("..", filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			p, _ := strconv.Unquote(spec.Path.Value)
			imports[dir] = append(imports[dir], p)
		}
		return nil
	})
	if err != nil || len(imports) < 10 {
		t.Fatalf("the tree could not be read: %v (%d folders)", err, len(imports))
	}
	return imports
}

// The tree stays clean: no build output, no browser modules, no data of others.
func TestTheTreeIsClean(t *testing.T) {
	ignored, err := os.ReadFile("../.gitignore")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"/aside", "/node_modules/", "/pb_public/lib/", "/pb_data/"} {
		if !strings.Contains(string(ignored), want+"\n") {
			t.Errorf(".gitignore lacks %s", want)
		}
	}
}
