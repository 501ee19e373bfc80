package cli

import (
	"net/url"
	"path/filepath"
	"strings"

	"aside/internal/config"
	"aside/internal/doctor"
	"aside/internal/mailauth"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"
)

// Mail is what the commands about mail share: doctor, dns and dkim.
type Mail struct {
	App    core.App
	Config *config.Config
	Relay  func() *url.URL // where letters are handed; nil: the recipients' own servers
}

// Commands are `aside doctor`, `aside dns` and `aside dkim`.
func (m *Mail) Commands() []*cobra.Command {
	return []*cobra.Command{m.doctorCommand(), m.dnsCommand(), m.dkimCommand()}
}

// signer reads the keys that the server signs with, and makes them if it never ran.
func (m *Mail) signer() (*mailauth.Signer, error) {
	if err := m.Config.Check(); err != nil {
		return nil, err
	}
	if m.Config.MailDomain == "" {
		return nil, errNoDomain
	}
	return mailauth.LoadSigner(filepath.Join(m.App.DataDir(), "keys", "dkim"), m.Config.MailDomain)
}

// errNoDomain is said by every command that needs one.
var errNoDomain = plain("no mail domain is set: give --mailDomain (or ASIDE_MAIL_DOMAIN), as to `aside serve`")

// plain is an error that is only words.
type plain string

func (p plain) Error() string { return string(p) }

// patient is this installation as the doctor sees it. keys may be nil.
func (m *Mail) patient(keys *mailauth.Signer) doctor.Patient {
	p := doctor.Patient{Domain: m.Config.MailDomain, Door: m.Config.SMTP, BaseURL: m.Config.PublicURL}
	if keys != nil {
		p.Keys = keys.Records()
	}
	if p.BaseURL == "" {
		p.BaseURL = strings.TrimRight(m.App.Settings().Meta.AppURL, "/")
	}
	if relay := m.Relay(); relay != nil {
		p.Relay = relay.Host
	}
	return p
}
