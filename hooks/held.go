package hooks

import (
	"net/http"
	"time"

	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

// bindHeld lets held mail go when its project says so; once a day is exact enough for days.
func (a *Aside) bindHeld() {
	a.app.Cron().MustAdd("asideHeldMail", "17 3 * * *", func() {
		if n, err := desk.ExpireHeld(a.app, time.Now()); err != nil || n > 0 {
			a.app.Logger().Info("held mail that nobody decided on was deleted", "letters", n, "error", err)
		}
	})
}

func (a *Aside) heldRoutes(r *router.RouterGroup[*core.RequestEvent]) {
	g := r.Group("/held-mail")
	g.Bind(apis.RequireAuth("users"))
	g.GET("", a.listHeld)
	g.POST("/{id}/release", a.releaseHeld)
	g.DELETE("/{id}", a.deleteHeld)
	for path, collection := range map[string]string{"/side-messages": "side_messages", "/customer-messages": "customer_messages", "/held-mail": "held_mail"} {
		r.GET(path+"/{id}/trace", a.trace(collection)).Bind(apis.RequireAuth("users", core.CollectionNameSuperusers))
	}
}

func (a *Aside) listHeld(e *core.RequestEvent) error {
	project := e.Request.URL.Query().Get("project")
	if err := desk.MayRead(e.App, project, e.Auth); err != nil {
		return reply(e, err)
	}
	items, err := desk.HeldMails(e.App, project)
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"items": items})
}

func (a *Aside) releaseHeld(e *core.RequestEvent) error {
	var f struct {
		Conversation string `json:"conversation" form:"conversation"`
	}
	if err := e.BindBody(&f); err != nil {
		return reply(e, badBody(e, err))
	}
	m, err := a.intake.Release(e.App, e.Auth, e.Request.PathValue("id"), f.Conversation)
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, m)
}

func (a *Aside) deleteHeld(e *core.RequestEvent) error {
	err := e.App.RunInTransaction(func(tx core.App) error { return desk.DeleteHeld(tx, e.Auth, e.Request.PathValue("id")) })
	if err != nil {
		return reply(e, err)
	}
	return e.NoContent(http.StatusNoContent)
}
