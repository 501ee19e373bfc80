package mailauth

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Sizes of RSA keys, in bits.
const (
	minRSABits    = 1024 // RFC 8301 3.2: smaller must not be considered valid
	strongRSABits = 2048 // RFC 8301 3.2: signers should use at least this; below it we say so
	maxRSABits    = 4096 // above it a stranger decides how long we compute (threats A-12)
)

// maxKeyRecord bounds a key record in bytes; one with an RSA-4096 key needs 760.
const maxKeyRecord = 4096

// publicKey is a key record, read (RFC 6376 3.6.1).
type publicKey struct {
	kind    string // rsa or ed25519, as in a=
	rsa     *rsa.PublicKey
	ed25519 ed25519.PublicKey
	strict  bool // t=s: i= must be d= itself
	weak    bool
}

var (
	errNoKey   = errors.New("the record there is not a key")
	errRevoked = errors.New("its key was withdrawn")
	errTesting = errors.New("its key is marked as a test, which counts as unsigned")
)

// readKey reads one TXT record. errNoKey says it is something else.
func readKey(record string) (*publicKey, error) {
	if len(record) > maxKeyRecord {
		return nil, errNoKey
	}
	tags, err := parseTags(record)
	if err != nil {
		return nil, errNoKey
	}
	p, ok := find(tags, "p")
	if !ok {
		return nil, errNoKey
	}
	k := &publicKey{kind: "rsa"}
	for i, t := range tags {
		list := splitList(t.value)
		switch t.name {
		case "v":
			if t.value != "DKIM1" || i != 0 {
				return nil, errNoKey
			}
		case "k":
			k.kind = asciiLower(t.value)
		case "h":
			if !contains(list, "sha256") {
				return nil, errors.New("its key may not be used with SHA-256")
			}
		case "s":
			if !contains(list, "*") && !contains(list, "email") {
				return nil, errors.New("its key is not for mail")
			}
		case "t":
			if contains(list, "y") { // RFC 6376 3.6.1: no different from unsigned mail
				return nil, errTesting
			}
			k.strict = contains(list, "s")
		}
	}
	if p.value == "" {
		return nil, errRevoked
	}
	return k, k.decode(p.value)
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

func (k *publicKey) decode(p string) error {
	data, err := decodeBase64(p)
	if err != nil {
		return errors.New("its key is damaged")
	}
	switch k.kind {
	case "ed25519":
		if len(data) != ed25519.PublicKeySize { // RFC 8463 4: the bare 32 bytes
			return errors.New("its key is damaged")
		}
		k.ed25519 = data
		return nil
	case "rsa":
		return k.decodeRSA(data)
	}
	return errors.New("its key is of an unknown kind")
}

// decodeRSA takes both shapes in use: SubjectPublicKeyInfo and, by RFC 6376
// erratum 3017, the bare RSAPublicKey.
func (k *publicKey) decodeRSA(data []byte) error {
	if parsed, err := x509.ParsePKIXPublicKey(data); err == nil {
		k.rsa, _ = parsed.(*rsa.PublicKey)
	} else {
		k.rsa, _ = x509.ParsePKCS1PublicKey(data)
	}
	if k.rsa == nil {
		return errors.New("its key is damaged")
	}
	bits := k.rsa.N.BitLen()
	if bits < minRSABits || bits > maxRSABits {
		return fmt.Errorf("its key of %d bits is not accepted", bits)
	}
	k.weak = bits < strongRSABits
	return nil
}

// verify checks a signature over a SHA-256 digest.
func (k *publicKey) verify(digest, signature []byte) bool {
	if k.ed25519 != nil {
		return ed25519.Verify(k.ed25519, digest, signature)
	}
	return rsa.VerifyPKCS1v15(k.rsa, crypto.SHA256, digest, signature) == nil
}

// pickKey chooses among the TXT records at a key's name. One record is the rule;
// several are undefined (RFC 6376 3.6.2.2), so they are used only when just one
// fits the algorithm, and then sole is false: such a pass counts for nothing.
func (cache *keyCache) pickKey(records []string, algorithm string) (key *publicKey, sole bool, err error) {
	kind, _, _ := strings.Cut(algorithm, "-")
	err = errNoKey
	for _, record := range records {
		k, fault := cache.read(record)
		switch {
		case fault != nil:
			if err == errNoKey {
				err = fault
			}
		case k.kind != kind:
			err = errors.New("its key is of another kind than its algorithm")
		case key != nil:
			return nil, false, errors.New("there are several keys at its name")
		default:
			key = k
		}
	}
	if key == nil {
		return nil, false, err
	}
	return key, len(records) == 1, nil
}

// maxCachedKeys bounds the keys kept in parsed form, about 2 kB each.
const maxCachedKeys = 1024

// keyCache remembers parsed keys by the text of their record, so it needs no
// expiry: another text is another key. Usable as its zero value.
type keyCache struct {
	mu   sync.Mutex
	keys map[string]*publicKey
}

func (cache *keyCache) read(record string) (*publicKey, error) {
	cache.mu.Lock()
	key, ok := cache.keys[record]
	cache.mu.Unlock()
	if ok {
		return key, nil
	}
	key, err := readKey(record)
	if err != nil {
		return nil, err
	}
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if cache.keys == nil || len(cache.keys) >= maxCachedKeys {
		cache.keys = make(map[string]*publicKey)
	}
	cache.keys[record] = key
	return key, nil
}
