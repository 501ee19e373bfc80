package hooks

import (
	"crypto/rand"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

// setupGuesses is how often one address may try a setup code: more than a person mistypes.
var setupGuesses = pace{10, 10}

// setupRoutes opens the page's door for the first person, on a server that nobody has an account on yet.
func (a *Aside) setupRoutes(e *core.ServeEvent) {
	limits := newLimits()
	e.Router.GET("/api/aside/status", a.status)
	e.Router.POST("/api/aside/setup", func(e *core.RequestEvent) error {
		if !limits.allow(e.RealIP(), setupGuesses) {
			return reply(e, &desk.Refusal{Kind: desk.TooMany, Words: "Too many tries. Wait a minute."})
		}
		return a.setUp(e)
	}).Bind(apis.BodyLimit(1 << 16))
	if untouched, err := desk.Untouched(e.App); err == nil && untouched {
		a.setupCode = rand.Text()
	}
}

func (a *Aside) setUp(e *core.RequestEvent) error {
	var f struct {
		Name     string `json:"name" form:"name"`
		Email    string `json:"email" form:"email"`
		Password string `json:"password" form:"password"`
		Project  string `json:"project" form:"project"`
		Code     string `json:"code" form:"code"`
	}
	if err := e.BindBody(&f); err != nil {
		return reply(e, badBody(e, err))
	}
	if !sameSite(e.Request) {
		return reply(e, &desk.Refusal{Kind: desk.Forbidden, Words: "Open the page of this server itself to set it up."})
	}
	code := strings.ToUpper(strings.TrimSpace(f.Code))
	if !atThisMachine(e) && (a.setupCode == "" || subtle.ConstantTimeCompare([]byte(code), []byte(a.setupCode)) != 1) {
		return reply(e, &desk.Refusal{Kind: desk.Forbidden, Field: "code", Words: "This is not the setup code. It is printed where Aside was started."})
	}
	var user, project *core.Record
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		user, project, err = desk.SetUp(tx, desk.Setup{Name: f.Name, Email: f.Email, Password: f.Password, Project: f.Project})
		return err
	})
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, map[string]string{"user": user.Id, "project": project.Id})
}

// atThisMachine tells whether somebody sits at the machine itself: a loopback peer that asked for a loopback name and came through no
// proxy. Anybody else needs the code from the terminal, or a stranger could take a fresh server. The name keeps a page elsewhere from
// reaching in by a DNS answer of its own.
func atThisMachine(e *core.RequestEvent) bool {
	for _, h := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via"} {
		if e.Request.Header.Get(h) != "" {
			return false
		}
	}
	return isLoopback(e.Request.RemoteAddr) && isLoopback(e.Request.Host)
}

func isLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// SetupCode is what the first person from elsewhere must know; empty when the server is set up. It is printed at the start, and for tests.
func (a *Aside) SetupCode() string { return a.setupCode }

// status says what works, to anybody: it is what the sign-in page needs, and nothing secret. setup: nobody has an account. setupOpen: the
// page can make the first one, else the operator does, in the dashboard. setupCode: from where the asker is, that takes the code.
func (a *Aside) status(e *core.RequestEvent) error {
	problems := a.problems
	if problems == nil {
		problems = []string{}
	}
	people, err := e.App.CountRecords("users")
	if err != nil {
		return reply(e, err)
	}
	s := map[string]any{"name": "Aside", "mailDomain": a.cfg.MailDomain, "publicURL": a.baseURL, "problems": problems, "setup": people == 0}
	if people == 0 {
		untouched, err := desk.Untouched(e.App)
		if err != nil {
			return reply(e, err)
		}
		s["setupOpen"], s["setupCode"] = untouched, !atThisMachine(e)
	}
	return e.JSON(http.StatusOK, s)
}
