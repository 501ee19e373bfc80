package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// How many seconds an agent's letters wait before they leave, so that they can be taken back: a person's own choice, none at first.
func init() {
	m.Register(func(app core.App) error {
		found, err := find(app, "users")
		if err != nil {
			return err
		}
		zero, most := 0.0, 30.0
		found[0].Fields.Add(&core.NumberField{Name: "undoSeconds", OnlyInt: true, Min: &zero, Max: &most})
		return app.Save(found[0])
	}, nil)
}
