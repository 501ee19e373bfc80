package smtpd

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func serial(t *testing.T, c *Certificate) string {
	t.Helper()
	got, err := c.Get(nil)
	if err != nil {
		t.Fatal(err)
	}
	return got.Leaf.SerialNumber.String()
}

// later makes sure that the next handshake looks at the files.
func (c *Certificate) later() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looked = time.Time{}
}

func TestS56_ReloadDuringSession(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	c, err := SelfSigned(dir, []string{"in.test"})
	if err != nil {
		t.Fatal(err)
	}
	var log lockedText
	c.Log = slog.New(slog.NewTextHandler(&log, nil))
	door, _ := open(t, func(s *Server) { s.TLS = c.Config() })
	// Both files are padded to one length and given one time: what differs is the file.
	path := filepath.Join(dir, "smtp.pem")
	stamp := time.Now().Add(-time.Hour).Truncate(time.Second)
	put := func(text []byte) {
		replaceFile(path, append(bytes.Clone(text), bytes.Repeat([]byte("\n"), 4096-len(text))...))
		os.Chtimes(path, stamp, stamp)
		c.later()
	}
	old, _ := os.ReadFile(path)
	put(old)
	running := talk(t, door, "tls", "c base", "c -> DATA", "s <- 354")
	first := running.conn.(*tls.Conn).ConnectionState().PeerCertificates[0]

	if _, err := SelfSigned(other, []string{"in.test"}); err != nil {
		t.Fatal(err)
	}
	fresh, _ := os.ReadFile(filepath.Join(other, "smtp.pem"))
	put(fresh)

	running.must(t, "c =>", "x\r\n.\r\n")
	running.must(t, "s <-", "250")
	next := talk(t, door, "tls", "s <- 220", "c -> NOOP", "s <- 250").conn.(*tls.Conn).ConnectionState().PeerCertificates[0]
	if next.Equal(first) {
		t.Error("the next handshake still has the old certificate")
	}

	put(fresh[:len(fresh)/2])
	if again := talk(t, door, "tls", "s <- 220", "c -> NOOP", "s <- 250").conn.(*tls.Conn).ConnectionState().PeerCertificates[0]; !again.Equal(next) {
		t.Error("a bad file took the good certificate away")
	}
	c.later()
	serial(t, c)
	if n := strings.Count(log.String(), "the old one stays"); n != 1 {
		t.Errorf("%d alerts: %s", n, log.String())
	}
	if err := c.Reload(); err == nil {
		t.Error("Reload took a bad file")
	}
	put(fresh)
	if err := c.Reload(); err != nil {
		t.Error(err)
	}
}

func TestSelfSignedIsKept(t *testing.T) {
	dir := t.TempDir()
	c, err := SelfSigned(dir, []string{"in.test", "mx.in.test"})
	if err != nil {
		t.Fatal(err)
	}
	info, _ := os.Stat(filepath.Join(dir, "smtp.pem"))
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	again, err := SelfSigned(dir, []string{"in.test"})
	if err != nil || serial(t, again) != serial(t, c) {
		t.Error("a second start has another certificate", err)
	}
	renamed, err := SelfSigned(dir, []string{"other.test"})
	if err != nil || serial(t, renamed) == serial(t, c) {
		t.Error("new names have the old certificate", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func TestSelfSignedKeepsWhatItCannotRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "smtp.pem")
	os.WriteFile(path, []byte("the operator's"), 0o600)
	if _, err := SelfSigned(dir, []string{"in.test"}); err == nil {
		t.Error("no error")
	}
	if text, _ := os.ReadFile(path); !bytes.Equal(text, []byte("the operator's")) {
		t.Error("the file was replaced")
	}
	if _, err := WatchedCertificate(filepath.Join(dir, "none"), path); err == nil {
		t.Error("a missing certificate was read")
	}
	if _, err := SelfSigned(t.TempDir(), nil); err == nil {
		t.Error("a certificate for no name was made")
	}
}

// Old TLS is refused, whatever the configuration forgot to say.
func TestTLSVersions(t *testing.T) {
	door, _ := open(t, nil)
	for version, works := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		p := talk(t, door, "plain", "s <- 220", "c -> EHLO t", "s <- 250", "c -> STARTTLS", "s <- 220")
		c := tls.Client(p.raw, &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version})
		if err := c.Handshake(); (err == nil) != works {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
	}
}
