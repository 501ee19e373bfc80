package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Policies of the records API, in the order of roles: none viewer member admin owner elsewhere removed superuser. PocketBase answers
// 403 where nobody but a superuser has a door, 404 where a rule hides the record, 400 where a guest would create.
var (
	shut       = policy{403, 403, 403, 403, 403, 403, 403, 0}
	changeAny  = policy{404, 403, 200, 200, 200, 404, 404, 0}
	changeAll  = policy{404, 403, 403, 200, 200, 404, 404, 0}
	createWork = policy{400, 403, 200, 200, 200, 404, 404, 0}
)

// records is one collection in the matrix.
type records struct {
	id             func(*side) string // one record of the project
	list           policy             // the status of list; what is in it is looked at apart
	view           policy
	create         policy
	update, remove policy
	body           func(w *realm, s *side) map[string]any // what create asks for
	patch          func(s *side) map[string]any
}

func (r records) orShut() records {
	for _, p := range []*policy{&r.list, &r.view, &r.create, &r.update, &r.remove} {
		if *p == (policy{}) {
			*p = shut
		}
	}
	return r
}

var (
	listed       = policy{200, 200, 200, 200, 200, 200, 200, 200}
	hiddenAlways = policy{404, 404, 404, 404, 404, 404, 404, 0} // by their rule they are one's own alone, and nobody has any here
	seen         = policy{404, 200, 200, 200, 200, 404, 404, 200}
)

func about(key, text string) func(*realm, *side) map[string]any {
	return func(_ *realm, s *side) map[string]any {
		return map[string]any{key: map[string]string{"feedback": s.item, "conversation": s.conv}[key], "body": text}
	}
}

var recordMatrix = map[string]records{
	"projects": {id: func(s *side) string { return s.project }, list: listed, view: seen, create: policy{400, 200, 200, 200, 200, 200, 200, 0}, update: changeAll,
		body:  func(w *realm, _ *side) map[string]any { return map[string]any{"name": fmt.Sprint("New ", w.once())} },
		patch: func(*side) map[string]any { return map[string]any{"signature": "Regards"} }},
	"members": {id: func(s *side) string { return s.member }, list: listed, view: seen, create: policy{400, 403, 403, 200, 200, 404, 404, 0}, update: changeAll, remove: policy{404, 403, 403, 204, 204, 404, 404, 0},
		body: func(w *realm, s *side) map[string]any {
			return map[string]any{"project": s.project, "user": w.colleague(), "role": "viewer"}
		},
		patch: func(*side) map[string]any { return map[string]any{"role": "viewer"} }},
	"invitations": {id: func(s *side) string { return s.invitation }, list: listed, view: policy{404, 404, 404, 200, 200, 404, 404, 200}},
	"api_keys":    {id: func(s *side) string { return s.apiKey }, list: listed, view: policy{404, 404, 404, 200, 200, 404, 404, 200}},
	"feedback": {id: func(s *side) string { return s.item }, list: listed, view: seen, create: createWork, update: changeAny,
		body: func(_ *realm, s *side) map[string]any {
			return map[string]any{"project": s.project, "category": "bug", "message": "by hand"}
		},
		patch: func(*side) map[string]any { return map[string]any{"status": "in_progress"} }},
	"customer_messages":  {id: func(s *side) string { return s.customer }, list: listed, view: seen, create: createWork, body: about("feedback", "To the customer")},
	"notes":              {id: func(s *side) string { return s.note }, list: listed, view: seen, create: createWork, body: about("feedback", "A note")},
	"side_conversations": {id: func(s *side) string { return s.conv }, list: listed, view: seen, update: changeAny, patch: func(*side) map[string]any { return map[string]any{"status": "open"} }},
	"participants":       {id: func(s *side) string { return s.participant }, list: listed, view: seen},
	"side_messages":      {id: func(s *side) string { return s.out }, list: listed, view: seen, create: createWork, body: about("conversation", "Follow-up")},
	"deliveries":         {id: func(s *side) string { return s.delivery }, list: listed, view: seen},
	"held_mail":          {id: func(s *side) string { return s.held }, list: listed, view: seen},
	"activity":           {id: func(s *side) string { return s.activity }, list: listed, view: seen},
	"notifications": {id: func(s *side) string { return s.notification }, list: listed, view: policy{404, 404, 404, 404, 200, 404, 404, 200}, update: policy{404, 404, 404, 404, 200, 404, 404, 0},
		patch: func(*side) map[string]any { return map[string]any{"read": true} }},
	"privacy_log":  {id: func(s *side) string { return s.privacy }, list: listed, view: policy{404, 404, 404, 200, 200, 404, 404, 200}},
	"suppressions": {}, // the operator's own
	"users":        {id: func(s *side) string { return s.user }, list: listed, view: seen, update: policy{404, 404, 404, 404, 200, 404, 404, 0}, patch: func(*side) map[string]any { return map[string]any{"language": "en"} }},

	"_superusers":    {},
	"_externalAuths": {list: listed, view: hiddenAlways, remove: hiddenAlways},
	"_mfas":          {list: listed, view: hiddenAlways},
	"_otps":          {list: listed, view: hiddenAlways},
	"_authOrigins":   {list: listed, view: hiddenAlways, remove: hiddenAlways},
}

