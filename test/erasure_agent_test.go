package test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aside/internal/desk"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// eraser is a realm in which erasures wait for nothing.
func newErasers(t *testing.T) *realm {
	w := newRealm(t)
	w.Aside.Eraser().LogDelay = time.Millisecond
	return w
}

func (w *realm) orders(by *Client, project, email string, names ...string) *Answer {
	return by.Do("POST", "/api/projects/"+project+"/person/erase", map[string]any{"email": email, "names": names, "confirm": "erase " + email})
}

func TestErase_AnAgentsNameGoesFromTheProjectAndTheirWorkStays(t *testing.T) {
	w := newErasers(t)
	mel, own := w.people["member"], w.own
	elsewhere := w.New("projects", map[string]any{"name": "Third", "slug": "third", "plan": "pro_max", "sideConversations": true, "unverifiedReplies": "accept"}).Id
	w.New("members", map[string]any{"project": elsewhere, "user": mel.User.Id, "role": "owner"})
	there := mel.Must(200, "POST", "/api/collections/feedback/records", map[string]any{"project": elsewhere, "category": "bug", "message": "in another project, by Mel Member"}).Str("id")
	mel.Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": there, "body": "Mel Member was here"})

	mel.Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": own.item, "body": "I, Mel Member, looked at it."})
	mel.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": own.conv, "body": "Kind regards, Mel Member"})
	mel.Must(200, "POST", "/api/collections/customer_messages/records", map[string]any{"feedback": own.item, "body": "Your answer, mel@acme.test"})
	started := mel.Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": own.item, "to": []string{w.once()}, "subject": "s", "message": "m"}).Str("id")
	w.people["owner"].Must(200, "PATCH", "/api/collections/feedback/records/"+own.item, map[string]any{"assignee": mel.User.Id})
	Eventually(t, "all letters have left", func() bool {
		n, err := w.CountRecords("deliveries", dbx.NewExp("state NOT IN ('sent', 'failed')"))
		return err == nil && n == 0
	})

	view := w.people["owner"].Must(200, "POST", "/api/projects/"+own.project+"/person", map[string]any{"email": "mel@acme.test"})
	if view.Str("account.name") != "Mel Member" || view.Str("account.role") != "member" || !strings.Contains(string(view.Body), "Their account on this server stays") {
		t.Errorf("shown before: %s", view.Body)
	}
	job := w.orders(w.people["owner"], own.project, "mel@acme.test", "Mel Member")
	if job.Status != 200 {
		t.Fatalf("%d %s", job.Status, job.Body)
	}
	mel.Must(404, "GET", "/api/items/"+own.item, nil) // at once
	person := w.erased(t, job.Str("id")).GetString("person")

	page := w.people["owner"].Must(200, "GET", "/api/items/"+own.item, nil)
	for _, gone := range []string{"Mel Member", "mel@acme.test"} {
		if strings.Contains(string(page.Body), gone) {
			t.Errorf("the item still has %q: %s", gone, page.Body)
		}
	}
	for _, want := range []string{"I, " + person + ", looked at it.", "Kind regards, " + person, "Your answer, " + person, person + " answered the customer", person + " started a side conversation", person + " added an internal note"} {
		if !strings.Contains(string(page.Body), want) {
			t.Errorf("the item lacks %q", want)
		}
	}
	for _, n := range page.List("notes") {
		if strings.HasPrefix(n["body"].(string), "I, ") && n["authorName"] != person {
			t.Errorf("the note is by %v", n["authorName"])
		}
	}
	if by := w.Find("side_conversations", started).GetString("startedBy"); by == mel.User.Id || w.Find("users", by).GetString("name") != person {
		t.Error("the conversation is still started by them")
	}
	if w.Find("feedback", own.item).GetString("assignee") != "" {
		t.Error("they are still the assignee")
	}
	var letters int
	if err := w.DB().NewQuery(`SELECT count(*) FROM letters WHERE instr(CAST(raw AS TEXT), 'Mel') OR instr(CAST(raw AS TEXT), 'mel@acme.test')`).Row(&letters); err != nil || letters != 0 {
		t.Errorf("%d letters name them, %v", letters, err)
	}
	if u := w.Find("users", mel.User.Id); u.GetString("name") != "Mel Member" {
		t.Error("the account was changed")
	}
	other := mel.Must(200, "GET", "/api/items/"+there, nil) // their other project is as it was
	if !strings.Contains(string(other.Body), "Mel Member was here") || other.List("notes")[0]["authorName"] != "Mel Member" {
		t.Errorf("another project was changed: %s", other.Body)
	}
}

