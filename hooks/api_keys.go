package hooks

import (
	"net/http"
	"strings"

	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/router"
)

// byKey recognises "Authorization: Bearer ask_…" before PocketBase looks for a token of its own. From here on the request is that of
// the key's user; a key nobody knows is nobody.
func byKey() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{Id: "asideKey", Priority: apis.DefaultLoadAuthTokenMiddlewarePriority - 1, Func: func(e *core.RequestEvent) error {
		key := e.Request.Header.Get("Authorization")
		if scheme, rest, ok := strings.Cut(key, " "); ok && strings.EqualFold(scheme, "Bearer") {
			key = rest
		}
		if e.Auth == nil && strings.HasPrefix(key, desk.KeyPrefix) {
			user, err := desk.ByKey(e.App, key)
			if err != nil {
				return reply(e, err)
			}
			e.Auth = user
		}
		return e.Next()
	}}
}

// bindKeys ends what a key's user could do when the key goes.
func (a *Aside) bindKeys() {
	a.app.OnRecordDelete("api_keys").BindFunc(func(e *core.RecordEvent) error {
		outer := e.App
		defer func() { e.App = outer }()
		return e.App.RunInTransaction(func(tx core.App) error {
			e.App = tx
			if err := e.Next(); err != nil {
				return err
			}
			return desk.Retire(tx, e.Record)
		})
	})
}

func (a *Aside) keyRoutes(r *router.RouterGroup[*core.RequestEvent]) {
	r.POST("/projects/{id}/api-keys", a.newKey).Bind(apis.RequireAuth("users"))
	r.DELETE("/api-keys/{id}", a.revokeKey).Bind(apis.RequireAuth("users"))
}

func (a *Aside) newKey(e *core.RequestEvent) error {
	var f struct {
		Name string `json:"name" form:"name"`
		Role string `json:"role" form:"role"`
	}
	if err := e.BindBody(&f); err != nil {
		return reply(e, badBody(e, err))
	}
	var record *core.Record
	var key string
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		record, key, err = desk.NewKey(tx, e.Auth, e.Request.PathValue("id"), f.Name, desk.Role(f.Role))
		return err
	})
	if err != nil {
		return reply(e, err)
	}
	shown := record.PublicExport()
	shown["key"] = key // this once
	e.Response.Header().Set("Cache-Control", "private, no-store")
	return e.JSON(http.StatusOK, shown)
}

func (a *Aside) revokeKey(e *core.RequestEvent) error {
	err := e.App.RunInTransaction(func(tx core.App) error { return desk.RevokeKey(tx, e.Auth, e.Request.PathValue("id")) })
	if err != nil {
		return reply(e, err)
	}
	return e.NoContent(http.StatusNoContent)
}
