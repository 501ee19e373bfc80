package desk

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// LeavesAt is when an agent's letter written now may leave: at once, or after the seconds they gave themselves to take it back.
func LeavesAt(agent *core.Record) time.Time {
	wait := agent.GetInt("undoSeconds")
	if wait <= 0 {
		return time.Time{}
	}
	return time.Now().Add(time.Duration(wait) * time.Second)
}

// Undone is what was taken back, to be written again.
type Undone struct {
	Conversation string   `json:"conversation"` // empty when it went too, because this was its first message
	Feedback     string   `json:"feedback"`
	Subject      string   `json:"subject"`
	Body         string   `json:"body"`
	To           []string `json:"to"`
	SharePortal  bool     `json:"sharePortal"`
}

// Undo takes back a message of which no copy has begun to leave: message, deliveries and activity go in this transaction, and so does
// the conversation when there was nothing before. Only who wrote it may.
func Undo(tx core.App, agent *core.Record, id string) (*Undone, error) {
	m, err := find(tx, "side_messages", id)
	if err != nil {
		return nil, err
	}
	t, err := MayAct(tx, agent, m.GetString("conversation"))
	if err != nil {
		return nil, err
	}
	if m.GetString("direction") != "out" || m.GetString("author") != agent.Id {
		return nil, forbidden("Only who wrote a message can take it back.")
	}
	var left int
	err = tx.DB().NewQuery(`SELECT count(*) FROM deliveries WHERE message = {:m} AND (state != 'queued' OR attempts > 0)`).Bind(dbx.Params{"m": id}).Row(&left)
	if err != nil {
		return nil, err
	}
	if left > 0 {
		return nil, &Refusal{Kind: Conflict, Words: "It is too late to take it back: it has left."}
	}
	u := &Undone{Conversation: t.Conversation.Id, Feedback: t.Item.Id, Subject: t.Conversation.GetString("subject"), Body: m.GetString("body"), SharePortal: m.GetBool("sharePortal"), To: []string{}}
	people, err := Active(tx, t.Conversation.Id)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		u.To = append(u.To, p.GetString("email"))
	}
	rest, err := others(tx, m)
	if err != nil {
		return nil, err
	}
	if len(rest) == 0 {
		u.Conversation = ""
		return u, tx.Delete(t.Conversation) // with its people, message, deliveries and activity
	}
	if err := tx.Delete(m); err != nil {
		return nil, err
	}
	if err := forget(tx, t, agent); err != nil {
		return nil, err
	}
	return u, recount(tx, t, rest)
}

// others are the messages of a conversation besides one, oldest first.
func others(tx core.App, m *core.Record) (rest []*core.Record, err error) {
	all, err := Messages(tx, m.GetString("conversation"))
	for _, other := range all {
		if other.Id != m.Id {
			rest = append(rest, other)
		}
	}
	return rest, err
}

// forget takes the line about the message out of the activity log: it did not happen.
func forget(tx core.App, t *Thread, agent *core.Record) error {
	line := &core.Record{}
	err := tx.RecordQuery("activity").AndWhere(dbx.HashExp{"conversation": t.Conversation.Id, "event": Replied, "actor": agent.Id}).OrderBy("created DESC", "rowid DESC").Limit(1).One(line)
	if err != nil {
		return nil // it was not there
	}
	return tx.Delete(line)
}

// recount sets the conversation's counters and its collapsed line to what is left.
func recount(tx core.App, t *Thread, rest []*core.Record) error {
	c := t.Conversation
	c.Set("messageCount", max(c.GetInt("messageCount")-1, 0))
	c.Set("waitingSince", "")
	for _, m := range rest {
		if m.GetString("kind") != "reply" {
			continue
		}
		c.Set("lastMessage", m.GetDateTime("created"))
		c.Set("lastDirection", m.GetString("direction"))
		c.Set("snippet", snippet(m.GetString("body")))
		c.Set("snippetBy", m.GetString("fromName"))
		switch {
		case m.GetString("direction") == "in":
			c.Set("waitingSince", "")
			if m.GetString("fromName") == "" {
				c.Set("snippetBy", m.GetString("fromEmail"))
			}
		case c.GetString("waitingSince") == "":
			c.Set("waitingSince", m.GetDateTime("created"))
		}
	}
	if err := put(tx, c); err != nil {
		return err
	}
	return touch(tx, t.Item.Id)
}
