package hooks

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"aside/internal/desk"
	"aside/internal/doctor"
	"aside/internal/mailauth"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

// doctorRoutes is `aside doctor` as a page for those who manage a project. It asks others, so one examination runs at a time.
func (a *Aside) doctorRoutes(r *router.RouterGroup[*core.RequestEvent]) {
	busy := make(chan struct{}, 1)
	r.GET("/aside/doctor", func(e *core.RequestEvent) error {
		if !e.HasSuperuserAuth() {
			if err := desk.MayManage(e.App, e.Request.URL.Query().Get("project"), e.Auth); err != nil {
				return reply(e, err)
			}
		}
		select {
		case busy <- struct{}{}:
			defer func() { <-busy }()
		default:
			return reply(e, &desk.Refusal{Kind: desk.TooMany, Words: "An examination is under way. Try again in a moment."})
		}
		d := a.Doctor
		d.Resolver = mailauth.NewResolver(a.cfg.DNS)
		p := a.patient()
		return e.JSON(http.StatusOK, map[string]any{"domain": p.Domain, "checks": d.Examine(e.Request.Context(), p), "zone": zone(p)})
	}).Bind(apis.RequireAuth("users", core.CollectionNameSuperusers))
}

func zone(p doctor.Patient) []string {
	if p.Domain == "" {
		return []string{}
	}
	return doctor.Zone(p)
}

// patient is this server as the doctor sees it.
func (a *Aside) patient() doctor.Patient {
	p := doctor.Patient{Domain: a.cfg.MailDomain, BaseURL: a.baseURL}
	if a.signer != nil {
		p.Keys = a.signer.Records()
	}
	if a.smtpAddr != nil {
		p.Door = a.smtpAddr.String()
	}
	if relay := a.post.relay(); relay != nil {
		p.Relay = relay.Host
	}
	return p
}

// Relay is where letters are handed, nil for the recipients' own servers; also before the server serves.
func (a *Aside) Relay() *url.URL { return newCarrier(a.app, a.cfg, nil).relay() }

// keysLook is how often a running server looks for keys that `aside dkim` has changed.
const keysLook = 30 * time.Second

func (a *Aside) watchKeys(ctx context.Context) {
	if a.signer == nil {
		return
	}
	tick := time.NewTicker(keysLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := a.signer.Reload(); err != nil {
				a.app.Logger().Warn("the DKIM keys could not be read again; letters are signed with those known", "error", err)
			}
		}
	}
}
