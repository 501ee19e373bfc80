package hooks

import (
	"net/http"
	"sync"
	"time"

	"aside/internal/desk"
	"aside/internal/email"
	"aside/internal/token"

	"github.com/pocketbase/pocketbase/core"
)

// How much exports may cost: each reads a whole project.
const (
	exportsAtOnce = 8                // on the whole server, and one of a project: whoever reads slowly keeps their own project waiting
	exportTime    = 30 * time.Minute // for a reader on a slow line; PocketBase gives any answer five minutes
)

// exports are those that are being written, by project.
type exports struct {
	mu      sync.Mutex
	running map[string]bool
}

func (x *exports) begin(project string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.running[project] || len(x.running) >= exportsAtOnce {
		return false
	}
	x.running[project] = true
	return true
}

func (x *exports) end(project string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.running, project)
}

// exportPerson streams everything that a project has of somebody. What goes wrong after the first byte breaks the connection off: a zip
// without its end is no zip.
func (a *Aside) exportPerson(e *core.RequestEvent, project *core.Record) error {
	who, err := identity(e, project)
	if err != nil {
		return reply(e, err)
	}
	if !a.exports.begin(project.Id) {
		return reply(e, &desk.Refusal{Kind: desk.TooMany, Words: "Another export is under way. Try again in a few minutes."})
	}
	defer a.exports.end(project.Id)
	if err := e.App.RunInTransaction(func(tx core.App) error { return desk.LogExport(tx, agentOf(e), who) }); err != nil {
		return reply(e, err)
	}
	_ = http.NewResponseController(e.Response).SetWriteDeadline(time.Now().Add(exportTime)) // where it cannot be set it is five minutes
	fileHeaders(e.Response.Header(), "export-"+project.GetString("slug")+".zip")
	e.Response.Header().Set("Content-Type", "application/zip")
	e.Response.WriteHeader(http.StatusOK)
	x := &desk.Exporter{App: e.App, Clean: withoutTokens, Mask: token.Mask}
	if err := x.Write(e.Request.Context(), e.Response, who); err != nil {
		e.App.Logger().Error("an export broke off", "project", project.Id, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// withoutTokens is a letter that opens nothing. One in which a token is left, however it got past, is not given away.
func withoutTokens(raw []byte) (clean []byte) {
	defer func() {
		if recover() != nil {
			clean = []byte("This letter could not be read, so it was left out.\r\n")
		}
	}()
	clean = email.Rewrite(raw, token.Mask)
	if email.LetterSays(clean, token.Within) {
		return []byte("This letter holds links or reply addresses in a form that could not be blanked, so it was left out.\r\n")
	}
	return clean
}
