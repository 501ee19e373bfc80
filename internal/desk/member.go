package desk

import (
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Role is what a member may do in one project.
type Role string

// Roles, weakest first. Viewers read; members do the work; admins set the project up; owners own it.
const (
	Viewer Role = "viewer"
	Member Role = "member"
	Admin  Role = "admin"
	Owner  Role = "owner"
)

// Writes tells whether the role may start, reply, close, note and assign.
func (r Role) Writes() bool { return r == Member || r == Admin || r == Owner }

// Manages tells whether the role may change the project and its people.
func (r Role) Manages() bool { return r == Admin || r == Owner }

// RoleOf returns a user's role in a project; no member is ErrNotFound.
func RoleOf(app core.App, project, user string) (Role, error) {
	var role string
	err := one(app, "SELECT role FROM members WHERE project = ? AND user = ?", []any{project, user}, &role)
	if err == nil && role == "" {
		return "", ErrNotFound
	}
	return Role(role), orNotFound(err)
}

// InTeam tells whether an address is that of somebody in the project.
func InTeam(app core.App, project, address string) bool {
	var id string
	return one(app, "SELECT u.id FROM users u JOIN members m ON m.user = u.id AND m.project = ? WHERE u.email = ? COLLATE NOCASE AND u.email != ''", []any{project, address}, &id) == nil
}

// MayRead passes members of any role.
func MayRead(app core.App, project string, user *core.Record) error {
	if user == nil {
		return ErrNotFound
	}
	_, err := RoleOf(app, project, user.Id)
	return err
}

// MayWrite passes members who are not viewers.
func MayWrite(app core.App, project string, user *core.Record) error {
	return mayBe(app, project, user, Role.Writes, "Viewers read; they cannot change anything. Ask an owner or admin of the project for another role.")
}

// MayManage passes admins and owners.
func MayManage(app core.App, project string, user *core.Record) error {
	return mayBe(app, project, user, Role.Manages, "Only an owner or admin of the project can do this.")
}

func mayBe(app core.App, project string, user *core.Record, enough func(Role) bool, words string) error {
	if user == nil {
		return ErrNotFound
	}
	role, err := RoleOf(app, project, user.Id)
	if err != nil {
		return err
	}
	if !enough(role) {
		return forbidden(words)
	}
	return nil
}

// AddMember makes a user a member. A project's first member is its owner.
func AddMember(tx core.App, project, user string, role Role) (*core.Record, error) {
	r, err := newRecord(tx, "members")
	if err != nil {
		return nil, err
	}
	r.Set("project", project)
	r.Set("user", user)
	r.Set("role", string(role))
	return r, tx.Save(r)
}

// CheckMemberChange guards the rows of members: managers change them, only owners make or unmake owners, and the last owner stays.
// before is the role as stored (empty when the row is new), after the role asked for (empty when the row goes).
func CheckMemberChange(app core.App, by *core.Record, project, user string, before, after Role) error {
	if by == nil {
		return ErrNotFound
	}
	role, err := RoleOf(app, project, by.Id)
	if err != nil {
		return err
	}
	leaving := after == "" && user == by.Id
	if !role.Manages() && !leaving {
		return forbidden("Only an owner or admin of the project can change its people.")
	}
	if (before == Owner || after == Owner) && role != Owner {
		return forbidden("Only an owner can make or unmake an owner.")
	}
	if before == Owner && after != Owner {
		return checkOtherOwner(app, project)
	}
	return nil
}

// checkOtherOwner refuses to let a project's last owner go.
func checkOtherOwner(app core.App, project string) error {
	var owners int
	err := app.DB().NewQuery(`SELECT count(*) FROM members m JOIN users u ON u.id = m.user WHERE m.project = {:p} AND m.role = 'owner' AND u.machine = FALSE`).Bind(dbx.Params{"p": project}).Row(&owners)
	if err == nil && owners < 2 {
		err = &Refusal{Kind: Conflict, Field: "role", Words: "A project needs an owner. Make somebody else an owner first."}
	}
	return err
}

// NameOf is how a user is called in the activity log and by outsiders: their name, else the part of their address before the @ (never the address).
func NameOf(user *core.Record) string {
	if user == nil {
		return "Somebody"
	}
	if name := OneLine(user.GetString("name"), 80); name != "" {
		return name
	}
	local, _, _ := strings.Cut(user.Email(), "@")
	return local
}

// FirstName is the first word of a name, for buttons and senders.
func FirstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}

// TeamMember is one member of a project as colleagues see them.
type TeamMember struct {
	ID   string `db:"id" json:"id"`
	Name string `db:"name" json:"name"`
	Role string `db:"role" json:"role"`
}

// Team lists a project's people by name; keys are no people.
func Team(app core.App, project string) ([]TeamMember, error) {
	team := []TeamMember{}
	err := app.DB().NewQuery(`SELECT u.id, CASE WHEN u.name != '' THEN u.name ELSE substr(u.email, 1, instr(u.email, '@') - 1) END AS name, m.role
		FROM members m JOIN users u ON u.id = m.user WHERE m.project = {:project} AND u.machine = FALSE ORDER BY name COLLATE NOCASE`).Bind(dbx.Params{"project": project}).All(&team)
	return team, err
}