func TestErase_WhoMayEraseWhom(t *testing.T) {
	w := newErasers(t)
	owner, admin, project := w.people["owner"], w.people["admin"], w.own.project
	bob := w.Find("participants", w.own.participant).GetString("email")
	for role, want := range map[string]int{"none": 401, "viewer": 403, "member": 403, "elsewhere": 404, "removed": 404} {
		for _, tail := range []string{"/person", "/person/erase"} {
			w.people[role].Must(want, "POST", "/api/projects/"+project+tail, map[string]any{"email": bob, "confirm": "erase " + bob})
		}
	}
	for name, c := range map[string]struct {
		by   *Client
		body map[string]any
		want int
	}{
		"without the words":               {owner, map[string]any{"email": bob}, 400},
		"with other words":                {owner, map[string]any{"email": bob, "confirm": "erase carl@x.test"}, 400},
		"an address nobody has":           {owner, map[string]any{"email": "nobody@x.test", "confirm": "erase nobody@x.test"}, 400},
		"no address":                      {owner, map[string]any{"email": "bob", "confirm": "erase bob"}, 400},
		"another project's customer":      {owner, map[string]any{"email": "cust@other.test", "confirm": "erase cust@other.test"}, 400},
		"a word that is no name":          {owner, map[string]any{"email": bob, "names": []string{"the"}, "confirm": "erase " + bob}, 400},
		"the last owner, themselves":      {owner, map[string]any{"email": "ada@acme.test", "confirm": "erase ada@acme.test"}, 409},
		"the last owner, by the operator": {w.people["superuser"], map[string]any{"email": "ada@acme.test", "confirm": "erase ada@acme.test"}, 409},
		"an owner, by an admin":           {admin, map[string]any{"email": "ada@acme.test", "confirm": "erase ada@acme.test"}, 403},
	} {
		before := everything(w.App)
		if got := c.by.Do("POST", "/api/projects/"+project+"/person/erase", c.body); got.Status != c.want {
			t.Errorf("%s: got %d, want %d: %s", name, got.Status, c.want, got.Body)
		}
		if everything(w.App) != before {
			t.Errorf("%s: something was done", name)
		}
	}
	batch := w.people["viewer"].Do("POST", "/api/batch", map[string]any{"requests": []any{map[string]any{"method": "POST", "url": "/api/projects/" + project + "/person/erase", "body": map[string]any{"email": bob, "confirm": "erase " + bob}}}})
	if batch.Status == 200 {
		t.Errorf("batch is a door: %s", batch.Body)
	}
	other := w.Find("participants", w.other.participant).GetString("email")
	w.New("participants", map[string]any{"project": w.other.project, "conversation": w.other.conv, "email": bob, "name": "Bob", "state": "active"})
	streams := map[string]*stream{}
	for _, role := range []string{"viewer", "elsewhere", "owner"} {
		streams[role] = w.people[role].Listen()
		streams[role].Subscribe("privacy_log/*")
	}
	job := w.orders(admin, project, bob, "Bob")
	if job.Status != 200 {
		t.Fatal(job.Status, string(job.Body))
	}
	w.erased(t, job.Str("id"))
	var theirs int
	if err := w.DB().NewQuery(`SELECT count(*) FROM participants WHERE project = {:p} AND email IN ({:a}, {:b}) AND name = 'Bob'`).Bind(dbx.Params{"p": w.other.project, "a": bob, "b": other}).Row(&theirs); err != nil || theirs != 2 {
		t.Errorf("another project's people were changed: %d left, %v", theirs, err)
	}
	for _, secret := range []string{"address", "facts", bob} {
		if strings.Contains(string(job.Body), secret) && secret != bob {
			t.Errorf("the answer has %q: %s", secret, job.Body)
		}
	}
	Eventually(t, "an owner hears of it live", func() bool { topics, _ := streams["owner"].Heard(); return len(topics) > 0 })
	for role, s := range streams {
		topics, said := s.Heard()
		if role != "owner" && len(topics) > 0 || strings.Contains(said, bob) {
			t.Errorf("as %s one hears %v live: %.300s", role, topics, said)
		}
	}
	if list := w.people["viewer"].Do("GET", "/api/collections/privacy_log/records", nil); len(list.List("items")) != 0 {
		t.Error("a viewer reads the privacy log")
	}
}

