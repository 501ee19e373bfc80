package test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"aside/test/fake"

	"github.com/pocketbase/pocketbase/core"
)

func (c *Client) fileToken() string {
	c.t.Helper()
	return c.Must(200, "POST", "/api/files/token", nil).Str("token")
}

// F-09: a file opens for a member's own fresh token, and for nothing else, by whichever way it is asked for.
func TestF09_AFileOpensForAMembersTokenAlone(t *testing.T) {
	w := newRealm(t)
	tokens := map[string]string{"without a token": "", "with a made-up token": "?token=x.y.z"}
	for role, name := range map[string]string{"elsewhere": "with a stranger's token", "removed": "with a removed member's token"} {
		tokens[name] = "?token=" + w.people[role].fileToken()
	}
	late := w.NewUser("Late Leaver", "late@acme.test")
	m := w.New("members", map[string]any{"project": w.own.project, "user": late.Id, "role": "member"})
	own := w.As(late).fileToken()
	guest := w.Guest()
	files := []string{"/api/files/side_messages/" + w.own.out + "/" + w.own.outFile, "/api/files/notes/" + w.own.note + "/" + w.own.noteFile}
	for _, f := range files {
		res := guest.Must(200, "GET", f+"?token="+own, nil)
		if !strings.Contains(string(res.Body), "SECRET-own") || res.Header.Get("Cache-Control") != "private, no-store" || res.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %v", f, res.Header)
		}
	}
	if err := w.Delete(m); err != nil {
		t.Fatal(err)
	}
	tokens["with the token of somebody removed a moment ago"] = "?token=" + own
	raw := "/api/side-messages/" + w.own.in + "/raw"
	for name, q := range tokens {
		t.Run(name, func(t *testing.T) {
			for _, f := range append(files, raw, "/api/side-messages/"+w.own.in+"/body", "/api/held-mail/"+w.own.held+"/raw", "/api/customer-messages/"+w.own.customer+"/raw") {
				for _, ask := range [][]string{{"GET"}, {"HEAD"}, {"GET", "Range", "bytes=0-3"}, {"GET", "thumb"}} {
					path := f + q
					if len(ask) == 2 {
						path += map[bool]string{true: "&", false: "?"}[q != ""] + "thumb=100x100"
					}
					header := ask[1:]
					if len(ask) != 3 {
						header = nil
					}
					if res := guest.Do(ask[0], path, nil, header...); res.Status != 404 || strings.Contains(string(res.Body), "SECRET") {
						t.Errorf("%v %s: got %d, want 404", ask, f, res.Status)
					}
				}
			}
		})
	}
	claims, _ := base64.RawURLEncoding.DecodeString(strings.Split(own, ".")[1])
	var c struct{ Exp, Iat float64 }
	if err := json.Unmarshal(claims, &c); err != nil || c.Exp == 0 {
		t.Fatalf("%s: %v", claims, err)
	}
	if users := w.Find("users", late.Id).Collection(); users.FileToken.Duration > 120 {
		t.Errorf("a file token lives %d s, want two minutes at most", users.FileToken.Duration)
	}
}

// F-10: a file's name is no key to it: every attachment of every collection is protected, by construction.
func TestF10_ANameAloneOpensNothing(t *testing.T) {
	w := newRealm(t)
	collections, err := w.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range collections {
		for _, f := range c.Fields {
			if file, is := f.(*core.FileField); is && f.GetName() != "avatar" {
				n++
				if !file.Protected || len(file.Thumbs) > 0 {
					t.Errorf("%s.%s: protected %v, thumbs %v", c.Name, f.GetName(), file.Protected, file.Thumbs)
				}
			}
		}
	}
	if n < 4 {
		t.Errorf("only %d file fields found", n)
	}
	w.Guest().Must(404, "GET", "/api/files/side_messages/"+w.own.out+"/"+w.own.outFile, nil)
}

