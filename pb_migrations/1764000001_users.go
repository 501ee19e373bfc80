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
		// PocketBase's own pages for these links are the operator's; an agent's lead to the inbox.
		users.ResetPasswordTemplate.Body = `<p>Hello,</p><p>somebody asked for a new password for your account. If it was you, choose one here:</p><p><a href="{APP_URL}/app/reset/{TOKEN}">Choose a new password</a></p><p>If it was not you, there is nothing to do.</p>`
		users.ResetPasswordTemplate.Subject = "Choose a new password"
		return app.Save(users)
	}, nil)
}
