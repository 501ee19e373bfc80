package courier

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"

	"aside/internal/crash"
)

// security is what a connection must be before a letter, or a password, goes over it.
type security struct {
	implicit bool // TLS from the first byte (RFC 8314)
	verified bool // TLS with a certificate good for the host, or nothing
	clear    bool // do not try STARTTLS: it failed a moment ago
	login    *url.Userinfo
}

// open makes a connection ready for mail: TCP, greeting, EHLO, TLS, login. Its failures
// are not final: no letter has been spoken of yet.
func (c *Courier) open(ctx context.Context, host, target string, sec security) (*conn, *Failure) {
	raw, err := c.dial(ctx, target)
	if err != nil {
		return nil, later("4.4.1", "cannot connect: %w", network(err)).at(host)
	}
	cn := &conn{t: c.Timeouts, host: host}
	cn.addr, _ = netip.ParseAddrPort(raw.RemoteAddr().String())
	cn.bind(raw)
	defer cn.watch(ctx)()
	f := c.prepare(ctx, cn, sec)
	if f == nil && ctx.Err() != nil {
		f = cn.lost("the beginning", ctx.Err())
	}
	if f != nil {
		cn.quit()
		return nil, f
	}
	crash.Point("s3")
	return cn, nil
}

func (c *Courier) dial(ctx context.Context, target string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeouts.connect())
	defer cancel()
	if c.Dialer != nil {
		return c.Dialer.DialContext(ctx, "tcp", target)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", target)
}

// prepare is everything between the TCP handshake and MAIL.
func (c *Courier) prepare(ctx context.Context, cn *conn, sec security) *Failure {
	if sec.implicit {
		if f := c.handshake(ctx, cn, sec.verified); f != nil {
			return f
		}
	}
	if f := cn.greeting(); f != nil {
		return f
	}
	if f := cn.hello(c.Hello); f != nil {
		return f
	}
	if f := c.startTLS(ctx, cn, sec); f != nil {
		return f
	}
	if sec.login == nil {
		return nil
	}
	return cn.login(sec.login)
}

func (cn *conn) greeting() *Failure {
	rep, f := cn.hear("the greeting", cn.t.greeting())
	if f == nil && rep.code != 220 {
		f = cn.refused("the connection", rep)
	}
	return f
}

// errTLS marks failures that trying again without TLS may mend.
var errTLS = errors.New("TLS failed")

// startTLS turns the connection into TLS where both sides can (RFC 3207), and stands
// firm where it must be TLS.
func (c *Courier) startTLS(ctx context.Context, cn *conn, sec security) *Failure {
	if cn.tls != "" {
		return nil
	}
	if sec.clear || !cn.has("STARTTLS") {
		if sec.verified {
			return later("4.7.10", "the server offers no TLS, and nothing may go there without").at(cn.host)
		}
		return nil
	}
	rep, f := cn.ask("STARTTLS", "STARTTLS", cn.t.greeting())
	switch {
	case f != nil:
		f.Err = fmt.Errorf("%w: %w", errTLS, f.Err)
		return f
	case rep.code != 220:
		f := cn.refused("STARTTLS", rep)
		f.Permanent, f.Err = false, fmt.Errorf("%w: %w", errTLS, f.Err)
		return f
	case cn.r.Buffered() > 0:
		// Words said in clear, to be believed under TLS: somebody is in between.
		cn.broken = true
		return later("4.7.0", "the server spoke before TLS began: %w", errTLS).at(cn.host)
	}
	if f := c.handshake(ctx, cn, sec.verified); f != nil {
		return f
	}
	return cn.hello(c.Hello)
}

// handshake does TLS now. An unverified certificate is better than none (RFC 7435),
// unless must is set.
func (c *Courier) handshake(ctx context.Context, cn *conn, must bool) *Failure {
	ctx, cancel := context.WithTimeout(ctx, cn.t.connect())
	defer cancel()
	cn.net.SetDeadline(time.Now().Add(cn.t.connect()))
	secure := tls.Client(cn.net, c.tlsConfig(cn, must))
	if err := secure.HandshakeContext(ctx); err != nil {
		cn.broken = true
		return later("4.7.5", "%w: %w", errTLS, network(err)).at(cn.host)
	}
	cn.net.SetDeadline(time.Time{})
	cn.bind(secure)
	cn.tls = tls.VersionName(secure.ConnectionState().Version)
	return nil
}

// tlsConfig verifies by itself, so that the result is known also where it does not
// decide, and so that an InsecureSkipVerify in c.TLS cannot weaken what must be verified.
func (c *Courier) tlsConfig(cn *conn, must bool) *tls.Config {
	cfg := c.TLS.Clone()
	if cfg == nil {
		cfg = &tls.Config{}
	}
	cfg.ServerName = cn.host
	cfg.InsecureSkipVerify = true
	cfg.VerifyConnection = func(cs tls.ConnectionState) error {
		err := verify(cs, cfg.RootCAs, cn.host)
		cn.verified = err == nil
		if must {
			return err
		}
		return nil
	}
	return cfg
}

func verify(cs tls.ConnectionState, roots *x509.CertPool, host string) error {
	if len(cs.PeerCertificates) == 0 {
		return errors.New("no certificate")
	}
	opts := x509.VerifyOptions{Roots: roots, DNSName: host, Intermediates: x509.NewCertPool()}
	for _, cert := range cs.PeerCertificates[1:] {
		opts.Intermediates.AddCert(cert)
	}
	_, err := cs.PeerCertificates[0].Verify(opts)
	return err
}
