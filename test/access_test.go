package test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
)

// Z-02: what is hidden cannot be asked for by filter, sort, expand or fields, whatever the role below superuser; what belongs to
// another project cannot be guessed at through a relation.
func TestZ02_HiddenFieldsAndForeignRecordsAreNoOracles(t *testing.T) {
	w := newRealm(t)
	w.colleague()
	collections, err := w.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	owner, asked := w.people["owner"], 0
	for _, c := range collections {
		if c.ListRule == nil {
			continue
		}
		for _, f := range c.Fields {
			if !f.GetHidden() {
				continue
			}
			for _, q := range []string{"filter=" + url.QueryEscape(f.GetName()+" != 'x'"), "sort=" + f.GetName()} {
				if res := owner.Do("GET", "/api/collections/"+c.Name+"/records?"+q, nil); res.Status != 400 {
					t.Errorf("%s?%s: got %d, want 400: %.200q", c.Name, q, res.Status, res.Body)
				}
				asked++
			}
			res := owner.Do("GET", "/api/collections/"+c.Name+"/records?fields=*,"+f.GetName(), nil)
			if strings.Contains(string(res.Body), `"`+f.GetName()+`"`) {
				t.Errorf("%s shows the hidden field %s: %.300q", c.Name, f.GetName(), res.Body)
			}
		}
	}
	if asked < 30 {
		t.Fatalf("only %d hidden fields were asked for", asked/2)
	}
	count := func(who, collection, filter string) int {
		t.Helper()
		res := w.people[who].Do("GET", "/api/collections/"+collection+"/records?filter="+url.QueryEscape(filter), nil)
		if res.Status != 200 {
			return -res.Status
		}
		return len(res.List("items"))
	}
	stranger := "id = '" + w.team.Stranger.Id + "' && "
	for name, c := range map[string]struct {
		who, collection, filter string
		want                    int
	}{
		"my own projects can be asked through a relation": {"viewer", "side_messages", "conversation.feedback.message ~ 'SECRET-own'", 4},
		"a colleague's other project's items":             {"viewer", "users", stranger + "members_via_user.project.feedback_via_project.message ?~ 'SECRET-other'", 0},
		"the name of a colleague's other project":         {"viewer", "users", stranger + "members_via_user.project.name ?~ 'Elsewhere'", 0},
		"what a colleague follows elsewhere":              {"viewer", "users", stranger + "feedback_via_followers.message ?~ 'SECRET-other'", 0},
		"a colleague's hidden address":                    {"viewer", "users", stranger + "email ~ 'sam'", 0},
		"a colleague's key":                               {"viewer", "users", stranger + "tokenKey ~ 'a'", -400},
		"a token behind a relation":                       {"owner", "side_messages", "conversation.participants_via_conversation.linkVersion ?> 0", -400},
		"any collection by name":                          {"owner", "users", "@collection.side_messages.body ?~ 'SECRET-other'", -403},
		"as nobody":                                       {"none", "side_messages", "body ~ 'SECRET'", 0},
		"as removed":                                      {"removed", "side_messages", "body ~ 'SECRET'", 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := count(c.who, c.collection, c.filter); got != c.want && !(c.want == 4 && got > 0) {
				t.Errorf("%s?filter=%s as %s: got %d, want %d", c.collection, c.filter, c.who, got, c.want)
			}
		})
	}
	for _, q := range []string{"?expand=project.members_via_project.user", "?expand=side_messages_via_conversation,participants_via_conversation,feedback", "?sort=@random", "?fields=*"} {
		body := string(w.people["viewer"].Must(200, "GET", "/api/collections/side_conversations/records"+q, nil).Body)
		for _, never := range []string{"SECRET-other", "ada@acme.test", "tokenKey", `"linkVersion"`, `"messageId"`, "Elsewhere"} {
			if strings.Contains(body, never) {
				t.Errorf("%s shows %s: %.300q", q, never, body)
			}
		}
	}
}

