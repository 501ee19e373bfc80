// Package config holds what must be known before the database opens: flags, each with an environment variable beside it.
// What an owner changes at run time is a record, not a flag. A wrong value stops the start and is called by its name.
package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// Config is the whole of it. Zero values mean: no mail domain yet, no SMTP door, the system's resolver, no relay of our own.
type Config struct {
	MailDomain  string   // the domain of our addresses, lower case
	SMTP        string   // host:port the SMTP door listens on; empty is off
	PublicURL   string   // where people reach the inbox and the portal, without a trailing slash; empty: from PocketBase's settings
	Domains     []string // what `serve` was given to answer HTTPS for; the first is the public one
	SMTPCert    string   // PEM files of the door's certificate, watched for change; empty: PocketBase's own when it has one, else self-signed
	SMTPKey     string
	DNS         string         // host:port of a resolver for every mail look-up; empty is the system's
	Relay       *url.URL       // smtp:// or smtps:// where letters are handed; nil: PocketBase's mail settings if on, else the recipients' MX
	SMTPTrusted []netip.Prefix // peers free of the per-IP limits
	MXAllow     []netip.Prefix // non-global networks that direct delivery may reach

	raw struct{ relay, trusted, allow string }
}

// DefaultSMTP is loopback: nobody outside reaches the door before the operator says so.
const DefaultSMTP = "127.0.0.1:2525"

// Bind adds the flags to a command; their defaults come from the environment.
func Bind(flags *pflag.FlagSet) *Config {
	c := &Config{}
	flags.StringVar(&c.MailDomain, "mailDomain", os.Getenv("ASIDE_MAIL_DOMAIN"), "domain of the reply addresses (ASIDE_MAIL_DOMAIN)")
	flags.StringVar(&c.SMTP, "smtp", envOr("ASIDE_SMTP", DefaultSMTP), "address of the SMTP door, empty for none (ASIDE_SMTP)")
	flags.StringVar(&c.SMTPCert, "smtpCert", os.Getenv("ASIDE_SMTP_CERT"), "PEM file with the SMTP door's certificate chain, read again when it changes (ASIDE_SMTP_CERT)")
	flags.StringVar(&c.SMTPKey, "smtpKey", os.Getenv("ASIDE_SMTP_KEY"), "PEM file with its private key (ASIDE_SMTP_KEY)")
	flags.StringVar(&c.PublicURL, "publicURL", os.Getenv("ASIDE_PUBLIC_URL"), "where people reach this server, such as https://desk.example.com (ASIDE_PUBLIC_URL)")
	flags.StringVar(&c.DNS, "dns", os.Getenv("ASIDE_DNS"), "resolver host:port for mail look-ups, the system's by default (ASIDE_DNS)")
	flags.StringVar(&c.raw.relay, "relay", os.Getenv("ASIDE_RELAY"), "smtp://user:pass@host:port or smtps://… that takes our letters (ASIDE_RELAY)")
	flags.StringVar(&c.raw.trusted, "smtpTrusted", os.Getenv("ASIDE_SMTP_TRUSTED"), "networks free of the per-IP limits, CIDR,… (ASIDE_SMTP_TRUSTED)")
	flags.StringVar(&c.raw.allow, "mxAllow", os.Getenv("ASIDE_MX_ALLOW"), "non-global networks that direct delivery may reach, CIDR,… (ASIDE_MX_ALLOW)")
	return c
}

func envOr(name, fallback string) string {
	if v, ok := os.LookupEnv(name); ok {
		return v
	}
	return fallback
}

// Check reads what was given as text. The error names the flag.
func (c *Config) Check() (err error) {
	c.MailDomain = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(c.MailDomain), "."))
	if c.MailDomain != "" && !isDomain(c.MailDomain) {
		return fmt.Errorf("--mailDomain: %q is not a domain name", c.MailDomain)
	}
	for name, addr := range map[string]string{"--smtp": c.SMTP, "--dns": c.DNS} {
		if _, _, err := net.SplitHostPort(addr); addr != "" && err != nil {
			return fmt.Errorf("%s: %q is not host:port", name, addr)
		}
	}
	if (c.SMTPCert == "") != (c.SMTPKey == "") {
		return fmt.Errorf("--smtpCert and --smtpKey: give both or neither")
	}
	if c.PublicURL, err = checkURL(c.PublicURL); err != nil {
		return fmt.Errorf("--publicURL: %w", err)
	}
	return c.read()
}

// read turns flags given as text into values; a value that code has set already (the demo, a test) stays when its flag is empty.
func (c *Config) read() (err error) {
	if c.raw.relay != "" {
		if c.Relay, err = ParseRelay(c.raw.relay); err != nil {
			return fmt.Errorf("--relay: %w", err)
		}
	}
	if c.raw.trusted != "" {
		if c.SMTPTrusted, err = prefixes(c.raw.trusted); err != nil {
			return fmt.Errorf("--smtpTrusted: %w", err)
		}
	}
	if c.raw.allow != "" {
		if c.MXAllow, err = prefixes(c.raw.allow); err != nil {
			return fmt.Errorf("--mxAllow: %w", err)
		}
	}
	return nil
}

// isDomain asks for letters, digits and hyphens in labels of at most 63 octets (RFC 1035 2.3.1), punycode for anything else.
func isDomain(s string) bool {
	if len(s) > 253 {
		return false
	}
	for _, label := range strings.Split(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

func checkURL(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%q is not an http or https address", s)
	}
	return strings.TrimRight(s, "/"), nil
}

// ParseRelay reads smtp://[user:pass@]host[:port] or smtps://…; the port defaults to 587 and 465. Its errors never repeat a password.
func ParseRelay(s string) (*url.URL, error) {
	if s == "" {
		return nil, nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || (u.Path != "" && u.Path != "/") {
		return nil, fmt.Errorf("not of the form smtp://user:pass@host:port")
	}
	port, known := map[string]string{"smtp": "587", "smtps": "465"}[u.Scheme]
	if !known {
		return nil, fmt.Errorf("scheme %q is neither smtp nor smtps", u.Scheme)
	}
	if u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	return u, nil
}

func prefixes(s string) (list []netip.Prefix, err error) {
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, fmt.Errorf("%q is not a network such as 10.0.0.0/8", part)
		}
		list = append(list, p.Masked())
	}
	return list, nil
}

// Allow sets MXAllow from text, as the flag does; for tests.
func (c *Config) Allow(networks string) { c.raw.allow = networks }
