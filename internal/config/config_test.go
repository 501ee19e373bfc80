package config

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func parse(t *testing.T, args ...string) (*Config, error) {
	t.Helper()
	flags := pflag.NewFlagSet("aside", pflag.ContinueOnError)
	c := Bind(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return c, c.Check()
}

func TestWrongConfigIsCalledByItsName(t *testing.T) {
	for name, arg := range map[string]string{
		"a mail domain with a space": "--mailDomain=in test", "a mail domain with an empty label": "--mailDomain=in..test",
		"an SMTP address without a port": "--smtp=127.0.0.1", "a resolver without a port": "--dns=1.1.1.1",
		"a public URL without a scheme": "--publicURL=desk.example.com", "a relay of another scheme": "--relay=http://u:secret@relay.test",
		"a trusted network that is none": "--smtpTrusted=10.0.0.0", "an allowed network that is none": "--mxAllow=local",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(t, arg)
			flag, _, _ := strings.Cut(arg, "=")
			if err == nil || !strings.Contains(err.Error(), flag) {
				t.Fatalf("want an error that names %s, got %v", flag, err)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Fatalf("the error repeats a password: %v", err)
			}
		})
	}
}

func TestGoodConfigIsNormalised(t *testing.T) {
	c, err := parse(t, "--mailDomain=IN.Test.", "--publicURL=https://desk.test/", "--relay=smtps://u:p@relay.test", "--smtpTrusted=10.1.2.3/8, ::1/128")
	if err != nil {
		t.Fatal(err)
	}
	if c.MailDomain != "in.test" || c.PublicURL != "https://desk.test" || c.Relay.Host != "relay.test:465" || len(c.SMTPTrusted) != 2 || c.SMTPTrusted[0].String() != "10.0.0.0/8" {
		t.Fatalf("got %+v relay %v", c, c.Relay)
	}
	if c.SMTP != DefaultSMTP {
		t.Fatalf("the door's default is loopback, got %q", c.SMTP)
	}
}
