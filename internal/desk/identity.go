package desk

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Identity is somebody as one project knows them: an outsider, a customer, an agent, or all of it at once. They are known by an address, and
// by the further ones that an agent has said are theirs.
type Identity struct {
	Project   *core.Record
	Addresses []string     // in lower case; the one asked for is the first
	Names     []string     // what they were called where they wrote or were written to
	Given     []string     // those of the names that the team knows them by; the others are their own word: a stranger may call himself Kind Regards
	Account   *core.Record // when they work, or worked, in the project
	Role      Role         // in it; empty when they left
}

// maxAddresses bounds what the aliases of aliases may bring together.
const maxAddresses = 50

// theirs are the conditions under which a row is of a person, by table: written by them, or about them alone. {:a} is their addresses as a
// JSON list. Everything that is done with a person's rows goes by this table.
var theirs = map[string]string{
	"feedback":          `lower(t.submitterEmail) IN ` + ofAddresses,
	"customer_messages": `t.direction = 'in' AND lower(t.fromEmail) IN ` + ofAddresses,
	"side_messages":     `t.direction = 'in' AND lower(t.fromEmail) IN ` + ofAddresses,
	"participants":      `(lower(t.email) IN ` + ofAddresses + ` OR EXISTS (SELECT 1 FROM json_each(t.aliases) j WHERE lower(j.value) IN ` + ofAddresses + `))`,
	"held_mail":         `(lower(t."from") IN ` + ofAddresses + ` OR EXISTS (SELECT 1 FROM json_each({:a}) j WHERE substr(lower(t."from"), -length(j.value) - 2) = '<' || j.value || '>'))`,
	"deliveries":        `lower(t.recipient) IN ` + ofAddresses,
	"invitations":       `lower(t.email) IN ` + ofAddresses,
}

const ofAddresses = `(SELECT value FROM json_each({:a}))`

// addressList is addresses for ofAddresses.
func addressList(addresses []string) string {
	data, _ := json.Marshal(addresses) // a list of strings always can be
	return string(data)
}

// FindIdentity finds somebody by an address. A project that has nothing of or about them says so.
func FindIdentity(app core.App, project *core.Record, address string) (*Identity, error) {
	address = asciiLower(strings.TrimSpace(address))
	if !strings.Contains(address, "@") {
		return nil, Invalidf("email", "Give the whole address, such as name@example.com.")
	}
	p := &Identity{Project: project, Addresses: []string{address}}
	if err := p.gatherAddresses(app); err != nil {
		return nil, err
	}
	if err := p.findAccount(app); err != nil {
		return nil, err
	}
	if err := p.gatherNames(app); err != nil {
		return nil, err
	}
	there := p.Account != nil
	for table := range theirs {
		n, err := p.count(app, table, "1")
		if err != nil {
			return nil, err
		}
		there = there || n > 0
	}
	if !there {
		if there, err := p.named(app); err != nil || there {
			return p, err
		}
		return nil, Invalidf("email", "Nothing in this project is of "+address+".")
	}
	return p, nil
}

// namedLooks is how many texts with the letters of an address in them are looked into; in nearly all of them it is theirs.
const namedLooks = 1000

// named tells whether somebody of whom there is nothing else is written about: a vendor in a note.
func (p *Identity) named(app core.App) (bool, error) {
	m := NewMention(p.Addresses, nil, "…")
	for table, column := range map[string]string{"notes": "body", "activity": "text", "feedback": "message", "customer_messages": "body || quoted", "side_messages": "body || quoted"} {
		found, err := columnOf(app.DB().NewQuery(`SELECT ` + column + ` FROM ` + table + ` WHERE project = {:project} AND instr(lower(` + column + `), {:w}) LIMIT {:n}`).
			Bind(dbx.Params{"project": p.Project.Id, "w": p.Addresses[0], "n": namedLooks}))
		if err != nil || slices.ContainsFunc(found, m.In) {
			return err == nil, err
		}
	}
	return false, nil
}

// params are for conditions of theirs.
func (p *Identity) params() dbx.Params {
	return dbx.Params{"project": p.Project.Id, "a": addressList(p.Addresses)}
}

