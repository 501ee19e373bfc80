package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// A private thread with outsiders on one item: the conversation, who is on it, what was said.
// Versions are the only state a token has: renewing is counting one up.
func init() {
	m.Register(func(app core.App) error {
		found, err := find(app, "users", "projects", "feedback")
		if err != nil {
			return err
		}
		users, projects, feedback := found[0], found[1], found[2]
		version := func(name string) *core.NumberField {
			return &core.NumberField{Name: name, OnlyInt: true, Hidden: true}
		}

		conversations := core.NewBaseCollection("side_conversations")
		conversations.Fields.Add(owner("project", projects), owner("feedback", feedback),
			&core.TextField{Name: "subject", Required: true, Max: maxLine, Presentable: true},
			choice("status", true, "open", "closed"), link("startedBy", users), flag("sharePortal"), count("messageCount"),
			date("lastMessage"), date("lastReply"), date("waitingSince"), line("snippet"), line("snippetBy"), choice("lastDirection", false, "in", "out"),
			version("sharedVersion"), date("sharedSince"), secret("idempotency"))
		stamped(conversations)
		conversations.AddIndex("idx_side_conversations_feedback", false, "feedback, created", "")
		conversations.AddIndex("idx_side_conversations_project", false, "project, status, lastMessage", "")
		conversations.AddIndex("idx_side_conversations_idempotency", true, "startedBy, idempotency", "idempotency != ''")
		rules(conversations, ofMyProject, "-", ofMyProject, "-")
		if err := app.Save(conversations); err != nil {
			return err
		}

		participants := core.NewBaseCollection("participants")
		participants.Fields.Add(owner("project", projects), owner("conversation", conversations), line("name"),
			&core.TextField{Name: "email", Required: true, Max: 320, Presentable: true}, choice("state", true, "active", "bounced", "removed"),
			facts("aliases"), version("replyVersion"), version("linkVersion"), &core.DateField{Name: "linkSince", Hidden: true})
		stamped(participants)
		participants.AddIndex("idx_participants_email", true, "conversation, email", "")
		participants.AddIndex("idx_participants_project", false, "project, email", "")
		rules(participants, ofMyProject, "-", "-", "-")
		if err := app.Save(participants); err != nil {
			return err
		}

		messages := core.NewBaseCollection("side_messages")
		messages.Fields.Add(owner("project", projects), owner("conversation", conversations), choice("direction", true, "out", "in"),
			choice("channel", true, "inbox", "email", "portal"), link("author", users), link("participant", participants),
			line("fromName"), line("fromEmail"), body("body"), &core.TextField{Name: "html", Max: maxHTML}, body("quoted"),
			choice("kind", false, "reply", "auto_reply", "bounce", "delay", "receipt", "complaint"),
			choice("trust", true, "team", "verified", "other_sender", "unverified", "shared_link"), line("trustReason"),
			attachments(), facts("files"), flag("accepted"), flag("late"), facts("warnings"), facts("context"), flag("sharePortal"),
			secret("messageId"), secret("dedupe"), &core.JSONField{Name: "verdict", MaxSize: maxJSON, Hidden: true})
		stamped(messages)
		messages.AddIndex("idx_side_messages_conversation", false, "conversation, created", "")
		messages.AddIndex("idx_side_messages_project", false, "project, created", "")
		messages.AddIndex("idx_side_messages_dedupe", true, "conversation, dedupe", "dedupe != ''")
		messages.AddIndex("idx_side_messages_message_id", false, "messageId", "messageId != ''")
		rules(messages, ofMyProject, signedIn, "-", "-")
		return app.Save(messages)
	}, drop("side_messages", "participants", "side_conversations"))
}
