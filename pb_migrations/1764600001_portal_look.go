package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// How a project's pages look to outsiders: a colour of the palette (templates.Colors; none is that of the name) and a line on top.
func init() {
	m.Register(func(app core.App) error {
		found, err := find(app, "projects")
		if err != nil {
			return err
		}
		projects := found[0]
		projects.Fields.Add(choice("portalColor", false, "teal", "violet", "orange", "blue", "magenta", "green", "red", "cyan", "purple", "brown", "olive", "rose"),
			&core.TextField{Name: "portalWelcome", Max: 300})
		explain(projects.Fields.GetByName("portalColor"), "The colour of the pages and letters that outsiders see; none is chosen by the project's name.")
		explain(projects.Fields.GetByName("portalWelcome"), "One line on top of the pages that outsiders see, such as when somebody reads what they write.")
		return app.Save(projects)
	}, func(app core.App) error { return nil })
}
