// Aside lets a team talk to an outsider about a feedback item, privately, by email, without the customer ever noticing.
//
// This file only wires: flags, the embedded inbox, hooks.Bind, commands, start.
package main

import (
	"embed"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"aside/hooks"
	"aside/internal/cli"
	"aside/internal/config"
	_ "aside/pb_migrations"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
)

// version is set by `make build`.
var version = "dev"

//go:embed all:pb_public
var public embed.FS

func main() {
	if err := run(); err != nil {
		os.Stderr.WriteString("aside: " + err.Error() + "\n")
		os.Exit(1)
	}
}

func run() error {
	demo := &cli.Demo{}
	app := pocketbase.NewWithConfig(pocketbase.Config{
		DefaultDataDir:   demo.DataDir(os.Args[1:]),
		DataMaxOpenConns: connections(), DataMaxIdleConns: connections(),
		AuxMaxOpenConns: connections(), AuxMaxIdleConns: 2,
		DBConnect: connect, HideStartBanner: true,
	})
	app.RootCmd.Use, app.RootCmd.Short, app.RootCmd.Version = "aside", "Private side conversations by email about a customer's feedback", version
	cfg := config.Bind(app.RootCmd.PersistentFlags())
	files, err := fs.Sub(public, "pb_public")
	if err != nil {
		return err
	}
	inbox := hooks.Public{FS: files}
	aside := hooks.Bind(app, cfg, inbox)
	demo.App, demo.Config, demo.SMTPAddr = app, cfg, aside.SMTPAddr
	app.RootCmd.AddCommand(demo.Command(), cli.Inspect())
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		if err := inbox.Check(); err != nil {
			return err
		}
		return e.Next()
	})
	return app.Start()
}

// connections is how many readers the database serves at once: PocketBase's default of 120, each with a cache of 32 MB, would take
// 741 MB under load and be slower (framework.md, gotcha 9).
func connections() int { return max(4, 2*runtime.NumCPU()) }

// connect opens a database as PocketBase does, but data.db flushes at every commit (synchronous=FULL): what we have answered 250 to
// survives a power cut (threats D4). The log database may lose its last lines.
func connect(path string) (*dbx.DB, error) {
	synchronous := "FULL"
	if strings.HasSuffix(path, "auxiliary.db") {
		synchronous = "NORMAL"
	}
	return dbx.Open("sqlite", path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)&_pragma=synchronous("+synchronous+
		")&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-16000)")
}
