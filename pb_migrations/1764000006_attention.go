package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What needs a look: mail that waits for a decision, what happened on an item, who is told of it.
func init() {
	m.Register(func(app core.App) error {
		found, err := find(app, "users", "projects", "feedback", "side_conversations", "side_messages", "participants")
		if err != nil {
			return err
		}
		users, projects, feedback, conversations, messages, participants := found[0], found[1], found[2], found[3], found[4], found[5]
		of := func(name string, to *core.Collection, required bool) *core.RelationField {
			return &core.RelationField{Name: name, CollectionId: to.Id, MaxSelect: 1, CascadeDelete: true, Required: required}
		}

		held := core.NewBaseCollection("held_mail")
		held.Fields.Add(of("project", projects, false), line("reason"), line("from"), line("subject"), &core.TextField{Name: "excerpt", Max: 2000},
			link("suggestion", conversations), link("participant", participants), line("to"), line("words"),
			secret("dedupe"), &core.JSONField{Name: "verdict", MaxSize: maxJSON, Hidden: true})
		stamped(held)
		held.AddIndex("idx_held_mail_project", false, "project, created", "")
		held.AddIndex("idx_held_mail_dedupe", true, "dedupe", "dedupe != ''")
		rules(held, ofMyProject, "-", "-", "-")
		if err := app.Save(held); err != nil {
			return err
		}
		if err := letterDiesWith(app, "held_mail"); err != nil {
			return err
		}

		activity := core.NewBaseCollection("activity")
		activity.Fields.Add(of("project", projects, true), of("feedback", feedback, true), of("conversation", conversations, false),
			line("event"), link("actor", users), line("actorName"), &core.TextField{Name: "text", Max: 1000, Presentable: true})
		stamped(activity)
		activity.AddIndex("idx_activity_feedback", false, "feedback, created", "")
		rules(activity, ofMyProject, "-", "-", "-")
		if err := app.Save(activity); err != nil {
			return err
		}

		notifications := core.NewBaseCollection("notifications")
		notifications.Fields.Add(of("user", users, true), of("project", projects, true), of("feedback", feedback, true), of("conversation", conversations, false),
			of("message", messages, false), line("event"), flag("read"), &core.TextField{Name: "text", Max: 1000},
			&core.BoolField{Name: "mailed", Hidden: true}, &core.BoolField{Name: "silent", Hidden: true})
		stamped(notifications)
		notifications.AddIndex("idx_notifications_user", false, "user, read, created", "")
		notifications.AddIndex("idx_notifications_feedback", false, "feedback, user, read", "")
		notifications.AddIndex("idx_notifications_unmailed", false, "created", "mailed = FALSE")
		rules(notifications, mine, "-", mine, "-")
		return app.Save(notifications)
	}, drop("notifications", "activity", "held_mail"))
}
