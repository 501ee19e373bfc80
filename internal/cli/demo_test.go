package cli

import (
	"net"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestDataDirIsTheDemosAlone(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for name, c := range map[string]struct {
		args string
		want bool
	}{
		"the demo has a new temporary folder":         {"demo", true},
		"flags before the command change nothing":     {"--dev demo --http 127.0.0.1:0", true},
		"a folder named with = is left alone":         {"demo --dir=/srv/x", false},
		"a folder named after a space is left alone":  {"demo --dir /srv/x", false},
		"help makes no folder":                        {"demo --help", false},
		"serve keeps PocketBase's folder":             {"serve", false},
		"an argument that says demo is not a command": {"inspect demo", false},
		"no command at all":                           {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := (&Demo{}).DataDir(strings.Fields(c.args))
			if (dir != "") != c.want {
				t.Fatalf("got %q", dir)
			}
			if !c.want {
				return
			}
			if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
				t.Fatalf("%v %v, want a folder for its owner alone", info, err)
			}
		})
	}
}

func TestPortsStayOnThisMachine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	command := func(args ...string) *cobra.Command {
		c := &cobra.Command{}
		c.Flags().String("http", taken.Addr().String(), "")
		if err := c.ParseFlags(args); err != nil {
			t.Fatal(err)
		}
		return c
	}
	t.Run("a usual port that is taken gives way to a free one, with a note", func(t *testing.T) {
		p := demoPorts{cmd: command()}
		l := p.take("http", taken.Addr().String())
		if p.err != nil || len(p.notes) != 1 {
			t.Fatalf("error %v, notes %q", p.err, p.notes)
		}
		defer l.Close()
		if !strings.Contains(p.notes[0], "--http") || !strings.Contains(p.notes[0], l.Addr().String()) {
			t.Fatalf("the note does not say which: %q", p.notes[0])
		}
	})
	t.Run("a port that was asked for does not", func(t *testing.T) {
		p := demoPorts{cmd: command("--http", taken.Addr().String())}
		if p.take("http", taken.Addr().String()); p.err == nil || !strings.Contains(p.err.Error(), "--http") {
			t.Fatalf("got %v, want an error that names --http", p.err)
		}
	})
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:80", "example.com:80", "127.0.0.1"} {
		t.Run("an address that is not loopback is refused: "+addr, func(t *testing.T) {
			p := demoPorts{cmd: command()}
			if l := p.take("http", addr); l != nil || p.err == nil {
				t.Fatalf("listens on %s", addr)
			}
		})
	}
}
