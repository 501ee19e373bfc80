package test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"aside/internal/config"
	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/core"
)

// waits makes an agent's letters wait.
func (a *App) waits(user *core.Record, seconds int) {
	a.T.Helper()
	a.As(user).Must(200, "PATCH", "/api/collections/users/records/"+user.Id, map[string]any{"undoSeconds": seconds})
}

func TestOut_AFirstMessageTakenBackLeavesNothing(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	a.waits(team.Owner, 30)
	before := len(a.All("activity"))
	conversation := a.write(team, "bob@vendor.test", "carl@vendor.test")
	message := a.All("side_messages")[0]
	for who, c := range map[string]struct {
		user   *core.Record
		status int
	}{"a colleague": {team.Admin, 403}, "a viewer": {team.Viewer, 403}, "a stranger": {team.Stranger, 404}} {
		a.As(c.user).Must(c.status, "POST", "/api/side-messages/"+message.Id+"/undo", nil)
		_ = who
	}
	res := a.As(team.Owner).Must(200, "POST", "/api/side-messages/"+message.Id+"/undo", nil)
	if res.Str("body") != "Hello" || res.Str("subject") != "Hinge" || res.Str("conversation") != "" || res.Str("to") != "[bob@vendor.test carl@vendor.test]" {
		t.Errorf("what comes back to the composer: %s", res.Body)
	}
	for _, collection := range []string{"side_conversations", "participants", "side_messages", "deliveries"} {
		if n := len(a.All(collection)); n != 0 {
			t.Errorf("%d %s are left", n, collection)
		}
	}
	var letters int
	if err := a.DB().NewQuery("SELECT count(*) FROM letters").Row(&letters); err != nil || letters != 0 {
		t.Errorf("%d letters are left: %v", letters, err)
	}
	if n := len(a.All("activity")) - before; n != 0 {
		t.Errorf("%d lines of activity are left", n)
	}
	if a.As(team.Owner).Must(404, "POST", "/api/side-messages/"+message.Id+"/undo", nil); conversation == "" || len(a.MX.Letters()) != 0 {
		t.Error("something left")
	}
}

func TestOut_AFollowUpTakenBackPutsTheConversationBack(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	conversation := a.write(team, "bob@vendor.test")
	a.delivery("bob@vendor.test", "sent")
	before := a.Find("side_conversations", conversation)
	lines := len(a.All("activity"))
	a.waits(team.Owner, 5)
	id := a.As(team.Owner).Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": conversation, "body": "Too quick"}).Str("id")
	res := a.As(team.Owner).Must(200, "POST", "/api/side-messages/"+id+"/undo", nil)
	if res.Str("body") != "Too quick" || res.Str("conversation") != conversation {
		t.Errorf("got %s", res.Body)
	}
	after := a.Find("side_conversations", conversation)
	for _, field := range []string{"messageCount", "snippet", "snippetBy", "lastDirection"} {
		if before.GetString(field) != after.GetString(field) {
			t.Errorf("%s: was %q, is %q", field, before.GetString(field), after.GetString(field))
		}
	}
	if after.GetString("waitingSince") == "" || len(a.All("activity")) != lines || len(a.All("side_messages")) != 1 {
		t.Error("the conversation is not as it was")
	}
	if n := len(a.MX.Letters()); n != 1 {
		t.Errorf("%d letters", n)
	}
}

func TestOut_WhatIsNotTakenBackLeavesWhenItsSecondsAreOver(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	a.waits(team.Owner, 1)
	began := time.Now()
	a.write(team, "bob@vendor.test")
	a.delivery("bob@vendor.test", "sent")
	if took := time.Since(began); took < time.Second || took > 3*time.Second {
		t.Errorf("it left after %v", took)
	}
	res := a.As(team.Owner).Must(409, "POST", "/api/side-messages/"+a.All("side_messages")[0].Id+"/undo", nil)
	if !strings.Contains(res.Str("message"), "too late") {
		t.Errorf("got %s", res.Body)
	}
	if a.As(team.Owner).Do("PATCH", "/api/collections/users/records/"+team.Owner.Id, map[string]any{"undoSeconds": 31}).Status == 200 {
		t.Error("more than 30 seconds")
	}
	if !desk.LeavesAt(team.Member).IsZero() {
		t.Error("without a wish letters leave at once")
	}
}

func TestOut_WithoutTheDoorLettersSayThatAnswersGoThroughThePortal(t *testing.T) {
	a := NewApp(t, WithConfig(noDoor))
	team := a.NewTeam()
	a.write(team, "bob@vendor.test") // without "share portal link": it is there all the same
	l := a.To("bob@vendor.test", 1)[0]
	body := text(t, l)
	if !strings.Contains(body, a.URL+"/c/") || strings.Contains(string(l.Data), "Reply-To:") || strings.Contains(string(l.Data), "reply+") {
		t.Errorf("the letter must lead to the portal and to no reply address:\n%s", l.Data)
	}
	if strings.Contains(strings.ToLower(body), "reply above this line") || strings.Contains(strings.ToLower(body), "press reply") || !strings.Contains(body, "does not arrive") && !strings.Contains(strings.ToLower(body), "page") {
		t.Errorf("the letter must say how to answer:\n%s", body)
	}
	link := strings.TrimPrefix(portalLink(t, body), a.URL)
	page := a.Guest().Must(200, "GET", link, nil)
	res := a.Guest().Do("POST", link+"/replies", url.Values{"nonce": {nonce(t, page.Body)}, "message": {"Two weeks."}})
	if res.Status != 303 {
		t.Fatalf("answering on the portal: %d", res.Status)
	}
	if m := a.All("side_messages"); len(m) != 2 || m[1].GetString("channel") != "portal" {
		t.Errorf("the answer: %d messages", len(m))
	}
}

func noDoor(c *config.Config) { c.SMTP = "" }
