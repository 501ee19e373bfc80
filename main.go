// Aside lets a team talk to an outsider about a feedback item, privately, by email, without the customer ever noticing.
//
// This file only wires: flags, the embedded inbox, hooks.Bind, commands, start.
package main

import (
	"embed"
	"io/fs"
	"os"

	"aside/hooks"
	"aside/internal/cli"
	"aside/internal/config"
	_ "aside/pb_migrations"

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
		DataMaxOpenConns: hooks.Connections(), DataMaxIdleConns: hooks.Connections(),
		AuxMaxOpenConns: hooks.Connections(), AuxMaxIdleConns: 2,
		DBConnect: hooks.Connect, HideStartBanner: true,
	})
	app.RootCmd.Use, app.RootCmd.Short, app.RootCmd.Version = "aside", "Private side conversations by email about a customer's feedback", version
	cfg := config.Bind(app.RootCmd.PersistentFlags())
	files, err := fs.Sub(public, "pb_public")
	if err != nil {
		return err
	}
	inbox := hooks.Public{FS: files}
	aside := hooks.Bind(app, cfg, inbox)
	aside.Out = os.Stdout
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
