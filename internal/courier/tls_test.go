package courier

import (
	"crypto/tls"
	"net/url"
	"strings"
	"testing"

	"aside/test/fake"
)

func TestW07_TLSToStrangersIsOpportunistic(t *testing.T) {
	ca := fake.NewCA(t)
	for _, tc := range []struct {
		name          string
		setup         func(*fake.MX)
		tls, verified bool
		required      string // what RequireTLS makes of it
		says          string
	}{
		{"a good certificate", func(m *fake.MX) { m.StartTLS(ca.Cert("mx.ext.test")) }, true, true, "delivered", ""},
		{"an expired certificate", func(m *fake.MX) { m.StartTLS(ca.Expired("mx.ext.test")) }, true, false, "temporary", "expired"},
		{"a certificate for another name", func(m *fake.MX) { m.StartTLS(ca.Cert("other.test")) }, true, false, "temporary", "other.test"},
		{"a certificate nobody vouches for", func(m *fake.MX) { m.StartTLS(fake.SelfSigned(t, "mx.ext.test")) }, true, false, "temporary", "unknown authority"},
		{"no TLS offered", func(m *fake.MX) {}, false, false, "temporary", "offers no TLS"},
		{"STARTTLS refused", func(m *fake.MX) {
			m.StartTLS(ca.Cert("mx.ext.test")).At(fake.StartTLS, fake.Refuse(454, "4.7.0 not now"))
		}, false, false, "temporary", "454"},
		{"garbage instead of TLS", func(m *fake.MX) {
			m.StartTLS(ca.Cert("mx.ext.test")).At(fake.StartTLS, fake.Say("220 go\r\n"))
		}, false, false, "temporary", "TLS failed"},
		{"a hang-up instead of TLS", func(m *fake.MX) {
			m.StartTLS(ca.Cert("mx.ext.test")).At(fake.StartTLS, fake.Say("220 go\r\n").ThenDrop())
		}, false, false, "temporary", "TLS failed"},
		{"answers said in clear to be believed under TLS", func(m *fake.MX) {
			m.StartTLS(ca.Cert("mx.ext.test")).At(fake.StartTLS, fake.Say("220 go\r\n250-x\r\n250 AUTH PLAIN\r\n"))
		}, false, false, "temporary", "before TLS began"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, mx, c := world(t)
			tc.setup(mx)
			c.TLS = &tls.Config{RootCAs: ca.Pool(), InsecureSkipVerify: true} // must not weaken anything
			out := must(t, c, toBob())
			if got := mx.Letters()[0]; got.TLS != tc.tls || (out.TLS != "") != tc.tls || out.Verified != tc.verified {
				t.Errorf("outcome %+v, came over TLS: %v", out, got.TLS)
			}
			if got := mx.Letters()[0]; tc.tls && got.SNI != "mx.ext.test" {
				t.Errorf("asked TLS for %q", got.SNI)
			}
			before := len(mx.Letters())
			c.RequireTLS = true
			_, f := send(c, toBob())
			wantKind(t, f, tc.required)
			if tc.says != "" {
				wantSays(t, f, tc.says)
				if len(mx.Letters()) != before {
					t.Error("the letter went all the same")
				}
			}
		})
	}
}

// relayTo is a courier whose relay is mx under the host name given.
func relayTo(mx *fake.MX, scheme, login, host string) *Courier {
	u, err := url.Parse(scheme + "://" + login + host + ":" + mx.Port())
	if err != nil {
		panic(err)
	}
	return &Courier{Relay: u, Hello: "out.in.test", Timeouts: quick()}
}

