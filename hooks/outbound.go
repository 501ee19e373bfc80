package hooks

import (
	"net"
	"net/url"
	"strconv"
	"sync"

	"aside/internal/config"
	"aside/internal/courier"
	"aside/internal/mailauth"
	"aside/internal/outbox"

	"github.com/pocketbase/pocketbase/core"
)

// bindOutbound sends PocketBase's own mails (password reset, one-time codes) through the durable queue.
func (a *Aside) bindOutbound() {
	a.app.OnMailerSend().BindFunc(func(e *core.MailerEvent) error {
		if a.outbox == nil { // not serving: a command that mails on its own
			return e.Next()
		}
		return a.outbox.System(e.Message) // and not e.Next(): the worker sends it
	})
	a.app.OnSettingsReload().BindFunc(func(e *core.SettingsReloadEvent) error {
		if err := e.Next(); err != nil || a.post == nil {
			return err
		}
		a.post.learn(e.App.Settings().SMTP)
		return nil
	})
}

// carrier keeps one courier for as long as the road stays the same: the relay of the flag, else PocketBase's mail settings when the
// operator enabled them, else straight to MX.
type carrier struct {
	app      core.App
	cfg      *config.Config
	resolver mailauth.Resolver

	mu       sync.Mutex
	settings core.SMTPConfig // a copy: PocketBase changes its own in place
	road     string
	c        *courier.Courier
}

func newCarrier(app core.App, cfg *config.Config, resolver mailauth.Resolver) *carrier {
	return &carrier{app: app, cfg: cfg, resolver: resolver, settings: app.Settings().SMTP}
}

// learn takes over mail settings that the operator changed.
func (k *carrier) learn(settings core.SMTPConfig) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.settings = settings
}

func (k *carrier) current() outbox.Carrier {
	k.mu.Lock()
	defer k.mu.Unlock()
	relay := k.relay()
	if road := relayString(relay); k.c == nil || road != k.road {
		if k.c != nil {
			_ = k.c.Close() // its idle connections; letters under way keep theirs
		}
		k.road = road
		k.c = &courier.Courier{Relay: relay, Resolver: k.resolver, Hello: k.cfg.MailDomain, MXAllow: k.cfg.MXAllow, Log: k.app.Logger()}
	}
	return k.c
}

func (k *carrier) relay() *url.URL {
	if k.cfg.Relay != nil {
		return k.cfg.Relay
	}
	s := k.settings
	if !s.Enabled {
		return nil
	}
	u := &url.URL{Scheme: "smtp", Host: net.JoinHostPort(s.Host, strconv.Itoa(s.Port))}
	if s.TLS {
		u.Scheme = "smtps"
	}
	if s.Username != "" {
		u.User = url.UserPassword(s.Username, s.Password)
	}
	return u
}

func relayString(u *url.URL) string {
	if u == nil {
		return ""
	}
	return u.String()
}
