package desk

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Limits of invitations.
const (
	InvitationLife = 7 * 24 * time.Hour // a week: long enough for a holiday's start, short enough that a forgotten letter is harmless
	maxInvitations = 100                // open ones of a project: more is a mailing
)

// errNoInvitation is the one answer for a link that is unknown, used, withdrawn or too old: they look alike (Z-12).
var errNoInvitation = &Refusal{Kind: NotFound, Words: "This invitation is not valid any more. Ask whoever invited you for another."}

// Invite asks somebody to join a project. The secret in the link is returned once and kept as a hash. Inviting an address again
// replaces the invitation that is open: its old link stops.
func Invite(tx core.App, agent *core.Record, project, address string, role Role) (inv *core.Record, secret string, err error) {
	if err := MayManage(tx, project, agent); err != nil {
		return nil, "", err
	}
	if role != Admin && role != Member && role != Viewer {
		return nil, "", Invalidf("role", "Invite somebody as an admin, a member or a viewer. An owner is made from a member.")
	}
	if err := notYetMember(tx, project, address); err != nil {
		return nil, "", err
	}
	if inv, err = openInvitationTo(tx, project, address); err != nil {
		return nil, "", err
	}
	inv.Load(map[string]any{"project": project, "email": address, "role": string(role), "invitedBy": agent.Id})
	secret, err = renew(tx, inv)
	return inv, secret, err
}

func notYetMember(tx core.App, project, address string) error {
	var n int
	err := tx.DB().NewQuery(`SELECT count(*) FROM members m JOIN users u ON u.id = m.user WHERE m.project = {:p} AND lower(u.email) = lower({:e})`).Bind(dbx.Params{"p": project, "e": address}).Row(&n)
	if err == nil && n > 0 {
		err = &Refusal{Kind: Conflict, Field: "email", Words: address + " is a member of this project already."}
	}
	return err
}

// openInvitationTo is the invitation of an address that is open, or a new one.
func openInvitationTo(tx core.App, project, address string) (*core.Record, error) {
	open, err := where(tx, "invitations", dbx.HashExp{"project": project, "accepted": ""})
	if err != nil {
		return nil, err
	}
	for _, inv := range open {
		if SameAddress(inv.GetString("email"), address) {
			return inv, nil
		}
	}
	if len(open) >= maxInvitations {
		return nil, &Refusal{Kind: TooMany, Field: "email", Words: "Too many invitations are open. Withdraw some first."}
	}
	return newRecord(tx, "invitations")
}

// renew gives an invitation a new secret and another week.
func renew(tx core.App, inv *core.Record) (secret string, err error) {
	secret = strings.ToLower(rand.Text())
	inv.Set("proof", proofOf(secret))
	inv.Set("expires", at(time.Now().Add(InvitationLife)))
	return secret, tx.Save(inv)
}

func proofOf(secret string) string {
	sum := sha256.Sum256([]byte("invitation " + secret))
	return hex.EncodeToString(sum[:])
}

// Reinvite sends the same invitation anew; the old link stops.
func Reinvite(tx core.App, agent *core.Record, id string) (inv *core.Record, secret string, err error) {
	if inv, err = invitation(tx, agent, id); err != nil {
		return nil, "", err
	}
	secret, err = renew(tx, inv)
	return inv, secret, err
}

// Withdraw takes an invitation back: its link stops at once.
func Withdraw(tx core.App, agent *core.Record, id string) error {
	inv, err := invitation(tx, agent, id)
	if err != nil {
		return err
	}
	return tx.Delete(inv)
}

// invitation finds an open invitation that an agent may decide on.
func invitation(tx core.App, agent *core.Record, id string) (*core.Record, error) {
	inv, err := find(tx, "invitations", id)
	if err != nil {
		return nil, err
	}
	if err := MayManage(tx, inv.GetString("project"), agent); err != nil {
		return nil, err
	}
	if inv.GetString("accepted") != "" {
		return nil, ErrNotFound
	}
	return inv, nil
}

// OpenInvitation finds what a link leads to.
func OpenInvitation(app core.App, secret string) (inv, project *core.Record, err error) {
	inv, err = app.FindFirstRecordByData("invitations", "proof", proofOf(secret))
	if err != nil || inv.GetString("accepted") != "" || inv.GetDateTime("expires").Time().Before(time.Now()) {
		return nil, nil, errNoInvitation
	}
	project, err = Project(app, inv.GetString("project"))
	return inv, project, err
}

// HasAccount tells whether the person invited has one already.
func HasAccount(app core.App, inv *core.Record) bool {
	_, err := app.FindAuthRecordByEmail("users", inv.GetString("email"))
	return err == nil
}

// JoinByProvider makes the account of a person invited who proves the address by another company's account (OAuth2) instead of choosing a
// password: verified is the address that company vouches for, empty when it does not. The invitation stays open for them to accept.
func JoinByProvider(tx core.App, secret, verified, name string) (*core.Record, error) {
	if verified == "" {
		return nil, forbidden("That account has no verified address. Verify it there, or sign in with a password.")
	}
	if secret == "" {
		return nil, forbidden("Nobody here has the address " + verified + ". Ask a colleague to invite you.")
	}
	inv, _, err := OpenInvitation(tx, secret)
	if err != nil {
		return nil, err
	}
	if address := inv.GetString("email"); !SameAddress(verified, address) {
		return nil, forbidden("This invitation is for " + address + ", and that account belongs to " + verified + ".")
	}
	local, _, _ := strings.Cut(verified, "@")
	return newPerson(tx, cmp.Or(OneLine(name, 80), local), inv.GetString("email"), rand.Text())
}

// AcceptInvitation makes the person invited a member, once. by is who is signed in, nil for nobody: then an account is made with the name and
// password given. Whoever holds the link has read that address's mail, which is what verifies it; an account that is there already must
// be signed in all the same, or a forwarded letter would open it.
func AcceptInvitation(tx core.App, secret string, by *core.Record, name, password string) (user *core.Record, project string, err error) {
	inv, _, err := OpenInvitation(tx, secret)
	if err != nil {
		return nil, "", err
	}
	address := inv.GetString("email")
	switch {
	case by != nil && !SameAddress(by.Email(), address):
		return nil, "", forbidden("This invitation is for " + address + ", and you are signed in as somebody else.")
	case by != nil:
		user = by
	case HasAccount(tx, inv):
		return nil, "", &Refusal{Kind: Conflict, Field: "email", Words: address + " has an account here. Sign in to join."}
	case OneLine(name, 80) == "":
		return nil, "", Invalidf("name", "Say what you are called: outsiders and customers read it.")
	default:
		if err := CheckPassword(password); err != nil {
			return nil, "", err
		}
		if user, err = newPerson(tx, name, address, password); err != nil {
			return nil, "", err
		}
	}
	project = inv.GetString("project")
	if _, err := RoleOf(tx, project, user.Id); err != nil { // already in by another way: the invitation is used up, the role stays
		if _, err := AddMember(tx, project, user.Id, Role(inv.GetString("role"))); err != nil {
			return nil, "", err
		}
	}
	inv.Set("accepted", now())
	inv.Set("proof", "")
	return user, project, tx.Save(inv)
}
