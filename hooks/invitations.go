package hooks

import (
	"net/http"

	"aside/internal/desk"
	"aside/internal/email"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

// invites is how many letters one person may have sent to people who are not here yet.
var invites = pace{6, 30}

// invitationRoutes are asked by managers, and, with the secret of their letter in the body (never in an address, where logs would have
// it), by those invited.
func (a *Aside) invitationRoutes(r *router.RouterGroup[*core.RequestEvent]) {
	limits := newLimits()
	slowly := func(next func(*core.RequestEvent) error) func(*core.RequestEvent) error {
		return func(e *core.RequestEvent) error {
			if !limits.allow("invite "+e.Auth.Id, invites) {
				return reply(e, &desk.Refusal{Kind: desk.TooMany, Words: "That was a lot at once. Wait a minute."})
			}
			return next(e)
		}
	}
	wrong := func(next func(*core.RequestEvent) error) func(*core.RequestEvent) error { // only wrong secrets are counted
		return func(e *core.RequestEvent) error {
			err := next(e)
			if desk.IsKind(err, desk.NotFound) && !limits.allow("guess "+e.RealIP(), guesses) {
				err = &desk.Refusal{Kind: desk.TooMany, Words: "Too many tries. Wait a minute."}
			}
			return reply(e, err)
		}
	}
	r.POST("/projects/{id}/invitations", slowly(a.invite)).Bind(apis.RequireAuth("users"))
	r.POST("/invitations/{id}/resend", slowly(a.reinvite)).Bind(apis.RequireAuth("users"))
	r.DELETE("/invitations/{id}", a.withdraw).Bind(apis.RequireAuth("users"))
	r.POST("/invitations/open", wrong(a.openInvitation))
	r.POST("/invitations/accept", wrong(a.acceptInvitation)).Bind(apis.BodyLimit(1 << 16))
}

func (a *Aside) invite(e *core.RequestEvent) error {
	var f struct {
		Email string `json:"email" form:"email"`
		Role  string `json:"role" form:"role"`
	}
	if err := e.BindBody(&f); err != nil {
		return reply(e, badBody(e, err))
	}
	project := e.Request.PathValue("id")
	if err := desk.MayManage(e.App, project, e.Auth); err != nil {
		return reply(e, err)
	}
	address, err := email.CheckAddress(f.Email)
	if err != nil {
		return reply(e, desk.Invalidf("email", err.Error()))
	}
	if own := desk.NoPerson(address, a.cfg.MailDomain); own != "" {
		return reply(e, desk.Invalidf("email", own))
	}
	inv, err := a.outbox.Invite(e.Auth, project, address, desk.Role(f.Role))
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, inv)
}

func (a *Aside) reinvite(e *core.RequestEvent) error {
	inv, err := a.outbox.Reinvite(e.Auth, e.Request.PathValue("id"))
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, inv)
}

func (a *Aside) withdraw(e *core.RequestEvent) error {
	err := e.App.RunInTransaction(func(tx core.App) error { return desk.Withdraw(tx, e.Auth, e.Request.PathValue("id")) })
	if err != nil {
		return reply(e, err)
	}
	return e.NoContent(http.StatusNoContent)
}

// openInvitation says what a link is for: to its holder alone, who got it by mail.
func (a *Aside) openInvitation(e *core.RequestEvent) error {
	var f struct {
		Token string `json:"token" form:"token"`
	}
	if err := e.BindBody(&f); err != nil {
		return badBody(e, err)
	}
	inv, project, err := desk.OpenInvitation(e.App, f.Token)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"project": project.GetString("name"), "email": inv.GetString("email"), "role": inv.GetString("role"), "account": desk.HasAccount(e.App, inv)})
}

func (a *Aside) acceptInvitation(e *core.RequestEvent) error {
	var f struct {
		Token    string `json:"token" form:"token"`
		Name     string `json:"name" form:"name"`
		Password string `json:"password" form:"password"`
	}
	if err := e.BindBody(&f); err != nil {
		return badBody(e, err)
	}
	by := e.Auth
	if by != nil && by.Collection().Name != "users" {
		by = nil // an operator in the dashboard is nobody here
	}
	var user *core.Record
	var project string
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		user, project, err = desk.AcceptInvitation(tx, f.Token, by, f.Name, f.Password)
		return err
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]string{"project": project, "email": user.Email()})
}
