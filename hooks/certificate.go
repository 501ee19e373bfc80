package hooks

import (
	"context"
	"crypto/tls"
	"path/filepath"

	"aside/internal/smtpd"

	"github.com/pocketbase/pocketbase/core"
)

// certificate is what the SMTP door shows: the operator's files, watched for change; else the one PocketBase's ACME manager holds, when
// `serve` was given domains; else a self-signed one made at first start: opportunistic STARTTLS does not ask for more (RFC 7435).
func (a *Aside) certificate(e *core.ServeEvent) (*tls.Config, error) {
	if a.cfg.SMTPCert != "" {
		files, err := smtpd.WatchedCertificate(a.cfg.SMTPCert, a.cfg.SMTPKey)
		if err != nil {
			return nil, err
		}
		files.Log = e.App.Logger()
		return files.Config(), nil
	}
	own, err := smtpd.SelfSigned(filepath.Join(e.App.DataDir(), keysDir), []string{a.cfg.MailDomain})
	if err != nil {
		return nil, err
	}
	config := own.Config()
	if len(a.cfg.Domains) > 0 && e.CertManager != nil {
		acme := e.CertManager.GetCertificate
		config.GetCertificate = preferring(acme, a.acmeName(e), own.Get)
	}
	return config, nil
}

// acmeName is the name to ask the manager for when a peer gives none, or one it does not serve: the mail domain if it does, else the
// first domain of `serve`. Peers that check a certificate (MTA-STS) send the name they want.
func (a *Aside) acmeName(e *core.ServeEvent) string {
	if policy := e.CertManager.HostPolicy; policy != nil && policy(context.Background(), a.cfg.MailDomain) == nil {
		return a.cfg.MailDomain
	}
	return a.cfg.Domains[0]
}

type getCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error)

// preferring asks first, and falls back when it has nothing (yet): a mail server that finds no TLS at all sends in clear. Mail servers
// often name nobody in their hello, which autocert refuses to answer.
func preferring(first getCertificate, name string, fallback getCertificate) getCertificate {
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hello.ServerName != "" {
			if c, err := first(hello); err == nil {
				return c, nil
			}
		}
		named := *hello
		named.ServerName = name
		if c, err := first(&named); err == nil {
			return c, nil
		}
		return fallback(hello)
	}
}
