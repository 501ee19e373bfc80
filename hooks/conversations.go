package hooks

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"aside/internal/desk"
	"aside/internal/outbox"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/router"
)

// bindConversations makes the records API of side conversations the same door as our own routes: follow-up is create, close and
// reopen are update, and both are one transaction with all that follows from them.
func (a *Aside) bindConversations() {
	a.app.OnRecordCreateRequest("side_messages").BindFunc(a.follow)
	a.app.OnRecordUpdateRequest("side_conversations").BindFunc(a.setStatus)
}

func (a *Aside) conversationRoutes(r *router.RouterGroup[*core.RequestEvent]) {
	g := r.Group("/side-conversations")
	g.Bind(apis.RequireAuth("users"))
	g.POST("", a.start).Bind(apis.BodyLimit(uploadLimit))
	g.POST("/preview", a.previewStart).Bind(apis.BodyLimit(uploadLimit))
	g.POST("/{id}/preview", a.previewFollow).Bind(apis.BodyLimit(uploadLimit))
	g.GET("/{id}/url", a.conversationURL)
	g.POST("/{id}/renew-url", a.renewURL)
	g.POST("/{id}/participants", a.addParticipants)
	g.DELETE("/{id}/participants/{pid}", a.removeParticipant)
	g.POST("/{id}/participants/{pid}/renew-link", a.renewLink)
	m := r.Group("/side-messages")
	m.Bind(apis.RequireAuth("users"))
	m.POST("/{id}/accept", a.accept)
	m.POST("/{id}/undo", a.undo)
}

// uploadLimit is a whole letter with its form around it.
const uploadLimit = desk.MaxLetterSize + 1<<20

// startForm is the compose form as JSON or multipart.
type startForm struct {
	Feedback         string   `json:"feedback" form:"feedback"`
	To               []string `json:"to" form:"to"`
	Subject          string   `json:"subject" form:"subject"`
	Message          string   `json:"message" form:"message"`
	IncludeContext   bool     `json:"includeContext" form:"includeContext"`
	HideSubmitter    bool     `json:"hideSubmitter" form:"hideSubmitter"`
	SharePortal      bool     `json:"sharePortal" form:"sharePortal"`
	ConfirmSubmitter bool     `json:"confirmSubmitter" form:"confirmSubmitter"`
	ConfirmBounced   bool     `json:"confirmBounced" form:"confirmBounced"`
}

func (f startForm) consent() desk.Consent {
	return desk.Consent{Submitter: f.ConfirmSubmitter, Bounced: f.ConfirmBounced}
}

// decodeStart reads the form. A preview forgives what is not typed yet.
func (a *Aside) decodeStart(e *core.RequestEvent, preview bool) (desk.Start, error) {
	var f startForm
	if err := e.BindBody(&f); err != nil {
		return desk.Start{}, badBody(e, err)
	}
	s := desk.Start{Feedback: f.Feedback, Subject: f.Subject, Message: f.Message, SharePortal: f.SharePortal, Consent: f.consent(), Idempotency: idempotencyKey(e)}
	var err error
	if s.To, err = a.recipients(f.To); err != nil && !preview {
		return s, err
	}
	if s.Files, err = uploads(e); err != nil {
		return s, err
	}
	if f.IncludeContext {
		item, err := desk.Feedback(e.App, f.Feedback)
		if err != nil {
			return s, err
		}
		s.Context = desk.ContextOf(item, f.HideSubmitter)
	}
	return s, nil
}

func (a *Aside) start(e *core.RequestEvent) error {
	s, err := a.decodeStart(e, false)
	if err != nil {
		return reply(e, err)
	}
	conversation, err := a.outbox.Start(e.Request.Context(), e.Auth, s)
	if err != nil {
		return reply(e, err)
	}
	return a.conversationJSON(e, conversation)
}

// conversationJSON answers with the record, expanded as its rules allow.
func (a *Aside) conversationJSON(e *core.RequestEvent, conversation *core.Record) error {
	fresh, err := e.App.FindRecordById("side_conversations", conversation.Id)
	if err != nil {
		return reply(e, err)
	}
	if err := apis.EnrichRecord(e, fresh, "participants_via_conversation", "side_messages_via_conversation"); err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, fresh)
}

func (a *Aside) previewStart(e *core.RequestEvent) error {
	s, err := a.decodeStart(e, true)
	if err != nil {
		return reply(e, err)
	}
	p, thread, err := a.outbox.PreviewStart(e.App, e.Auth, s)
	return a.previewJSON(e, p, thread, err)
}

// previewJSON answers with the letter and the portal page as they will look.
func (a *Aside) previewJSON(e *core.RequestEvent, p *outbox.Preview, thread *desk.Thread, err error) error {
	if err != nil {
		return reply(e, err)
	}
	page, err := a.portal.Preview(thread)
	if err != nil {
		return reply(e, err)
	}
	p.Portal = string(page)
	return e.JSON(http.StatusOK, p)
}

func (a *Aside) previewFollow(e *core.RequestEvent) error {
	var f struct {
		Message string `json:"message" form:"message"`
	}
	if err := e.BindBody(&f); err != nil {
		return reply(e, badBody(e, err))
	}
	p, thread, err := a.outbox.PreviewFollow(e.App, e.Auth, e.Request.PathValue("id"), f.Message)
	return a.previewJSON(e, p, thread, err)
}

