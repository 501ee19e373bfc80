package hooks

import (
	"net/http"
	"strconv"
	"time"

	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

// bindPrivacy lets closed items go when their project says so, each night, and keeps the day from which a setting holds the server's own.
func (a *Aside) bindPrivacy() {
	a.app.Cron().MustAdd("asideRetention", desk.RetentionCron, func() {
		if n, err := desk.Retain(a.app, time.Now()); err != nil || n > 0 {
			a.app.Logger().Info("closed items whose time had passed were deleted", "items", n, "error", err)
		}
	})
	settle := func(e *core.RecordEvent) error {
		desk.SettleRetention(e.Record, time.Now())
		return e.Next()
	}
	a.app.OnRecordCreate("projects").BindFunc(settle)
	a.app.OnRecordUpdate("projects").BindFunc(settle)
}

// lookups is how often somebody may ask about people: as often as a person does who works through a list.
var lookups = pace{20, 20}

// privacyRoutes are for those who manage a project, and for the operator in any.
func (a *Aside) privacyRoutes(r *router.RouterGroup[*core.RequestEvent]) {
	g := r.Group("/projects/{id}")
	g.Bind(apis.RequireAuth("users", core.CollectionNameSuperusers))
	g.GET("/retention", managed(a.retention))
	limits := newLimits()
	slowly := func(next func(*core.RequestEvent) error) func(*core.RequestEvent) error { // each reads a whole project
		return func(e *core.RequestEvent) error {
			if !limits.allow("person "+e.Auth.Id, lookups) {
				return reply(e, &desk.Refusal{Kind: desk.TooMany, Words: "That was a lot at once. Wait a minute."})
			}
			return next(e)
		}
	}
	g.POST("/person", slowly(managed(a.person)))
	g.POST("/person/export", slowly(managed(a.exportPerson)))
	g.POST("/person/erase", slowly(managed(a.erasePerson)))
	r.POST("/aside/person", slowly(a.personEverywhere)).Bind(apis.RequireSuperuserAuth())
	r.POST("/aside/person/erase", slowly(a.eraseEverywhere)).Bind(apis.RequireSuperuserAuth())
}

// managed passes those who manage the project that the address names, and the operator, with that project.
func managed(next func(e *core.RequestEvent, project *core.Record) error) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		if !e.HasSuperuserAuth() {
			if err := desk.MayManage(e.App, e.Request.PathValue("id"), e.Auth); err != nil {
				return reply(e, err)
			}
		}
		project, err := desk.Project(e.App, e.Request.PathValue("id"))
		if err != nil {
			return reply(e, err)
		}
		return next(e, project)
	}
}

// retention shows what the next nightly run deletes, for the setting as it is or for days.
func (a *Aside) retention(e *core.RequestEvent, project *core.Record) error {
	days := project.GetInt("retentionDays")
	if given := e.Request.URL.Query().Get("days"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil {
			return reply(e, desk.Invalidf("days", "A number of days, please."))
		}
		days = n
	}
	p, err := desk.PreviewRetention(e.App, project, days, time.Now())
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, p)
}
