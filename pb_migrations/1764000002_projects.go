package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Projects, who belongs to them and who is asked to. A colleague is somebody with a project in common.
func init() {
	m.Register(func(app core.App) error {
		found, err := find(app, "users")
		if err != nil {
			return err
		}
		users := found[0]

		projects := core.NewBaseCollection("projects")
		projects.Fields.Add(
			&core.TextField{Name: "name", Required: true, Max: 80, Presentable: true},
			&core.TextField{Name: "slug", Required: true, Max: 40, Pattern: `^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`},
			choice("plan", true, "free", "pro", "pro_max"),
			flag("sideConversations"), flag("reopenOnReply"),
			choice("unverifiedReplies", true, "accept", "hold"),
			&core.TextField{Name: "senderName", Max: 80}, &core.TextField{Name: "signature", Max: 2000},
			&core.NumberField{Name: "linkDays", OnlyInt: true, Min: types.Pointer(0.0), Max: types.Pointer(3650.0)},
			&core.NumberField{Name: "lastNumber", OnlyInt: true, Hidden: true},
		)
		stamped(projects)
		projects.AddIndex("idx_projects_slug", true, "slug", "")
		if err := app.Save(projects); err != nil {
			return err
		}

		members := core.NewBaseCollection("members")
		members.Fields.Add(owner("project", projects), owner("user", users), choice("role", true, "owner", "admin", "member", "viewer"))
		stamped(members)
		members.AddIndex("idx_members_project_user", true, "project, user", "")
		members.AddIndex("idx_members_user_project", false, "user, project", "")
		if err := app.Save(members); err != nil {
			return err
		}

		invitations := core.NewBaseCollection("invitations")
		invitations.Fields.Add(owner("project", projects), &core.EmailField{Name: "email", Required: true},
			choice("role", true, "admin", "member", "viewer"), link("invitedBy", users), secret("proof"), date("expires"), date("accepted"))
		stamped(invitations)
		invitations.AddIndex("idx_invitations_project", false, "project, email", "")
		if err := app.Save(invitations); err != nil {
			return err
		}

		rules(projects, myProject, signedIn, myProject, "-")
		rules(members, ofMyProject, signedIn, ofMyProject, ofMyProject)
		rules(invitations, ofMyProject, "-", "-", "-")
		colleagues := `@request.auth.id != "" && (id = @request.auth.id || members_via_user.project.members_via_project.user ?= @request.auth.id)`
		users.ListRule, users.ViewRule = types.Pointer(colleagues), types.Pointer(colleagues)
		for _, c := range []*core.Collection{projects, members, invitations, users} {
			if err := app.Save(c); err != nil {
				return err
			}
		}
		return nil
	}, drop("invitations", "members", "projects"))
}
