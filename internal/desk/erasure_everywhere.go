package desk

import (
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Everywhere is somebody as the whole instance knows them, for the operator.
type Everywhere struct {
	Email    string          `json:"email"`
	Account  *AccountView    `json:"account"`
	Held     int             `json:"held"` // letters to the operator: postmaster@ and abuse@
	Projects []ProjectPerson `json:"projects"`
	Words    []string        `json:"words"`

	people    []*Identity
	account   *core.Record
	addresses []string // of all projects
}

// ProjectPerson is what one project has of them.
type ProjectPerson struct {
	ID     string        `json:"id"`
	Name   string        `json:"name"`
	Person *IdentityView `json:"person"`
}

// FindEverywhere looks through every project, and what belongs to none.
func FindEverywhere(app core.App, address string) (*Everywhere, error) {
	address = asciiLower(strings.TrimSpace(address))
	v := &Everywhere{Email: address, addresses: []string{address}, Projects: []ProjectPerson{}, Words: []string{
		"An operator's account in the dashboard is not touched. It is managed there, or by “aside superuser”."}}
	projects := []*core.Record{}
	if err := app.RecordQuery("projects").OrderBy("created").All(&projects); err != nil {
		return nil, err
	}
	for _, p := range projects {
		who, err := FindIdentity(app, p, address)
		if IsKind(err, Invalid) && strings.Contains(address, "@") {
			continue // nothing there
		}
		if err != nil {
			return nil, err
		}
		view, err := ViewIdentity(app, who)
		if err != nil {
			return nil, err
		}
		v.people = append(v.people, who)
		v.Projects = append(v.Projects, ProjectPerson{ID: p.Id, Name: p.GetString("name"), Person: view})
		for _, a := range who.Addresses {
			if !slices.Contains(v.addresses, a) {
				v.addresses = append(v.addresses, a)
			}
		}
	}
	if err := v.instance(app); err != nil {
		return nil, err
	}
	if len(v.people) == 0 && v.account == nil && v.Held == 0 {
		return nil, Invalidf("email", "Nothing on this server is of "+address+".")
	}
	return v, nil
}

// instance finds what is no project's.
func (v *Everywhere) instance(app core.App) error {
	err := app.DB().NewQuery(`SELECT count(*) FROM held_mail t WHERE t.project = '' AND ` + theirs["held_mail"]).Bind(dbx.Params{"a": addressList(v.addresses)}).Row(&v.Held)
	if err != nil {
		return err
	}
	user := &core.Record{}
	err = app.RecordQuery("users").AndWhere(dbx.NewExp(`lower(email) = {:a} AND machine = FALSE`, dbx.Params{"a": v.Email})).Limit(1).One(user)
	if IsKind(orNotFound(err), NotFound) {
		return nil
	}
	v.account, v.Account = user, &AccountView{Name: NameOf(user)}
	return err
}

// RequestErasureEverywhere orders an erasure in every project that has something of somebody, and one for what is no project's: their
// account, letters to the operator, the instance's own mail. All are ordered, or none.
func RequestErasureEverywhere(tx core.App, r EraseRequest) ([]*core.Record, error) {
	if err := r.confirmed(); err != nil {
		return nil, err
	}
	v, err := FindEverywhere(tx, r.Email)
	if err != nil {
		return nil, err
	}
	jobs := []*core.Record{}
	for _, who := range v.people {
		own := EraseRequest{Email: r.Email, Confirm: r.Confirm}
		for _, name := range r.Names {
			if slices.Contains(who.Names, name) {
				own.Names = append(own.Names, name)
			}
		}
		job, err := RequestErasure(tx, nil, who.Project, own)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, job)
	}
	p, err := newPseudonym(tx, "")
	if err != nil {
		return nil, err
	}
	facts := erasing{Addresses: v.addresses, Names: r.Names}
	if v.account != nil {
		facts.Account = v.account.Id
		if err := shut(tx, v.account); err != nil {
			return nil, err
		}
		if name := oneSpaced(v.account.GetString("name")); name != "" {
			facts.Known = []string{name}
		}
	}
	for _, name := range r.Names {
		if !slices.ContainsFunc(v.people, func(who *Identity) bool { return slices.Contains(who.Names, name) }) && !slices.Contains(facts.Known, name) {
			return nil, Invalidf("names", "“"+OneLine(name, 100)+"” is not one of their names.")
		}
	}
	job, err := orderErasure(tx, nil, "", p.name(), &IdentityView{Counts: map[string]int{"held": v.Held}}, facts)
	return append(jobs, job), err
}

// shut ends every session of an account that is to go, and lets nobody in by it any more, whichever way: else whoever is being erased
// could found a project meanwhile, which would keep their name and lose its owner.
func shut(tx core.App, account *core.Record) error {
	account.Set("machine", true) // machines sign in by keys alone (users' AuthRule), and this one has none
	account.RefreshTokenKey()
	return tx.Save(account)
}

// account deletes an agent's account, once every project has signed their work with somebody else.
func (r *erasure) account() (wait string, err error) {
	if r.project != "" || r.facts.Account == "" {
		return "", nil
	}
	var open int
	err = r.app.DB().NewQuery(`SELECT count(*) FROM privacy_log WHERE project != '' AND kind = 'erase' AND state != 'done' AND json_extract(facts, '$.account') = {:account}`).Bind(r.params()).Row(&open)
	if err != nil || open > 0 {
		return plural(open, "project") + " must be done with them before their account goes.", err
	}
	return "", r.app.RunInTransaction(func(tx core.App) error {
		user, err := find(tx, "users", r.facts.Account)
		if IsKind(err, NotFound) {
			return nil // gone before a crash
		}
		if err != nil {
			return err
		}
		return tx.Delete(user)
	})
}
