package desk

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// ErasedDomain is where the addresses of those who were erased would be, if anybody could write there (RFC 2606).
const ErasedDomain = "erased.invalid"

const erasedPrefix = "Erased person "

// pseudonym is what stands for somebody who was erased: the same everywhere in a project, and made of nothing of theirs, so that no guess at
// their address can be tried on it.
type pseudonym struct{ code string }

// newPseudonym makes one that the project does not have yet.
func newPseudonym(app core.App, project string) (pseudonym, error) {
	for size := 2; ; size++ { // bytes: a longer one each time that chance would have two people share one
		code := make([]byte, size)
		_, _ = rand.Read(code) // never fails
		p := pseudonym{hex.EncodeToString(code)}
		n, err := app.CountRecords("privacy_log", dbx.HashExp{"project": project, "person": p.name()})
		if err != nil || n == 0 {
			return p, err
		}
	}
}

func readPseudonym(name string) pseudonym { return pseudonym{strings.TrimPrefix(name, erasedPrefix)} }

func (p pseudonym) name() string { return erasedPrefix + p.code }

// address is the nth address of theirs: two participants of one conversation can turn out to be one person.
func (p pseudonym) address(n int) string {
	if n > 0 {
		return "erased-" + p.code + "." + strconv.Itoa(n) + "@" + ErasedDomain
	}
	return "erased-" + p.code + "@" + ErasedDomain
}

// IsErased tells an address of somebody who was erased.
func IsErased(address string) bool { return strings.HasSuffix(address, "@"+ErasedDomain) }
