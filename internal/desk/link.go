package desk

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// RenewShared gives a conversation a new shared link; the copied URL of before stops at once.
func RenewShared(tx core.App, agent *core.Record, conversation string) (*core.Record, error) {
	t, err := MayAct(tx, agent, conversation)
	if err != nil {
		return nil, err
	}
	if err := renewShared(tx, t.Conversation); err != nil {
		return nil, err
	}
	return t.Conversation, agentDid(tx, agent, t.Item, t.Conversation, LinkRenewed, "renewed the conversation URL")
}

func renewShared(tx core.App, conversation *core.Record) error {
	conversation.Set("sharedVersion", conversation.GetInt("sharedVersion")+1)
	conversation.Set("sharedSince", now())
	return tx.Save(conversation)
}

// LinkExpired applies a project's link expiry to a link handed out at since; 0 days is never.
func LinkExpired(project *core.Record, since, at time.Time) bool {
	days := project.GetInt("linkDays")
	return days > 0 && at.After(since.AddDate(0, 0, days))
}

// sharedOnce is how long one line in the activity log stands for an agent who takes the conversation URL again and again.
const sharedOnce = time.Hour

// TakeShared gives an agent the conversation whose URL they are about to hand out: it works (an expired one is renewed first, SC-07),
// and that they took it is written down, for whoever has it can read and write.
func TakeShared(tx core.App, agent *core.Record, conversation string) (*core.Record, error) {
	t, err := Conversation(tx, conversation)
	if err == nil {
		err = MayWrite(tx, t.Project.Id, agent) // who holds the link can write: viewers read only
	}
	if err != nil {
		return nil, err
	}
	if LinkExpired(t.Project, t.Conversation.GetDateTime("sharedSince").Time(), time.Now()) {
		if err := renewShared(tx, t.Conversation); err != nil {
			return nil, err
		}
	}
	var n int
	err = tx.DB().Select("count(*)").From("activity").Where(dbx.HashExp{"conversation": conversation, "actor": agent.Id, "event": LinkTaken}).
		AndWhere(dbx.NewExp("created > {:since}", dbx.Params{"since": now().Time().Add(-sharedOnce).UTC().Format(types.DefaultDateLayout)})).Row(&n)
	if err != nil || n > 0 {
		return t.Conversation, err
	}
	return t.Conversation, agentDid(tx, agent, t.Item, t.Conversation, LinkTaken, "copied the conversation URL")
}

// LinkHandedOut starts the time of a participant's link anew: it stands in a letter that leaves now. Also where links do not expire:
// a project that lets them expire from tomorrow on must not end those of today.
func LinkHandedOut(tx core.App, p *core.Record) error {
	p.SetRaw("linkSince", now())
	_, err := tx.DB().Update("participants", dbx.Params{"linkSince": now().String()}, dbx.HashExp{"id": p.Id}).Execute()
	return err
}

// RenewLink gives a participant a new reply address and a new portal link; the old ones stop at once (T-11).
func RenewLink(tx core.App, agent *core.Record, conversation, id string) (*core.Record, error) {
	t, p, err := participantOf(tx, agent, conversation, id)
	if err != nil {
		return nil, err
	}
	p.Set("replyVersion", p.GetInt("replyVersion")+1)
	p.Set("linkVersion", p.GetInt("linkVersion")+1)
	p.Set("linkSince", now())
	if err := tx.Save(p); err != nil {
		return nil, err
	}
	return p, agentDid(tx, agent, t.Item, t.Conversation, LinkRenewed, "renewed the link of "+DisplayName(p))
}
