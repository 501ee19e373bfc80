package smtpd

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"aside/test/peers"
)

// TestPostfixRelays lets a real Postfix deliver a queue of letters to us over STARTTLS,
// pipelined and several per connection, and wants each of them once.
func TestPostfixRelays(t *testing.T) {
	if os.Getenv("ASIDE_INTEROP") == "" {
		t.Skip("starts a Postfix of its own: set ASIDE_INTEROP=1 to run it, as root")
	}
	t.Run("over TLS", func(t *testing.T) { postfixRelays(t, true) })
	// In clear Postfix keeps connections open for further letters, until we say 421.
	t.Run("in clear, connections reused", func(t *testing.T) { postfixRelays(t, false) })
}

func postfixRelays(t *testing.T, secure bool) {
	const many = 100
	door, s := open(t, func(s *Server) { s.Limits.Greeting = Greeting })
	_, out, _ := net.SplitHostPort(door.addr)
	in := startPostfix(t, out, secure)
	var text []byte
	var err error
	for range 50 { // until its smtpd listens
		text, err = exec.Command("smtp-source", "-s", "4", "-m", fmt.Sprint(many), "-l", "9000", "-f", "bob@ext.test", "-t", "reply+good@in.test", "127.0.0.1:"+in).CombinedOutput()
		if err == nil {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	if err != nil {
		t.Fatalf("smtp-source: %v %s", err, text)
	}
	for end := time.Now().Add(30 * time.Second); len(door.stored()) < many && time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(500 * time.Millisecond) // for one too many
	ids := map[string]int{}
	for _, e := range door.stored() {
		whole(t, e)
		_, id, _ := strings.Cut(string(e.Data), "Message-Id: <")
		id, _, _ = strings.Cut(id, ">")
		ids[id]++
		if e.TLS != secure {
			t.Errorf("a letter came with TLS %t", e.TLS)
		}
	}
	if len(door.stored()) != many || len(ids) != many {
		t.Errorf("%d letters, %d different", len(door.stored()), len(ids))
	}
	t.Logf("stats: %v", s.Stats())
}

// startPostfix returns the port where it takes mail, all of it for the relay at port out.
func startPostfix(t *testing.T, out string, secure bool) (in string) {
	t.Helper()
	dir, err := tempDir()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, in, _ = net.SplitHostPort(l.Addr().String())
	l.Close()
	peers.StartPostfix(t, dir, in, peers.Relaying(out, map[bool]string{true: "encrypt", false: "none"}[secure]))
	return in
}
