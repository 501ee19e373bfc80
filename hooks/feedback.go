package hooks

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"

	"aside/internal/desk"
	"aside/internal/email"

	"github.com/pocketbase/pocketbase/core"
)

// bindFeedback makes items, notes and the customer thread go through desk, whichever door they come by.
func (a *Aside) bindFeedback() {
	a.app.OnRecordCreateRequest("feedback").BindFunc(createFeedback)
	a.app.OnRecordUpdateRequest("feedback").BindFunc(updateFeedback)
	a.app.OnRecordCreateRequest("notes").BindFunc(createNote)
	a.app.OnRecordCreateRequest("customer_messages").BindFunc(func(e *core.RecordRequestEvent) error {
		if e.Auth == nil || e.HasSuperuserAuth() {
			return e.ForbiddenError("Messages are written by members of the project.", nil)
		}
		consent, err := given(e.RequestEvent)
		if err != nil {
			return err
		}
		m, err := a.outbox.AnswerCustomer(e.App, e.Auth, desk.CustomerAnswer{Feedback: e.Record.GetString("feedback"), Body: e.Record.GetString("body"),
			Files: e.Record.GetUnsavedFiles("attachments"), Consent: consent, Idempotency: idempotencyKey(e.RequestEvent)})
		return answer(e, m, err)
	})
}

// createFeedback is an agent, or the operator, writing an item down by hand.
func createFeedback(e *core.RecordRequestEvent) error {
	project, err := desk.Project(e.App, e.Record.GetString("project"))
	if err == nil && !e.HasSuperuserAuth() {
		err = desk.MayWrite(e.App, project.Id, e.Auth)
	}
	if err != nil {
		return reply(e.RequestEvent, err)
	}
	d := desk.FeedbackDraft{Message: e.Record.GetString("message"), Category: e.Record.GetString("category"), SubmitterName: e.Record.GetString("submitterName"),
		SubmitterEmail: e.Record.GetString("submitterEmail"), Context: e.Record.GetRaw("context"), Files: e.Record.GetUnsavedFiles("attachments")}
	if !e.HasSuperuserAuth() {
		d.By = e.Auth
	}
	if d.SubmitterEmail != "" {
		if d.SubmitterEmail, err = email.CheckAddress(d.SubmitterEmail); err != nil {
			return reply(e.RequestEvent, desk.Invalidf("submitterEmail", err.Error()))
		}
	}
	var item *core.Record
	err = e.App.RunInTransaction(func(tx core.App) (err error) {
		if item, err = desk.OpenFeedback(tx, project, d); err != nil {
			return err
		}
		return keepGiven(tx, e.Record, item)
	})
	return answer(e, item, err)
}

// keepGiven takes over status, assignee and followers when they were given at once.
func keepGiven(tx core.App, given, item *core.Record) error {
	changed := false
	for _, field := range []string{"status", "assignee", "followers"} {
		if v := given.GetStringSlice(field); len(v) > 0 && v[0] != "" {
			item.Set(field, given.Get(field))
			changed = true
		}
	}
	if !changed {
		return nil
	}
	if err := desk.CheckPeople(tx, item); err != nil {
		return err
	}
	return tx.Save(item)
}

func updateFeedback(e *core.RecordRequestEvent) error {
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	asked := map[string]any{}
	if err := e.BindBody(&asked); err != nil { // again: what PocketBase keeps of it has "followers+" worked out already, on an older item
		return reply(e.RequestEvent, badBody(e.RequestEvent, err))
	}
	var item *core.Record
	err := e.App.RunInTransaction(func(tx core.App) (err error) { // not e.Record: it was read before, and somebody may have saved since
		item, err = desk.ChangeFeedback(tx, e.Auth, e.Record.Id, asked)
		return err
	})
	return answer(e, item, err)
}

func createNote(e *core.RecordRequestEvent) error {
	if e.Auth == nil || e.HasSuperuserAuth() {
		return e.ForbiddenError("Notes are written by members of the project.", nil)
	}
	var n *core.Record
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		n, err = desk.AddNote(tx, e.Auth, e.Record.GetString("feedback"), e.Record.GetString("body"), idempotencyKey(e.RequestEvent), e.Record.GetUnsavedFiles("attachments"))
		return err
	})
	return answer(e, n, err)
}

// feedbackForm is new feedback from a form or another system.
type feedbackForm struct {
	Message        string `json:"message" form:"message"`
	Category       string `json:"category" form:"category"`
	Name           string `json:"name" form:"name"`
	Email          string `json:"email" form:"email"`
	SubmitterName  string `json:"submitterName" form:"submitterName"` // the collection's names for the same
	SubmitterEmail string `json:"submitterEmail" form:"submitterEmail"`
	Nonce          string `json:"-" form:"nonce"`
	Context        any    `json:"context" form:"-"`
}

// under ties a key to what is sent under it: who goes back in a form and writes another text sends another, and whoever guesses the
// key of another system cannot have its feedback taken for a repetition.
func under(key string, d desk.FeedbackDraft) string {
	if key == "" {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q %v", d.Message, d.Category, d.SubmitterName, d.SubmitterEmail, d.Context)
	for _, f := range d.Files {
		fmt.Fprintf(h, " %q %d", f.OriginalName, f.Size)
	}
	return key + " " + hex.EncodeToString(h.Sum(nil)[:8])
}

// open stores a form's feedback; the same under the same key shows once.
func (f feedbackForm) open(e *core.RequestEvent, project *core.Record, key string) (item *core.Record, err error) {
	f.Name, f.Email = cmp.Or(f.Name, f.SubmitterName), cmp.Or(f.Email, f.SubmitterEmail)
	d := desk.FeedbackDraft{Message: f.Message, Category: f.Category, SubmitterName: f.Name, Context: f.Context}
	if f.Email != "" {
		if d.SubmitterEmail, err = email.CheckAddress(f.Email); err != nil {
			return nil, desk.Invalidf("email", err.Error())
		}
	}
	if !desk.IsCategory(f.Category) {
		return nil, desk.Invalidf("category", "Choose one of bug, feature_request, question and other.")
	}
	if err := desk.CheckBody("message", f.Message); err != nil {
		return nil, err
	}
	if d.Files, err = uploads(e); err != nil {
		return nil, err
	}
	d.Dedupe = under(key, d)
	err = e.App.RunInTransaction(func(tx core.App) (err error) {
		item, err = desk.OpenFeedback(tx, project, d)
		return err
	})
	return item, err
}

// postFeedback is POST /api/feedback/{project-slug}. It answers with the number alone: who sends feedback may not read items.
func (a *Aside) postFeedback(e *core.RequestEvent) error {
	project, err := desk.ProjectBySlug(e.App, e.Request.PathValue("slug"))
	if err != nil {
		return reply(e, err)
	}
	var f feedbackForm
	if err := e.BindBody(&f); err != nil {
		return reply(e, badBody(e, err))
	}
	key := ""
	if k := e.Request.Header.Get("Idempotency-Key"); k != "" {
		key = "api " + desk.Cut(k, 200)
	}
	item, err := f.open(e, project, key)
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"id": item.Id, "number": item.GetInt("number"), "status": item.GetString("status")})
}
