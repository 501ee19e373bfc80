// Package hooks is the only room that binds PocketBase's events, routes and crons. A handler decodes, makes one call inward and
// encodes; a rule found here belongs in desk.
//
// Bind is the table of contents. What is started at serve (SMTP door, queue worker, letter writer, live hub) is stopped at
// terminate, before the database closes: first the doors, then what waits behind them.
package hooks

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"aside/internal/config"
	"aside/internal/desk"
	"aside/internal/doctor"
	"aside/internal/intake"
	"aside/internal/mailauth"
	"aside/internal/outbox"
	"aside/internal/portal"
	"aside/internal/smtpd"
	"aside/internal/token"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// Aside is what the handlers share. It is whole once the server serves.
type Aside struct {
	app    core.App
	cfg    *config.Config
	public Public

	tokens *token.Key
	signer *mailauth.Signer
	outbox *outbox.Outbox
	intake *intake.Intake
	portal *portal.Portal
	door   *smtpd.Server
	post   *carrier
	live   *hub
	eraser *desk.Eraser

	erasures chan struct{} // somebody has ordered one
	exports  exports

	metrics     *metrics
	checkpoints *checkpoints

	smtpAddr net.Addr // where the door listens; nil when it is shut
	doorUp   atomic.Bool
	baseURL  string

	setupCode string // what the first person from elsewhere must know
	problems  []string

	// Doctor is how the doctor's page looks around, but for its resolver, which is ours; zero: at the Internet.
	Doctor doctor.Doctor

	// Out is where the start says what is reached where, and what does not work yet; nil says nothing.
	Out io.Writer

	stop    context.CancelFunc
	running sync.WaitGroup
}

// Bind adds Aside to a PocketBase app. cfg is read when the server starts.
func Bind(app core.App, cfg *config.Config, public Public) *Aside {
	a := &Aside{app: app, cfg: cfg, public: public, live: newHub(app), erasures: make(chan struct{}, 1), exports: exports{running: map[string]bool{}}}
	desk.Own(app)

	a.bindPeople()        // projects.go: projects, members, users
	a.bindProviders()     // providers.go: coming in by another company's account
	a.bindFeedback()      // feedback.go: items, notes, the customer thread
	a.bindConversations() // conversations.go: start, reply, close, reopen, participants
	a.bindHeld()          // held.go: held mail that nobody decided on goes
	a.bindPrivacy()       // privacy.go: closed items go, people are erased
	a.bindNotify()        // notify.go: who is told of what
	a.bindLive()          // live.go: ids on topics, for members of that moment
	a.bindOutbound()      // outbound.go: PocketBase's own mails take our road
	a.bindOperator()      // operator.go: what the dashboard may not change by hand
	a.bindFiles()         // files.go: what a stored file is served with
	a.bindStorage()       // storage.go: files as durable as the rows that name them

	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "aside", Func: a.serve})
	app.OnTerminate().Bind(&hook.Handler[*core.TerminateEvent]{Id: "aside", Func: a.terminate, Priority: -99999})
	return a
}

// keysDir is where the instance's secrets lie, beside the database, for its owner alone.
const keysDir = "keys"

// serve makes the rooms, opens the doors and adds the routes.
func (a *Aside) serve(e *core.ServeEvent) error {
	if err := a.cfg.Check(); err != nil {
		return err
	}
	if err := a.furnish(e); err != nil {
		return err
	}
	a.routes(e)
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	if err := a.openDoor(ctx, e); err != nil {
		stop()
		return err
	}
	a.startWorker(ctx)
	a.running.Go(func() { a.live.run(ctx) })
	a.running.Go(func() { a.erase(ctx) })
	a.sweep(ctx, e)
	e.InstallerFunc = nil // it prints a link that makes a superuser; ours is `aside superuser create`
	if err := e.Next(); err != nil {
		a.close()
		return err
	}
	a.greet()
	return nil
}

// greet says what is reached where, and what does not work yet.
func (a *Aside) greet() {
	if a.Out == nil {
		return
	}
	fmt.Fprintf(a.Out, "Inbox      %s/\nDashboard  %s/_/\n", a.baseURL, a.baseURL)
	if a.smtpAddr != nil {
		fmt.Fprintf(a.Out, "Mail door  %s for %s\n", a.smtpAddr, a.cfg.MailDomain)
	}
	if a.setupCode != "" {
		fmt.Fprintf(a.Out, "Set up     open the inbox; from another machine it asks for this code: %s\n", a.setupCode)
	}
	for _, p := range a.problems {
		fmt.Fprintf(a.Out, "Not yet:   %s\n", p)
	}
}