// Z-06: who may not see a thing is not told of it, and topics carry ids alone.
func TestZ06_RealtimeTellsMembersOfThisMomentAndCarriesIdsAlone(t *testing.T) {
	w := newRealm(t)
	topics := func(s *side, user string) []string {
		return []string{"side_messages/*", "side_messages/" + s.in, "feedback/*", "notes/*?options=" + `{"query":{"expand":"feedback","filter":"body~'a'"}}`, "side_conversations/" + s.conv, "notifications/*", "participants/*"}
	}
	member, stranger, removed, guest := w.people["member"].Listen(), w.people["elsewhere"].Listen(), w.people["removed"].Listen(), w.Guest().Listen()
	if got := member.Subscribe(append(topics(w.own, ""), "live/projects/"+w.own.project, "live/users/"+w.team.Member.Id)...); got != 204 {
		t.Fatalf("a member's subscription: %d", got)
	}
	for name, s := range map[string]*stream{"a stranger": stranger, "somebody removed": removed, "nobody": guest} {
		for _, topic := range []string{"live/projects/" + w.own.project, "live/users/" + w.team.Member.Id, "live/projects/" + w.own.project + "?x", "live/", "live/projects/", "live/users/"} {
			if got := s.Subscribe(topic); got != 404 {
				t.Errorf("%s asks for %s: got %d, want 404", name, topic, got)
			}
		}
		if got := s.Subscribe(topics(w.own, "")...); got != 204 {
			t.Errorf("%s: %d", name, got)
		}
	}
	follow := func(text string) {
		w.people["owner"].Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": w.own.conv, "body": text})
		w.people["owner"].Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": w.own.item, "body": text})
	}
	follow("Told a SECRET-live")
	Eventually(t, "the member is told on both kinds of topics", func() bool {
		topics, _ := member.Heard()
		all := strings.Join(topics, " ")
		return strings.Contains(all, "live/projects/") && strings.Contains(all, "side_messages/*") && strings.Contains(all, "notes/*")
	})
	_, said := member.Heard()
	for _, never := range []string{`"messageId"`, `"dedupe"`, `"linkVersion"`, `"sharedVersion"`, `"verdict"`, "tokenKey"} {
		if strings.Contains(said, never) {
			t.Errorf("a hidden field is told: %s", never)
		}
	}
	member.mu.Lock()
	for _, e := range member.events {
		if strings.HasPrefix(e.topic, "live/") && strings.Contains(e.data, "SECRET") {
			t.Errorf("a live topic carries content: %s", e.data)
		}
	}
	member.mu.Unlock()
	for name, s := range map[string]*stream{"a stranger": stranger, "somebody removed": removed, "nobody": guest} {
		s.Silence(name)
	}
	w.people["owner"].Must(204, "DELETE", "/api/collections/members/records/"+w.membership(w.own, w.team.Member), nil)
	follow("first after the removal") // one event may be in flight
	member.Forget()
	follow("second after the removal")
	member.Silence("R-13, Z-06: removed while subscribed")

	viewer := w.people["viewer"].Listen()
	viewer.Subscribe("live/projects/"+w.own.project, "side_messages/*")
	w.people["viewer"].Must(200, "PATCH", "/api/collections/users/records/"+w.team.Viewer.Id, map[string]any{"oldPassword": Password, "password": "another-password-9", "passwordConfirm": "another-password-9"})
	viewer.Forget()
	follow("after a new password")
	viewer.Silence("Z-06: the password was changed")
}

// Z-07: a password change and a removal end every session at once.
func TestZ07_OldSessionsEndWithThePassword(t *testing.T) {
	w := newRealm(t)
	other := w.As(w.team.Member) // a second browser
	file := other.fileToken()
	asks := []string{"/api/inbox", "/api/items/" + w.own.item, "/api/notifications"}
	for _, path := range asks {
		other.Must(200, "GET", path, nil)
	}
	w.people["member"].Must(200, "PATCH", "/api/collections/users/records/"+w.team.Member.Id, map[string]any{"oldPassword": Password, "password": "another-password-9", "passwordConfirm": "another-password-9"})
	for _, path := range asks {
		other.Must(401, "GET", path, nil)
	}
	other.Must(401, "POST", "/api/collections/users/auth-refresh", nil)
	other.Must(404, "GET", "/api/collections/feedback/records/"+w.own.item, nil)
	w.Guest().Must(404, "GET", "/api/side-messages/"+w.own.in+"/raw?token="+file, nil)
	w.Guest().Must(400, "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": "mel@acme.test", "password": Password})
	w.Guest().Must(200, "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": "mel@acme.test", "password": "another-password-9"})

	if err := w.Delete(w.Find("users", w.team.Viewer.Id)); err != nil {
		t.Fatal(err)
	}
	w.people["viewer"].Must(401, "GET", "/api/inbox", nil)
}

func (w *realm) membership(s *side, u *core.Record) string {
	w.T.Helper()
	r, err := w.FindFirstRecordByFilter("members", "project = {:p} && user = {:u}", map[string]any{"p": s.project, "u": u.Id})
	if err != nil {
		w.T.Fatal(err)
	}
	return r.Id
}

