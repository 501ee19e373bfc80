// Aside lets a team talk to an outsider about a feedback item, privately, by email, without the customer ever noticing.
//
// This file only wires: flags, the embedded inbox, hooks.Bind, commands, start.
package main

import (
	"embed"
	"fmt"
	"io/fs"
	"os"

	"aside/hooks"
	"aside/internal/cli"
	"aside/internal/config"
	_ "aside/pb_migrations"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/cmd"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/plugins/migratecmd"
	"github.com/spf13/cobra"
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
	if len(os.Args) > 1 && os.Args[1] == "inspect" { // reads letters and nothing else: no data folder is opened for it
		inspect := cli.Inspect()
		inspect.SilenceErrors = true // main says it
		inspect.SetArgs(os.Args[2:])
		return inspect.Execute()
	}
	hooks.TuneMemory()
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
	aside.Out = demo.Out(os.Stdout)
	demo.App, demo.Config, demo.SMTPAddr, demo.Doctor = app, cfg, aside.SMTPAddr, &aside.Doctor
	app.RootCmd.AddCommand(demo.Command(), cli.Inspect())
	app.RootCmd.AddCommand((&cli.Mail{App: app, Config: cfg, Relay: aside.Relay}).Commands()...)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		if err := inbox.Check(); err != nil {
			return err
		}
		return e.Next()
	})
	return execute(app, cfg)
}

// execute is PocketBase's Start, which drops what a command returns: here a command that failed ends in exit code 1.
func execute(app *pocketbase.PocketBase, cfg *config.Config) error {
	root := app.RootCmd
	migratecmd.MustRegister(app, root, migratecmd.Config{Dir: "pb_migrations", TemplateLang: migratecmd.TemplateLangGo})
	serve := cmd.NewServeCommand(app, false) // hooks says what is reached where
	serve.PreRun = func(_ *cobra.Command, domains []string) { cfg.Domains = domains }
	root.AddCommand(cmd.NewSuperuserCommand(app), serve)
	var failed error
	note := func(err error) error {
		if err != nil {
			failed = err
		}
		return err
	}
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return note(err) })
	root.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return fmt.Errorf("there is no command %q; `aside --help` lists them", args[0])
		}
		return c.Help()
	}
	root.Args = cobra.ArbitraryArgs
	watch(root, note)
	if err := app.Execute(); err != nil {
		return err
	}
	return failed
}

// watch has every command's error noted.
func watch(c *cobra.Command, note func(error) error) {
	if run := c.RunE; run != nil {
		c.RunE = func(c *cobra.Command, args []string) error { return note(run(c, args)) }
	}
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error { return note(check(c, args)) }
	}
	for _, sub := range c.Commands() {
		watch(sub, note)
	}
}
