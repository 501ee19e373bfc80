package hooks

import (
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"aside/internal/desk"
	"aside/internal/portal"
	"aside/templates"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/router"
	"golang.org/x/time/rate"
)

// portalRoutes adds the outsider's pages. Every answer of theirs, errors too, is a page with the same headers.
func (a *Aside) portalRoutes(e *core.ServeEvent) {
	limits := newLimits()
	g := e.Router.Group("/c/{token}")
	g.Bind(&hook.Handler[*core.RequestEvent]{Id: "asidePages", Func: asPages, Priority: -2000}) // outside of the body limit, whose error becomes a page too
	g.GET("", a.opened(limits, a.portalPage))
	g.POST("/replies", a.opened(limits, a.portalReply)).Bind(apis.BodyLimit(uploadLimit))
	g.POST("/wrong-person", a.opened(limits, a.portalWrongPerson)).Bind(apis.BodyLimit(1 << 20))
	g.GET("/files/{message}/{name}", a.opened(limits, a.portalFile))
	f := e.Router.Group("/f/{slug}")
	f.Bind(&hook.Handler[*core.RequestEvent]{Id: "asidePages", Func: asPages, Priority: -2000})
	f.GET("", a.formPage)
	f.POST("", a.formPost(limits)).Bind(apis.BodyLimit(1 << 20))
}

// pageHeaders keep a page with a secret in its address to its reader (P-01, P-04, P-06, P-16).
func pageHeaders(h http.Header) {
	h.Set("Content-Security-Policy", templates.PortalCSP)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "private, no-store")
	h.Set("Vary", "Cookie")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
}

// asPages turns errors into pages that tell nothing.
func asPages(e *core.RequestEvent) error {
	pageHeaders(e.Response.Header())
	err := e.Next()
	if err == nil {
		return nil
	}
	status := http.StatusInternalServerError
	var api *router.ApiError
	var refusal *desk.Refusal
	switch {
	case errors.Is(err, portal.ErrGone):
		status = http.StatusNotFound
	case errors.As(err, &refusal):
		status = statusOf[refusal.Kind]
	case errors.As(err, &api):
		status = api.Status
	default:
		e.App.Logger().Error("a page failed", "path", redactPath(e.Request.URL.Path), "error", err)
	}
	return e.HTML(status, string(templates.PortalError(status)))
}

// opened opens the token first: wrong ones are limited per address, and then look like every other wrong one (P-03).
func (a *Aside) opened(limits *limits, next func(*core.RequestEvent, *portal.Visit) error) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		v, err := a.portal.Open(e.Request.PathValue("token"))
		if err != nil {
			if !limits.allow("guess "+e.RealIP(), guesses) {
				return &desk.Refusal{Kind: desk.TooMany}
			}
			return err
		}
		if e.Request.Method == http.MethodPost {
			if !sameSite(e.Request) {
				return a.again(e, v, portal.Answer{}, &desk.Refusal{Kind: desk.Forbidden, Words: "This answer was sent from another site, so it was not taken. Please write it here."})
			}
			if !limits.allow("answer "+v.Token, answers) {
				return a.again(e, v, portal.Answer{}, &desk.Refusal{Kind: desk.TooMany, Words: "That is more answers than one page takes in a minute. Wait a little and send it again."})
			}
		}
		return next(e, v)
	}
}

func (a *Aside) portalPage(e *core.RequestEvent, v *portal.Visit) error {
	page, err := a.portal.Page(v, templates.ReplyForm{}, e.Request.URL.Query().Get("sent") != "")
	if err != nil {
		return err
	}
	return e.HTML(http.StatusOK, string(page))
}

// portalForm is the answer form.
type portalForm struct {
	Message string `json:"message" form:"message"`
	Name    string `json:"name" form:"name"`
	Email   string `json:"email" form:"email"`
	Nonce   string `json:"nonce" form:"nonce"`
}