func TestW07_APasswordGoesOverVerifiedTLSOrNotAtAll(t *testing.T) {
	ca := fake.NewCA(t)
	good, bad := ca.Cert("relay.test"), fake.SelfSigned(t, "relay.test")
	for _, tc := range []struct {
		name, scheme, host string
		setup              func(*fake.MX)
		want               string
	}{
		{"STARTTLS, verified", "smtp", "relay.test", func(m *fake.MX) { m.StartTLS(good) }, "delivered"},
		{"smtps, verified", "smtps", "relay.test", func(m *fake.MX) { m.ImplicitTLS(good) }, "delivered"},
		{"STARTTLS, not verified", "smtp", "relay.test", func(m *fake.MX) { m.StartTLS(bad) }, "temporary"},
		{"smtps, not verified", "smtps", "relay.test", func(m *fake.MX) { m.ImplicitTLS(bad) }, "temporary"},
		{"STARTTLS stripped", "smtp", "relay.test", func(m *fake.MX) {}, "temporary"},
		{"STARTTLS refused", "smtp", "relay.test", func(m *fake.MX) { m.StartTLS(good).At(fake.StartTLS, fake.Refuse(454, "no")) }, "temporary"},
		{"in clear on this machine", "smtp", "127.0.0.1", func(m *fake.MX) {}, "delivered"},
		{"in clear on localhost, whatever DNS says", "smtp", "localhost", func(m *fake.MX) {}, "delivered"},
		{"unverified TLS on this machine", "smtp", "localhost", func(m *fake.MX) { m.StartTLS(bad) }, "delivered"},
	} {
		for _, mech := range []string{"PLAIN", "LOGIN", "CRAM-MD5"} {
			t.Run(tc.name+" "+mech, func(t *testing.T) {
				dns, mx := fake.NewDNS(t), fake.NewMX(t)
				dns.A("relay.test", "127.0.0.1").A("localhost", "192.0.2.1")
				mx.Auth("joe@in.test", "s3cret/&", mech)
				tc.setup(mx)
				c := relayTo(mx, tc.scheme, "joe%40in.test:s3cret%2F%26@", tc.host)
				c.Resolver, c.TLS = dns.Resolver(), &tls.Config{RootCAs: ca.Pool()}
				defer c.Close()
				_, f := send(c, toBob())
				wantKind(t, f, tc.want)
				if f == nil {
					if got := mx.Letters()[0]; got.User != "joe@in.test" {
						t.Errorf("logged in as %q", got.User)
					}
					return
				}
				none(t, mx)
				for _, cmd := range mx.Commands() {
					if strings.HasPrefix(cmd, "AUTH") {
						t.Errorf("said %q", cmd)
					}
				}
			})
		}
	}
}

func TestTheOperatorsMistakesDoNotBounceLetters(t *testing.T) {
	for name, setup := range map[string]func(*fake.MX){
		"a wrong password":            func(m *fake.MX) { m.Auth("joe", "other", "PLAIN") },
		"no login that we know":       func(m *fake.MX) { m.Auth("joe", "secret", "XOAUTH2") },
		"a relay that wants no login": func(m *fake.MX) {},
		"a relay that refuses us":     func(m *fake.MX) { m.At(fake.Connect, fake.Refuse(554, "5.7.1 not you")) },
		"a challenge that is none":    func(m *fake.MX) { m.Auth("joe", "secret", "CRAM-MD5").At(fake.Auth, fake.Say("334 %%%\r\n")) },
		"a login that never ends": func(m *fake.MX) {
			m.Auth("joe", "secret", "LOGIN").At(fake.Auth, fake.Say("334 \r\n334 \r\n334 \r\n334 \r\n"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			mx := fake.NewMX(t)
			setup(mx)
			_, f := send(relayTo(mx, "smtp", "joe:secret@", "127.0.0.1"), toBob())
			wantKind(t, f, "temporary")
			none(t, mx)
		})
	}
	mx := fake.NewMX(t).Auth("joe", "secret", "PLAIN")
	_, f := send(relayTo(mx, "smtp", "", "127.0.0.1"), toBob())
	wantKind(t, f, "temporary")
	wantSays(t, f, "530")
}
