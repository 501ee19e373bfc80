package test

import (
	"fmt"
	"strings"
	"testing"

	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/core"
)

// Roles of the access matrix, in the order of its columns.
var roles = []string{"none", "viewer", "member", "admin", "owner", "elsewhere", "removed", "superuser"}

// realm is two projects alike, each with one of everything, and somebody in every role towards the first.
type realm struct {
	*App
	team       *Team
	own, other *side
	people     map[string]*Client
	shared     string // a project everybody is in
	n          int    // for addresses and names that are used once
}

// side is one project with one of everything.
type side struct {
	project, slug, item, conv        string
	participant, spare               string // spare may be removed
	out, outFile, in, note, noteFile string
	customer, held, invitation       string
	member                           string // a viewer's membership
	delivery, notification           string
	activity, apiKey, privacy        string
	link, linkFile                   string // the participant's portal page; a file on it
	user                             string // its owner
}

func newRealm(t testing.TB) *realm {
	t.Helper()
	a := NewApp(t)
	a.Settings().RateLimits.Enabled = false // the matrix asks more in a second than a person in a day
	w := &realm{App: a, team: a.NewTeam(), people: map[string]*Client{}}
	w.team.Project.Set("name", "Own Project")
	a.save(w.team.Project)
	other := a.All("projects")[1]
	removed := a.NewUser("Rita Removed", "rita@acme.test")
	m := a.New("members", map[string]any{"project": w.team.Project.Id, "user": removed.Id, "role": "admin"})
	for role, user := range map[string]*core.Record{"viewer": w.team.Viewer, "member": w.team.Member, "admin": w.team.Admin, "owner": w.team.Owner, "elsewhere": w.team.Stranger, "removed": removed} {
		w.people[role] = a.As(user)
	}
	w.people["none"] = a.Guest()
	w.people["superuser"] = a.superuser()
	for _, role := range []desk.Role{desk.Viewer, desk.Member, desk.Admin, desk.Owner} {
		c := a.Guest()
		c.token = "Bearer " + w.key(w.team.Project.Id, w.team.Owner, role)
		w.people["key of a "+string(role)] = c
	}
	w.own = w.furnish(w.team.Project, w.team.Owner, "own")
	w.other = w.furnish(other, w.team.Stranger, "other")
	if err := a.Delete(m); err != nil {
		t.Fatal(err)
	}
	return w
}

