package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// A note sent twice by a retry is one note; and a participant carries that an agent confirmed writing to them although they are the
// customer, so that the question is asked again when somebody becomes the customer later.
func init() {
	m.Register(func(app core.App) error {
		found, err := find(app, "notes", "participants")
		if err != nil {
			return err
		}
		notes, participants := found[0], found[1]
		notes.Fields.Add(secret("dedupe"))
		notes.AddIndex("idx_notes_dedupe", true, "feedback, dedupe", "dedupe != ''")
		if err := app.Save(notes); err != nil {
			return err
		}
		participants.Fields.Add(&core.BoolField{Name: "customerConfirmed", Hidden: true})
		return app.Save(participants)
	}, nil)
}