// follow is the reply form: create in side_messages.
func (a *Aside) follow(e *core.RecordRequestEvent) error {
	if e.Auth == nil || e.Auth.Collection().Name != "users" {
		return e.ForbiddenError("Messages are written by members of the project.", nil)
	}
	files := e.Record.GetUnsavedFiles("attachments")
	consent, err := given(e.RequestEvent)
	if err != nil {
		return err
	}
	m, err := a.outbox.Follow(e.App, e.Auth, desk.Reply{Conversation: e.Record.GetString("conversation"), Body: e.Record.GetString("body"), Files: files,
		Consent: consent, Idempotency: idempotencyKey(e.RequestEvent)})
	return answer(e, m, err)
}

// given is what the agent has said in so many words, beside the record's own fields.
func given(e *core.RequestEvent) (c desk.Consent, err error) {
	info, err := e.RequestInfo()
	if err != nil {
		return c, err
	}
	said := func(field string) bool { yes, _ := strconv.ParseBool(fmt.Sprint(info.Body[field])); return yes } // not given: not said
	return desk.Consent{Bounced: said("confirmBounced"), Submitter: said("confirmSubmitter")}, nil
}

// idempotencyKey names a request, so that its repetition after a lost answer does nothing again.
func idempotencyKey(e *core.RequestEvent) string {
	return desk.Cut(e.Request.Header.Get("Idempotency-Key"), 200)
}

// setStatus is close and reopen: update of side_conversations. Everything else on it is the server's.
func (a *Aside) setStatus(e *core.RecordRequestEvent) error {
	if e.HasSuperuserAuth() {
		return setStatusAsOperator(e)
	}
	if e.Auth == nil || e.Auth.Collection().Name != "users" {
		return e.ForbiddenError("Conversations are closed and reopened by members of the project.", nil)
	}
	var c *core.Record
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		c, err = desk.SetStatus(tx, e.Auth, e.Record.Id, e.Record.GetString("status"))
		return err
	})
	return answer(e, c, err)
}

// answer ends a records request that desk has done in its own transaction: PocketBase is not asked to save again.
func answer(e *core.RecordRequestEvent, r *core.Record, err error) error {
	if err != nil {
		return reply(e.RequestEvent, err)
	}
	e.Record = r
	if err := apis.EnrichRecord(e.RequestEvent, r); err != nil {
		return reply(e.RequestEvent, err)
	}
	return e.JSON(http.StatusOK, r)
}

// conversationURL gives the URL to hand out; that it was taken is written down.
func (a *Aside) conversationURL(e *core.RequestEvent) error {
	var c *core.Record
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		c, err = desk.TakeShared(tx, e.Auth, e.Request.PathValue("id"))
		return err
	})
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, map[string]string{"url": a.outbox.SharedURL(c)})
}

// renewURL makes the copied URL of before a dead one, and gives the new.
func (a *Aside) renewURL(e *core.RequestEvent) error {
	var c *core.Record
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		c, err = desk.RenewShared(tx, e.Auth, e.Request.PathValue("id"))
		return err
	})
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, map[string]string{"url": a.outbox.SharedURL(c)})
}

func (a *Aside) accept(e *core.RequestEvent) error {
	var f struct {
		As               string `json:"as" form:"as"`
		ConfirmSubmitter bool   `json:"confirmSubmitter" form:"confirmSubmitter"`
	}
	if err := e.BindBody(&f); err != nil {
		return reply(e, badBody(e, err))
	}
	var m *core.Record
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		if m, err = desk.AcceptMessage(tx, e.Auth, e.Request.PathValue("id"), desk.Accept(f.As), f.ConfirmSubmitter); err != nil || f.As != string(desk.AsParticipant) {
			return err
		}
		_, err = a.recipients([]string{m.GetString("fromEmail")}) // a stranger's own address is to be one that can be written to (H-02, W-03)
		return err
	})
	desk.OverLimit(e.App, e.Request.PathValue("id"), err)
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, m)
}

// undo takes back what has not left yet, and answers with the words for the composer.
func (a *Aside) undo(e *core.RequestEvent) error {
	var u *desk.Undone
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		u, err = desk.Undo(tx, e.Auth, e.Request.PathValue("id"))
		return err
	})
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, u)
}

// uploads are a request's files; a request without any is fine.
func uploads(e *core.RequestEvent) ([]*filesystem.File, error) {
	if !strings.HasPrefix(e.Request.Header.Get("Content-Type"), "multipart/form-data") {
		return nil, nil
	}
	files, err := e.FindUploadedFiles("attachments")
	if errors.Is(err, http.ErrMissingFile) {
		return nil, nil
	}
	return files, err
}

// badBody is a body that cannot be read: too large says so, anything else is a 400.
func badBody(e *core.RequestEvent, err error) error {
	var tooLarge *http.MaxBytesError
	var api *router.ApiError
	if errors.As(err, &tooLarge) || errors.As(err, &api) && api.Status == http.StatusRequestEntityTooLarge {
		return &desk.Refusal{Kind: desk.TooLarge, Field: "attachments", Words: "The files are too large: all files of one message together may have 25 MB."}
	}
	return e.BadRequestError("The request could not be read.", err)
}