// key makes an API key.
func (w *realm) key(project string, by *core.Record, role desk.Role) (key string) {
	w.T.Helper()
	err := w.RunInTransaction(func(tx core.App) (err error) {
		_, key, err = desk.NewKey(tx, by, project, "Key of a "+string(role), role)
		return err
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return key
}

// superuser is the operator in the dashboard.
func (a *App) superuser() *Client {
	a.T.Helper()
	c, err := a.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		a.T.Fatal(err)
	}
	u := core.NewRecord(c)
	u.SetEmail("operator@acme.test")
	u.SetPassword(Password)
	return a.As(a.save(u))
}

// furnish fills a project through the doors people use. Every text of it carries the mark of its project.
func (w *realm) furnish(project, owner *core.Record, mark string) *side {
	w.T.Helper()
	s := &side{project: project.Id, slug: project.GetString("slug"), user: owner.Id}
	o := w.As(owner)
	s.item = o.Must(200, "POST", "/api/collections/feedback/records", map[string]any{"project": s.project, "category": "bug", "submitterName": "Cust " + mark, "submitterEmail": "cust@" + mark + ".test", "message": "Item SECRET-" + mark}).Str("id")
	o.Must(200, "PATCH", "/api/collections/feedback/records/"+s.item, map[string]any{"followers+": owner.Id})
	form := NewForm("feedback", s.item, "to", "Bob <bob@"+mark+"-vendor.test>", "to", "spare@"+mark+"-vendor.test", "subject", "Subject SECRET-"+mark, "message", "Out SECRET-"+mark, "sharePortal", "true").File("attachments", "out.txt", []byte("out file SECRET-"+mark))
	s.conv = o.Must(200, "POST", "/api/side-conversations", form).Str("id")
	for _, p := range w.All("participants") {
		if p.GetString("conversation") == s.conv && strings.HasPrefix(p.GetString("email"), "bob@") {
			s.participant = p.Id
		} else if p.GetString("conversation") == s.conv {
			s.spare = p.Id
		}
	}
	s.link = strings.TrimPrefix(w.Aside.Outbox().PortalURL(w.Find("participants", s.participant)), w.Aside.Outbox().BaseURL())
	s.out = w.last("side_messages", "out")
	bob := w.Vendor("Bob <bob@" + mark + "-vendor.test>")
	letter := w.To("bob@"+mark+"-vendor.test", 1)[0]
	send(w.T, bob, w.SMTP, bob.Reply(letter, "In SECRET-"+mark))
	s.in = w.last("side_messages", "in")
	s.outFile = desk.Files(w.Find("side_messages", s.out))[0].Stored
	s.linkFile = s.link + "/files/" + s.out + "/" + s.outFile
	note := o.Must(200, "POST", "/api/collections/notes/records", NewForm("feedback", s.item, "body", "Note SECRET-"+mark).File("attachments", "note.txt", []byte("SECRET-"+mark)))
	s.note = note.Str("id")
	s.noteFile = desk.Files(w.Find("notes", s.note))[0].Stored
	o.Must(200, "POST", "/api/collections/customer_messages/records", map[string]any{"feedback": s.item, "body": "Answer SECRET-" + mark})
	cust := w.Vendor("Cust <cust@" + mark + ".test>")
	send(w.T, cust, w.SMTP, cust.Reply(w.To("cust@"+mark+".test", 1)[0], "Customer SECRET-"+mark))
	s.customer = w.last("customer_messages", "in")
	s.held = w.hold(s, mark)
	s.invitation = w.New("invitations", map[string]any{"project": s.project, "email": "guest@" + mark + ".test", "role": "member", "proof": "proof-" + mark, "expires": "2099-01-01 00:00:00.000Z"}).Id
	freshKey(w, s)
	keys := w.All("api_keys")
	s.apiKey = keys[len(keys)-1].Id
	s.privacy = w.New("privacy_log", map[string]any{"project": s.project, "kind": "retention", "state": "done", "text": "SECRET-" + mark}).Id
	s.member = w.New("members", map[string]any{"project": s.project, "user": w.NewUser("Extra "+mark, "extra@"+mark+".test").Id, "role": "viewer"}).Id
	s.delivery = w.All("deliveries")[0].Id
	for _, d := range w.All("deliveries") {
		if d.GetString("project") == s.project {
			s.delivery = d.Id
		}
	}
	for _, n := range w.All("notifications") {
		if n.GetString("project") == s.project {
			s.notification = n.Id
		}
	}
	for _, a := range w.All("activity") {
		if a.GetString("project") == s.project {
			s.activity = a.Id
		}
	}
	return s
}

// hold makes a held letter of a project.
func (w *realm) hold(s *side, mark string) string {
	w.T.Helper()
	id := core.GenerateDefaultRandomId()
	raw := []byte("From: Hal <hal@" + mark + ".test>\r\nTo: x@in.test\r\nSubject: held\r\nMessage-ID: <" + id + "@h.test>\r\n\r\nHeld SECRET-" + mark + "\r\n")
	err := w.RunInTransaction(func(tx core.App) error {
		return desk.HoldMail(tx, desk.Hold{ID: id, Project: s.project, Reason: "unverified", Words: "w", From: "hal@" + mark + ".test", Subject: "held SECRET-" + mark, Dedupe: id, Raw: raw})
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return id
}

func (w *realm) last(collection, direction string) string {
	w.T.Helper()
	id := ""
	for _, r := range w.All(collection) {
		if r.GetString("direction") == direction {
			id = r.Id
		}
	}
	return id
}

// once is an address nobody has used.
func (w *realm) once() string {
	w.n++
	return fmt.Sprintf("once%d@once.test", w.n)
}
