package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Agents are PocketBase's own users. Nobody signs up from outside: they are made by the operator or invited.
func init() {
	m.Register(func(app core.App) error {
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		users.Fields.Add(flag("muteApp"), flag("muteEmail"), line("timezone"), line("language"))
		users.CreateRule = nil
		users.DeleteRule = nil
		users.UpdateRule = types.Pointer(`id = @request.auth.id`)
		return app.Save(users)
	}, nil)
}