// removal is immediate: API, files, realtime, notifications, mail.
func TestR13_RemovalOfAccessIsImmediate(t *testing.T) {
	w := newRealm(t)
	mel := w.people["member"]
	item := "/api/collections/feedback/records/" + w.own.item
	w.people["owner"].Must(200, "PATCH", item, map[string]any{"assignee": w.team.Member.Id, "followers+": w.team.Member.Id})
	bob := w.Vendor("Bob <bob@own-vendor.test>")
	letter := w.To("bob@own-vendor.test", 1)[0]
	send(t, bob, w.SMTP, bob.Reply(letter, "Before the removal"))
	w.To("mel@acme.test", 1)
	if mel.Must(200, "GET", "/api/notifications", nil).Str("unread") != "1" {
		t.Fatal("the assignee must be told, or this test shows nothing")
	}
	token, page := mel.fileToken(), mel.Listen()
	page.Subscribe("live/projects/"+w.own.project, "live/users/"+w.team.Member.Id, "side_messages/*")
	w.people["owner"].Must(204, "DELETE", "/api/collections/members/records/"+w.membership(w.own, w.team.Member), nil)

	mel.Must(404, "GET", "/api/items/"+w.own.item, nil)
	mel.Must(404, "GET", item, nil)
	mel.Must(404, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": w.own.conv, "body": "still here"})
	w.Guest().Must(404, "GET", "/api/files/side_messages/"+w.own.out+"/"+w.own.outFile+"?token="+token, nil)
	w.Guest().Must(404, "GET", "/api/side-messages/"+w.own.in+"/body?token="+token, nil)
	for _, path := range []string{"/api/notifications", "/api/inbox?view=all", "/api/collections/notifications/records", "/api/collections/projects/records", "/api/collections/activity/records"} {
		if res := mel.Must(200, "GET", path, nil); len(res.List("items")) != 0 {
			t.Errorf("%s still shows: %s", path, res.Body)
		}
	}
	if i := w.Find("feedback", w.own.item); i.GetString("assignee") != "" || strings.Contains(fmt.Sprint(i.GetStringSlice("followers")), w.team.Member.Id) || len(i.GetStringSlice("followers")) != 1 {
		t.Errorf("the item still names them: %v", i.FieldsData())
	}
	page.Forget() // what was in flight
	send(t, bob, w.SMTP, bob.Reply(letter, "After the removal"))
	w.To("ada@acme.test", 2)
	page.Silence("R-13: an open page")
	if n := len(w.To("mel@acme.test", 1)); n != 1 {
		t.Errorf("%d notices to somebody who was removed, want the one from before", n)
	}
	mel.Must(404, "POST", "/api/realtime", map[string]any{"clientId": page.id, "subscriptions": []string{"live/projects/" + w.own.project}})
}

// A notice that waits for the far server is not sent to somebody who has left since; one of another project still is.
func TestR13_ANoticeThatWaitsGoesToNobodyWhoHasLeft(t *testing.T) {
	w := newRealm(t)
	w.people["owner"].Must(200, "PATCH", "/api/collections/feedback/records/"+w.own.item, map[string]any{"assignee": w.team.Member.Id})
	w.New("members", map[string]any{"project": w.other.project, "user": w.team.Member.Id, "role": "member"})
	w.people["elsewhere"].Must(200, "PATCH", "/api/collections/feedback/records/"+w.other.item, map[string]any{"assignee": w.team.Member.Id})
	w.MX.At(fake.Mail, fake.Refuse(451, "4.3.0 down"))
	for _, mark := range []string{"own", "other"} {
		bob := w.Vendor("Bob <bob@" + mark + "-vendor.test>")
		send(t, bob, w.SMTP, bob.Reply(w.To(bob.Address, 1)[0], "While the far server is down, from "+mark))
	}
	waiting := func() (list []*core.Record) {
		for _, d := range w.All("deliveries") {
			if d.GetString("recipient") == "mel@acme.test" && d.GetString("state") == "delayed" {
				list = append(list, d)
			}
		}
		return list
	}
	Eventually(t, "both notices wait", func() bool { return len(waiting()) == 2 })
	both := waiting()
	w.people["owner"].Must(204, "DELETE", "/api/collections/members/records/"+w.membership(w.own, w.team.Member), nil)
	w.MX.Behave()
	for _, d := range both {
		w.due(d)
	}
	letters := w.To("mel@acme.test", 1)
	if len(letters) != 1 || !strings.Contains(text(t, letters[0]), "from other") {
		t.Errorf("%d letters to somebody who has left one of two projects", len(letters))
	}
	if n := len(waiting()); n != 0 {
		t.Errorf("%d still wait", n)
	}
}