func (a *Aside) portalReply(e *core.RequestEvent, v *portal.Visit) error {
	var f portalForm
	if err := e.BindBody(&f); err != nil {
		return badBody(e, err)
	}
	files, err := uploads(e)
	if err != nil {
		return badBody(e, err)
	}
	answer := portal.Answer{Nonce: f.Nonce, Message: f.Message, Name: f.Name, Email: f.Email}
	for _, file := range files {
		if file.Size > 0 { // a file field left empty sends an empty file
			answer.Files = append(answer.Files, file)
		}
	}
	if err := a.portal.Reply(v, answer); err != nil {
		return a.again(e, v, answer, err)
	}
	return e.Redirect(http.StatusSeeOther, "/c/"+v.Token+"?sent=1")
}

func (a *Aside) portalWrongPerson(e *core.RequestEvent, v *portal.Visit) error {
	var f portalForm
	if err := e.BindBody(&f); err != nil {
		return badBody(e, err)
	}
	if v.Shared() {
		return portal.ErrGone
	}
	if err := a.portal.WrongPerson(v, f.Nonce, f.Message); err != nil {
		return a.again(e, v, portal.Answer{Message: f.Message}, err)
	}
	return e.Redirect(http.StatusSeeOther, "/c/"+v.Token+"?sent=1")
}

// again shows the page with what was typed and what is wrong with it: nothing typed is lost (P-05, P-08).
func (a *Aside) again(e *core.RequestEvent, v *portal.Visit, answer portal.Answer, err error) error {
	var refusal *desk.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	if answer.Message == "" {
		answer.Message = e.Request.FormValue("message")
	}
	form := templates.ReplyForm{Message: answer.Message, Name: answer.Name, Email: answer.Email, Error: refusal.Words}
	switch refusal.Field {
	case "name":
		form.Faults.Name = refusal.Words
	case "email":
		form.Faults.Email = refusal.Words
	case "message":
		form.Faults.Message = refusal.Words
	case "attachments":
		form.Faults.Files = refusal.Words
	}
	fresh, openErr := a.portal.Open(v.Token) // it may have been closed meanwhile
	if openErr != nil {
		return openErr
	}
	page, pageErr := a.portal.Page(fresh, form, false)
	if pageErr != nil {
		return pageErr
	}
	return e.HTML(statusOf[refusal.Kind], string(page))
}

func (a *Aside) portalFile(e *core.RequestEvent, v *portal.Visit) error {
	record, file, err := a.portal.File(v, e.Request.PathValue("message"), e.Request.PathValue("name"))
	if err != nil {
		return err
	}
	fsys, err := e.App.NewFilesystem()
	if err != nil {
		return err
	}
	defer fsys.Close()
	r, err := fsys.GetReader(record.BaseFilesPath() + "/" + file.Stored)
	if err != nil {
		return portal.ErrGone
	}
	defer r.Close()
	h := e.Response.Header()
	fileHeaders(h, file.Name)
	return e.Stream(http.StatusOK, servedType(e.App, record.BaseFilesPath()+"/"+file.Stored), r)
}

// sameSite tells whether a form was sent from our own page. No cookie exists that another site could ride on; this keeps forms on
// other sites from filling a known page all the same. Browsers that send neither header are let through (P-05).
func sameSite(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin" || site == "none"
	}
	origin := r.Header.Get("Origin")
	if origin == "" || origin == "null" { // our own pages send "null", having no referrer
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

// pace is how often something may happen: per minute, and at once.
type pace struct{ perMinute, burst int }

var (
	guesses   = pace{20, 20} // wrong tokens from one address (P-03)
	answers   = pace{12, 6}  // answers on one page: more than a person types (P-12)
	feedbacks = pace{10, 10} // hosted forms from one address
)

// maxLimiters bounds the memory; forgetting all is milder than growing.
const maxLimiters = 20_000

// limits are token buckets by name.
type limits struct {
	mu sync.Mutex
	m  map[string]*rate.Limiter
}

func newLimits() *limits { return &limits{m: map[string]*rate.Limiter{}} }

func (l *limits) allow(name string, p pace) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.m) > maxLimiters {
		l.m = map[string]*rate.Limiter{}
	}
	limiter := l.m[name]
	if limiter == nil {
		limiter = rate.NewLimiter(rate.Every(time.Minute/time.Duration(p.perMinute)), p.burst)
		l.m[name] = limiter
	}
	return limiter.Allow()
}
