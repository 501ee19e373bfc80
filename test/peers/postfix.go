// Package peers runs other people's mail servers for tests: real ones, on loopback, each in a folder of its own.
package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Postfix is one that a test started.
type Postfix struct{ dir string }

// postfixScript lays a folder out and starts it: %s are the folder, further lines of main.cf, and where it listens. Nothing is chrooted, and
// what the system's Postfix listens to is taken out.
const postfixScript = `set -e
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
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
maillog_file = %[1]s/maillog
maillog_file_prefixes = %[1]s, /var, /dev/stdout
%[2]s
C
sed -E '/^(smtp +inet|#|$)/d' /usr/share/postfix/master.cf.dist > conf/master.cf
grep -q '^postlog' conf/master.cf || echo 'postlog unix-dgram n - n - 1 postlogd' >> conf/master.cf
sed -i -E 's/^([a-z0-9_-]+ +(unix|unix-dgram|fifo) +[-ny] +[-ny] +)y/\1n/' conf/master.cf
echo '%[3]s inet n - n - - smtpd' >> conf/master.cf
postfix -c %[1]s/conf start`

// StartPostfix starts one in dir, a short path that its users can enter, listening at listen (port, or address:port), with further lines of
// main.cf. A test is skipped where it does not start, which takes root. It stops with the test.
func StartPostfix(t testing.TB, dir, listen, settings string) *Postfix {
	t.Helper()
	if _, err := exec.LookPath("postfix"); err != nil {
		t.Skip("needs postfix")
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p := &Postfix{dir}
	if out, err := exec.Command("sh", "-c", fmt.Sprintf(postfixScript, dir, settings, listen)).CombinedOutput(); err != nil {
		t.Skipf("Postfix does not start: %v %s %s", err, out, p.log())
	}
	t.Cleanup(func() {
		p.Stop()
		if t.Failed() {
			t.Logf("maillog: %s", p.log())
		}
	})
	return p
}

// Relaying are the lines of main.cf that hand everything to a relay on loopback; security is one of smtp_tls_security_level's.
func Relaying(port, security string) string {
	return fmt.Sprintf(`myhostname = mail.load.test
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:%[1]s
disable_dns_lookups = yes
smtp_host_lookup = native
smtp_tls_security_level = %[2]s
smtp_connection_cache_destinations = [127.0.0.1]:%[1]s`, port, security)
}

// Stop stops it; a second time nothing happens.
func (p *Postfix) Stop() { _ = p.command("postfix", "stop").Run() }

// Flush tells it to try at once what it put off.
func (p *Postfix) Flush() { _ = p.command("postqueue", "-f").Run() } // it tries by itself as well

// Queue is what postqueue -p says.
func (p *Postfix) Queue() (string, error) {
	out, err := p.command("postqueue", "-p").CombinedOutput()
	return string(out), err
}

func (p *Postfix) command(name string, args ...string) *exec.Cmd {
	return exec.Command(name, append([]string{"-c", filepath.Join(p.dir, "conf")}, args...)...)
}

// log is the end of its log.
func (p *Postfix) log() []byte {
	out, _ := exec.Command("tail", "-n", "40", filepath.Join(p.dir, "maillog")).Output()
	return out
}
