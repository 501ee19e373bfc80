package desk

import (
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// Start is a side conversation to be started.
type Start struct {
	Feedback         string
	To               []Address
	Subject, Message string
	Context          *Context // what of the item goes along; nil for nothing
	SharePortal      bool
	Consent          Consent
	Idempotency      string
	Files            []*filesystem.File
}

// Thread is a conversation with all that a letter about it needs.
type Thread struct {
	Project, Item, Conversation, Message *core.Record
	Participants                         []*core.Record // those who are written to
	Repeated                             bool           // the same request again: Message is the one that is there, nothing is to be sent
}

// StartConversation stores conversation, participants, first message and activity (SC-04, SC-13). The same idempotency key from
// the same agent returns the conversation that is there, as Repeated: nothing is to be sent again.
func StartConversation(tx core.App, agent *core.Record, s Start) (*Thread, error) {
	item, err := Feedback(tx, s.Feedback)
	if err != nil {
		return nil, err
	}
	project, err := MayStart(tx, agent, item)
	if err != nil {
		return nil, err
	}
	if s.Idempotency != "" {
		if c, err := tx.FindFirstRecordByFilter("side_conversations", "startedBy = {:u} && idempotency = {:k}", dbx.Params{"u": agent.Id, "k": s.Idempotency}); err == nil {
			if c.GetString("feedback") != item.Id { // or a key would open a conversation of a project one has left
				return nil, Invalidf("feedback", "This Idempotency-Key was used for another item.")
			}
			return &Thread{Project: project, Item: item, Conversation: c, Repeated: true}, nil
		}
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	c, err := newRecord(tx, "side_conversations")
	if err != nil {
		return nil, err
	}
	c.Load(map[string]any{"project": project.Id, "feedback": item.Id, "subject": s.Subject, "status": "open", "startedBy": agent.Id,
		"sharePortal": s.SharePortal, "sharedVersion": 1, "sharedSince": now(), "idempotency": s.Idempotency})
	if err := tx.Save(c); err != nil {
		return nil, err
	}
	if err := maySpeed(tx, project, agent); err != nil {
		return nil, err
	}
	t := &Thread{Project: project, Item: item, Conversation: c}
	for _, to := range s.To {
		p, err := addParticipant(tx, t, agent, to, s.Consent)
		if err != nil {
			return nil, err
		}
		t.Participants = append(t.Participants, p)
	}
	if err := checkFanOut(len(t.Participants), s.Files); err != nil {
		return nil, err
	}
	if t.Message, err = addOutgoing(tx, t, agent, s.Message, s.Files, s.Context, s.SharePortal, ""); err != nil {
		return nil, err
	}
	return t, agentDid(tx, agent, item, c, Created, "started a side conversation with "+Names(t.Participants))
}

// MayStart passes an agent who may start a side conversation on the item, and returns its project.
func MayStart(app core.App, agent, item *core.Record) (*core.Record, error) {
	if err := MayWrite(app, item.GetString("project"), agent); err != nil {
		return nil, err
	}
	project, err := Project(app, item.GetString("project"))
	if err != nil {
		return nil, err
	}
	if off := SideConversationsOff(project); off != "" {
		return nil, forbidden(off)
	}
	if why := Paused(project); why != "" {
		return nil, forbidden(why)
	}
	return project, nil
}

// check refuses what cannot be sent, naming the field, and tidies the rest.
func (s *Start) check() error {
	s.Subject = OneLine(s.Subject, MaxSubject)
	switch {
	case len(s.To) == 0:
		return Invalidf("to", "Add at least one address to write to.")
	case len(s.To) > MaxRecipients:
		return Invalidf("to", "That is more addresses than one conversation can have (50).")
	case s.Subject == "":
		return Invalidf("subject", "Give it a subject: it is the first thing they read.")
	}
	return CheckBody("message", s.Message)
}

// CheckBody refuses an empty or oversized message.
func CheckBody(field, body string) error {
	if strings.TrimSpace(body) == "" {
		return Invalidf(field, "Write a message first.")
	}
	if len([]rune(body)) > MaxMessage {
		return Invalidf(field, "The message is too long (60,000 characters at most). Attach the rest as a file.")
	}
	return nil
}

// Conversation reads a side conversation with its project and item.
func Conversation(app core.App, id string) (*Thread, error) {
	c, err := find(app, "side_conversations", id)
	if err != nil {
		return nil, err
	}
	item, err := Feedback(app, c.GetString("feedback"))
	if err != nil {
		return nil, err
	}
	project, err := Project(app, c.GetString("project"))
	if err != nil {
		return nil, err
	}
	return &Thread{Project: project, Item: item, Conversation: c}, nil
}

// Reply is an agent's follow-up. The same Idempotency from the same agent is the same reply.
type Reply struct {
	Conversation, Body string
	Files              []*filesystem.File
	Consent            Consent
	Idempotency        string
}

// requestKey is what makes an agent's repeated request show once; empty without a key.
func requestKey(agent *core.Record, key string) string {
	if key == "" {
		return ""
	}
	return "key " + agent.Id + " " + key
}

// Follow adds an agent's follow-up (SC-11) and returns the thread with those who get it.
func Follow(tx core.App, agent *core.Record, r Reply) (*Thread, error) {
	conversation, body, files, c := r.Conversation, r.Body, r.Files, r.Consent
	t, err := mayContinue(tx, agent, conversation)
	if err != nil {
		return nil, err
	}
	key := requestKey(agent, r.Idempotency)
	if key != "" {
		if there, err := where(tx, "side_messages", dbx.HashExp{"conversation": conversation, "dedupe": key}); err != nil || len(there) > 0 {
			t.Message, t.Repeated = first(there), true
			return t, err
		}
	}
	if err := CheckBody("body", body); err != nil {
		return nil, err
	}
	if t.Participants, err = Active(tx, t.Conversation.Id); err != nil {
		return nil, err
	}
	if len(t.Participants) == 0 {
		return nil, &Refusal{Kind: Conflict, Field: "conversation", Words: "Nobody is left on this conversation. Add somebody first."}
	}
	if err := mayWriteToAll(tx, t.Participants, c); err != nil {
		return nil, err
	}
	if err := mayWriteToCustomers(tx, t, agent, c); err != nil {
		return nil, err
	}
	if err := checkFanOut(len(t.Participants), files); err != nil {
		return nil, err
	}
	if t.Message, err = addOutgoing(tx, t, agent, body, files, nil, t.Conversation.GetBool("sharePortal"), key); err != nil {
		return nil, err
	}
	return t, agentDid(tx, agent, t.Item, t.Conversation, Replied, "replied in a side conversation")
}

// mayContinue passes an agent who may write in a conversation that is open.
func mayContinue(app core.App, agent *core.Record, conversation string) (*Thread, error) {
	t, err := MayAct(app, agent, conversation)
	if err != nil {
		return nil, err
	}
	if off := SideConversationsOff(t.Project); off != "" {
		return nil, forbidden(off)
	}
	if why := Paused(t.Project); why != "" {
		return nil, forbidden(why)
	}
	if t.Conversation.GetString("status") == "closed" {
		return nil, &Refusal{Kind: Conflict, Field: "conversation", Words: "This conversation is closed. Reopen it to write again."}
	}
	return t, nil
}

// MayAct passes an agent who may close, reopen and change who is on a conversation.
func MayAct(app core.App, agent *core.Record, conversation string) (*Thread, error) {
	t, err := Conversation(app, conversation)
	if err != nil {
		return nil, err
	}
	return t, MayWrite(app, t.Project.Id, agent)
}

// SetStatus closes or reopens a conversation (SC-12). Doing it twice is doing it once.
func SetStatus(tx core.App, agent *core.Record, conversation, status string) (*core.Record, error) {
	t, err := MayAct(tx, agent, conversation)
	if err != nil {
		return nil, err
	}
	return setStatus(tx, t, status, agent, NameOf(agent))
}

// OperatorSetStatus is the same from the dashboard, by somebody who is no member and needs not be.
func OperatorSetStatus(tx core.App, conversation, status string) (*core.Record, error) {
	t, err := Conversation(tx, conversation)
	if err != nil {
		return nil, err
	}
	return setStatus(tx, t, status, nil, "The operator")
}

func setStatus(tx core.App, t *Thread, status string, agent *core.Record, name string) (*core.Record, error) {
	event, did := Closed, "closed a side conversation"
	switch status {
	case t.Conversation.GetString("status"):
		return t.Conversation, nil
	case "open":
		if off := SideConversationsOff(t.Project); off != "" {
			return nil, forbidden(off)
		}
		event, did = Reopened, "reopened a side conversation"
	case "closed":
	default:
		return nil, Invalidf("status", "A side conversation is open or closed.")
	}
	t.Conversation.Set("status", status)
	if err := tx.Save(t.Conversation); err != nil {
		return nil, err
	}
	return t.Conversation, record(tx, Event{Item: t.Item, Conversation: t.Conversation, Name: event, Actor: agent, ActorName: name, Text: name + " " + did})
}
