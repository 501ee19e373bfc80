package durable

import (
	"strings"
	"testing"

	"aside/internal/token"
	"aside/test"
	"aside/test/fake"

	"github.com/pocketbase/pocketbase/core"
)

// TestMetrics are the operator's alone, and hold numbers only (O-01).
func TestMetrics(t *testing.T) {
	a := test.NewApp(t)
	team := a.NewTeam()
	c := a.New("side_conversations", map[string]any{"project": team.Project.Id, "feedback": team.Item.Id, "subject": "Hinges", "status": "open", "startedBy": team.Owner.Id, "sharedVersion": 1})
	p := a.New("participants", map[string]any{"project": team.Project.Id, "conversation": c.Id, "email": "bob@ext.test", "state": "active", "replyVersion": 1, "linkVersion": 1})
	tok := a.Aside.Tokens().Make(token.Reply, p.Id, 1)
	bob := a.Vendor("Bob <bob@ext.test>")
	if err := bob.Send(a.SMTP, fake.Answer{To: "reply+" + tok + "@in.test", Subject: "Re: Hinges", Text: "On their way."}); err != nil {
		t.Fatal(err)
	}
	if err := bob.Send(a.SMTP, fake.Answer{To: "reply+nobody@in.test", Subject: "x", Text: "x"}); err == nil {
		t.Fatal("an unknown address took a letter")
	}
	a.Guest().Must(401, "GET", "/metrics", nil)
	a.As(team.Owner).Must(403, "GET", "/metrics", nil)

	superusers, err := a.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		t.Fatal(err)
	}
	operator := core.NewRecord(superusers)
	operator.SetEmail("root@in.test")
	operator.SetPassword(test.Password)
	if err := a.Save(operator); err != nil {
		t.Fatal(err)
	}
	body := string(a.As(operator).Must(200, "GET", "/metrics", nil).Body)
	for _, want := range []string{`aside_letters_total{outcome="stored"} 1`, `aside_smtp{what="bad_recipients"} 1`, `aside_smtp{what="letters"} 1`, "aside_commit_letters_count 1", `aside_deliveries{state="delayed"} 0`, "aside_held_letters 0", "process_resident_memory_bytes"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, secret := range []string{tok, "bob@ext", "in.test", team.Project.Id} {
		if strings.Contains(body, secret) {
			t.Errorf("metrics name %q", secret)
		}
	}
}