// gatherAddresses follows aliases until no new address comes.
func (p *Identity) gatherAddresses(app core.App) error {
	for range maxAddresses {
		found, err := columnOf(app.DB().NewQuery(`SELECT lower(t.email) FROM participants t WHERE t.project = {:project} AND ` + theirs["participants"] + `
			UNION SELECT lower(j.value) FROM participants t, json_each(t.aliases) j WHERE t.project = {:project} AND ` + theirs["participants"]).Bind(p.params()))
		if err != nil {
			return err
		}
		before := len(p.Addresses)
		for _, a := range found {
			if !slices.Contains(p.Addresses, a) && !IsErased(a) && len(p.Addresses) < maxAddresses {
				p.Addresses = append(p.Addresses, a)
			}
		}
		if len(p.Addresses) == before {
			return nil
		}
	}
	return nil
}

// findAccount finds the agent's account, if the project has anything to do with it.
func (p *Identity) findAccount(app core.App) error {
	users := []*core.Record{}
	err := app.RecordQuery("users").AndWhere(dbx.NewExp(`lower(email) IN `+ofAddresses+` AND machine = FALSE`, dbx.Params{"a": addressList(p.Addresses)})).All(&users)
	if err != nil {
		return err
	}
	for _, u := range users {
		role, err := RoleOf(app, p.Project.Id, u.Id)
		if err != nil && !IsKind(err, NotFound) {
			return err
		}
		var wrote int
		err = app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM activity WHERE project = {:p} AND actor = {:u}) OR EXISTS (SELECT 1 FROM side_messages WHERE project = {:p} AND author = {:u})
			OR EXISTS (SELECT 1 FROM notes WHERE project = {:p} AND author = {:u})`).Bind(dbx.Params{"p": p.Project.Id, "u": u.Id}).Row(&wrote)
		if err != nil {
			return err
		}
		if role != "" || wrote > 0 {
			p.Account, p.Role = u, role
		}
	}
	return nil
}

// gatherNames lists what they were called, the most trusted first: as the team named them, then as they named themselves.
func (p *Identity) gatherNames(app core.App) error {
	var found []struct {
		Name  string `db:"name"`
		Order int    `db:"o"`
	}
	err := app.DB().NewQuery(`SELECT name, o FROM (
		SELECT t.name, 1 AS o FROM participants t WHERE t.project = {:project} AND ` + theirs["participants"] + `
		UNION SELECT t.submitterName, 2 FROM feedback t WHERE t.project = {:project} AND ` + theirs["feedback"] + `
		UNION SELECT t.fromName, 3 FROM side_messages t WHERE t.project = {:project} AND ` + theirs["side_messages"] + `
		UNION SELECT t.fromName, 3 FROM customer_messages t WHERE t.project = {:project} AND ` + theirs["customer_messages"] + `) WHERE name != '' ORDER BY o, length(name) DESC`).Bind(p.params()).All(&found)
	if p.Account != nil {
		p.addName(p.Account.GetString("name"), true)
	}
	for _, f := range found {
		p.addName(f.Name, f.Order == 1)
	}
	return err
}

func (p *Identity) addName(name string, given bool) {
	name = oneSpaced(name)
	if name == "" || len(p.Names) >= maxAddresses || slices.Contains(p.Names, name) || strings.Contains(name, "@") {
		return
	}
	p.Names = append(p.Names, name)
	if given {
		p.Given = append(p.Given, name)
	}
}

// isSure tells a name that stands for them in any text: one that the team knows them by, of more than one word, which hardly anybody else has.
func (p *Identity) isSure(name string) bool {
	return strings.Contains(name, " ") && slices.Contains(p.Given, name)
}

// count sums what over their rows of a table.
func (p *Identity) count(app core.App, table, what string) (n int, err error) {
	err = app.DB().NewQuery(`SELECT coalesce(sum(` + what + `), 0) FROM ` + table + ` t WHERE t.project = {:project} AND ` + theirs[table]).Bind(p.params()).Row(&n)
	return n, err
}

// IdentityView is what a project has of somebody, in numbers: what erasing them will change.
type IdentityView struct {
	Email     string         `json:"email"`
	Addresses []string       `json:"addresses"`
	Names     []NameView     `json:"names"`
	Account   *AccountView   `json:"account"`
	Counts    map[string]int `json:"counts"`
	Words     []string       `json:"words"` // what else one should know before
}

// NameView is a name, and in how many texts of others it stands.
type NameView struct {
	Name     string `json:"name"`
	Mentions int    `json:"mentions"`
	Whole    bool   `json:"whole"` // of more than one word, and what the team calls them: hardly anybody or anything else
}

// AccountView is an agent's account.
type AccountView struct {
	Name string `json:"name"`
	Role Role   `json:"role"` // in this project; empty when they left it
}

// ViewIdentity counts.
func ViewIdentity(app core.App, p *Identity) (*IdentityView, error) {
	v := &IdentityView{Email: p.Addresses[0], Addresses: p.Addresses, Names: []NameView{}, Counts: map[string]int{}}
	for name, c := range map[string][2]string{"items": {"feedback", "1"}, "customerMessages": {"customer_messages", "1"}, "sideMessages": {"side_messages", "1"}, "conversations": {"participants", "1"},
		"held": {"held_mail", "1"}, "sent": {"deliveries", "1"}, "invitations": {"invitations", "1"}, "waiting": {"deliveries", "t.state IN ('queued','sending','delayed')"}} {
		n, err := p.count(app, c[0], c[1])
		if err != nil {
			return nil, err
		}
		v.Counts[name] = n
	}
	for _, table := range []string{"feedback", "customer_messages", "side_messages"} {
		files, err := p.count(app, table, "json_array_length(t.attachments)")
		if err != nil {
			return nil, err
		}
		letters, err := p.count(app, table, "EXISTS (SELECT 1 FROM letters l WHERE l.id = t.id)")
		if err != nil {
			return nil, err
		}
		v.Counts["files"] += files
		v.Counts["letters"] += letters
	}
	for _, name := range p.Names {
		n, err := p.mentions(app, name)
		if err != nil {
			return nil, err
		}
		v.Names = append(v.Names, NameView{Name: name, Mentions: n, Whole: p.isSure(name)})
	}
	for _, a := range p.Addresses {
		n, err := p.mentions(app, a)
		if err != nil {
			return nil, err
		}
		v.Counts["mentions"] += n
	}
	if p.Account != nil {
		v.Account = &AccountView{Name: NameOf(p.Account), Role: p.Role}
	}
	v.Words = p.caveats(v)
	return v, nil
}

// mentions counts the texts of others, notes and the log that have a word in them. SQLite folds ASCII only: it is a number to go by.
func (p *Identity) mentions(app core.App, word string) (n int, err error) {
	params := p.params()
	params["w"] = asciiLower(word)
	err = app.DB().NewQuery(`SELECT (SELECT count(*) FROM notes t WHERE t.project = {:project} AND instr(lower(t.body), {:w}))
		+ (SELECT count(*) FROM activity t WHERE t.project = {:project} AND instr(lower(t.text), {:w}))
		+ (SELECT count(*) FROM feedback t WHERE t.project = {:project} AND instr(lower(t.message), {:w}) AND NOT (` + theirs["feedback"] + `))
		+ (SELECT count(*) FROM customer_messages t WHERE t.project = {:project} AND instr(lower(t.body || t.quoted), {:w}) AND NOT (` + theirs["customer_messages"] + `))
		+ (SELECT count(*) FROM side_messages t WHERE t.project = {:project} AND instr(lower(t.body || t.quoted), {:w}) AND NOT (` + theirs["side_messages"] + `))`).Bind(params).Row(&n)
	return n, err
}

// caveats are what erasing does not do, or does beside what is counted.
func (p *Identity) caveats(v *IdentityView) []string {
	words := []string{"Backups that were made before are not touched. Restoring one brings back what is in it.",
		"Whoever is spoken of without their name or address is not found. Files of others are not looked into."}
	if v.Counts["sideMessages"]+v.Counts["customerMessages"]+v.Counts["items"] > 0 {
		words = append(words, "Where they wrote, what others quoted below their answers goes too, with the originals of those letters. What the others wrote themselves stays.")
	}
	if p.Role != "" {
		words = append(words, "They leave the project. What they wrote for the team stays, under the pseudonym.")
	}
	if p.Account != nil {
		words = append(words, "Their account on this server stays: it may be used in other projects. The operator can erase it.")
	}
	if v.Counts["waiting"] > 0 {
		words = append(words, plural(v.Counts["waiting"], "letter")+" to them that has not left yet is taken back.")
	}
	return words
}
