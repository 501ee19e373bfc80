package smtpd

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	dir, err := tempDir()
	if err != nil {
		t.Fatal(err)
	}
	os.Chmod(dir, 0o755)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, in, _ = net.SplitHostPort(l.Addr().String())
	l.Close()
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
myhostname = mx.ext.test
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
maillog_file = %[1]s/maillog
maillog_file_prefixes = %[1]s, /var, /dev/stdout
C
sed -E '/^(smtp +inet|#|$)/d' /usr/share/postfix/master.cf.dist > conf/master.cf
grep -q '^postlog' conf/master.cf || echo 'postlog unix-dgram n - n - 1 postlogd' >> conf/master.cf
sed -i -E 's/^([a-z0-9_-]+ +(unix|unix-dgram|fifo) +[-ny] +[-ny] +)y/\1n/' conf/master.cf
echo '%[2]s inet n - n - - smtpd' >> conf/master.cf
postfix -c %[1]s/conf start`, dir, in, out, map[bool]string{true: "encrypt", false: "none"}[secure])
	if text, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
		t.Skipf("Postfix does not start: %v %s", err, text)
	}
	t.Cleanup(func() {
		exec.Command("postfix", "-c", filepath.Join(dir, "conf"), "stop").Run()
		if t.Failed() {
			text, _ := os.ReadFile(filepath.Join(dir, "maillog"))
			t.Logf("maillog: %s", text)
		}
	})
	return in
}
