package hooks

import (
	"context"
	"net/http"
	"time"

	"aside/internal/desk"
	"aside/internal/email"
	"aside/internal/intake"

	"github.com/pocketbase/pocketbase/core"
)

// erasureTick is how often an erasure that must wait is tried again.
const erasureTick = time.Minute

// newEraser knows what desk does not: how letters are read, and where letters lie that are no records.
func (a *Aside) newEraser() *desk.Eraser {
	return &desk.Eraser{App: a.app, Says: letterSays, Elsewhere: func(m *desk.Mention) error {
		return intake.ForgetPoison(a.app.DataDir(), func(raw []byte) bool { return letterSays(raw, m.InMarkup) })
	}}
}

// letterSays reads a letter that may be one the program stumbles over: then its bytes as they are must do.
func letterSays(raw []byte, found func(text string) bool) (says bool) {
	defer func() {
		if recover() != nil {
			says = found(string(raw))
		}
	}()
	return email.LetterSays(raw, found)
}

// erase carries erasures out, one after the other, until the server stops; those that a stop interrupted go on at the next start.
func (a *Aside) erase(ctx context.Context) {
	tick := time.NewTicker(erasureTick)
	defer tick.Stop()
	for {
		if err := a.eraser.Work(ctx); err != nil && ctx.Err() == nil {
			a.app.Logger().Error("an erasure could not go on; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-a.erasures:
		}
	}
}

// wakeEraser has the eraser look now.
func (a *Aside) wakeEraser() {
	select {
	case a.erasures <- struct{}{}:
	default:
	}
}

// Eraser is what carries erasures out, for tests.
func (a *Aside) Eraser() *desk.Eraser { return a.eraser }

// personForm says whom a request is about. It comes in a body, as addresses of requests are logged.
type personForm struct {
	Email   string   `json:"email" form:"email"`
	Names   []string `json:"names" form:"names"`
	Confirm string   `json:"confirm" form:"confirm"`
}

// aboutWhom reads it.
func aboutWhom(e *core.RequestEvent) (r desk.EraseRequest, err error) {
	var f personForm
	if err := e.BindBody(&f); err != nil {
		return r, badBody(e, err)
	}
	return desk.EraseRequest{Email: f.Email, Names: f.Names, Confirm: f.Confirm}, nil
}

// identity finds whom a request is about.
func identity(e *core.RequestEvent, project *core.Record) (*desk.Identity, error) {
	r, err := aboutWhom(e)
	if err != nil {
		return nil, err
	}
	return desk.FindIdentity(e.App, project, r.Email)
}

// person shows what a project has of somebody, in numbers.
func (a *Aside) person(e *core.RequestEvent, project *core.Record) error {
	who, err := identity(e, project)
	if err != nil {
		return reply(e, err)
	}
	view, err := desk.ViewIdentity(e.App, who)
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, view)
}

// erasePerson orders an erasure and answers with its row of the privacy log.
func (a *Aside) erasePerson(e *core.RequestEvent, project *core.Record) error {
	r, err := aboutWhom(e)
	if err != nil {
		return reply(e, err)
	}
	var job *core.Record
	err = e.App.RunInTransaction(func(tx core.App) (err error) {
		job, err = desk.RequestErasure(tx, agentOf(e), project, r)
		return err
	})
	if err != nil {
		return reply(e, err)
	}
	a.wakeEraser()
	return e.JSON(http.StatusOK, job)
}

// agentOf is who asks; nil for the operator, who is nobody of the team.
func agentOf(e *core.RequestEvent) *core.Record {
	if e.HasSuperuserAuth() {
		return nil
	}
	return e.Auth
}

// personEverywhere shows the operator what the whole instance has of somebody.
func (a *Aside) personEverywhere(e *core.RequestEvent) error {
	r, err := aboutWhom(e)
	if err != nil {
		return reply(e, err)
	}
	view, err := desk.FindEverywhere(e.App, r.Email)
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, view)
}

// eraseEverywhere orders erasures in every project, and of the account.
func (a *Aside) eraseEverywhere(e *core.RequestEvent) error {
	r, err := aboutWhom(e)
	if err != nil {
		return reply(e, err)
	}
	var jobs []*core.Record
	err = e.App.RunInTransaction(func(tx core.App) (err error) {
		jobs, err = desk.RequestErasureEverywhere(tx, r)
		return err
	})
	if err != nil {
		return reply(e, err)
	}
	a.wakeEraser()
	return e.JSON(http.StatusOK, map[string]any{"items": jobs})
}
