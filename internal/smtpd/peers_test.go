package smtpd

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
)

// Clients that others wrote, where they are installed.
func TestPeers(t *testing.T) {
	const letter = "From: bob@ext.test\nSubject: peers\n\n.\n..two\nlast\n"
	for _, c := range []struct {
		name, command string
		letters       int
		tls           bool
		has           string
	}{
		{"swaks in clear", "swaks --server 127.0.0.1 --port PORT --helo t --from bob@ext.test --to reply+good@in.test --data -", 1, false, "\r\n.\r\n..two\r\nlast\r\n"},
		{"swaks over STARTTLS, pipelining", "swaks --server 127.0.0.1 --port PORT --helo t --from bob@ext.test --to reply+good@in.test,reply+two@in.test --tls --pipeline --data -", 1, true, "\r\n.\r\n..two\r\nlast\r\n"},
		{"msmtp in clear", "msmtp --host=127.0.0.1 --port=PORT --from=bob@ext.test --auth=off --tls=off reply+good@in.test", 1, false, "\r\n.\r\n..two\r\nlast\r\n"},
		{"msmtp over STARTTLS", "msmtp --host=127.0.0.1 --port=PORT --from=bob@ext.test --auth=off --tls=on --tls-starttls=on --tls-certcheck=off reply+good@in.test", 1, true, "\r\n.\r\n..two\r\nlast\r\n"},
		{"smtp-source, 200 letters in 10 sessions", "smtp-source -s 10 -m 200 -l 20000 -f bob@ext.test -t reply+good@in.test 127.0.0.1:PORT", 200, false, "XXX"},
		{"smtp-source, ten letters a session", "smtp-source -d -s 2 -m 20 -l 1000 -f bob@ext.test -t reply+good@in.test 127.0.0.1:PORT", 20, false, "XXX"},
	} {
		t.Run(c.name, func(t *testing.T) {
			program, _, _ := strings.Cut(c.command, " ")
			if _, err := exec.LookPath(program); err != nil {
				t.Skip(program, "is not installed")
			}
			door, s := open(t, func(s *Server) { s.Limits.Greeting = Greeting })
			_, port, _ := net.SplitHostPort(door.addr)
			args := strings.Fields(strings.ReplaceAll(c.command, "PORT", port))
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Stdin = strings.NewReader(letter)
			if out, err := cmd.CombinedOutput(); err != nil {
				if strings.Contains(string(out), "TLS not available") {
					t.Skip("swaks has no TLS here")
				}
				t.Fatalf("%v\n%s", err, out)
			}
			p := &player{door: door, wait: patience}
			if err := p.stored(fmt.Sprintf("stored %d", c.letters), ""); err != nil {
				t.Fatal(err)
			}
			for _, e := range door.stored() {
				if !strings.Contains(string(e.Data), c.has) || e.From != "bob@ext.test" || e.TLS != c.tls {
					t.Fatalf("letter is %+v", e)
				}
				whole(t, e)
			}
			if n := s.Stats()["errors"] + s.Stats()["early_talkers"] + s.Stats()["letters_cut"]; n != 0 {
				t.Errorf("faults were counted: %v", s.Stats())
			}
		})
	}
}
