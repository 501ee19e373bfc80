package durable

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"aside/test/peers"
)

// peer is somebody else's mail server that takes letters on port 25 of a loopback address of its own, as far as domains go.
type peer struct {
	domain, ip string
	mail       string // the folder it puts letters in, one a file
	stop       func()
}

// newPeer makes a folder that everybody may write to: mail servers write as somebody else.
func newPeer(t testing.TB, domain, ip string) *peer {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "aside-") // sockets' names must stay short
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{domain: domain, ip: ip, mail: filepath.Join(dir, "mail"), stop: func() {}}
	if err := os.Mkdir(p.mail, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, p.mail} {
		if err := os.Chmod(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { p.stop(); _ = os.RemoveAll(dir) })
	return p
}

func (p *peer) dir() string { return filepath.Dir(p.mail) }

// write puts a file into the peer's folder.
func (p *peer) write(t testing.TB, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(p.dir(), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// run starts a server that stays in the foreground, and waits until it listens. One that does not come up skips the test: it is theirs.
func (p *peer) run(t testing.TB, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	said := filepath.Join(p.dir(), "log")
	out, err := os.Create(said)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Skipf("%s: %v", name, err)
	}
	out.Close()
	p.stop = func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		p.stop = func() {}
	}
	p.up(t, name)
}

// up waits until it listens: some never greet.
func (p *peer) up(t testing.TB, name string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if c, err := net.Dial("tcp", p.ip+":25"); err == nil {
			c.Close()
			return
		}
		if time.Now().After(end) {
			text, _ := os.ReadFile(filepath.Join(p.dir(), "log"))
			t.Skipf("%s does not come up: %s", name, text)
		}
	}
}

// letters are the files it wrote that hold a text.
func (p *peer) letters(t testing.TB, text string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(p.mail, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // a mailbox moves its files while we look
		}
		if b, err := os.ReadFile(path); err == nil && strings.Contains(string(b), text) {
			found = append(found, string(b))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// certificate writes a self-signed one for a host: what most mail servers of the world have.
func (p *peer) certificate(t testing.TB, host string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pemOf := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	return p.write(t, "certs/"+host+"/fullchain.pem", pemOf("CERTIFICATE", der), 0o644), p.write(t, "certs/"+host+"/privkey.pem", pemOf("PRIVATE KEY", secret), 0o644)
}

// startSink lets smtp-sink take letters, with the flags that make it misbehave. Every letter it is given is a file, whatever it answered.
func (p *peer) startSink(t testing.TB, flags ...string) {
	t.Helper()
	p.run(t, "smtp-sink", append(append([]string{"-u", "nobody", "-d", p.mail + "/%M."}, flags...), p.ip+":25", "50")...)
}

// nobody is Debian's user of that name.
const nobody = 65534

// startPostfixPeer is a whole Postfix that puts everything for its domain into one maildir.
func (p *peer) startPostfixPeer(t testing.TB, tls bool) {
	t.Helper()
	security := "smtpd_tls_security_level = none"
	if tls {
		cert, key := p.certificate(t, "mx."+p.domain)
		security = fmt.Sprintf("smtpd_tls_security_level = may\nsmtpd_tls_cert_file = %s\nsmtpd_tls_key_file = %s\nsmtpd_tls_received_header = yes", cert, key)
	}
	_ = os.Chown(p.mail, nobody, -1) // its delivery agent runs as nobody
	server := peers.StartPostfix(t, p.dir(), p.ip+":25", fmt.Sprintf(`myhostname = mx.%[1]s
mynetworks = 127.0.0.99/32
smtpd_relay_restrictions = reject_unauth_destination
smtpd_peername_lookup = no
virtual_mailbox_domains = %[1]s
virtual_mailbox_base = %[2]s
virtual_mailbox_maps = static:mail/
virtual_uid_maps = static:%[4]d
virtual_gid_maps = static:%[4]d
%[3]s`, p.domain, p.dir(), security, nobody))
	p.stop = server.Stop
	p.up(t, "Postfix")
}

// startExim is a whole Exim, which delivers as the user mail.
func (p *peer) startExim(t testing.TB) {
	t.Helper()
	exim := os.Getenv("ASIDE_EXIM")
	if exim == "" {
		exim = "exim4"
	}
	requires(t, exim)
	cert, key := p.certificate(t, "mx."+p.domain)
	conf := p.write(t, "exim.conf", fmt.Sprintf("exim_path = %[1]s\nexim_user = mail\nexim_group = mail\nspool_directory = %[2]s/spool\nlog_file_path = %[2]s/log-%%s\nprimary_hostname = mx.%[3]s\nkeep_environment =\n"+
		"local_interfaces = %[4]s\ndaemon_smtp_ports = 25\npid_file_path = %[2]s/pid\nhost_lookup =\nrfc1413_query_timeout = 0s\ntls_advertise_hosts = *\ntls_certificate = %[5]s\ntls_privatekey = %[6]s\n"+
		"chunking_advertise_hosts = *\nacl_smtp_rcpt = rcpt\nacl_smtp_data = data\nbegin acl\nrcpt:\n  accept domains = %[3]s\n  deny\ndata:\n  accept\nbegin routers\nall:\n  driver = accept\n  transport = box\n"+
		"begin transports\nbox:\n  driver = appendfile\n  directory = %[2]s/mail\n  maildir_format\n  user = mail\n  group = mail\n", exim, p.dir(), p.domain, p.ip, cert, key), 0o644)
	p.run(t, exim, "-C", conf, "-bdf", "-oX", p.ip+".25")
	stop := p.stop
	p.stop = func() {
		stop()
		if out, _ := os.ReadFile(filepath.Join(p.dir(), "log-main")); t.Failed() {
			t.Logf("Exim's log: %s", out)
		}
	}
}

// startChasquid is a whole chasquid, which hands what it took to a program: here one that writes it down.
func (p *peer) startChasquid(t testing.TB) {
	t.Helper()
	requires(t, "chasquid", "chasquid-util")
	host := "mx." + p.domain
	p.certificate(t, host)
	script := p.write(t, "deliver", "#!/bin/sh\nexec cat > "+p.mail+"/$$.$(date +%N)\n", 0o755)
	p.write(t, "chasquid.conf", fmt.Sprintf("hostname: %q\nsmtp_address: %q\nsubmission_address: %q\nsubmission_over_tls_address: %q\nmail_delivery_agent_bin: %q\nmail_delivery_agent_args: \"%%to%%\"\ndata_dir: %q\nmail_log_path: %q\n",
		host, p.ip+":25", p.ip+":10587", p.ip+":10465", script, p.dir()+"/data", p.dir()+"/mail.log"), 0o644)
	for _, name := range []string{"domains/" + p.domain, "data"} {
		if err := os.MkdirAll(filepath.Join(p.dir(), name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("chasquid-util", "--configdir="+p.dir(), "user-add", "bob@"+p.domain, "--password=x").CombinedOutput(); err != nil {
		t.Skipf("chasquid-util: %v %s", err, out)
	}
	p.run(t, "chasquid", "-config_dir", p.dir(), "-alsologtostderr", "-logfile", p.dir()+"/chasquid.log")
}

// loopbackNet is a piece of loopback for this process alone, without its last number: mail servers want port 25, and there is only one of
// it at each address.
var loopbackNet = fmt.Sprintf("127.%d.%d", 16+os.Getpid()%200, os.Getpid()/200%250)

// taken tells whether an address of loopback has something on port 25 already.
func taken(ip string) bool {
	l, err := net.Listen("tcp", ip+":25")
	if err != nil {
		return true
	}
	l.Close()
	return false
}
