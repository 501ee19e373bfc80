package desk

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// CustomerThread lists the messages between team and submitter after the item's own.
func CustomerThread(app core.App, feedback string) ([]*core.Record, error) {
	return where(app, "customer_messages", dbx.HashExp{"feedback": feedback})
}

// CustomerAnswer is what the team answers the customer of an item.
type CustomerAnswer struct {
	Feedback, Body string
	Files          []*filesystem.File
	Consent        Consent
	Idempotency    string // names the request, so that its repetition adds nothing
}

// AnswerCustomer stores the team's answer in the customer thread. Without a submitter's address it is kept and goes nowhere; an address
// that letters came back from asks first. The same request from the same agent again is the same answer, and nothing is to be sent.
func AnswerCustomer(tx core.App, agent *core.Record, a CustomerAnswer) (project, item, message *core.Record, repeated bool, err error) {
	if item, err = Feedback(tx, a.Feedback); err != nil {
		return
	}
	if err = MayWrite(tx, item.GetString("project"), agent); err != nil {
		return
	}
	if project, err = Project(tx, item.GetString("project")); err != nil {
		return
	}
	if why := Paused(project); why != "" {
		return nil, nil, nil, false, forbidden(why)
	}
	if err = CheckBody("body", a.Body); err != nil {
		return
	}
	key := requestKey(agent, a.Idempotency)
	if key != "" {
		there, err := where(tx, "customer_messages", dbx.HashExp{"feedback": item.Id, "dedupe": key})
		if err != nil || len(there) > 0 {
			return project, item, first(there), true, err
		}
	}
	if to := item.GetString("submitterEmail"); to != "" {
		if err = mayWriteTo(tx, to, false, a.Consent); err != nil {
			return
		}
	}
	message, err = newRecord(tx, "customer_messages")
	if err != nil {
		return
	}
	name := NameOf(agent)
	message.Load(map[string]any{"project": project.Id, "feedback": item.Id, "direction": "out", "author": agent.Id, "fromName": name, "body": a.Body,
		"kind": "reply", "trust": "team", "dedupe": key})
	if err = attach(message, a.Files); err != nil {
		return
	}
	if err = tx.Save(message); err != nil {
		return
	}
	if err = touch(tx, item.Id); err != nil {
		return
	}
	err = record(tx, Event{Item: item, Name: "customer.answered", Actor: agent, ActorName: name, Text: name + " answered the customer"})
	return
}

// SetCustomerMessageID writes down under which Message-ID an answer left.
func SetCustomerMessageID(tx core.App, message *core.Record, id string) error {
	message.SetRaw("messageId", id)
	_, err := tx.DB().Update("customer_messages", dbx.Params{"messageId": id}, dbx.HashExp{"id": message.Id}).Execute()
	return err
}

// AddCustomerMessage stores what the submitter wrote to the item's address; the same Dedupe again stores nothing.
func AddCustomerMessage(tx core.App, item *core.Record, in Incoming) (*core.Record, error) {
	if in.Dedupe != "" {
		if m, err := tx.FindFirstRecordByFilter("customer_messages", "feedback = {:f} && dedupe = {:d}", dbx.Params{"f": item.Id, "d": in.Dedupe}); err == nil {
			return m, nil
		}
	}
	m, err := newRecord(tx, "customer_messages")
	if err != nil {
		return nil, err
	}
	m.Id = in.ID
	m.Load(map[string]any{"project": item.GetString("project"), "feedback": item.Id, "direction": "in", "fromName": OneLine(in.FromName, 200), "fromEmail": Cut(in.FromEmail, 320),
		"body": cutBytes(in.Body, maxStoredBody), "html": in.HTML, "quoted": cutBytes(in.Quoted, maxStoredBody), "kind": in.Kind, "trust": in.Trust, "trustReason": OneLine(in.Reason, 300),
		"messageId": cutBytes(in.MessageID, 400), "dedupe": in.Dedupe, "verdict": in.Verdict})
	if len(in.HTML) > maxStoredMarkup {
		m.Set("html", "")
	}
	if err := AttachNamed(m, in.Uploads, in.Files); err != nil {
		return nil, err
	}
	if err := tx.Save(m); err != nil {
		return nil, err
	}
	if in.Raw != nil {
		if err := KeepLetter(tx, m.Id, in.Raw); err != nil {
			return nil, err
		}
	}
	if in.Kind != "reply" {
		return m, nil
	}
	who := m.GetString("fromName")
	if who == "" {
		who = m.GetString("fromEmail")
	}
	if err := record(tx, Event{Item: item, Name: "customer.replied", ActorName: who, Text: who + " wrote in the customer thread"}); err != nil {
		return nil, err
	}
	if err := touch(tx, item.Id); err != nil {
		return nil, err
	}
	return m, tell(tx, itemWatchers(item), notice{Project: item.GetString("project"), Item: item.Id, Event: "customer.replied", Text: who + " wrote in the customer thread"})
}
