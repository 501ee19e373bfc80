package test

import (
	"strings"
	"testing"
)

func TestKeys_AKeyDoesTheWholeJobAndEndsWhenItIsRevoked(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	admin := a.As(team.Admin)
	made := admin.Must(200, "POST", "/api/projects/"+team.Project.Id+"/api-keys", map[string]any{"name": "Helpdesk bridge", "role": "member"})
	key := made.Str("key")
	row := a.Find("api_keys", made.Str("id"))
	if !strings.HasPrefix(key, "ask_") || len(key) < 30 || strings.Contains(string(fields(row)), key) || made.Str("hash") != "" {
		t.Fatalf("shown once, kept as a hash: %s, %s", made.Body, fields(row))
	}
	list := admin.Must(200, "GET", "/api/collections/api_keys/records", nil)
	if strings.Contains(string(list.Body), key) || strings.Contains(string(list.Body), row.GetString("hash")) || len(list.List("items")) != 1 {
		t.Errorf("the list shows too much or too little: %s", list.Body)
	}
	for _, header := range []string{"Bearer " + key, "bearer " + key, key} {
		c := a.Guest()
		c.token = header
		c.Must(200, "GET", "/api/items/"+team.Item.Id, nil)
	}
	bot := a.Guest()
	bot.token = "Bearer " + key
	conv := bot.Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": team.Item.Id, "to": []string{"bob@vendor.test"}, "subject": "Hinge", "message": "Hello from a machine"}).Str("id")
	bot.Must(200, "POST", "/api/collections/side_messages/records", NewForm("conversation", conv, "body", "More").File("attachments", "a.txt", []byte("a")))
	bot.Must(200, "PATCH", "/api/collections/side_conversations/records/"+conv, map[string]any{"status": "closed"})
	bot.Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": team.Item.Id, "body": "noted"})
	bot.Must(200, "PATCH", "/api/collections/feedback/records/"+team.Item.Id, map[string]any{"status": "resolved"})
	if log := bot.Must(200, "GET", "/api/items/"+team.Item.Id, nil); !strings.Contains(string(log.Body), "Helpdesk bridge started a side conversation with bob@vendor.test") {
		t.Errorf("what a key does is signed with its name: %s", log.Body)
	}
	token := bot.fileToken()
	raw := "/api/files/side_messages/" + a.All("side_messages")[1].Id + "/" + a.All("side_messages")[1].GetStringSlice("attachments")[0]
	a.Guest().Must(200, "GET", raw+"?token="+token, nil)
	page := bot.Listen()
	if got := page.Subscribe("live/projects/" + team.Project.Id); got != 204 {
		t.Errorf("a key may listen: %d", got)
	}
	if used := a.Find("api_keys", row.Id).GetDateTime("lastUsed"); used.IsZero() {
		t.Error("its last use must be shown")
	}
	user := a.Find("users", row.GetString("user"))
	t.Run("its user never signs in and is nobody's to change", func(t *testing.T) {
		user.SetPassword(Password)
		a.save(user)
		a.Guest().Must(403, "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": user.Email(), "password": Password})
		bot.Must(403, "POST", "/api/collections/users/auth-refresh", nil)
		bot.Must(404, "PATCH", "/api/collections/users/records/"+user.Id, map[string]any{"name": "Somebody else"})
		bot.Must(403, "POST", "/api/collections/projects/records", map[string]any{"name": "A project of its own"})
		bot.Must(403, "PATCH", "/api/collections/projects/records/"+team.Project.Id, map[string]any{"name": "x"})
		m, err := a.FindFirstRecordByData("members", "user", user.Id)
		if err != nil {
			t.Fatal(err)
		}
		a.As(team.Owner).Must(403, "PATCH", "/api/collections/members/records/"+m.Id, map[string]any{"role": "owner"})
		if strings.Contains(string(admin.Must(200, "GET", "/api/items/"+team.Item.Id, nil).Body), `"id":"`+user.Id+`","name"`) {
			t.Error("a key is offered as an assignee")
		}
	})
	t.Run("nobody gives more than they have, and a key makes no keys", func(t *testing.T) {
		path := "/api/projects/" + team.Project.Id + "/api-keys"
		admin.Must(403, "POST", path, map[string]any{"name": "x", "role": "owner"})
		a.As(team.Owner).Must(400, "POST", path, map[string]any{"name": "x", "role": "superuser"})
		a.As(team.Owner).Must(400, "POST", path, map[string]any{"name": " ", "role": "viewer"})
		boss := a.Guest()
		boss.token = a.As(team.Owner).Must(200, "POST", path, map[string]any{"name": "Boss", "role": "owner"}).Str("key")
		boss.Must(403, "POST", path, map[string]any{"name": "x", "role": "viewer"})
	})
	admin.Must(204, "DELETE", "/api/api-keys/"+row.Id, nil)
	bot.Must(401, "GET", "/api/inbox", nil)
	bot.Must(404, "GET", "/api/collections/feedback/records/"+team.Item.Id, nil)
	a.Guest().Must(404, "GET", raw+"?token="+token, nil)
	page.Forget()
	a.As(team.Owner).Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": team.Item.Id, "body": "after"})
	page.Silence("a revoked key's open stream")
	if name := a.Find("users", user.Id).GetString("name"); name != "Helpdesk bridge" {
		t.Errorf("what it did keeps its name: %q", name)
	}
	for _, l := range a.MX.Letters() {
		if strings.Contains(strings.Join(l.To, " "), "machine.invalid") {
			t.Errorf("a machine was written to: %v", l.To)
		}
	}
}

func TestKeys_AKeyNobodyKnowsIsNobody(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	a.As(team.Owner).Must(200, "POST", "/api/projects/"+team.Project.Id+"/api-keys", map[string]any{"name": "x", "role": "viewer"})
	row := a.All("api_keys")[0]
	for _, token := range []string{"ask_", "ask_aaaaaaaaaaaaaaaaaaaaaaaaaa", "Bearer ask_" + row.GetString("hash"), "ask_' OR 1=1 --"} {
		c := a.Guest()
		c.token = token
		c.Must(401, "GET", "/api/inbox", nil)
	}
	if err := a.Delete(a.Find("projects", team.Project.Id)); err != nil { // keys go with their project
		t.Fatal(err)
	}
	if n := len(a.All("api_keys")); n != 0 {
		t.Errorf("%d keys outlived their project", n)
	}
}
