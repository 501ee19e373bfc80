package doctor

import (
	"crypto/tls"
	"crypto/x509"
	"time"
)

// verify is what a careful sender does with the door's certificate.
func verify(s tls.ConnectionState, strict *tls.Config, domain string, now time.Time) error {
	opts := x509.VerifyOptions{Roots: strict.RootCAs, DNSName: domain, CurrentTime: now, Intermediates: x509.NewCertPool()}
	for _, c := range s.PeerCertificates[1:] {
		opts.Intermediates.AddCert(c)
	}
	_, err := s.PeerCertificates[0].Verify(opts)
	return err
}
