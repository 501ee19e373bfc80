// Package token makes and checks the secrets that stand in our addresses and
// links: reply, bounce, item, portal and shared tokens.
//
// A token is version ‖ record id ‖ MAC in lowercase base32. Nothing that could
// be stolen from the database is needed to check one: the MAC is keyed by a
// file of 32 secret bytes (LoadKey), and renewing a token is writing the next
// version into the record it names. Which version a record is at, and what a
// holder may do, is the caller's business; this package never sees a record.
//
// The kind goes into the MAC and not into the token, so a reply token says
// nothing when it is tried as a portal token: to Parse it is as unknown as
// random letters.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// Kind says which door a token opens. A token of one kind is unknown to all others.
type Kind string

// The kinds of token there are.
const (
	Reply  Kind = "reply"  // reply+TOKEN@…: an external party's answer
	Bounce Kind = "bounce" // bounce+TOKEN@…: where delivery reports come back
	Item   Kind = "item"   // item+TOKEN@…: a submitter's answer in the customer thread
	Portal Kind = "portal" // /c/TOKEN: one participant's own page
	Shared Kind = "shared" // /c/TOKEN: the link an agent copied
)

// ErrUnknown is the only thing Parse says about a token it does not accept:
// malformed, foreign, of another kind or made with another key all look alike.
var ErrUnknown = errors.New("token is not known")

// The layout in bytes. 35 bytes are exactly 56 base32 characters, so no bits are
// left over at the end and every token has one spelling only (besides case).
// "bounce+" and 56 characters are 63, one below the 64 octets a local part may
// have (RFC 5321 4.5.3.1.1).
const (
	versionSize = 2
	idSize      = 15 // a PocketBase record id
	macSize     = 18 // 144 bits: out of reach for guessing, and it fills the last base32 group
	rawSize     = versionSize + idSize + macSize

	// Size is the length of every token in characters.
	Size = rawSize / 5 * 8

	maxVersion = 1<<16 - 1
)

// Make returns the token of a record at a version, Size characters a-z2-7.
// It returns "", which Parse never accepts, for an unknown kind, an id that is not
// 15 characters a-z0-9, or a version outside 1..65535.
func (k *Key) Make(kind Kind, id string, version int) string {
	if !known(kind) || !isID(id) || version < 1 || version > maxVersion {
		return ""
	}
	var raw [rawSize]byte
	binary.BigEndian.PutUint16(raw[:], uint16(version))
	copy(raw[versionSize:], id)
	mac := k.mac(kind, raw[:versionSize+idSize])
	copy(raw[versionSize+idSize:], mac[:macSize])
	return encode(&raw)
}

// Parse returns the record id and version a token was made for. Letters may be of
// either case, since mail systems fold local parts. Any fault is ErrUnknown.
//
// The MAC is computed and compared in constant time before anything is concluded,
// also for input that cannot be a token at all, so that the time taken tells
// malformed, forged and foreign tokens apart no better than the answer does.
func (k *Key) Parse(kind Kind, tok string) (id string, version int, err error) {
	raw, shaped := decode(tok)
	head := raw[:versionSize+idSize]
	mac := k.mac(kind, head)
	equal := hmac.Equal(mac[:macSize], raw[versionSize+idSize:])
	if !equal || !shaped {
		return "", 0, ErrUnknown
	}
	return string(head[versionSize:]), int(binary.BigEndian.Uint16(head)), nil
}

// mac authenticates kind ‖ id ‖ version. Kinds hold no NUL and the rest has a fixed
// length, so no two triples give the same input.
func (k *Key) mac(kind Kind, head []byte) [sha256.Size]byte {
	h := hmac.New(sha256.New, k.secret[:])
	h.Write([]byte(kind))
	h.Write([]byte{0})
	h.Write(head[versionSize:])
	h.Write(head[:versionSize])
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum
}

func known(kind Kind) bool {
	switch kind {
	case Reply, Bounce, Item, Portal, Shared:
		return true
	}
	return false
}

func isID(id string) bool {
	if len(id) != idSize {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
