package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// documents are the pages a newcomer reads, from the root of the repository.
func documents(t *testing.T) (names []string) {
	t.Helper()
	for _, name := range tree(t) {
		if dir := path.Dir(name); path.Ext(name) == ".md" && (dir == "." || dir == "docs") {
			names = append(names, name)
		}
	}
	return names
}

// fewestNames guards the flow test against itself: a page or a pattern gone wrong would name nothing and pass.
const fewestNames = 100

var (
	code    = regexp.MustCompile("`([^`\n]+)`")
	fence   = regexp.MustCompile("(?ms)^```.*?^```$")
	links   = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	goName  = regexp.MustCompile(`^(?:\(\*?(\w+)\.(\w+)\)\.(\w+)|(\w+)\.(\w+))$`)
	looks   = regexp.MustCompile(`^[\w.*/-]+$`)
	ending  = regexp.MustCompile(`\.(go|md|js|mjs|css|html|txt|json|sh|txtar|png|mod|yml)$`)
)

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func spans(text string) (list []string) {
	for _, m := range code.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		list = append(list, m[1])
	}
	return list
}

func TestDocs_EveryFunctionTheFlowsNameExists(t *testing.T) {
	names, packages := declared(t)
	found := 0
	for _, span := range spans(document(t, "docs/flow.md")) {
		m := goName.FindStringSubmatch(span)
		if m == nil || m[4] == "pkg" || m[1] == "pkg" { // pkg is the pattern the page explains
			continue
		}
		name := m[4] + "." + m[5]
		if m[1] != "" {
			name = m[1] + "." + m[2] + "." + m[3]
		}
		found++
		if !names[name] {
			t.Errorf("docs/flow.md names %s, which is not in the code (package known: %v)", span, packages[m[1]+m[4]])
		}
	}
	if found < fewestNames {
		t.Errorf("docs/flow.md names only %d functions: has the test's pattern gone wrong?", found)
	}
}

// declared is every function, method and type of the program's own code: pkg.Func, pkg.Type, pkg.Type.Method, and names of vars and consts.
func declared(t *testing.T) (names, packages map[string]bool) {
	t.Helper()
	names, packages = map[string]bool{}, map[string]bool{}
	eachGoFile(t, func(_ string, f *ast.File) {
		if strings.HasSuffix(f.Name.Name, "_test") {
			return
		}
		pkg := f.Name.Name
		packages[pkg] = true
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				names[pkg+"."+receiver(d)+d.Name.Name] = true
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						names[pkg+"."+s.Name.Name] = true
					case *ast.ValueSpec:
						for _, n := range s.Names {
							names[pkg+"."+n.Name] = true
						}
					}
				}
			}
		}
	})
	return names, packages
}

func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	of := d.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if name, ok := of.(*ast.Ident); ok {
		return name.Name + "."
	}
	return ""
}

// eachGoFile parses our Go files that are not tests.
func eachGoFile(t *testing.T, do func(name string, f *ast.File)) {
	t.Helper()
	for _, name := range tree(t) {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		do(name, f)
	}
}

// tree lists the repository's files, without what is installed or built.
var tree = func() func(t *testing.T) []string {
	list := sync.OnceValues(func() (files []string, err error) {
		err = filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && (slices.Contains([]string{"node_modules", "pb_data", ".git"}, d.Name()) || name == "../pb_public/lib") {
				return fs.SkipDir
			}
			rel, err := filepath.Rel("..", name)
			files = append(files, filepath.ToSlash(rel))
			return err
		})
		return files, err
	})
	return func(t *testing.T) []string {
		t.Helper()
		files, err := list()
		if err != nil || len(files) < 100 {
			t.Fatalf("the tree could not be read: %v (%d files)", err, len(files))
		}
		return files
	}
}()

func TestDocs_EveryPathAndLinkLeadsSomewhere(t *testing.T) {
	for _, name := range documents(t) {
		t.Run(name, func(t *testing.T) {
			text := document(t, name)
			for _, span := range spans(text) {
				if isPath(span) && !exists(span) {
					t.Errorf("%s names %s, which is not there", name, span)
				}
			}
			for _, m := range links.FindAllStringSubmatch(text, -1) {
				checkLink(t, name, m[1]+m[2])
			}
		})
	}
}

