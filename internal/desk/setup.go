package desk

import (
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Setup is what the first person on a fresh instance says.
type Setup struct{ Name, Email, Password, Project string }

// MinPassword is the shortest password that is taken, in characters; PocketBase's own limit.
const MinPassword = 8

// Untouched tells whether nobody has an account here yet: no person, and no superuser but the placeholder that PocketBase's own
// installer leaves behind.
func Untouched(app core.App) (bool, error) {
	people, err := app.CountRecords("users")
	if err != nil || people > 0 {
		return false, err
	}
	operators, err := app.CountRecords(core.CollectionNameSuperusers, dbx.Not(dbx.HashExp{"email": core.DefaultInstallerEmail}))
	return operators == 0, err
}

// SetUp makes the first person, their project, and the operator's account with the same address and password. It happens once: tx holds
// the write lock, so of two people who press the button at once one is told that it is done.
func SetUp(tx core.App, s Setup) (user, project *core.Record, err error) {
	untouched, err := Untouched(tx)
	if err != nil {
		return nil, nil, err
	}
	if !untouched {
		return nil, nil, &Refusal{Kind: Conflict, Words: "This server is set up already. Sign in instead."}
	}
	if err := s.check(); err != nil {
		return nil, nil, err
	}
	if user, err = newPerson(tx, s.Name, s.Email, s.Password); err != nil {
		return nil, nil, err
	}
	if project, err = newRecord(tx, "projects"); err != nil {
		return nil, nil, err
	}
	project.Set("name", s.Project)
	SetUpProject(project, func(string) bool { return false })
	if err := tx.Save(project); err != nil {
		return nil, nil, err
	}
	if _, err := AddMember(tx, project.Id, user.Id, Owner); err != nil {
		return nil, nil, err
	}
	return user, project, newOperator(tx, s)
}

func (s *Setup) check() error {
	s.Name, s.Project, s.Email = OneLine(s.Name, 80), OneLine(s.Project, 80), strings.TrimSpace(s.Email)
	switch {
	case s.Name == "":
		return Invalidf("name", "Say what you are called: outsiders and customers read it.")
	case s.Project == "":
		return Invalidf("project", "Give the project a name, such as the name of your company.")
	}
	return CheckPassword(s.Password)
}

// CheckPassword refuses what is too short to keep anybody out.
func CheckPassword(password string) error {
	if len([]rune(password)) < MinPassword {
		return Invalidf("password", "A password has at least eight characters.")
	}
	return nil
}

// newPerson makes a user whose address is known to be theirs.
func newPerson(tx core.App, name, email, password string) (*core.Record, error) {
	user, err := newRecord(tx, "users")
	if err != nil {
		return nil, err
	}
	user.Set("name", OneLine(name, 80))
	user.SetEmail(email)
	user.SetPassword(password)
	user.SetVerified(true)
	return user, tx.Save(user)
}

func newOperator(tx core.App, s Setup) error {
	operator, err := newRecord(tx, core.CollectionNameSuperusers)
	if err != nil {
		return err
	}
	operator.SetEmail(s.Email)
	operator.SetPassword(s.Password)
	return tx.Save(operator)
}