// Somebody who is only written about can be erased too; whose address is a part of another's is not there.
func TestErase_WhoIsOnlyWrittenAbout(t *testing.T) {
	w := newErasers(t)
	note := w.people["owner"].Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": w.own.item, "body": "Ask Zed, zed@ext.test, not bigzed@ext.test."}).Str("id")
	w.people["owner"].Must(400, "POST", "/api/projects/"+w.own.project+"/person", map[string]any{"email": "ed@ext.test"})
	job := w.orders(w.people["owner"], w.own.project, "zed@ext.test")
	if job.Status != 200 {
		t.Fatal(job.Status, string(job.Body))
	}
	person := w.erased(t, job.Str("id")).GetString("person")
	if body := w.Find("notes", note).GetString("body"); body != "Ask Zed, "+person+", not bigzed@ext.test." {
		t.Errorf("the note: %q", body)
	}
	w.people["owner"].Must(400, "POST", "/api/projects/"+w.own.project+"/person", map[string]any{"email": "zed@ext.test"})
}

// Somebody with an alias is one person, also where they are twice on one conversation.
func TestErase_AliasesAreTheSamePerson(t *testing.T) {
	w := newErasers(t)
	bob := w.Find("participants", w.own.participant)
	bob.Set("aliases", []string{"robert@home.test"})
	w.save(bob)
	twice := w.New("participants", map[string]any{"project": w.own.project, "conversation": w.own.conv, "email": "robert@home.test", "name": "Robert", "state": "active", "replyVersion": 1, "linkVersion": 1})
	w.New("side_messages", map[string]any{"project": w.own.project, "conversation": w.own.conv, "direction": "in", "channel": "email", "fromEmail": "Robert@home.test", "fromName": "Rob", "body": "from home", "kind": "reply", "trust": "verified"})
	job := w.orders(w.people["owner"], w.own.project, bob.GetString("email"))
	if job.Status != 200 {
		t.Fatal(job.Status, string(job.Body))
	}
	w.erased(t, job.Str("id"))
	for _, r := range []*core.Record{w.Find("participants", bob.Id), w.Find("participants", twice.Id)} {
		if !strings.HasSuffix(r.GetString("email"), "@erased.invalid") || r.GetString("aliases") != "[]" || r.GetString("state") != "removed" {
			t.Errorf("%v", r.FieldsData())
		}
	}
	for _, m := range w.All("side_messages") {
		if strings.Contains(strings.ToLower(m.GetString("fromEmail")), "robert") || m.GetString("body") == "from home" {
			t.Errorf("%v", m.FieldsData())
		}
	}
}

