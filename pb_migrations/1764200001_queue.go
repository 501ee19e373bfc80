package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The queue learns who waits where: a lane is one project's letters to one domain, so that the worker can be fair between them
// without reading all that waits. told is whether the team knows already that the letter is late.
func init() {
	m.Register(func(app core.App) error {
		found, err := find(app, "deliveries")
		if err != nil {
			return err
		}
		deliveries := found[0]
		deliveries.Fields.Add(secret("lane"), &core.BoolField{Name: "told", Hidden: true})
		deliveries.AddIndex("idx_deliveries_lane", false, "lane, nextAttempt", waiting)
		if err := app.Save(deliveries); err != nil {
			return err
		}
		_, err = app.NonconcurrentDB().NewQuery(`UPDATE deliveries SET lane = project || ' ' || lower(substr(recipient, instr(recipient, '@') + 1))`).Execute()
		return err
	}, func(app core.App) error {
		found, err := find(app, "deliveries")
		if err != nil {
			return err
		}
		found[0].RemoveIndex("idx_deliveries_lane")
		found[0].Fields.RemoveByName("lane")
		found[0].Fields.RemoveByName("told")
		return app.Save(found[0])
	})
}

// waiting is the condition of the queue's partial indexes; a query that wants one says it in the same words.
const waiting = `state = 'queued' OR state = 'delayed'`