// isPath tells a file or folder of ours from other code: it ends like one, or begins with a folder of the root.
func isPath(span string) bool {
	if !looks.MatchString(span) || strings.HasPrefix(span, "/") {
		return false
	}
	first, rest, nested := strings.Cut(span, "/")
	if nested {
		return !slices.Contains([]string{"live", "keys", "pb_data", "projects"}, first) && !strings.Contains(first, ".") && !strings.HasPrefix(first, "@") && (exists(first) || ending.MatchString(rest))
	}
	return ending.MatchString(span) && span[0] != '.'
}

func exists(name string) bool {
	found, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(name)))
	return err == nil && len(found) > 0
}

func checkLink(t *testing.T, from, to string) {
	t.Helper()
	if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
		return
	}
	file, anchor, _ := strings.Cut(to, "#")
	target := path.Join(path.Dir(from), file)
	if file == "" {
		target = from
	}
	if !exists(target) {
		t.Errorf("%s links to %s, which is not there", from, to)
		return
	}
	if anchor != "" && !slices.Contains(anchors(document(t, target)), anchor) {
		t.Errorf("%s links to %s, which has no such heading", from, to)
	}
}

// anchors are a page's headings as GitHub names them.
func anchors(text string) (list []string) {
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		slug := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127:
				return r
			}
			return -1
		}, strings.ToLower(m[1]))
		list = append(list, slug)
	}
	return list
}

func TestDocs_EveryTestAndMakeTargetTheyNameExists(t *testing.T) {
	var tests []string
	named := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	for _, f := range tree(t) {
		if strings.HasSuffix(f, "_test.go") {
			for _, m := range named.FindAllStringSubmatch(document(t, f), -1) {
				tests = append(tests, m[1])
			}
		}
	}
	makefile := document(t, "Makefile")
	for _, name := range documents(t) {
		for _, span := range append(spans(document(t, name)), strings.Split(document(t, name), "\n")...) {
			span = strings.TrimSpace(span)
			if target, is := strings.CutPrefix(span, "make "); is && regexp.MustCompile(`^[a-z-]+$`).MatchString(target) && !strings.Contains(makefile, "\n"+target+":") {
				t.Errorf("%s says `make %s`, which the Makefile does not know", name, target)
			}
			if regexp.MustCompile(`^Test[A-Z]\w+$`).MatchString(span) && !slices.ContainsFunc(tests, func(test string) bool { return strings.HasPrefix(test, span) }) {
				t.Errorf("%s names %s, and no test begins like that", name, span)
			}
			if _, pattern, is := strings.Cut(span, "-run "); is {
				pattern = strings.Trim(strings.Fields(pattern)[0], "`")
				if !slices.ContainsFunc(tests, func(test string) bool { return strings.Contains(test, pattern) }) {
					t.Errorf("%s says -run %s, and no test is called that", name, pattern)
				}
			}
		}
	}
}

// The README's table has a row for each promise, and its demo is the demo.
func TestDocs_TheReadmeHasEveryPromiseAndTheDemosAddresses(t *testing.T) {
	readme := document(t, "README.md")
	for i := 1; i <= 15; i++ {
		if id := "`TestSC" + strconv.Itoa(100 + i)[1:] + "_`"; !strings.Contains(readme, id) {
			t.Errorf("README.md has no row for %s", id)
		}
	}
	var demo strings.Builder
	for _, f := range tree(t) {
		if strings.HasPrefix(f, "internal/cli/demo") && strings.HasSuffix(f, ".go") && !strings.HasSuffix(f, "_test.go") {
			demo.WriteString(document(t, f))
		}
	}
	for _, m := range regexp.MustCompile(`127\.0\.0\.1:\d+|[a-z]+@[a-z]+\.test|blue-[a-z0-9-]+`).FindAllString(readme, -1) {
		if !strings.Contains(demo.String(), m) {
			t.Errorf("README.md promises %s, which the demo does not have", m)
		}
	}
}
