package durable

import (
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"aside/test/peers"
)

// postfix is a Postfix of the test's own that hands everything it gets to one relay.
type postfix struct {
	*peers.Postfix
	in string
}

func startPostfix(t *testing.T, relay, security string) *postfix {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "aside-postfix-") // its sockets' names must stay short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	_, port, _ := net.SplitHostPort(relay)
	_, in, _ := net.SplitHostPort(freeAddr(t))
	return &postfix{peers.StartPostfix(t, dir, in, peers.Relaying(port, security)+`
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
smtp_destination_concurrency_failed_cohort_limit = 1000000
smtp_connect_timeout = 2s`), in}
}

// inject puts n letters into its queue.
func (p *postfix) inject(t testing.TB, from, to string, n int) {
	t.Helper()
	var out []byte
	var err error
	for range 50 { // until its smtpd listens
		if out, err = exec.Command("smtp-source", "-s", "1", "-m", strconv.Itoa(n), "-l", "6000", "-f", from, "-t", to, "127.0.0.1:"+p.in).CombinedOutput(); err == nil {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatalf("smtp-source: %v %s", err, out)
}

// drained waits until its queue is empty.
func (p *postfix) drained(t testing.TB, within time.Duration) {
	t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		if queue, err := p.Queue(); err == nil && strings.Contains(queue, "is empty") {
			return
		}
		p.Flush()
	}
	t.Fatal("its queue did not become empty")
}
