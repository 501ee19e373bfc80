package mailauth

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// rsaBits is what RFC 8301 3.2 asks of signers; larger ones do not fit one UDP
// answer everywhere.
const rsaBits = 2048

// ring says which generation of keys does what. Generations count from 1; each is
// one RSA and one Ed25519 key under the selectors aside<n>-rsa and aside<n>-ed25519.
type ring struct {
	Current int           `json:"current"`           // signs
	Next    int           `json:"next,omitempty"`    // made by Prepare, published, not signing yet
	Retired map[int]int64 `json:"retired,omitempty"` // generation -> when it stopped signing, Unix seconds
}

func selector(generation int, kind string) string { return fmt.Sprintf("aside%d-%s", generation, kind) }

// expired says that no letter can still carry a generation's signature.
func (r ring) expired(generation int, now time.Time) bool {
	at, retired := r.Retired[generation]
	return retired && now.After(time.Unix(at, 0).Add(signatureLife))
}

// keyPair is one generation of keys.
type keyPair struct {
	rsa     *rsa.PrivateKey
	ed25519 ed25519.PrivateKey
}

// record is the TXT value for one of the keys (RFC 6376 3.6.1, RFC 8463 4).
func (p keyPair) record(kind string) string {
	public := []byte(p.ed25519.Public().(ed25519.PublicKey))
	if kind == "rsa" {
		public, _ = x509.MarshalPKIXPublicKey(&p.rsa.PublicKey) // cannot fail for an RSA key
	}
	return "v=DKIM1; k=" + kind + "; h=sha256; s=email; p=" + base64.StdEncoding.EncodeToString(public)
}

// LoadSigner reads the keys for a domain from a folder, or makes them at first
// start. Files are 0600 and appear whole or not at all; a key that others may read
// is refused, because it must be taken for known.
func LoadSigner(dir, domain string) (*Signer, error) {
	clean, ok := addressDomain("a@" + domain)
	if !ok {
		return nil, fmt.Errorf("DKIM: %q is not a domain name", domain)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("DKIM keys: %w", err)
	}
	s := &Signer{dir: dir, domain: clean, pairs: make(map[int]keyPair)}
	data, err := readSecret(s.path("ring.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return s, s.turn(ring{Current: 1})
	}
	if err == nil {
		err = json.Unmarshal(data, &s.ring)
	}
	if err == nil && s.ring.Current < 1 {
		err = errors.New("ring.json names no key")
	}
	if err != nil {
		return nil, fmt.Errorf("DKIM keys: %w", err)
	}
	return s, s.load(s.ring, false)
}

// Reload takes up what another process has made of the ring: `aside dkim rotate` beside a running server.
func (s *Signer) Reload() error {
	data, err := readSecret(s.path("ring.json"))
	if err != nil {
		return fmt.Errorf("DKIM keys: %w", err)
	}
	var r ring
	if err := json.Unmarshal(data, &r); err != nil || r.Current < 1 {
		return errors.New("DKIM keys: ring.json cannot be read")
	}
	if err := s.load(r, false); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ring = r
	return nil
}

// Prepare makes the next keys and gives their records along with the others, so
// that they can be published before Rotate puts them to use.
func (s *Signer) Prepare() error {
	s.mu.RLock()
	r := s.ring
	s.mu.RUnlock()
	if r.Next != 0 {
		return nil
	}
	r.Next = r.Current + 1
	return s.turn(r)
}

// Rotate signs with the next keys from now on, making them if Prepare did not. The
// old ones stay published for seven days, as long as their signatures stand, and
// are deleted by a later Rotate.
func (s *Signer) Rotate() error {
	s.mu.RLock()
	r := ring{Current: max(s.ring.Next, s.ring.Current+1), Retired: map[int]int64{s.ring.Current: s.time().Unix()}}
	var dead []int
	for generation, at := range s.ring.Retired {
		if s.ring.expired(generation, s.time()) {
			dead = append(dead, generation)
			continue
		}
		r.Retired[generation] = at
	}
	s.mu.RUnlock()
	if err := s.turn(r); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, generation := range dead { // after the ring no longer names them
		delete(s.pairs, generation)
		_ = os.Remove(s.path(selector(generation, "rsa") + ".pem"))
		_ = os.Remove(s.path(selector(generation, "ed25519") + ".pem"))
	}
	return nil
}

// turn makes what keys a ring still lacks, and then the ring itself, on disk and in
// memory: a crash in between leaves the old ring with keys nobody names.
func (s *Signer) turn(r ring) error {
	if err := s.load(r, true); err != nil {
		return err
	}
	data, err := json.Marshal(r)
	if err == nil {
		err = writeSecret(s.path("ring.json"), data)
	}
	if err != nil {
		return fmt.Errorf("DKIM keys: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ring = r
	return nil
}

// load brings every generation of a ring into memory. Only new ones may be made: a
// key that is lost must not be replaced under a selector whose record says another.
func (s *Signer) load(r ring, make bool) error {
	generations := []int{r.Current}
	if r.Next != 0 {
		generations = append(generations, r.Next)
	}
	for generation := range r.Retired {
		generations = append(generations, generation)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, generation := range generations {
		if _, loaded := s.pairs[generation]; loaded {
			continue
		}
		pair, err := s.pair(generation, make)
		if err != nil {
			return fmt.Errorf("DKIM keys: %w", err)
		}
		s.pairs[generation] = pair
	}
	return nil
}

// pair reads one generation, and may make what is not there.
func (s *Signer) pair(generation int, make bool) (p keyPair, err error) {
	key, err := loadKey(s.path(selector(generation, "rsa")+".pem"), make, func() (any, error) {
		return rsa.GenerateKey(rand.Reader, rsaBits)
	})
	if err != nil {
		return p, err
	}
	p.rsa, _ = key.(*rsa.PrivateKey)
	key, err = loadKey(s.path(selector(generation, "ed25519")+".pem"), make, func() (any, error) {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	})
	p.ed25519, _ = key.(ed25519.PrivateKey)
	if err == nil && (p.rsa == nil || p.ed25519 == nil) {
		err = fmt.Errorf("key files of generation %d hold the wrong kind of key", generation)
	}
	return p, err
}

func (s *Signer) path(name string) string { return filepath.Join(s.dir, name) }

// loadKey reads a PKCS #8 key in PEM, or makes and writes one.
func loadKey(path string, make bool, generate func() (any, error)) (any, error) {
	data, err := readSecret(path)
	if make && errors.Is(err, fs.ErrNotExist) {
		return newKey(path, generate)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM key", filepath.Base(path))
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return key, nil
}

func newKey(path string, generate func() (any, error)) (any, error) {
	key, err := generate()
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writeSecret(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
