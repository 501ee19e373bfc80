package desk

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// conversations reads an item's side conversations, oldest first, each with its people, messages and deliveries.
func (p *panel) conversations(item string) ([]ConversationView, error) {
	records, err := where(p.app, "side_conversations", dbx.HashExp{"feedback": item})
	if err != nil {
		return nil, err
	}
	views := make([]ConversationView, 0, len(records))
	for _, r := range records {
		v := ConversationView{ID: r.Id, Subject: r.GetString("subject"), Status: r.GetString("status"), StartedBy: r.GetString("startedBy"), StartedByName: p.name(r.GetString("startedBy")),
			SharePortal: r.GetBool("sharePortal"), MessageCount: r.GetInt("messageCount"), LastMessage: r.GetDateTime("lastMessage"), LastReply: r.GetDateTime("lastReply"),
			WaitingSince: r.GetDateTime("waitingSince"), Snippet: r.GetString("snippet"), SnippetBy: r.GetString("snippetBy"), LastDirection: r.GetString("lastDirection")}
		participants, err := Participants(p.app, r.Id)
		if err != nil {
			return nil, err
		}
		names := map[string]string{}
		v.Participants = make([]ParticipantView, 0, len(participants))
		for _, q := range participants {
			names[q.Id] = DisplayName(q)
			v.Participants = append(v.Participants, ParticipantView{ID: q.Id, Name: q.GetString("name"), Email: q.GetString("email"), State: q.GetString("state"), Aliases: Aliases(q)})
		}
		if v.Messages, err = p.messages(r.Id, names, participants); err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}

func (p *panel) messages(conversation string, names map[string]string, participants []*core.Record) ([]MessageView, error) {
	records, err := Messages(p.app, conversation)
	if err != nil {
		return nil, err
	}
	answers := answersIn(records, participants)
	views := make([]MessageView, 0, len(records))
	for _, r := range records {
		v := p.message(r)
		if v.Direction == "out" {
			if v.Deliveries, err = p.deliveries("message", r.Id); err != nil {
				return nil, err
			}
			for i := range v.Deliveries {
				v.To = append(v.To, names[v.Deliveries[i].Participant])
				noteAnswer(&v.Deliveries[i], answers)
			}
		}
		views = append(views, v)
	}
	return views, nil
}

func (p *panel) message(r *core.Record) MessageView {
	v := MessageView{ID: r.Id, Direction: r.GetString("direction"), Channel: r.GetString("channel"), Author: r.GetString("author"), AuthorName: p.name(r.GetString("author")),
		Participant: r.GetString("participant"), FromName: r.GetString("fromName"), FromEmail: r.GetString("fromEmail"), Body: r.GetString("body"), HasHTML: r.GetString("html") != "",
		Quoted: r.GetString("quoted"), HasQuoted: r.GetString("quoted") != "", Kind: r.GetString("kind"), Trust: r.GetString("trust"), TrustReason: r.GetString("trustReason"),
		Accepted: r.GetBool("accepted"), Late: r.GetBool("late"), Warnings: []string{}, Files: Files(r), Context: ContextFrom(r), SharePortal: r.GetBool("sharePortal"),
		To: []string{}, Created: r.GetDateTime("created"), Deliveries: []DeliveryView{}}
	_ = r.UnmarshalJSONField("warnings", &v.Warnings) // none written down: none
	v.IncludeContext = v.Context != nil
	return v
}

func (p *panel) deliveries(field, id string) ([]DeliveryView, error) {
	records, err := where(p.app, "deliveries", dbx.HashExp{field: id})
	views := make([]DeliveryView, 0, len(records))
	for _, r := range records {
		views = append(views, DeliveryView{ID: r.Id, Participant: r.GetString("participant"), Recipient: r.GetString("recipient"), State: r.GetString("state"), Attempts: r.GetInt("attempts"),
			NextAttempt: r.GetDateTime("nextAttempt"), Remote: r.GetString("remote"), Response: r.GetString("response"), Updated: r.GetDateTime("updated"), Timeline: Steps(r)})
	}
	return views, err
}
