package hooks

import (
	"errors"
	"net/http"

	"aside/internal/desk"
	"aside/internal/portal"
	"aside/templates"

	"github.com/pocketbase/pocketbase/core"
)

// formPage is the hosted feedback form of a project.
func (a *Aside) formPage(e *core.RequestEvent) error {
	project, err := desk.ProjectBySlug(e.App, e.Request.PathValue("slug"))
	if err != nil {
		return portal.ErrGone
	}
	return a.showForm(e, http.StatusOK, project, templates.FormPage{Thanks: e.Request.URL.Query().Get("sent") != ""})
}

func (a *Aside) showForm(e *core.RequestEvent, status int, project *core.Record, page templates.FormPage) error {
	slug := project.GetString("slug")
	page.Theme, page.Welcome = templates.NewTheme(project.GetString("name")).Colored(project.GetString("portalColor")), project.GetString("portalWelcome")
	page.Action, page.Nonce = "/f/"+slug, a.tokens.Nonce(formPurpose(slug))
	html, err := templates.Form(page)
	if err != nil {
		return err
	}
	return e.HTML(status, string(html))
}

func (a *Aside) formPost(limits *limits) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		project, err := desk.ProjectBySlug(e.App, e.Request.PathValue("slug"))
		if err != nil {
			return portal.ErrGone
		}
		if !limits.allow("form "+e.RealIP(), feedbacks) {
			return &desk.Refusal{Kind: desk.TooMany}
		}
		var f feedbackForm
		if err := e.BindBody(&f); err != nil {
			return badBody(e, err)
		}
		if !sameSite(e.Request) || !a.tokens.IsNonce(formPurpose(project.GetString("slug")), f.Nonce) {
			return a.formAgain(e, project, f, &desk.Refusal{Kind: desk.Forbidden, Words: "This form was not made by this page. Check your text and send it again from here."})
		}
		if _, err := f.open(e, project, "form "+f.Nonce); err != nil {
			return a.formAgain(e, project, f, err)
		}
		return e.Redirect(http.StatusSeeOther, "/f/"+project.GetString("slug")+"?sent=1")
	}
}

// formAgain shows the form with what was typed and what is wrong with it.
func (a *Aside) formAgain(e *core.RequestEvent, project *core.Record, f feedbackForm, err error) error {
	var refusal *desk.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	page := templates.FormPage{Message: f.Message, Category: f.Category, Name: f.Name, Email: f.Email, Error: refusal.Words}
	switch refusal.Field {
	case "message":
		page.Faults.Message = refusal.Words
	case "email":
		page.Faults.Email = refusal.Words
	}
	return a.showForm(e, statusOf[refusal.Kind], project, page)
}

func formPurpose(slug string) string { return "feedback form " + slug }