// Z-03: nothing moves to another project, and nothing is made in one by naming another.
func TestZ03_RecordsStayWhereTheyAre(t *testing.T) {
	w := newRealm(t)
	o, own, other := w.people["owner"], w.own, w.other
	o.Must(200, "PATCH", "/api/collections/side_conversations/records/"+own.conv, map[string]any{"project": other.project, "feedback": other.item, "status": "open", "subject": "moved", "startedBy": ""})
	o.Must(200, "PATCH", "/api/collections/feedback/records/"+own.item, map[string]any{"project": other.project, "number": 99, "message": "changed"})
	o.Do("PATCH", "/api/collections/members/records/"+own.member, map[string]any{"project": other.project, "role": "viewer"})
	for collection, id := range map[string]string{"side_conversations": own.conv, "feedback": own.item, "members": own.member} {
		if r := w.Find(collection, id); r.GetString("project") != own.project || r.GetString("subject") == "moved" || r.GetString("message") == "changed" {
			t.Errorf("%s moved or was changed: %v", collection, r.FieldsData())
		}
	}
	note := o.Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": own.item, "project": other.project, "author": w.team.Viewer.Id, "body": "mine"})
	if note.Str("project") != own.project || note.Str("author") != w.team.Owner.Id {
		t.Errorf("a note was made elsewhere or in somebody's name: %s", note.Body)
	}
	before := everything(w.App)
	for name, c := range map[string]struct {
		want         int
		method, path string
		body         any
	}{
		"a message in a foreign conversation": {404, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": other.conv, "project": own.project, "body": "b"}},
		"a note on a foreign item":            {404, "POST", "/api/collections/notes/records", map[string]any{"feedback": other.item, "project": own.project, "body": "b"}},
		"an item in a foreign project":        {404, "POST", "/api/collections/feedback/records", map[string]any{"project": other.project, "message": "m", "category": "bug"}},
		"a foreign participant through mine":  {404, "DELETE", "/api/side-conversations/" + own.conv + "/participants/" + other.participant, nil},
		"a foreign participant's link":        {404, "POST", "/api/side-conversations/" + own.conv + "/participants/" + other.participant + "/renew-link", nil},
		"held mail into a foreign thread":     {404, "POST", "/api/held-mail/" + own.held + "/release", map[string]any{"conversation": other.conv}},
		"foreign held mail into mine":         {404, "POST", "/api/held-mail/" + other.held + "/release", map[string]any{"conversation": own.conv}},
		"an assignee from elsewhere":          {400, "PATCH", "/api/collections/feedback/records/" + own.item, map[string]any{"assignee": w.team.Stranger.Id}},
		"a follower from elsewhere":           {400, "PATCH", "/api/collections/feedback/records/" + own.item, map[string]any{"followers+": w.team.Stranger.Id}},
		"a new item for somebody elsewhere":   {400, "POST", "/api/collections/feedback/records", map[string]any{"project": own.project, "message": "m", "category": "bug", "assignee": w.team.Stranger.Id}},
		"a new item with no such status":      {400, "POST", "/api/collections/feedback/records", map[string]any{"project": own.project, "message": "m", "category": "bug", "status": "gone"}},
		"a stranger as a member":              {400, "POST", "/api/collections/members/records", map[string]any{"project": own.project, "user": w.team.Stranger.Id, "role": "member"}},
		"a conversation on a foreign item":    {404, "POST", "/api/side-conversations", map[string]any{"feedback": other.item, "to": []string{"x@y.test"}, "subject": "s", "message": "m", "includeContext": true}},
	} {
		t.Run(name, func(t *testing.T) {
			o.t = t
			res := o.Must(c.want, c.method, c.path, c.body)
			if strings.Contains(string(res.Body), "SECRET-other") {
				t.Errorf("%s", res.Body)
			}
		})
	}
	if after := everything(w.App); after != before {
		t.Errorf("a refusal left something:\n%s\nbefore\n%s", after, before)
	}
}

// Z-04: nobody makes more of themselves than they are, and what the server owns is the server's.
func TestZ04_RolesAndServerOwnedFieldsCannotBeTaken(t *testing.T) {
	w := newRealm(t)
	membership := func(u *core.Record) string {
		r, err := w.FindFirstRecordByFilter("members", "project = {:p} && user = {:u}", map[string]any{"p": w.own.project, "u": u.Id})
		if err != nil {
			t.Fatal(err)
		}
		return "/api/collections/members/records/" + r.Id
	}
	owner, admin, member, viewer := w.people["owner"], w.people["admin"], w.people["member"], w.people["viewer"]
	role := func(r string) map[string]any { return map[string]any{"role": r} }
	viewer.Must(403, "PATCH", membership(w.team.Viewer), role("owner"))
	member.Must(403, "PATCH", membership(w.team.Member), role("admin"))
	admin.Must(403, "PATCH", membership(w.team.Admin), role("owner"))
	admin.Must(403, "PATCH", membership(w.team.Owner), role("viewer"))
	admin.Must(403, "DELETE", membership(w.team.Owner), nil)
	admin.Must(403, "POST", "/api/collections/members/records", map[string]any{"project": w.own.project, "user": w.colleague(), "role": "owner"})
	owner.Must(409, "PATCH", membership(w.team.Owner), role("member"))
	owner.Must(409, "DELETE", membership(w.team.Owner), nil)
	owner.Must(400, "PATCH", membership(w.team.Admin), role("emperor"))
	member.Must(403, "PATCH", "/api/collections/projects/records/"+w.own.project, map[string]any{"name": "Mine now"})
	owner.Must(403, "PATCH", "/api/collections/projects/records/"+w.own.project, map[string]any{"plan": "free"})

	owner.Must(200, "PATCH", "/api/collections/projects/records/"+w.own.project, map[string]any{"lastNumber": 0, "created": "2001-01-01 00:00:00Z"})
	if p := w.Find("projects", w.own.project); p.GetInt("lastNumber") == 0 || p.GetDateTime("created").Time().Year() == 2001 {
		t.Errorf("a counter or a date of the server's was changed: %v", p.FieldsData())
	}
	key, me := w.Find("users", w.team.Member.Id).TokenKey(), "/api/collections/users/records/"+w.team.Member.Id
	for _, body := range []map[string]any{{"tokenKey": "abc"}, {"verified": false, "name": "Mel"}, {"email": "boss@acme.test"}, {"password": "new-password-1", "passwordConfirm": "new-password-1"}} {
		member.Do("PATCH", me, body)
	}
	if u := w.Find("users", w.team.Member.Id); u.TokenKey() != key || !u.Verified() || u.Email() != "mel@acme.test" || !u.ValidatePassword(Password) {
		t.Errorf("a person changed what is not theirs to change: %v", u.FieldsData())
	}
	m := member.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": w.own.conv, "body": "b", "direction": "in", "channel": "email", "trust": "verified", "author": w.team.Owner.Id,
		"participant": w.own.participant, "fromName": "Bob", "fromEmail": "bob@own-vendor.test", "accepted": false, "messageId": "x@y", "created": "2001-01-01 00:00:00Z"})
	for field, want := range map[string]string{"direction": "out", "channel": "inbox", "trust": "team", "author": w.team.Member.Id, "participant": "", "fromEmail": "", "accepted": "true"} {
		if m.Str(field) != want {
			t.Errorf("%s of a follow-up is %q, want %q", field, m.Str(field), want)
		}
	}
	text := w.Find("notifications", w.own.notification).GetString("text")
	owner.Must(200, "PATCH", "/api/collections/notifications/records/"+w.own.notification, map[string]any{"read": true, "text": "x", "user": w.team.Viewer.Id})
	if n := w.Find("notifications", w.own.notification); n.GetString("text") != text || n.GetString("user") != w.team.Owner.Id || !n.GetBool("read") {
		t.Errorf("got %v", n.FieldsData())
	}
}

