package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Who manages reads invitations; notifications belong to people who are still in the project; a file token lives two minutes (F-09).
func init() {
	m.Register(func(app core.App) error {
		return access(app, ofMyProject+managing, mine+` && project.members_via_project.user ?= @request.auth.id`, 120)
	}, func(app core.App) error { return access(app, ofMyProject, mine, 180) })
}

// managing narrows ofMyProject: ?= of one relation speaks of one and the same row, so it is the asker's own role.
const managing = ` && (project.members_via_project.role ?= "admin" || project.members_via_project.role ?= "owner")`

func access(app core.App, invitationsRead, notificationsOwn string, fileToken int64) error {
	found, err := find(app, "invitations", "notifications", "users")
	if err != nil {
		return err
	}
	invitations, notifications, users := found[0], found[1], found[2]
	invitations.ListRule, invitations.ViewRule = types.Pointer(invitationsRead), types.Pointer(invitationsRead)
	for _, rule := range []**string{&notifications.ListRule, &notifications.ViewRule, &notifications.UpdateRule} {
		*rule = types.Pointer(notificationsOwn)
	}
	users.FileToken.Duration = fileToken
	for _, c := range found {
		if err := app.Save(c); err != nil {
			return err
		}
	}
	return nil
}
