package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Why an address is on the list of those not to be written to. The operator sees the list in the dashboard and clears it there.
const (
	SuppressedBounce    = "bounce"    // a server said for good that it does not exist; an agent may say that it does by now
	SuppressedComplaint = "complaint" // who reads it called a letter of ours spam; only the operator can clear that
)

// Consent is what an agent has said in so many words.
type Consent struct {
	Submitter bool // the customer on the item may be written to
	Bounced   bool // an address that did not exist may be tried again
}

// Suppress puts an address on the list; the graver reason stays.
func Suppress(tx core.App, address, reason, words string) error {
	r, err := suppression(tx, address)
	switch {
	case err == nil && r.GetString("reason") != SuppressedBounce:
		return nil
	case err != nil:
		if r, err = newRecord(tx, "suppressions"); err != nil {
			return err
		}
	}
	r.Load(map[string]any{"address": strings.ToLower(address), "reason": reason, "words": OneLine(words, 400), "since": now()})
	return tx.Save(r)
}

func suppression(app core.App, address string) (*core.Record, error) {
	r := &core.Record{}
	err := app.RecordQuery("suppressions").AndWhere(dbx.NewExp("address = {:a} COLLATE NOCASE OR address = {:f}", dbx.Params{"a": address, "f": fingerprint(address)})).Limit(1).One(r)
	if err != nil {
		return nil, ErrNotFound
	}
	return r, nil
}

// fingerprint is what stands on the list for the address of somebody who was erased: it is known again, and cannot be read.
func fingerprint(address string) string {
	sum := sha256.Sum256([]byte(asciiLower(address)))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// mayWriteTo refuses addresses on the list in words. One that bounced asks first; when the agent has confirmed it, it comes off.
func mayWriteTo(tx core.App, address string, bounced bool, c Consent) error {
	r, err := suppression(tx, address)
	listed := err == nil
	switch {
	case listed && r.GetString("reason") == SuppressedComplaint:
		return Invalidf("to", "Whoever reads "+address+" reported a letter of ours as spam, so nothing more is sent there. The operator of this server can allow it again.")
	case listed && r.GetString("reason") != SuppressedBounce:
		return Invalidf("to", "The operator of this server does not allow mail to "+address+".")
	case !listed && !bounced:
		return nil
	case !c.Bounced:
		words := address + " could not be reached: its mail server says that there is no such address."
		if listed && r.GetString("words") != "" {
			words = address + " could not be reached: " + r.GetString("words") + "."
		}
		return Invalidf("confirmBounced", words+" Check it, and confirm that you want to try it again.")
	case listed:
		return tx.Delete(r)
	}
	return nil
}

// mayWriteToAll is mayWriteTo for those who are on a conversation already; who is tried again counts as reachable from now on.
func mayWriteToAll(tx core.App, people []*core.Record, c Consent) error {
	for _, p := range people {
		bounced := p.GetString("state") == "bounced"
		if err := mayWriteTo(tx, p.GetString("email"), bounced, c); err != nil {
			return err
		}
		if bounced {
			p.Set("state", "active")
			if err := put(tx, p); err != nil {
				return err
			}
		}
	}
	return nil
}