// colleague is somebody the owner of the own project knows from another project of theirs, and who is new to this one.
func (w *realm) colleague() string {
	u := w.NewUser("Colleague", w.once())
	if w.shared == "" {
		w.shared = w.New("projects", map[string]any{"name": "Shared", "slug": "shared", "plan": "pro_max", "unverifiedReplies": "accept"}).Id
		for _, role := range []string{"viewer", "member", "admin", "owner", "elsewhere", "removed"} {
			w.New("members", map[string]any{"project": w.shared, "user": w.people[role].User.Id, "role": "member"})
		}
	}
	w.New("members", map[string]any{"project": w.shared, "user": u.Id, "role": "member"})
	return u.Id
}

// Z-01, Z-03, Z-05: every collection there is, by every door of the records API, as everybody, towards one's own project and another.
func TestMatrix_EveryCollectionAnswersEveryRoleAsItShould(t *testing.T) {
	w := newRealm(t)
	collections, err := w.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range collections {
		r, known := recordMatrix[c.Name]
		if !known {
			t.Errorf("the collection %s is not in the matrix: say there who may what", c.Name)
			continue
		}
		for i, role := range roles {
			w.askRecords(t, c.Name, role, i, r.orShut(), w.own, false)
			w.askRecords(t, c.Name, role, i, r.orShut(), w.other, true)
			if i >= 1 && i <= 4 && c.Name != "users" && c.Name != "notifications" && c.Name != "projects" && c.Name != "members" { // those have TestKeys
				w.askRecords(t, c.Name, "key of a "+role, i, r.orShut(), w.own, false)
				w.askRecords(t, c.Name, "key of a "+role, i, r.orShut(), w.other, true)
			}
		}
	}
}

func (w *realm) askRecords(t *testing.T, collection, role string, i int, r records, s *side, outside bool) {
	t.Helper()
	p, base, id := w.people[role], "/api/collections/"+collection+"/records", "none"
	if r.id != nil {
		id = r.id(s)
	}
	want := func(p policy) int {
		if outside {
			p = p.outsider()
		}
		return p[i]
	}
	check := func(door string, want int, res *Answer) {
		t.Helper()
		if want != 0 && res.Status != want {
			t.Errorf("%s %s as %s (outside: %v): got %d, want %d: %.160q", door, collection, role, outside, res.Status, want, res.Body)
		}
		mark := map[bool]string{false: "SECRET-other", true: "SECRET-own"}[role == "elsewhere"]
		if role != "superuser" && strings.Contains(string(res.Body), mark) {
			t.Errorf("%s %s as %s shows another project's text: %.200q", door, collection, role, res.Body)
		}
	}
	list := p.Do("GET", base+"?perPage=500", nil)
	check("list", r.list[i], list)
	if slices.ContainsFunc(list.List("items"), func(m map[string]any) bool { return m["id"] == id }) != (want(r.view) == 200) && want(r.view) != 0 {
		t.Errorf("list %s as %s (outside: %v): the record is in the list, or is missing, against what view says", collection, role, outside)
	}
	check("view", want(r.view), p.Do("GET", base+"/"+id, nil))
	if n := want(r.create); n != 0 {
		body := map[string]any{}
		if r.body != nil {
			body = r.body(w, s)
		}
		check("create", n, p.Do("POST", base, body))
	}
	if n := want(r.update); n != 0 {
		patch := map[string]any{}
		if r.patch != nil {
			patch = r.patch(s)
		}
		check("update", n, p.Do("PATCH", base+"/"+id, patch))
	}
	if n := want(r.remove); n != 0 {
		if collection == "members" {
			id = w.New("members", map[string]any{"project": s.project, "user": w.NewUser("Goer", w.once()).Id, "role": "viewer"}).Id
		}
		check("delete", n, p.Do("DELETE", base+"/"+id, nil))
	}
}