// Z-08, Z-05: a batch is one door made of many: one closed door shuts it, and nothing is left of the rest.
func TestZ08_ABatchWithOneDeniedRequestLeavesNothing(t *testing.T) {
	w := newRealm(t)
	request := func(method, url string, body map[string]any) map[string]any {
		return map[string]any{"method": method, "url": url, "body": body}
	}
	allowed := request("POST", "/api/collections/notes/records", map[string]any{"feedback": w.own.item, "body": "by batch"})
	follow := request("POST", "/api/collections/side_messages/records", map[string]any{"conversation": w.own.conv, "body": "by batch"})
	before, letters := everything(w.App), len(w.All("deliveries"))
	for name, c := range map[string]struct {
		who      string
		requests []any
	}{
		"a foreign message behind an allowed note":  {"owner", []any{allowed, follow, request("POST", "/api/collections/side_messages/records", map[string]any{"conversation": w.other.conv, "body": "b"})}},
		"a role one may not give":                   {"admin", []any{allowed, request("PATCH", "/api/collections/members/records/"+w.own.member, map[string]any{"role": "owner"})}},
		"a foreign conversation closed":             {"member", []any{follow, request("PATCH", "/api/collections/side_conversations/records/"+w.other.conv, map[string]any{"status": "closed"})}},
		"a viewer's note":                           {"viewer", []any{allowed}},
		"a viewer's follow-up":                      {"viewer", []any{follow}},
		"a removed member's follow-up":              {"removed", []any{follow}},
		"nobody's follow-up":                        {"none", []any{follow}},
		"an impossible status behind allowed notes": {"owner", []any{allowed, request("PATCH", "/api/collections/side_conversations/records/"+w.own.conv, map[string]any{"status": "half"})}},
	} {
		t.Run(name, func(t *testing.T) {
			if res := w.people[c.who].Do("POST", "/api/batch", map[string]any{"requests": c.requests}); res.Status == 200 {
				t.Errorf("the batch went through: %s", res.Body)
			}
			if after := everything(w.App); after != before || len(w.All("deliveries")) != letters {
				t.Errorf("something was left:\n%s\nbefore\n%s", after, before)
			}
		})
	}
	w.people["owner"].Must(200, "POST", "/api/batch", map[string]any{"requests": []any{allowed, follow}})
	if after := everything(w.App); after == before {
		t.Error("an allowed batch must go through, or this test shows nothing")
	}
}

