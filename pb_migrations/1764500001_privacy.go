package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// How long a project keeps closed items; and what was done to people's data, as its managers read it. A request names its person only
// while it is carried out, in fields that only the server reads: afterwards the pseudonym is all there is.
func init() {
	m.Register(func(app core.App) error {
		found, err := find(app, "users", "projects", "feedback")
		if err != nil {
			return err
		}
		users, projects, feedback := found[0], found[1], found[2]
		projects.Fields.Add(&core.NumberField{Name: "retentionDays", OnlyInt: true, Min: types.Pointer(0.0), Max: types.Pointer(3650.0)}, date("retentionFrom"))
		feedback.Fields.Add(&core.NumberField{Name: "replyRenewed", OnlyInt: true, Hidden: true})

		log := core.NewBaseCollection("privacy_log")
		log.Fields.Add(&core.RelationField{Name: "project", CollectionId: projects.Id, MaxSelect: 1, CascadeDelete: true},
			choice("kind", true, "export", "erase", "retention"), choice("state", true, "queued", "running", "waiting", "done"),
			link("by", users), line("byName"), line("person"), &core.TextField{Name: "text", Max: 1000, Presentable: true}, facts("counts"), line("waiting"), date("finished"),
			secret("address"), secret("step"), &core.JSONField{Name: "facts", MaxSize: maxJSON, Hidden: true})
		stamped(log)
		log.AddIndex("idx_privacy_log_project", false, "project, created", "")
		log.AddIndex("idx_privacy_log_open", false, "created", "state != 'done'")
		rules(log, ofMyProject+managing, "-", "-", "-")
		explain(projects.Fields.GetByName("retentionDays"), "Closed items are deleted when nothing has happened on them for so many days; 0 is never.")
		explain(log.Fields.GetByName("text"), "What was done to people's data, and by whom. Never edited.")
		explain(log.Fields.GetByName("person"), "The pseudonym of who was erased; the address of whose data was exported.")
		for _, c := range []*core.Collection{projects, feedback, log} {
			if err := app.Save(c); err != nil {
				return err
			}
		}
		return nil
	}, drop("privacy_log"))
}
