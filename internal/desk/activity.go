package desk

import (
	"github.com/pocketbase/pocketbase/core"
)

// Events of a side conversation, in the activity log and to webhooks.
const (
	Created            = "side_conversation.created"
	Replied            = "side_conversation.replied"
	ReplyReceived      = "side_conversation.reply_received"
	Closed             = "side_conversation.closed"
	Reopened           = "side_conversation.reopened"
	ParticipantAdded   = "side_conversation.participant_added"
	ParticipantRemoved = "side_conversation.participant_removed"
	DeliveryFailed     = "side_conversation.delivery_failed"
	DeliveryDelayed    = "side_conversation.delivery_delayed"
	Complained         = "side_conversation.complaint"
	SendingLimited     = "project.sending_limited"
	Held               = "side_conversation.held"
	LinkRenewed        = "side_conversation.link_renewed"
	LinkTaken          = "side_conversation.link_taken"
)

// The same of a letter to the customer.
const (
	AnswerFailed     = "customer.delivery_failed"
	AnswerDelayed    = "customer.delivery_delayed"
	AnswerComplained = "customer.complaint"
)

// Event is one line of an item's activity log.
type Event struct {
	Item         *core.Record
	Conversation *core.Record // nil when it is about the item itself
	Name         string
	Actor        *core.Record // the agent, nil for anybody else
	ActorName    string
	Text         string
}

// record writes an event down.
func record(tx core.App, e Event) error {
	r, err := newRecord(tx, "activity")
	if err != nil {
		return err
	}
	values := map[string]any{"project": e.Item.GetString("project"), "feedback": e.Item.Id, "event": e.Name, "actorName": OneLine(e.ActorName, 200), "text": Cut(OneLine(e.Text, 900), 900)}
	if e.Actor != nil {
		values["actor"] = e.Actor.Id
	}
	if e.Conversation != nil {
		values["conversation"] = e.Conversation.Id
	}
	if err := set(r, values); err != nil {
		return err
	}
	return put(tx, r)
}

// agentDid records what an agent did in a side conversation: "{agent} …".
func agentDid(tx core.App, agent, item, conversation *core.Record, event, did string) error {
	name := NameOf(agent)
	return record(tx, Event{Item: item, Conversation: conversation, Name: event, Actor: agent, ActorName: name, Text: name + " " + did})
}
