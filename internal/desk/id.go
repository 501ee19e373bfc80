package desk

import (
	"crypto/rand"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

// An id that NewID makes has the form of PocketBase's own, but begins with the time: what is stored later stands later in the index. Random
// ones would have every letter touch a page of each table's index that nobody has touched for long, of which a million messages have
// thousands. Nothing depends on ids being hard to guess: records are guarded by rules, addresses and links by a MAC.
const (
	idTime   = 8 // digits of milliseconds, in base 36: enough until 2109
	idRandom = 7 // characters beside it, of 36 each: a collision within one millisecond is one in tens of billions
	idBegins = 1577836800000
)

// NewID makes the id of a record that is stored now.
func NewID() string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // it never fails
	return digits(uint64(time.Now().UnixMilli()-idBegins), idTime) + digits(binary.NativeEndian.Uint64(random[:]), idRandom)
}

// digits are the last n of a number in base 36.
func digits(number uint64, n int) string {
	s := strconv.FormatUint(number, 36)
	return strings.Repeat("0", max(0, n-len(s))) + s[max(0, len(s)-n):]
}
