package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// An address is the same in capitals: one account, whichever way it is typed at the door or in an invitation.
func init() {
	const index = "idx_email__pb_users_auth_"
	change := func(column string) func(core.App) error {
		return func(app core.App) error {
			found, err := find(app, "users")
			if err != nil {
				return err
			}
			found[0].RemoveIndex(index)
			found[0].AddIndex(index, true, column, "`email` != ''")
			return app.Save(found[0])
		}
	}
	m.Register(change("`email` COLLATE NOCASE"), change("`email`"))
}
