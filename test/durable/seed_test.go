package durable

import (
	"fmt"
	"testing"

	"aside/internal/token"
	"aside/test"

	"github.com/pocketbase/pocketbase/core"
)

// seed is a data folder with one item, side conversations on it, and the reply addresses of their participants.
type seed struct {
	dir        string
	dns, relay string // what runs beside it as long as its test
	to         []string
	from       []string
}

// perConversation participants stand on each conversation of a seed.
const perConversation = 25

// newSeed makes a folder with n participants. Participant i writes as customer<i>@load.test, or as that with any multiple of n added
// (up to aliases times), so that a load generator that counts on is still believed.
func newSeed(t testing.TB, n, aliases int) *seed {
	t.Helper()
	a := test.NewApp(t)
	team := a.NewTeam()
	team.Owner.Set("muteEmail", true) // the notices' own letters are not what is measured here
	s := &seed{dir: a.Dir(), dns: a.DNS.Addr(), relay: a.MX.Addr()}
	if err := a.Save(team.Owner); err != nil {
		t.Fatal(err)
	}
	err := a.RunInTransaction(func(tx core.App) error {
		var conversation *core.Record
		for i := range n {
			if i%perConversation == 0 {
				conversation = record(tx, "side_conversations", map[string]any{"project": team.Project.Id, "feedback": team.Item.Id, "subject": fmt.Sprintf("Hinges %d", i/perConversation),
					"status": "open", "startedBy": team.Owner.Id, "sharedVersion": 1})
				if err := tx.Save(conversation); err != nil {
					return err
				}
			}
			also := make([]string, 0, aliases)
			for k := 1; k <= aliases; k++ {
				also = append(also, fmt.Sprintf("customer%d@load.test", i+k*n))
			}
			p := record(tx, "participants", map[string]any{"project": team.Project.Id, "conversation": conversation.Id, "name": fmt.Sprintf("Customer %d", i),
				"email": fmt.Sprintf("customer%d@load.test", i), "aliases": also, "state": "active", "replyVersion": 1, "linkVersion": 1})
			if err := tx.Save(p); err != nil {
				return err
			}
			s.to = append(s.to, "reply+"+a.Aside.Tokens().Make(token.Reply, p.Id, 1)+"@in.test")
			s.from = append(s.from, p.GetString("email"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	a.Stop()
	return s
}

func record(app core.App, collection string, values map[string]any) *core.Record {
	c, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		panic(err) // the migrations made it
	}
	r := core.NewRecord(c)
	r.Load(values)
	return r
}
