package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Deliveries are the outgoing queue itself: one row a letter and address. Letters to outsiders and customers belong to a
// project and are shown; the instance's own mail (notices, password resets) has no project and is seen by nobody.
// The table letters keeps bytes: what came in as it came, what goes out as it was frozen, each under its record's id.
func init() {
	m.Register(func(app core.App) error {
		found, err := find(app, "users", "projects", "side_messages", "customer_messages", "participants")
		if err != nil {
			return err
		}
		users, projects, messages, thread, participants := found[0], found[1], found[2], found[3], found[4]
		of := func(name string, to *core.Collection) *core.RelationField {
			return &core.RelationField{Name: name, CollectionId: to.Id, MaxSelect: 1, CascadeDelete: true}
		}
		hiddenDate := func(name string) *core.DateField { return &core.DateField{Name: name, Hidden: true} }

		deliveries := core.NewBaseCollection("deliveries")
		deliveries.Fields.Add(of("project", projects), of("message", messages), of("customerMessage", thread), of("participant", participants), of("user", users),
			choice("state", true, "queued", "sending", "sent", "delayed", "bounced", "failed"), count("attempts"), date("nextAttempt"),
			&core.TextField{Name: "response", Max: 1100}, line("remote"), facts("timeline"),
			secret("recipient"), secret("sender"), hiddenDate("lease"))
		stamped(deliveries)
		deliveries.AddIndex("idx_deliveries_due", false, "nextAttempt", "state = 'queued' OR state = 'delayed'")
		deliveries.AddIndex("idx_deliveries_leased", false, "lease", "state = 'sending'")
		deliveries.AddIndex("idx_deliveries_message", false, "message", "")
		deliveries.AddIndex("idx_deliveries_customer_message", false, "customerMessage", "customerMessage != ''")
		rules(deliveries, ofMyProject, "-", "-", "-")
		if err := app.Save(deliveries); err != nil {
			return err
		}
		return keepLetters(app, "side_messages", "customer_messages", "feedback", "deliveries")
	}, nil)
}

// keepLetters makes the table of bytes and lets each letter die with its record.
func keepLetters(app core.App, owners ...string) error {
	_, err := app.NonconcurrentDB().NewQuery(`CREATE TABLE letters (id TEXT PRIMARY KEY NOT NULL, raw BLOB NOT NULL)`).Execute()
	if err != nil {
		return err
	}
	for _, table := range owners {
		if err := letterDiesWith(app, table); err != nil {
			return err
		}
	}
	return nil
}

func letterDiesWith(app core.App, table string) error {
	_, err := app.NonconcurrentDB().NewQuery(`CREATE TRIGGER letter_dies_with_` + table + ` AFTER DELETE ON ` + table +
		` BEGIN DELETE FROM letters WHERE id = OLD.id; END`).Execute()
	return err
}
