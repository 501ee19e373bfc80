package durable

import (
	"crypto/tls"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestS56_CertificateFilesAreWatched starts the door with files, and swaps them while it runs.
func TestS56_CertificateFilesAreWatched(t *testing.T) {
	requires(t, "openssl")
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	issue := func(name string) {
		out, err := exec.Command("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN="+name, "-keyout", key+".new", "-out", cert+".new").CombinedOutput()
		if err != nil {
			t.Fatalf("%v %s", err, out)
		}
		for _, f := range []string{key, cert} {
			if err := os.Rename(f+".new", f); err != nil {
				t.Fatal(err)
			}
		}
	}
	issue("first.test")
	d := newDaemon(t, newSeed(t, 1, 0))
	d.args = append(d.args, "--smtpCert", cert, "--smtpKey", key)
	d.start()
	if name := shownBy(t, d.smtp); name != "first.test" {
		t.Fatalf("the door shows a certificate of %q", name)
	}
	issue("second.test")
	for end := time.Now().Add(5 * time.Second); shownBy(t, d.smtp) != "second.test"; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the new certificate is not shown")
		}
	}
}

// shownBy is the name on the certificate that STARTTLS shows.
func shownBy(t testing.TB, addr string) string {
	t.Helper()
	c, err := smtp.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.StartTLS(&tls.Config{InsecureSkipVerify: true}); err != nil {
		t.Fatal(err)
	}
	state, _ := c.TLSConnectionState()
	return state.PeerCertificates[0].Subject.CommonName
}
