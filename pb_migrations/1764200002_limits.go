package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Who is not to be written to, and how much a project may write. Both are the operator's, in the dashboard: members neither see nor
// change them. A number of 0 means the default that stands in internal/desk/limits.go.
func init() {
	m.Register(func(app core.App) error {
		found, err := find(app, "projects", "participants", "deliveries")
		if err != nil {
			return err
		}
		projects, participants, deliveries := found[0], found[1], found[2]
		number := func(name string) *core.NumberField {
			zero := 0.0
			return &core.NumberField{Name: name, OnlyInt: true, Min: &zero, Hidden: true}
		}
		projects.Fields.Add(number("addressesPerDay"), number("conversationsPerHour"), number("conversationsPerAddress"),
			&core.BoolField{Name: "paused", Hidden: true}, secret("pausedWhy"), &core.DateField{Name: "bouncesSince", Hidden: true})
		participants.AddIndex("idx_participants_new", false, "project, created", "")
		participants.AddIndex("idx_participants_address", false, "email COLLATE NOCASE, created", "")
		deliveries.AddIndex("idx_deliveries_project", false, "project, created", "")

		suppressions := core.NewBaseCollection("suppressions")
		suppressions.Fields.Add(&core.TextField{Name: "address", Required: true, Max: 320, Presentable: true},
			choice("reason", true, "bounce", "complaint", "operator"), line("words"), date("since"))
		stamped(suppressions)
		suppressions.AddIndex("idx_suppressions_address", true, "address COLLATE NOCASE", "")
		for _, c := range []*core.Collection{projects, participants, deliveries, suppressions} {
			if err := app.Save(c); err != nil {
				return err
			}
		}
		return nil
	}, drop("suppressions"))
}
