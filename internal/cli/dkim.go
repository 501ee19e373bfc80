package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"aside/internal/doctor"
	"aside/internal/mailauth"

	"github.com/spf13/cobra"
)

// dkimCommand changes the keys we sign with, without a letter that nobody can check: the new ones are published first, the old ones stay
// for seven days (W-13).
func (m *Mail) dkimCommand() *cobra.Command {
	c := &cobra.Command{Use: "dkim", Short: "Change the keys that letters are signed with"}
	c.AddCommand(&cobra.Command{Use: "prepare", Short: "Make the next keys and print the lines to publish", Args: cobra.NoArgs, RunE: m.prepareKeys}, m.rotateCommand())
	return c
}

func (m *Mail) prepareKeys(c *cobra.Command, _ []string) error {
	keys, err := m.signer()
	if err != nil {
		return err
	}
	if err := keys.Prepare(); err != nil {
		return err
	}
	out := c.OutOrStdout()
	fmt.Fprintln(out, "; The next keys are made. Publish all of these lines, wait until they can be seen (an hour, as their 3600 says), then run `aside dkim rotate`.")
	printKeys(out, m.patient(keys))
	return nil
}

func printKeys(out io.Writer, p doctor.Patient) {
	for _, name := range slices.Sorted(maps.Keys(p.Keys)) {
		fmt.Fprintln(out, doctor.KeyLine(name, p.Keys[name]))
	}
}

func (m *Mail) rotateCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{Use: "rotate", Short: "Sign with the next keys from now on", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return m.rotateKeys(c, force) }}
	c.Flags().BoolVar(&force, "force", false, "also when the new keys cannot be seen in DNS yet")
	return c
}

func (m *Mail) rotateKeys(c *cobra.Command, force bool) error {
	keys, err := m.signer()
	if err != nil {
		return err
	}
	if err := keys.Prepare(); err != nil {
		return err
	}
	d := doctor.Doctor{Resolver: mailauth.NewResolver(m.Config.DNS)}
	next := m.patient(keys)
	next.Keys = newest(next.Keys)
	if checks := d.Keys(c.Context(), next); doctor.Failed(checks) && !force {
		show(c.OutOrStdout(), checks)
		return plain("the keys were not changed: the new ones cannot be seen in DNS yet, so letters signed with them would not be believed (--force changes them anyway)")
	}
	if err := keys.Rotate(); err != nil {
		return err
	}
	fmt.Fprintln(c.OutOrStdout(), "; Letters are signed with the new keys from now on; a running server takes them up within a minute. Leave the old lines in place for seven\n"+
		"; days, for letters still on their way. These are the lines that must be published now:")
	printKeys(c.OutOrStdout(), m.patient(keys))
	return nil
}

// newest are the keys of the last generation: aside2-rsa comes after aside1-rsa (signer_keys.go).
func newest(keys map[string]string) map[string]string {
	last, found := 0, map[string]string{}
	for name, value := range keys {
		var n int
		if _, err := fmt.Sscanf(name, "aside%d-", &n); err != nil || n < last {
			continue
		}
		if n > last {
			last, found = n, map[string]string{}
		}
		found[name] = value
	}
	return found
}
