package test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aside/internal/config"
	"aside/internal/mailauth"

	"github.com/spf13/pflag"
)

var flagged = regexp.MustCompile(`(?:^|[\s(])--([A-Za-z]+)`)

// ofPocketBase are the flags of `serve` and the root that are not ours.
var ofPocketBase = []string{"dir", "http", "https", "origins", "encryptionEnv", "queryTimeout", "dev", "help"}

func TestDocs_TheTableOfSettingsIsTheFlags(t *testing.T) {
	flags, install := ourFlags(t), document(t, "docs/install.md")
	rows := map[string][]string{}
	for _, line := range strings.Split(install, "\n") {
		if cells := strings.Split(line, " | "); strings.HasPrefix(line, "| `--") && len(cells) == 4 {
			rows[strings.Trim(cells[0], "|` -")] = cells
		}
	}
	flags.VisitAll(func(f *pflag.Flag) {
		cells, there := rows[f.Name]
		if !there {
			t.Errorf("docs/install.md has no row for --%s", f.Name)
			return
		}
		delete(rows, f.Name)
		if env := strings.Trim(cells[1], "`"); !strings.HasSuffix(f.Usage, "("+env+")") {
			t.Errorf("--%s: the table says %s, the help %q", f.Name, env, f.Usage)
		}
		if def := strings.Trim(cells[2], "`"); def != f.DefValue && !(def == "none" && f.DefValue == "") {
			t.Errorf("--%s: the table says %s by default, the code %q", f.Name, def, f.DefValue)
		}
	})
	for name := range rows {
		t.Errorf("docs/install.md has a row for --%s, which is no flag", name)
	}
}

func TestDocs_EveryFlagAndVariableTheyTellToSetExists(t *testing.T) {
	flags, install := ourFlags(t), document(t, "docs/install.md")
	for _, line := range strings.Split(install+document(t, "README.md"), "\n") {
		if !strings.Contains(line, "aside serve") && !strings.HasPrefix(line, "PocketBase's own:") {
			continue
		}
		for _, m := range flagged.FindAllStringSubmatch(strings.ReplaceAll(line, "`", " "), -1) {
			if flags.Lookup(m[1]) == nil && !slices.Contains(ofPocketBase, m[1]) {
				t.Errorf("--%s is no flag of serve: %s", m[1], line)
			}
		}
	}
	for _, env := range regexp.MustCompile(`ASIDE_[A-Z_]+`).FindAllString(install, -1) {
		if !strings.Contains(flags.FlagUsages(), "("+env+")") {
			t.Errorf("docs/install.md names %s, which nothing reads", env)
		}
	}
}

// ourFlags are those of internal/config, with the defaults of an empty environment.
func ourFlags(t *testing.T) *pflag.FlagSet {
	t.Helper()
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "ASIDE_") {
			t.Setenv(name, "") // so that it comes back
			os.Unsetenv(name)
		}
	}
	flags := pflag.NewFlagSet("aside", pflag.ContinueOnError)
	config.Bind(flags)
	return flags
}

// What docs/install.md has the operator type to get the DKIM records makes the records that fit the keys.
func TestDocs_TheCommandsForDKIMRecordsAreRight(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("needs openssl")
	}
	var script string
	for _, block := range fence.FindAllString(document(t, "docs/install.md"), -1) {
		if strings.Contains(block, "openssl pkey") {
			script = block
		}
	}
	dir := t.TempDir()
	signer, err := mailauth.LoadSigner(dir, "in.example.com")
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ = strings.Cut(strings.TrimSuffix(script, "```"), "\n")
	_, script, isCd := strings.Cut(script, "\n") // the cd to where the keys of a real installation are
	if !isCd {
		t.Fatal("docs/install.md has no commands for the DKIM records")
	}
	cmd := exec.Command("bash", "-euc", script)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range signer.Records() {
		if !bytes.Contains(out, []byte(value+"\n")) {
			t.Errorf("%s should be\n%s\nand the commands say\n%s", name, value, out)
		}
		if !strings.Contains(document(t, "docs/install.md"), "`"+strings.TrimSuffix(name, ".")+"`") {
			t.Errorf("docs/install.md does not name %s", name)
		}
	}
}

func TestDocs_EveryDependencyIsDecidedOn(t *testing.T) {
	decisions := document(t, "docs/decisions.md")
	for module, version := range directModules(t) {
		if !strings.Contains(decisions, "`"+module+"` "+version) {
			t.Errorf("docs/decisions.md says nothing of %s %s", module, version)
		}
	}
	var pkg struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal([]byte(document(t, "package.json")), &pkg); err != nil {
		t.Fatal(err)
	}
	for _, list := range []map[string]string{pkg.Dependencies, pkg.DevDependencies} {
		for name, version := range list {
			if !strings.Contains(decisions, "`"+name+"` "+version) {
				t.Errorf("docs/decisions.md says nothing of %s %s", name, version)
			}
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^\w+ := \S+/(\w+)@(v\S+)`).FindAllStringSubmatch(document(t, "Makefile"), -1) {
		if !strings.Contains(decisions, m[1]+" "+m[2]) {
			t.Errorf("docs/decisions.md says nothing of %s %s", m[1], m[2])
		}
	}
}

// directModules are the modules whose packages our own files import, tests too, with the version go.mod pins.
func directModules(t *testing.T) map[string]string {
	t.Helper()
	pinned := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\t(?:require )?(\S+) (v\S+)`).FindAllStringSubmatch(document(t, "go.mod"), -1) {
		pinned[m[1]] = m[2]
	}
	direct := map[string]string{}
	for _, list := range ourImports(t, true) {
		for _, imported := range list {
			for module, version := range pinned {
				if imported == module || strings.HasPrefix(imported, module+"/") {
					direct[module] = version
				}
			}
		}
	}
	if len(direct) < 10 {
		t.Fatalf("only %d modules found: has go.mod's shape changed?", len(direct))
	}
	return direct
}
