package cli

import (
	"fmt"

	"aside/internal/doctor"

	"github.com/spf13/cobra"
)

// dnsCommand prints what to publish; `aside doctor` says what of it is missing.
func (m *Mail) dnsCommand() *cobra.Command {
	return &cobra.Command{Use: "dns", Short: "Print the zone lines to publish for the mail domain", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		keys, err := m.signer()
		if err != nil {
			return err
		}
		for _, line := range doctor.Zone(m.patient(keys)) {
			fmt.Fprintln(c.OutOrStdout(), line)
		}
		return nil
	}}
}
