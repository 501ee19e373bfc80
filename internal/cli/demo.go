package cli

import (
	"net"

	"aside/internal/config"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"
)

// Demo is `aside demo`.
type Demo struct {
	App      core.App
	Config   *config.Config
	SMTPAddr func() net.Addr
}

// DataDir is a new temporary folder when the command is demo, else "" for PocketBase's default.
func (d *Demo) DataDir(args []string) string { return "" }

// Command is the cobra command.
func (d *Demo) Command() *cobra.Command { return &cobra.Command{Use: "demo"} }
