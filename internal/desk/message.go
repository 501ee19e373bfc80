package desk

import (
	"database/sql"
	"errors"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Messages lists a conversation's messages in the order the server got them.
func Messages(app core.App, conversation string) ([]*core.Record, error) {
	return where(app, "side_messages", dbx.HashExp{"conversation": conversation})
}

// WhereIs finds the conversation and item that a conversation id, or the id of a message of either thread, belongs to. What is
// gone by now is nowhere.
func WhereIs(app core.App, conversation, message string) (conversationID, feedback string) {
	err := app.DB().NewQuery(`SELECT id, feedback FROM side_conversations WHERE id = {:c} OR id = (SELECT conversation FROM side_messages WHERE id = {:m})
		UNION ALL SELECT '', feedback FROM customer_messages WHERE id = {:m} LIMIT 1`).Bind(dbx.Params{"c": conversation, "m": message}).Row(&conversationID, &feedback)
	if err != nil {
		return conversation, ""
	}
	return conversationID, feedback
}

// Shown tells whether a message may be seen by everybody on the conversation, the outsiders too.
func Shown(message *core.Record) bool {
	if message.GetString("direction") == "out" {
		return true
	}
	return message.GetBool("accepted") && message.GetString("kind") == "reply"
}

// addOutgoing stores what an agent wrote.
func addOutgoing(tx core.App, t *Thread, agent *core.Record, body string, files []*filesystem.File, context *Context, sharePortal bool, key string) (*core.Record, error) {
	m, err := newRecord(tx, "side_messages")
	if err != nil {
		return nil, err
	}
	m.Load(map[string]any{"project": t.Project.Id, "conversation": t.Conversation.Id, "direction": "out", "channel": "inbox", "author": agent.Id,
		"fromName": NameOf(agent), "body": body, "kind": "reply", "trust": "team", "accepted": true, "context": context, "sharePortal": sharePortal, "dedupe": key})
	if err := attach(m, files); err != nil {
		return nil, err
	}
	if err := tx.Save(m); err != nil {
		return nil, err
	}
	return m, count(tx, t, m)
}

// SetMessageID writes down under which Message-ID a message left.
func SetMessageID(tx core.App, message *core.Record, id string) error {
	message.SetRaw("messageId", id)
	_, err := tx.DB().Update("side_messages", dbx.Params{"messageId": id}, dbx.HashExp{"id": message.Id}).Execute()
	return err
}

// Incoming is an outsider's message, already read, trimmed, cleaned and judged.
type Incoming struct {
	ID                  string // the record's id, made before so that its letter and files can be written under it
	Channel             string // email or portal
	Participant         *core.Record
	FromName, FromEmail string
	Body, HTML, Quoted  string
	Kind                string // reply, auto_reply, …
	Trust, Reason       string
	Accepted            bool
	Warnings            []string
	MessageID, Dedupe   string
	Verdict             any
	Uploads             []*filesystem.File
	Files               []File
	Kept                bool   // the uploads lie where a side message with this ID looks for them (KeepFiles)
	New                 bool   // Seen has looked for this Dedupe in the same transaction
	Raw                 []byte // the letter whole; nil from the portal
	Received            types.DateTime
}

// AddIncoming stores an outsider's message with all that follows from it: counters, reopening, activity, notifications.
// A repeated delivery (same Dedupe in the same conversation) stores nothing and returns the message that is there.
func AddIncoming(tx core.App, t *Thread, in Incoming) (*core.Record, error) {
	if in.Dedupe != "" && !in.New {
		if there, err := messageAs(tx, t.Conversation.Id, in.Dedupe); err == nil {
			return find(tx, "side_messages", there)
		} else if !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
	}
	m, err := newRecord(tx, "side_messages")
	if err != nil {
		return nil, err
	}
	if in.ID != "" {
		m.Id = in.ID
	}
	closed := t.Conversation.GetString("status") == "closed"
	values := map[string]any{"project": t.Project.Id, "conversation": t.Conversation.Id, "direction": "in", "channel": in.Channel,
		"fromName": OneLine(in.FromName, 200), "fromEmail": Cut(in.FromEmail, 320), "body": cutBytes(in.Body, maxStoredBody), "html": in.HTML, "quoted": cutBytes(in.Quoted, maxStoredBody),
		"kind": in.Kind, "trust": in.Trust, "trustReason": OneLine(in.Reason, 300), "accepted": in.Accepted, "warnings": in.Warnings, "late": closed,
		"messageId": cutBytes(in.MessageID, maxMessageID), "dedupe": in.Dedupe, "verdict": in.Verdict}
	if len(in.HTML) > maxStoredMarkup { // cut markup is broken markup: the text stays, the original is whole
		values["html"] = ""
	}
	if in.Participant != nil {
		values["participant"] = in.Participant.Id
	}
	if err := set(m, values); err != nil {
		return nil, err
	}
	attach := AttachNamed
	if in.Kept {
		attach = attachKept
	}
	if err := attach(m, in.Uploads, in.Files); err != nil {
		return nil, err
	}
	if err := put(tx, m); err != nil {
		return nil, err
	}
	if in.Raw != nil {
		if err := KeepLetter(tx, m.Id, in.Raw); err != nil {
			return nil, err
		}
	}
	return m, arrived(tx, t, m, closed)
}

func first(list []*core.Record) *core.Record {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// arrived does what an answer means: only a person's answer counts, reopens and is told of; automatic mail is kept and that is all.
func arrived(tx core.App, t *Thread, m *core.Record, closed bool) error {
	if m.GetString("kind") != "reply" {
		return tx.Save(t.Conversation) // moves its updated time, so that open inboxes fetch it
	}
	who := m.GetString("fromName")
	if who == "" {
		who = m.GetString("fromEmail")
	}
	if err := record(tx, Event{Item: t.Item, Conversation: t.Conversation, Name: ReplyReceived, ActorName: who, Text: who + " replied in a side conversation"}); err != nil {
		return err
	}
	if closed && m.GetString("trust") == "verified" && t.Project.GetBool("reopenOnReply") && SideConversationsOff(t.Project) == "" {
		t.Conversation.Set("status", "open")
		if err := record(tx, Event{Item: t.Item, Conversation: t.Conversation, Name: Reopened, ActorName: who, Text: who + " reopened a side conversation by answering"}); err != nil {
			return err
		}
	}
	if err := count(tx, t, m); err != nil {
		return err
	}
	if m.GetString("trust") == string(SharedLink) {
		who += " (" + sharedLinkWords + ")"
	}
	return notify(tx, t, m, ReplyReceived, who+" replied in “"+t.Conversation.GetString("subject")+"”")
}

// count keeps the conversation's counters and what its collapsed line shows, in the transaction that changes them.
func count(tx core.App, t *Thread, m *core.Record) error {
	c := t.Conversation
	c.Set("messageCount", c.GetInt("messageCount")+1)
	c.Set("lastMessage", now())
	c.Set("lastDirection", m.GetString("direction"))
	c.Set("snippet", snippet(m.GetString("body")))
	c.Set("snippetBy", m.GetString("fromName"))
	if m.GetString("direction") == "in" {
		c.Set("lastReply", now())
		c.Set("waitingSince", "")
		if m.GetString("fromName") == "" {
			c.Set("snippetBy", m.GetString("fromEmail"))
		}
		if m.GetString("trust") == string(SharedLink) {
			c.Set("snippetBy", m.GetString("fromName")+" ("+sharedLinkWords+")")
		}
	} else if c.GetString("waitingSince") == "" {
		c.Set("waitingSince", now())
	}
	if err := put(tx, c); err != nil {
		return err
	}
	return touch(tx, t.Item.Id)
}

// Seen tells what a conversation has of a letter: the letter itself, a replay or a retry (A-18, L-17); and another one with its Message-ID (L-14).
func Seen(app core.App, conversation, dedupe, messageID string) (letter, id bool, err error) {
	err = one(app, `SELECT EXISTS (SELECT 1 FROM side_messages WHERE conversation = ?1 AND dedupe = ?2 AND dedupe != ''),
		EXISTS (SELECT 1 FROM side_messages WHERE messageId = ?3 AND messageId != '' AND conversation = ?1)`, []any{conversation, dedupe, cutBytes(messageID, maxMessageID)}, &letter, &id)
	return letter, id, err
}

// HasMessage tells whether a side message is stored.
func HasMessage(app core.App, id string) (bool, error) {
	var n int
	err := one(app, "SELECT count(*) FROM side_messages WHERE id = ?", []any{id}, &n)
	return n > 0, err
}

// messageAs finds the message of a conversation with this content.
func messageAs(app core.App, conversation, dedupe string) (id string, err error) {
	err = one(app, "SELECT id FROM side_messages WHERE conversation = ? AND dedupe = ? AND dedupe != ''", []any{conversation, dedupe}, &id)
	return id, err
}

// maxMessageID is as much of a Message-ID as is kept, in bytes: honest ones have under a hundred.
const maxMessageID = 400

// Accept is what an agent says about a message that was shown to the team only.
type Accept string

// The three ways to accept: show this message; also write to its sender from now on; it is the participant under another address.
const (
	AsMessage     Accept = "message"
	AsParticipant Accept = "participant"
	AsAlias       Accept = "alias"
)

// AcceptMessage shows a message to everybody on the conversation and does what was said about its sender.
// confirmed is the agent's word that the customer may be written to.
func AcceptMessage(tx core.App, agent *core.Record, id string, as Accept, confirmed bool) (*core.Record, error) {
	m, err := find(tx, "side_messages", id)
	if err != nil {
		return nil, err
	}
	t, err := MayAct(tx, agent, m.GetString("conversation"))
	if err != nil {
		return nil, err
	}
	if m.GetString("direction") != "in" {
		return nil, Invalidf("as", "Only an answer from outside can be accepted.")
	}
	event, did := "side_conversation.accepted", "accepted an answer of "+m.GetString("fromEmail")
	switch as {
	case AsMessage, "":
	case AsParticipant:
		p, err := joinAs(tx, t, agent, m, confirmed)
		if err != nil {
			return nil, err
		}
		m.Set("participant", p.Id)
		event, did = ParticipantAdded, "added "+DisplayName(p)+" to a side conversation"
	case AsAlias:
		p, err := alsoKnownAs(tx, t, m)
		if err != nil {
			return nil, err
		}
		did = "said that " + m.GetString("fromEmail") + " is " + DisplayName(p)
	default:
		return nil, Invalidf("as", "Accept it as a message, as a participant or as an alias.")
	}
	m.Set("accepted", true)
	if err := tx.Save(m); err != nil {
		return nil, err
	}
	if err := tx.Save(t.Conversation); err != nil { // a new version of the portal's page
		return nil, err
	}
	return m, agentDid(tx, agent, t.Item, t.Conversation, event, did)
}

// joinAs makes the sender of a message one of those who are written to.
func joinAs(tx core.App, t *Thread, agent, m *core.Record, confirmed bool) (*core.Record, error) {
	there, err := Active(tx, t.Conversation.Id)
	if err != nil {
		return nil, err
	}
	if len(there) >= MaxRecipients {
		return nil, Invalidf("as", "That is more addresses than one conversation can have (50).")
	}
	return addParticipant(tx, t, agent, Address{Name: m.GetString("fromName"), Email: m.GetString("fromEmail")}, Consent{Submitter: confirmed, Bounced: true}) // it wrote to us, so it exists
}

// alsoKnownAs writes down that a message's sender is the participant whose address it used. Nothing is sent to an alias; what comes
// from it, verified, counts as theirs from now on. The customer is nobody's alias: their words belong into their own thread.
func alsoKnownAs(tx core.App, t *Thread, m *core.Record) (*core.Record, error) {
	address := m.GetString("fromEmail")
	p, err := Participant(tx, m.GetString("participant"))
	if err != nil || p.GetString("conversation") != t.Conversation.Id {
		return nil, Invalidf("as", "It did not come through anybody’s reply address.")
	}
	customer, err := isCustomer(tx, t.Item, address)
	switch {
	case err != nil:
		return nil, err
	case customer:
		return nil, Invalidf("as", address+" is the customer on this item, so it cannot be "+DisplayName(p)+" as well.")
	case IsThem(p, address):
		return p, nil
	}
	p.Set("aliases", append(Aliases(p), address))
	return p, tx.Save(p)
}