// The operator erases somebody from all projects at once, with the account; and nothing when one of them cannot do without them.
func TestErase_TheOperatorErasesAnAccountWithAllThatItDid(t *testing.T) {
	w := newErasers(t)
	w.Aside.Eraser().LogDelay = 0 // as long as it takes: what is refused below is logged with the address
	mel, op, own := w.people["member"], w.people["superuser"], w.own
	second := w.New("projects", map[string]any{"name": "Second", "slug": "second", "plan": "pro_max", "sideConversations": true, "unverifiedReplies": "accept"}).Id
	membership := w.New("members", map[string]any{"project": second, "user": mel.User.Id, "role": "owner"}).Id
	items := map[string]string{own.project: own.item}
	items[second] = mel.Must(200, "POST", "/api/collections/feedback/records", map[string]any{"project": second, "category": "bug", "message": "m"}).Str("id")
	for _, item := range items {
		mel.Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": item, "body": "Mel Member was here"})
	}
	w.Guest().Must(204, "POST", "/api/collections/users/request-password-reset", map[string]any{"email": "mel@acme.test"})
	w.To("mel@acme.test", 1)
	id := core.GenerateDefaultRandomId()
	if err := w.RunInTransaction(func(tx core.App) error {
		return desk.HoldMail(tx, desk.Hold{ID: id, Reason: "operator", Words: "w", From: "Mel Member <mel@acme.test>", Subject: "to the postmaster", Dedupe: id, Raw: []byte("From: mel@acme.test\r\n\r\nx\r\n")})
	}); err != nil {
		t.Fatal(err)
	}
	view := op.Must(200, "POST", "/api/aside/person", map[string]any{"email": "mel@acme.test"})
	if len(view.List("projects")) != 2 || view.Str("held") != "1" || view.Str("account.name") != "Mel Member" {
		t.Errorf("shown before: %s", view.Body)
	}
	body := map[string]any{"email": "mel@acme.test", "names": []string{"Mel Member"}, "confirm": "erase mel@acme.test"}
	before := everything(w.App)
	op.Must(409, "POST", "/api/aside/person/erase", body) // the second project's last owner
	op.Must(400, "POST", "/api/aside/person/erase", map[string]any{"email": "mel@acme.test"})
	op.Must(400, "POST", "/api/aside/person/erase", map[string]any{"email": "nobody@x.test", "confirm": "erase nobody@x.test"})
	if everything(w.App) != before {
		t.Error("refused, and something was done")
	}
	w.New("members", map[string]any{"project": second, "user": w.people["owner"].User.Id, "role": "owner"})
	others := core.GenerateDefaultRandomId() // a held letter that names them: its project waits for it, and the account for the project
	if err := w.RunInTransaction(func(tx core.App) error {
		return desk.HoldMail(tx, desk.Hold{ID: others, Project: own.project, Reason: "unverified", Words: "w", From: "eve@x.test", Subject: "s", Dedupe: others, Raw: []byte("From: eve@x.test\r\n\r\nIs Mel Member there?\r\n")})
	}); err != nil {
		t.Fatal(err)
	}
	jobs := op.Must(200, "POST", "/api/aside/person/erase", body).List("items")
	if len(jobs) != 3 {
		t.Fatalf("%d orders", len(jobs))
	}
	last := jobs[2]["id"].(string)
	Eventually(t, "the account waits for the project", func() bool {
		return strings.HasPrefix(w.Find("privacy_log", last).GetString("waiting"), "1 project must be done")
	})
	w.Find("users", mel.User.Id)
	mel.Must(401, "GET", "/api/inbox", nil)
	mel.Must(400, "POST", "/api/collections/projects/records", map[string]any{"name": "A way back in"})
	if res := w.Guest().Do("POST", "/api/collections/users/auth-with-password", map[string]any{"identity": "mel@acme.test", "password": Password}); res.Status != 403 {
		t.Errorf("the account still opens: %d %s", res.Status, res.Body)
	}
	w.people["owner"].Must(204, "DELETE", "/api/held-mail/"+others, nil)
	if err := w.Aside.Eraser().Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, job := range jobs {
		w.erased(t, job["id"].(string))
	}
	if _, err := w.FindRecordById("users", mel.User.Id); err == nil {
		t.Error("the account is there")
	}
	if _, err := w.FindRecordById("members", membership); err == nil {
		t.Error("the membership is there")
	}
	for project, item := range items {
		page := w.people["owner"].Must(200, "GET", "/api/items/"+item, nil)
		notes := page.List("notes")
		if last := notes[len(notes)-1]; !strings.HasPrefix(last["authorName"].(string), "Erased person ") || strings.Contains(string(page.Body), "Mel Member") {
			t.Errorf("in %s the note is by %v", project, last["authorName"])
		}
	}
	w.Stop()
	for _, file := range []string{"data.db", "data.db-wal", "auxiliary.db", "auxiliary.db-wal"} {
		data, _ := os.ReadFile(filepath.Join(w.Dir(), file)) // a log that was closed is gone
		for _, needle := range []string{"mel@acme.test", "mel member"} {
			if i := bytes.Index(bytes.ToLower(data), []byte(needle)); i >= 0 {
				t.Errorf("%s has %s: %.200q", file, needle, data[max(0, i-80):])
			}
		}
	}
}
