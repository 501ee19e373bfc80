package hooks

import (
	"crypto/tls"
	"errors"
	"testing"
)

// TestCertificate plays PocketBase's ACME manager, which holds one name, answers no hello without a name, and may hold nothing yet.
func TestCertificate(t *testing.T) {
	acme, own := &tls.Certificate{}, &tls.Certificate{}
	holding := func(names ...string) getCertificate {
		return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			for _, n := range names {
				if n == hello.ServerName {
					return acme, nil
				}
			}
			return nil, errors.New("acme/autocert: missing server name")
		}
	}
	for _, c := range []struct {
		name, sni string
		manager   getCertificate
		want      *tls.Certificate
	}{
		{"a peer that names the mail domain gets its certificate", "in.test", holding("in.test"), acme},
		{"a peer that names nobody gets it too", "", holding("in.test"), acme},
		{"a peer that names another host gets it too", "other.test", holding("in.test"), acme},
		{"while there is none yet, the self-signed one", "in.test", holding(), own},
		{"and for a peer that names nobody", "", holding(), own},
	} {
		t.Run(c.name, func(t *testing.T) {
			get := preferring(c.manager, "in.test", func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return own, nil })
			if got, err := get(&tls.ClientHelloInfo{ServerName: c.sni}); err != nil || got != c.want {
				t.Errorf("got another certificate: %v", err)
			}
		})
	}
}
