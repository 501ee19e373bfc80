package token

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
)

// nonceHalf is the length of a nonce's random part and of its MAC, in bytes.
const nonceHalf = 16

// Nonce makes a form's one-time value: random, and signed for its purpose, so that no other page or site can make one.
func (k *Key) Nonce(purpose string) string {
	random := make([]byte, nonceHalf)
	rand.Read(random) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(append(random, k.Sign(purpose, random)[:nonceHalf]...))
}

// IsNonce tells whether a value was made by Nonce for that purpose.
func (k *Key) IsNonce(purpose, value string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(value)
	return err == nil && len(raw) == 2*nonceHalf && hmac.Equal(k.Sign(purpose, raw[:nonceHalf])[:nonceHalf], raw[nonceHalf:])
}
