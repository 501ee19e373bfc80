package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// How long a project keeps held mail (0: until somebody decides), and whether mail that its sender's domain asks to have refused is
// refused or held. The bytes of delivery reports die with the delivery they are about.
func init() {
	m.Register(func(app core.App) error {
		found, err := find(app, "projects")
		if err != nil {
			return err
		}
		projects := found[0]
		projects.Fields.Add(&core.NumberField{Name: "heldDays", OnlyInt: true, Min: types.Pointer(0.0), Max: types.Pointer(3650.0)}, choice("rejectedMail", false, "refuse", "hold"))
		if err := app.Save(projects); err != nil {
			return err
		}
		if _, err := app.DB().NewQuery(`UPDATE projects SET heldDays = 30, rejectedMail = 'refuse'`).Execute(); err != nil {
			return err
		}
		_, err = app.NonconcurrentDB().NewQuery(`CREATE TRIGGER reports_die_with_deliveries AFTER DELETE ON deliveries
			BEGIN DELETE FROM letters WHERE id > OLD.id || '.' AND id < OLD.id || '/'; END`).Execute()
		return err
	}, nil)
}
