package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Keys for machines. Each acts as a user of its own, a member of the one project, so that every rule and route treats it as one; that
// user never signs in and is nobody's to edit. The key itself is kept as a hash.
func init() {
	m.Register(func(app core.App) error {
		found, err := find(app, "users", "projects")
		if err != nil {
			return err
		}
		users, projects := found[0], found[1]
		users.Fields.Add(flag("machine"))
		users.AuthRule = types.Pointer(`machine = false`)
		users.UpdateRule = types.Pointer(`id = @request.auth.id && machine = false`)
		if err := app.Save(users); err != nil {
			return err
		}
		keys := core.NewBaseCollection("api_keys")
		keys.Fields.Add(owner("project", projects), &core.TextField{Name: "name", Required: true, Max: 80, Presentable: true}, choice("role", true, "owner", "admin", "member", "viewer"),
			&core.TextField{Name: "hint", Max: 20}, secret("hash"), link("user", users), link("createdBy", users), date("lastUsed"))
		stamped(keys)
		keys.AddIndex("idx_api_keys_hash", true, "hash", "hash != ''")
		keys.AddIndex("idx_api_keys_project", false, "project", "")
		rules(keys, ofMyProject+managing, "-", "-", "-")
		return app.Save(keys)
	}, func(app core.App) error {
		if err := drop("api_keys")(app); err != nil {
			return err
		}
		found, err := find(app, "users")
		if err != nil {
			return err
		}
		found[0].AuthRule, found[0].UpdateRule = types.Pointer(""), types.Pointer(`id = @request.auth.id`)
		found[0].Fields.RemoveByName("machine")
		return app.Save(found[0])
	})
}
