package hooks

import (
	"net/http"

	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

// bindNotify wakes the worker when somebody is told of something: it queues the mail of notifications that have none yet.
func (a *Aside) bindNotify() {
	a.app.OnRecordAfterCreateSuccess("notifications").BindFunc(func(e *core.RecordEvent) error {
		if a.outbox != nil && !e.Record.GetBool("mailed") { // muted mail is marked as mailed from the start
			a.outbox.Wake()
		}
		return e.Next()
	})
	a.app.OnRecordUpdateRequest("notifications").BindFunc(func(e *core.RecordRequestEvent) error {
		if !e.HasSuperuserAuth() { // their owner may mark them, and nothing else
			read := e.Record.GetBool("read")
			e.Record.Load(e.Record.Original().FieldsData())
			e.Record.Set("read", read)
		}
		return e.Next()
	})
}

func (a *Aside) notificationRoutes(r *router.RouterGroup[*core.RequestEvent]) {
	g := r.Group("/notifications")
	g.Bind(apis.RequireAuth("users"))
	g.GET("", a.listNotifications)
	g.POST("/read", a.readNotifications)
}

func (a *Aside) listNotifications(e *core.RequestEvent) error {
	items, err := desk.Notifications(e.App, e.Auth.Id, e.Request.URL.Query().Get("unread") != "")
	if err != nil {
		return reply(e, err)
	}
	unread, err := desk.UnreadCount(e.App, e.Auth.Id)
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"items": items, "unread": unread})
}

func (a *Aside) readNotifications(e *core.RequestEvent) error {
	var f struct {
		IDs      []string `json:"ids" form:"ids"`
		Feedback string   `json:"feedback" form:"feedback"`
		All      bool     `json:"all" form:"all"`
	}
	if err := e.BindBody(&f); err != nil {
		return reply(e, badBody(e, err))
	}
	if err := desk.MarkRead(e.App, e.Auth.Id, f.IDs, f.Feedback, f.All); err != nil {
		return reply(e, err)
	}
	a.live.publish(change{topic: userTopic + e.Auth.Id, Collection: "notifications", Action: "update"})
	return e.NoContent(http.StatusNoContent)
}
