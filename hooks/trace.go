package hooks

import (
	"net/http"

	"aside/internal/desk"
	"aside/internal/intake"

	"github.com/pocketbase/pocketbase/core"
)

// trace answers "why is it here?" to members of the project, and to the operator, who may take it away as a file.
func (a *Aside) trace(collection string) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		m, err := readable(e, collection, desk.MayRead)
		if err != nil {
			return reply(e, err)
		}
		if m.GetString("direction") == "out" {
			return reply(e, desk.ErrNotFound)
		}
		h := e.Response.Header()
		h.Set("Cache-Control", "private, no-store")
		if e.Request.URL.Query().Has("download") {
			h.Set("Content-Disposition", `attachment; filename="trace.json"`)
		}
		var t intake.Trace
		if err := m.UnmarshalJSONField("verdict", &t); err != nil || t.Decision == "" {
			t = written(m)
		}
		return e.JSON(http.StatusOK, t)
	}
}

// written is the trace of a message that did not come by mail: who may write on the page is all there was to find out.
func written(m *core.Record) intake.Trace {
	return intake.Trace{Matched: "the conversation’s page", Decision: m.GetString("trustReason"), Checks: []intake.CheckResult{{Name: "Link", Result: "valid", Detail: m.GetString("trustReason")}},
		Envelope: intake.Envelope{Received: m.GetString("created")}}
}
