package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The feedback item, the thread between team and submitter, and the team's own notes.
func init() {
	m.Register(func(app core.App) error {
		found, err := find(app, "users", "projects")
		if err != nil {
			return err
		}
		users, projects := found[0], found[1]

		feedback := core.NewBaseCollection("feedback")
		feedback.Fields.Add(owner("project", projects), count("number"),
			&core.TextField{Name: "message", Required: true, Max: maxBody, Presentable: true},
			choice("category", true, "bug", "feature_request", "question", "other"),
			choice("status", true, "new", "in_progress", "resolved", "archived"),
			line("submitterName"), &core.EmailField{Name: "submitterEmail"},
			link("assignee", users), &core.RelationField{Name: "followers", CollectionId: users.Id, MaxSelect: 100},
			facts("context"), attachments(), facts("files"), date("lastActivity"), secret("dedupe"), secret("messageId"))
		stamped(feedback)
		feedback.AddIndex("idx_feedback_number", true, "project, number", "")
		feedback.AddIndex("idx_feedback_activity", false, "project, lastActivity, id", "")
		feedback.AddIndex("idx_feedback_dedupe", true, "project, dedupe", "dedupe != ''")
		rules(feedback, ofMyProject, signedIn, ofMyProject, "-")
		if err := app.Save(feedback); err != nil {
			return err
		}

		thread := core.NewBaseCollection("customer_messages")
		thread.Fields.Add(owner("project", projects), owner("feedback", feedback), choice("direction", true, "in", "out"),
			link("author", users), line("fromName"), line("fromEmail"), body("body"), &core.TextField{Name: "html", Max: maxHTML}, body("quoted"),
			line("kind"), line("trust"), line("trustReason"), attachments(), facts("files"),
			secret("messageId"), secret("dedupe"), &core.JSONField{Name: "verdict", MaxSize: maxJSON, Hidden: true})
		stamped(thread)
		thread.AddIndex("idx_customer_messages_feedback", false, "feedback, created", "")
		thread.AddIndex("idx_customer_messages_dedupe", true, "feedback, dedupe", "dedupe != ''")
		rules(thread, ofMyProject, signedIn, "-", "-")
		if err := app.Save(thread); err != nil {
			return err
		}

		notes := core.NewBaseCollection("notes")
		notes.Fields.Add(owner("project", projects), owner("feedback", feedback), link("author", users),
			&core.TextField{Name: "body", Required: true, Max: 50_000}, attachments(), facts("files"))
		stamped(notes)
		notes.AddIndex("idx_notes_feedback", false, "feedback, created", "")
		rules(notes, ofMyProject, signedIn, "-", "-")
		return app.Save(notes)
	}, drop("notes", "customer_messages", "feedback"))
}
