package desk

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// KeyPrefix is what every key for a machine begins with: so that a leaked one is known for what it is.
const KeyPrefix = "ask_"

// Limits of keys.
const (
	maxKeys   = 100         // of one project
	usedEvery = time.Minute // how exact the time of the last use is: a write a minute, not one a request
)

// machineDomain is where a key's user would have its mail, if anybody could write there (RFC 2606).
const machineDomain = "machine.invalid"

// NewKey makes a key and the user that acts for it. The key itself is returned once; what is kept is its hash, of 130 random bits, which
// needs no salt. Nobody gives a key more than they may do themselves, and a key makes no keys: revoking it must end it.
func NewKey(tx core.App, by *core.Record, project, name string, role Role) (record *core.Record, key string, err error) {
	if err := mayKeep(tx, by, project, role); err != nil {
		return nil, "", err
	}
	if name = OneLine(name, 80); name == "" {
		return nil, "", Invalidf("name", "Give the key a name: what it does is signed with it.")
	}
	if role != Owner && role != Admin && role != Member && role != Viewer {
		return nil, "", Invalidf("role", "A key is an owner, an admin, a member or a viewer.")
	}
	there, err := tx.CountRecords("api_keys", dbx.HashExp{"project": project})
	if err != nil {
		return nil, "", err
	}
	if there >= maxKeys {
		return nil, "", &Refusal{Kind: TooMany, Field: "name", Words: "Too many keys. Revoke some first."}
	}
	user, err := newMachine(tx, name)
	if err != nil {
		return nil, "", err
	}
	if _, err := AddMember(tx, project, user.Id, role); err != nil {
		return nil, "", err
	}
	key = KeyPrefix + strings.ToLower(rand.Text())
	if record, err = newRecord(tx, "api_keys"); err != nil {
		return nil, "", err
	}
	record.Load(map[string]any{"project": project, "name": name, "role": string(role), "hint": key[:len(KeyPrefix)+4] + "…", "hash": hashOfKey(key), "user": user.Id, "createdBy": by.Id})
	return record, key, tx.Save(record)
}

// mayKeep passes people who may make and revoke keys of a role.
func mayKeep(app core.App, by *core.Record, project string, role Role) error {
	if err := MayManage(app, project, by); err != nil {
		return err
	}
	own, err := RoleOf(app, project, by.Id)
	switch {
	case err != nil:
		return err
	case by.GetBool("machine"):
		return forbidden("A key cannot make or revoke keys. A person does that, in Project settings.")
	case role == Owner && own != Owner:
		return forbidden("Only an owner can make or revoke an owner's key.")
	}
	return nil
}

// newMachine makes the user that a key acts as: never told of anything, and without a password that anybody knows.
func newMachine(tx core.App, name string) (*core.Record, error) {
	user, err := newRecord(tx, "users")
	if err != nil {
		return nil, err
	}
	user.Id = core.GenerateDefaultRandomId()
	user.Load(map[string]any{"name": name, "machine": true, "muteApp": true, "muteEmail": true})
	user.SetEmail("key-" + user.Id + "@" + machineDomain)
	user.SetRandomPassword()
	return user, tx.Save(user)
}

func hashOfKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// ByKey finds the user that a key acts as; nil when there is no such key. It notes that the key was used.
func ByKey(app core.App, key string) (*core.Record, error) {
	record, err := app.FindFirstRecordByData("api_keys", "hash", hashOfKey(key))
	if err != nil {
		return nil, nil
	}
	if used := record.GetDateTime("lastUsed").Time(); time.Since(used) > usedEvery {
		_, err := app.NonconcurrentDB().Update("api_keys", dbx.Params{"lastUsed": now().String()}, dbx.HashExp{"id": record.Id}).Execute()
		if err != nil {
			return nil, err
		}
	}
	user, err := find(app, "users", record.GetString("user"))
	if err != nil || !user.GetBool("machine") {
		return nil, err
	}
	return user, nil
}

// RevokeKey ends a key at once. Its user stays as a name on what it did, a member of nothing.
func RevokeKey(tx core.App, by *core.Record, id string) error {
	record, err := find(tx, "api_keys", id)
	if err != nil {
		return err
	}
	if err := mayKeep(tx, by, record.GetString("project"), Role(record.GetString("role"))); err != nil {
		return err
	}
	return tx.Delete(record)
}

// Retire ends what a key's user could do, in the transaction that deletes the key, whichever door it goes by.
func Retire(tx core.App, key *core.Record) error {
	user, err := find(tx, "users", key.GetString("user"))
	if err != nil {
		return nil // gone already
	}
	memberships, err := where(tx, "members", dbx.HashExp{"user": user.Id})
	if err != nil {
		return err
	}
	for _, m := range memberships {
		if err := tx.Delete(m); err != nil {
			return err
		}
	}
	user.RefreshTokenKey() // file tokens made with it end as well
	return tx.Save(user)
}

// CheckPerson refuses to treat a key's user as a person whose role is changed or who is removed.
func CheckPerson(app core.App, user string) error {
	if r, err := find(app, "users", user); err == nil && r.GetBool("machine") {
		return forbidden("This is a key, not a person. Keys are made and revoked under API keys.")
	}
	return nil
}
