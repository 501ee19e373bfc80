package smtpd

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const (
	// selfSignedFor is a self-signed certificate's life. Nobody checks it: mail between servers
	// uses TLS whoever signed, unless MTA-STS or DANE say otherwise, and then it will not do.
	selfSignedFor = 10 * 365 * 24 * time.Hour
	// renewBefore the end of that life a new one is made at start.
	renewBefore = 30 * 24 * time.Hour
	// lookEvery is how often, at most, a handshake looks whether the files have changed.
	lookEvery = time.Second
)

// Certificate is a certificate kept in files. It is read again when they change, for the
// next handshake; sessions that run keep what they have.
type Certificate struct {
	Log *slog.Logger // nil = slog.Default; told when a changed file cannot be used

	certFile, keyFile string

	mu      sync.Mutex
	current *tls.Certificate
	seen    [2]os.FileInfo // of current, or of what could not be used; nil = no file
	looked  time.Time
}

// WatchedCertificate reads a PEM certificate chain and its key (which may be one file).
func WatchedCertificate(certFile, keyFile string) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile}
	if err := c.Reload(); err != nil {
		return nil, err
	}
	return c, nil
}

// SelfSigned reads dir/smtp.pem, made at first start for the names: certificate and key
// in one file of mode 0600, so that there is never half of a pair. It is made anew when
// the names change or its end is near.
func SelfSigned(dir string, names []string) (*Certificate, error) {
	path := filepath.Join(dir, "smtp.pem")
	c, err := WatchedCertificate(path, path)
	if err == nil && c.serves(names) {
		return c, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err // something of the operator's is there: say so, keep it
	}
	if err := writeSelfSigned(path, names); err != nil {
		return nil, fmt.Errorf("making SMTP certificate: %w", err)
	}
	return WatchedCertificate(path, path)
}

// Config returns a server configuration that asks c at each handshake.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.Get}
}

// Get is for tls.Config.GetCertificate. It reads changed files first; while they cannot
// be used (half written, or wrong) it serves what it had.
func (c *Certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) >= lookEvery {
		c.looked = now
		if c.changed() {
			if err := c.load(); err != nil {
				c.log().Error("SMTP certificate changed and cannot be used: the old one stays", "err", err)
			}
		}
	}
	return c.current, nil
}

// Reload reads the files now, as on SIGHUP. On an error the old certificate stays.
func (c *Certificate) Reload() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.load()
}

func (c *Certificate) load() error {
	c.seen = c.files() // before reading: a change in between shows next time
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("reading SMTP certificate: %w", err)
	}
	c.current = &pair
	return nil
}

func (c *Certificate) files() (now [2]os.FileInfo) {
	for i, name := range []string{c.certFile, c.keyFile} {
		now[i], _ = os.Stat(name)
	}
	return now
}

// changed asks for the file's identity too: a renamed one may be as long and as old, by
// the clock that stamps files.
func (c *Certificate) changed() bool {
	for i, now := range c.files() {
		was := c.seen[i]
		if (was == nil) != (now == nil) {
			return true
		}
		if now != nil && (!os.SameFile(was, now) || was.Size() != now.Size() || !was.ModTime().Equal(now.ModTime())) {
			return true
		}
	}
	return false
}

func (c *Certificate) log() *slog.Logger {
	if c.Log == nil {
		return slog.Default()
	}
	return c.Log
}

func (c *Certificate) serves(names []string) bool {
	leaf := c.current.Leaf
	for _, name := range names {
		if leaf.VerifyHostname(name) != nil {
			return false
		}
	}
	// Another's certificate, put in this place, is left alone however old it is.
	own := bytes.Equal(leaf.RawIssuer, leaf.RawSubject)
	return !own || time.Until(leaf.NotAfter) > renewBefore
}

func writeSelfSigned(path string, names []string) error {
	if len(names) == 0 {
		return errors.New("no names")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: names[0]}, DNSNames: slices.Clone(names),
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(selfSignedFor),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...)
	return replaceFile(path, text)
}

// replaceFile puts text in path's place whole, with mode 0600.
func replaceFile(path string, text []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".smtp-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(text)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