// furnish makes what the rooms need: keys, resolver, base address.
func (a *Aside) furnish(e *core.ServeEvent) (err error) {
	a.app = e.App
	if err := os.Chmod(e.App.DataDir(), 0o700); err != nil { // every letter lies there
		return err
	}
	dir := filepath.Join(e.App.DataDir(), keysDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if a.tokens, err = token.LoadKey(filepath.Join(dir, "token.key")); err != nil {
		return err
	}
	if a.cfg.MailDomain != "" {
		if a.signer, err = mailauth.LoadSigner(filepath.Join(dir, "dkim"), a.cfg.MailDomain); err != nil {
			return err
		}
	}
	a.settleBaseURL(e)
	resolver := mailauth.NewResolver(a.cfg.DNS)
	replies := a.cfg.MailDomain != "" && a.cfg.SMTP != ""
	a.outbox = &outbox.Outbox{App: e.App, Tokens: a.tokens, Signer: a.signer, Domain: a.cfg.MailDomain, BaseURL: func() string { return a.baseURL }, ReplyByEmail: replies}
	a.intake = &intake.Intake{App: e.App, Tokens: a.tokens, Check: &mailauth.Checker{Resolver: resolver}, Domain: a.cfg.MailDomain, Instance: outbox.Instance(a.tokens), Log: e.App.Logger()}
	a.metrics = newMetrics(a)
	a.checkpoints = newCheckpoints()
	a.intake.Observer = a.metrics
	a.portal = &portal.Portal{App: e.App, Tokens: a.tokens, ReplyByEmail: replies}
	a.eraser = a.newEraser()
	a.post = newCarrier(e.App, a.cfg, resolver)
	a.problems = a.whatDoesNotWork()
	return nil
}

// settleBaseURL takes the flag, else the domain that serve was given, else what the operator set in PocketBase, else where the server listens. Requests never decide it (P-14).
func (a *Aside) settleBaseURL(e *core.ServeEvent) {
	meta := &e.App.Settings().Meta
	switch {
	case a.cfg.PublicURL != "":
		a.baseURL = a.cfg.PublicURL
	case len(a.cfg.Domains) > 0:
		a.baseURL = "https://" + a.cfg.Domains[0]
	case meta.AppURL != "" && meta.AppURL != "http://localhost:8090":
		a.baseURL = strings.TrimRight(meta.AppURL, "/")
	default:
		a.baseURL = "http://" + e.Server.Addr
	}
	meta.AppURL = a.baseURL // in memory: links in PocketBase's own mails lead to the same place
}

// whatDoesNotWork says in words what the operator has not set up yet; the start prints it and the inbox shows it.
func (a *Aside) whatDoesNotWork() (problems []string) {
	if a.cfg.MailDomain == "" {
		return []string{"No mail domain is set, so side conversations can be neither sent nor answered by email. Start Aside with --mailDomain (or ASIDE_MAIL_DOMAIN)."}
	}
	if a.cfg.SMTP == "" {
		problems = append(problems, "The SMTP door is off (--smtp is empty), so answers come by the portal only. Letters say so.")
	}
	return problems
}

// startWorker starts what empties the queue.
func (a *Aside) startWorker(ctx context.Context) {
	w := &outbox.Worker{Outbox: a.outbox, Carrier: a.post.current, Relayed: func() bool { return a.post.relay() != nil }}
	a.running.Go(func() { w.Run(ctx) })
	a.running.Go(func() { a.watchKeys(ctx) })
}

// graceful is how long letters under way may take when the server stops.
const graceful = 10 * time.Second

func (a *Aside) terminate(e *core.TerminateEvent) error {
	a.close()
	return e.Next()
}

// close shuts the door, lets sessions finish, then the worker and the writer.
func (a *Aside) close() {
	if a.stop == nil {
		return
	}
	if a.door != nil {
		ctx, cancel := context.WithTimeout(context.Background(), graceful)
		_ = a.door.Shutdown(ctx) // what did not finish was not answered 250 and comes again
		cancel()
	}
	a.stop()
	a.running.Wait()
	a.stop = nil
}

// SMTPAddr is where the door listens; nil when it is shut. For tests and the demo.
func (a *Aside) SMTPAddr() net.Addr { return a.smtpAddr }

// Tokens is the instance's key, for tests.
func (a *Aside) Tokens() *token.Key { return a.tokens }

// Outbox is the way out, for tests.
func (a *Aside) Outbox() *outbox.Outbox { return a.outbox }
