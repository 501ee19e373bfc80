package hooks

import (
	"io/fs"
	"net/http"
	"strconv"

	"aside/internal/desk"
	"aside/internal/safehtml"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

// Public is the agents' inbox: static files, whose index.html is also the page of every address under /app/.
type Public struct{ FS fs.FS }

// routes adds everything that is not PocketBase's own.
func (a *Aside) routes(e *core.ServeEvent) {
	e.Router.Bind(redact())
	e.Router.Bind(byKey())
	api := e.Router.Group("/api")
	a.conversationRoutes(api)
	a.heldRoutes(api)
	a.notificationRoutes(api)
	a.inboxRoutes(api)
	api.POST("/feedback/{slug}", a.postFeedback).Bind(apis.BodyLimit(uploadLimit))
	a.setupRoutes(e)
	a.invitationRoutes(api)
	a.keyRoutes(api)
	a.privacyRoutes(api)
	api.GET("/openapi.json", a.openAPI)
	a.doctorRoutes(api)
	e.Router.GET("/healthz", a.health)
	a.metricsRoute(e)
	a.portalRoutes(e)
	a.staticRoutes(e)
}

func (a *Aside) inboxRoutes(r *router.RouterGroup[*core.RequestEvent]) {
	r.GET("/inbox", a.inbox).Bind(apis.RequireAuth("users"))
	r.GET("/items/{id}", a.item).Bind(apis.RequireAuth("users"))
	r.GET("/search-people", a.searchPeople).Bind(apis.RequireAuth("users"))
	r.GET("/side-messages/{id}/body", a.messageBody)
	r.GET("/side-messages/{id}/raw", a.rawLetter("side_messages"))
	r.GET("/customer-messages/{id}/body", a.messageBody)
	r.GET("/customer-messages/{id}/raw", a.rawLetter("customer_messages"))
	r.GET("/held-mail/{id}/raw", a.rawLetter("held_mail"))
}

func (a *Aside) inbox(e *core.RequestEvent) error {
	q := e.Request.URL.Query()
	limit, _ := strconv.Atoi(q.Get("limit")) // no number: the default
	page, err := desk.Inbox(e.App, desk.InboxQuery{User: e.Auth.Id, Project: q.Get("project"), View: q.Get("view"), Search: q.Get("q"), After: q.Get("cursor"), Limit: limit})
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, page)
}

func (a *Aside) item(e *core.RequestEvent) error {
	v, err := desk.Item(e.App, e.Auth, e.Request.PathValue("id"))
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, v)
}

func (a *Aside) searchPeople(e *core.RequestEvent) error {
	q := e.Request.URL.Query()
	if err := desk.MayRead(e.App, q.Get("project"), e.Auth); err != nil {
		return reply(e, err)
	}
	people, err := desk.SearchPeople(e.App, q.Get("project"), q.Get("q"))
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"items": people})
}

// byFileToken is who a short-lived file token in the URL stands for: an iframe and a download cannot send a header.
func byFileToken(e *core.RequestEvent) *core.Record {
	user, err := e.App.FindAuthRecordByToken(e.Request.URL.Query().Get("token"), core.TokenTypeFile)
	if err != nil || user.Collection().Name != "users" {
		return nil
	}
	return user
}

// readable finds a record with a letter for the bearer of the file token, when they are allowed as may says. The operator may read all:
// what came to postmaster@ is theirs alone.
func readable(e *core.RequestEvent, collection string, may func(core.App, string, *core.Record) error) (*core.Record, error) {
	r, err := e.App.FindRecordById(collection, e.Request.PathValue("id"))
	if err != nil {
		return nil, desk.ErrNotFound
	}
	if e.HasSuperuserAuth() {
		return r, nil
	}
	user := e.Auth
	if user == nil {
		user = byFileToken(e)
	}
	return r, may(e.App, r.GetString("project"), user)
}

// messageBody is a message's HTML as a page of its own, for a sandboxed frame.
func (a *Aside) messageBody(e *core.RequestEvent) error {
	collection := "side_messages"
	if isCustomer(e) {
		collection = "customer_messages"
	}
	m, err := readable(e, collection, desk.MayRead)
	if err != nil {
		return reply(e, err)
	}
	body := safehtml.HTML(m.GetString("html"))
	switch {
	case e.Request.URL.Query().Get("part") == "quoted":
		body = safehtml.Text(m.GetString("quoted"))
	case m.GetString("direction") == "out":
		body = safehtml.Markdown(m.GetString("body"))
	case body == "":
		body = safehtml.Text(m.GetString("body"))
	}
	body = safehtml.Pictures(body, picturesOf(e, m))
	h := e.Response.Header()
	h.Set("Content-Security-Policy", messageCSP(body))
	h.Set("Cache-Control", "private, no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	return e.HTML(http.StatusOK, messagePage(body))
}

// rawLetter is the original, as a download that no browser opens by itself. It is for those who write: unlike all else that is shown, it
// may hold the links and reply addresses of participants, and who has those can answer as them (SC-14, Z-11).
func (a *Aside) rawLetter(collection string) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		m, err := readable(e, collection, desk.MayWrite)
		if err != nil {
			return reply(e, err)
		}
		if m.GetString("direction") == "out" {
			return reply(e, desk.ErrNotFound)
		}
		raw, err := desk.Letter(e.App, m.Id)
		if err != nil {
			return reply(e, err)
		}
		fileHeaders(e.Response.Header(), "letter.eml")
		return e.Blob(http.StatusOK, "message/rfc822", raw)
	}
}

// health is 200 when the database answers and the door, where there is one, is up.
func (a *Aside) health(e *core.RequestEvent) error {
	var one int
	if err := e.App.DB().NewQuery("SELECT 1").Row(&one); err != nil {
		return e.JSON(http.StatusServiceUnavailable, map[string]any{"database": false})
	}
	if a.smtpAddr != nil && !a.doorUp.Load() {
		return e.JSON(http.StatusServiceUnavailable, map[string]any{"database": true, "smtp": "down"})
	}
	door := "off"
	if a.smtpAddr != nil {
		door = "up"
	}
	return e.JSON(http.StatusOK, map[string]any{"database": true, "smtp": door})
}
