package durable

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// postfix is a Postfix of the test's own that hands everything it gets to one relay.
type postfix struct{ dir, in string }

func startPostfix(t *testing.T, relay, security string) *postfix {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "aside-postfix-") // its sockets' names must stay short
	if err != nil {
		t.Fatal(err)
	}
	_ = os.Chmod(dir, 0o755)
	_, port, _ := net.SplitHostPort(relay)
	_, in, _ := net.SplitHostPort(freeAddr(t))
	p := &postfix{dir: dir, in: in}
	script := fmt.Sprintf(`set -e
cd %[1]s; mkdir -p conf spool data; chown postfix data
cat > conf/main.cf <<C
compatibility_level = 3.6
queue_directory = %[1]s/spool
data_directory = %[1]s/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.load.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
relayhost = [127.0.0.1]:%[3]s
disable_dns_lookups = yes
smtp_host_lookup = native
smtp_tls_security_level = %[4]s
smtp_connection_cache_destinations = [127.0.0.1]:%[3]s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
smtp_destination_concurrency_failed_cohort_limit = 1000000
smtp_connect_timeout = 2s
maillog_file = %[1]s/maillog
maillog_file_prefixes = %[1]s, /var, /dev/stdout
C
sed -E '/^(smtp +inet|#|$)/d' /usr/share/postfix/master.cf.dist > conf/master.cf
grep -q '^postlog' conf/master.cf || echo 'postlog unix-dgram n - n - 1 postlogd' >> conf/master.cf
sed -i -E 's/^([a-z0-9_-]+ +(unix|unix-dgram|fifo) +[-ny] +[-ny] +)y/\1n/' conf/master.cf
echo '%[2]s inet n - n - - smtpd' >> conf/master.cf
postfix -c %[1]s/conf start`, dir, in, port, security)
	if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
		t.Skipf("Postfix does not start: %v %s", err, out)
	}
	t.Cleanup(func() {
		_ = exec.Command("postfix", "-c", filepath.Join(dir, "conf"), "stop").Run()
		if t.Failed() {
			out, _ := exec.Command("tail", "-n", "40", filepath.Join(dir, "maillog")).Output()
			t.Logf("maillog: %s", out)
		}
		_ = os.RemoveAll(dir)
	})
	return p
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

// flush tells it to try at once what it put off.
func (p *postfix) flush() {
	_ = exec.Command("postqueue", "-c", filepath.Join(p.dir, "conf"), "-f").Run() // it tries by itself as well
}

// drained waits until its queue is empty.
func (p *postfix) drained(t testing.TB, within time.Duration) {
	t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		out, err := exec.Command("postqueue", "-c", filepath.Join(p.dir, "conf"), "-p").CombinedOutput()
		if err == nil && strings.Contains(string(out), "is empty") {
			return
		}
		p.flush()
	}
	t.Fatal("its queue did not become empty")
}
