package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// KeySize is the number of secret bytes in a key.
const KeySize = 32

// maxKeyFile bounds what is read of a key file: 64 hex digits and some white space.
// A path that names something else is refused rather than swallowed.
const maxKeyFile = 256

// Key is the server's secret. It prints as a placeholder under every verb.
type Key struct {
	secret [KeySize]byte
}

// NewKey makes a key of exactly KeySize secret bytes.
func NewKey(secret []byte) (*Key, error) {
	if len(secret) != KeySize {
		return nil, fmt.Errorf("token key has %d bytes, want %d", len(secret), KeySize)
	}
	return &Key{secret: [KeySize]byte(secret)}, nil
}

// LoadKey reads the key at path, 64 hex digits. Where there is no file yet it makes
// one of mode 0600, whole and on disk before its name appears; of two processes that
// do so at once, both end up with the same key. A file that group or world may read,
// or that holds anything else, is an error: guessing on would orphan every token.
func LoadKey(path string) (*Key, error) {
	k, err := readKey(path)
	if !errors.Is(err, os.ErrNotExist) {
		return k, err
	}
	if err := createKey(path); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("making token key: %w", err)
	}
	return readKey(path)
}

// Sign returns a MAC of data under a key of its own for the purpose, so that what is
// signed for one form can neither stand for another nor be a token.
func (k *Key) Sign(purpose string, data []byte) []byte {
	// "sign" is no Kind, so this input never meets one of mac's.
	sub := hmac.New(sha256.New, k.secret[:])
	sub.Write([]byte("sign\x00"))
	sub.Write([]byte(purpose))
	h := hmac.New(sha256.New, sub.Sum(nil))
	h.Write(data)
	return h.Sum(nil)
}

// Verify reports, in constant time, whether mac is what Sign returns.
func (k *Key) Verify(purpose string, data, mac []byte) bool {
	return hmac.Equal(k.Sign(purpose, data), mac)
}

// Format keeps the secret out of logs and panics, whatever the verb.
func (k *Key) Format(f fmt.State, _ rune) { io.WriteString(f, "token.Key(secret)") }

func readKey(path string) (*Key, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading token key: %w", err)
	}
	defer f.Close()
	// The mode is asked of the open file, not of the name, which may change in between.
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading token key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("token key %s may be read by others (mode %04o): chmod 600 it", path, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("reading token key: %w", err)
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(secret) != KeySize {
		// The hex error quotes a byte of the file; it stays out of the message.
		return nil, fmt.Errorf("token key %s is not %d hex digits", path, 2*KeySize)
	}
	return NewKey(secret)
}

// createKey writes a fresh key beside path and links it there. A link, unlike a
// rename, never replaces a key that another process made in the meantime.
func createKey(path string) error {
	var secret [KeySize]byte
	rand.Read(secret[:]) // never fails (Go 1.24)
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".token-key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(hex.EncodeToString(secret[:]) + "\n")
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes the new name itself survive a power loss.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