// Z-09: search, counters, completion and held mail know one's own projects only.
func TestZ09_SearchAndCountersStayInTheProject(t *testing.T) {
	w := newRealm(t)
	for role, foreign := range map[string]*side{"elsewhere": w.own, "viewer": w.other, "removed": w.own} {
		c, mark := w.people[role], "SECRET-own"
		if foreign == w.other {
			mark = "SECRET-other"
		}
		for _, q := range []string{"?q=" + mark, "?project=" + foreign.project, "?project=" + foreign.project + "&view=all", "?view=all&q=" + mark, "?view=waiting&project=" + foreign.project} {
			res := c.Must(200, "GET", "/api/inbox"+q, nil)
			if len(res.List("items")) != 0 {
				t.Errorf("%s sees %s: %s", role, q, res.Body)
			}
			for _, counter := range []string{"inbox", "mine", "unassigned", "waiting", "answered", "held"} {
				if strings.Contains(q, "project=") && res.Str("counters."+counter) != "0" {
					t.Errorf("%s can count in a foreign project: %v", role, res.JSON["counters"])
				}
			}
		}
		c.Must(404, "GET", "/api/search-people?project="+foreign.project+"&q=bob", nil)
		c.Must(404, "GET", "/api/held-mail?project="+foreign.project, nil)
	}
	if n := len(w.people["viewer"].Must(200, "GET", "/api/inbox?view=all&q=SECRET-own", nil).List("items")); n == 0 {
		t.Error("one's own items must be found, or this test shows nothing")
	}
}
