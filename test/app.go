// Package test runs the whole program inside a test: real SQLite, real sockets on port 0, real rooms. Only DNS, the clock and the
// far mail server are made up (test/fake).
package test

import (
	"context"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"aside/hooks"
	"aside/internal/config"
	_ "aside/pb_migrations"
	"aside/test/fake"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/router"
)

// MailDomain is ours in every test.
const MailDomain = "in.test"

// App is a running Aside.
type App struct {
	core.App
	T      testing.TB
	Aside  *hooks.Aside
	Config *config.Config
	URL    string // http://127.0.0.1:PORT
	SMTP   string // 127.0.0.1:PORT of the door
	DNS    *fake.DNS
	MX     *fake.MX // the relay that catches everything

	router *router.Router[*core.RequestEvent]

	dir      string
	publicFS fs.FS
	stop     func()
}

// Option changes how an App starts.
type Option func(*App)

// WithConfig changes the configuration before the start.
func WithConfig(change func(*config.Config)) Option { return func(a *App) { change(a.Config) } }

// WithPublic serves these files as the inbox instead of a single empty page.
func WithPublic(files fs.FS) Option { return func(a *App) { a.publicFS = files } }

// In starts with an existing data folder.
func In(dir string) Option { return func(a *App) { a.dir = dir } }

// NewApp starts Aside on port 0 with a catching relay and an empty DNS; it stops with the test.
func NewApp(t testing.TB, options ...Option) *App {
	t.Helper()
	a := &App{T: t, DNS: fake.NewDNS(t), MX: fake.NewMX(t)}
	a.Config = &config.Config{MailDomain: MailDomain, SMTP: "127.0.0.1:0", DNS: a.DNS.Addr(), Relay: &url.URL{Scheme: "smtp", Host: a.MX.Addr()}, SMTPTrusted: nil}
	for _, o := range options {
		o(a)
	}
	if a.dir == "" {
		a.dir = filepath.Join(t.TempDir(), "pb_data")
		if err := os.CopyFS(a.dir, os.DirFS(migrated(t))); err != nil {
			t.Fatal(err)
		}
	}
	a.start()
	return a
}

// migrated is a data folder with all migrations applied, made once and copied: 50 ms less a test.
var migrated = func() func(t testing.TB) string {
	var once sync.Once
	var dir string
	return func(t testing.TB) string {
		once.Do(func() {
			var err error
			if dir, err = os.MkdirTemp("", "aside-migrated-"); err != nil {
				t.Fatal(err)
			}
			app := newBase(dir)
			if err := app.Bootstrap(); err != nil {
				t.Fatal(err)
			}
			if err := app.RunAllMigrations(); err != nil {
				t.Fatal(err)
			}
			if err := cheapPasswords(app); err != nil {
				t.Fatal(err)
			}
			if err := app.ResetBootstrapState(); err != nil {
				t.Fatal(err)
			}
		})
		return dir
	}
}()

// cheapPasswords makes hashing as quick as bcrypt allows: tests make many people, and nobody guesses theirs.
func cheapPasswords(app core.App) error {
	for _, name := range []string{"users", core.CollectionNameSuperusers} {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		if f, is := c.Fields.GetByName(core.FieldNamePassword).(*core.PasswordField); is {
			f.Cost = 4 // the least bcrypt takes
		}
		if err := app.Save(c); err != nil {
			return err
		}
	}
	return nil
}

func newBase(dir string) *core.BaseApp {
	return core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: hooks.Connect, DataMaxOpenConns: hooks.Connections(), DataMaxIdleConns: hooks.Connections()})
}

func (a *App) start() {
	t := a.T
	t.Helper()
	base := newBase(a.dir)
	a.App = base
	public := a.publicFS
	if public == nil {
		public = fstest.MapFS{"index.html": {Data: []byte("<!doctype html><title>Aside</title>")}, "lib/none.js": {}}
	}
	a.Aside = hooks.Bind(base, a.Config, hooks.Public{FS: public})
	if err := base.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a.URL = "http://" + l.Addr().String()
	a.Aside.Doctor.TimeURL = a.URL
	ready := make(chan struct{})
	base.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "testListener", Priority: -1000, Func: func(e *core.ServeEvent) error {
		e.Listener, e.Server.Addr = l, l.Addr().String()
		a.router = e.Router
		if err := e.Next(); err != nil {
			return err
		}
		close(ready)
		return nil
	}})
	served := make(chan error, 1)
	go func() { served <- apis.Serve(base, apis.ServeConfig{HttpAddr: l.Addr().String()}) }()
	select {
	case <-ready:
	case err := <-served:
		t.Fatalf("the server did not start: %v", err)
	case <-time.After(30 * time.Second):
		t.Fatal("the server did not start in 30 s")
	}
	if addr := a.Aside.SMTPAddr(); addr != nil {
		a.SMTP = addr.String()
	}
	a.stop = sync.OnceFunc(func() {
		event := new(core.TerminateEvent)
		event.App = base
		if err := base.OnTerminate().Trigger(event, func(*core.TerminateEvent) error { return nil }); err != nil {
			t.Error(err)
		}
		<-served
		_ = base.ResetBootstrapState()
	})
	t.Cleanup(a.stop)
}

// Stop stops the server gracefully, as SIGTERM does.
func (a *App) Stop() { a.stop() }

// Dir is the data folder.
func (a *App) Dir() string { return a.dir }

// Eventually waits until done says so, and fails the test with what when it never does.
func Eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("never happened: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
