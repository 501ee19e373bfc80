package doctor

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"
)

// door goes through our own SMTP door as a stranger does: greeting, EHLO, STARTTLS.
func (d *Doctor) door(ctx context.Context, p Patient) Check {
	const name = "TLS at the door"
	if p.Door == "" {
		return Check{name, Warn, "The SMTP door is off (--smtp is empty): answers come by the portal only, and letters say so.", "--smtp=0.0.0.0:25"}
	}
	c, err := d.dial(ctx, local(p.Door))
	if err != nil {
		return Check{name, Fail, "Nobody answers at " + p.Door + ". Is `aside serve` running?", ""}
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	text, greeting, err := hello(c)
	if err != nil {
		return Check{name, Fail, "What answers at " + p.Door + " does not speak SMTP.", ""}
	}
	if !strings.Contains(strings.ToLower(greeting), p.Domain) {
		return Check{name, Fail, "Another server answers at " + p.Door + ": " + short(greeting), ""}
	}
	if id, err := text.Cmd("STARTTLS"); err == nil {
		text.StartResponse(id)
		_, _, err = text.ReadResponse(220)
		text.EndResponse(id)
		if err != nil {
			return Check{name, Fail, "The door offers no TLS, so letters come in clear.", ""}
		}
	}
	return d.certificate(ctx, c, p)
}

// certificate looks at what the door shows. Senders do not ask for more than any certificate (RFC 7435), unless MTA-STS tells them to.
func (d *Doctor) certificate(ctx context.Context, c net.Conn, p Patient) Check {
	const name = "TLS at the door"
	var seen error
	cfg := &tls.Config{ServerName: p.Domain, InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error { //nolint:gosec // it is looked at, not trusted
		strict := &tls.Config{}
		if d.Roots != nil {
			strict = d.Roots
		}
		seen = verify(s, strict, p.Domain, d.now())
		return nil
	}}
	secure := tls.Client(c, cfg)
	if err := secure.HandshakeContext(ctx); err != nil {
		return Check{name, Fail, "TLS does not come about at the door.", ""}
	}
	version := tls.VersionName(secure.ConnectionState().Version)
	leaf := secure.ConnectionState().PeerCertificates[0]
	switch {
	case d.now().After(leaf.NotAfter):
		return Check{name, Fail, "The door’s certificate ended on " + leaf.NotAfter.Format("2 January 2006") + ".", ""}
	case seen != nil:
		return Check{name, Pass, version + ". The certificate is self-signed, which is enough for mail, but not for an MTA-STS policy.", ""}
	}
	return Check{name, Pass, version + ", with a certificate that is good for " + p.Domain + ".", ""}
}

// inward comes to the domain's mail server as the world does.
func (d *Doctor) inward(ctx context.Context, p Patient, hosts []string) Check {
	const name = "port 25 in"
	if p.Door == "" {
		return Check{name, Warn, "The SMTP door is off, so nothing comes in by mail.", "--smtp=0.0.0.0:25"}
	}
	if len(hosts) == 0 {
		return Check{name, Fail, "There is no mail server to reach (see MX).", mxLine(p.Domain)}
	}
	c, err := d.toHost(ctx, hosts[0])
	if err != nil {
		return Check{name, Fail, hosts[0] + " does not answer on port " + d.port() + ". A firewall, a missing port forward (" + d.port() + " to " + p.Door + "), or a network that cannot reach itself from inside.", "--smtp=0.0.0.0:25"}
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	_, greeting, err := hello(c)
	switch {
	case err != nil:
		return Check{name, Fail, hosts[0] + " does not speak SMTP on port " + d.port() + ".", ""}
	case !strings.Contains(strings.ToLower(greeting), p.Domain):
		return Check{name, Fail, "Another server answers at " + hosts[0] + ": " + short(greeting) + ". Mail for " + p.Domain + " goes there.", mxLine(p.Domain)}
	}
	return Check{name, Pass, hosts[0] + " answers on port " + d.port() + ", and it is this server.", ""}
}

// outward shows that letters can leave: to the relay, or to a mail server everybody reaches.
func (d *Doctor) outward(ctx context.Context, p Patient) Check {
	const name = "port 25 out"
	if p.Relay != "" {
		c, err := d.dial(ctx, p.Relay)
		if err != nil {
			return Check{name, Fail, "The relay " + p.Relay + " does not answer.", "--relay=smtp://user:password@host:587"}
		}
		c.Close()
		return Check{name, Pass, "Letters leave through the relay " + p.Relay + ", which answers.", ""}
	}
	outside := either(d.Outside, OutsideDomain)
	records, err := d.resolver().LookupMX(ctx, outside)
	if err != nil || len(records) == 0 {
		return silent(name, outside)
	}
	c, err := d.toHost(ctx, bare(records[0].Host))
	if err != nil {
		return Check{name, Fail, "The mail server of " + outside + " cannot be reached on port 25. Many networks block it; a relay gets round that.", "--relay=smtp://user:password@host:587"}
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, _, err := hello(c); err != nil {
		return Check{name, Warn, "The mail server of " + outside + " can be reached, but turns this address away: " + short(err.Error()), ""}
	}
	return Check{name, Pass, "The mail server of " + outside + " can be reached on port 25.", ""}
}

// toHost connects to a host's mail port, at the first of its addresses that answers.
func (d *Doctor) toHost(ctx context.Context, host string) (c net.Conn, err error) {
	ips, err := d.ips(ctx, host)
	for _, ip := range ips {
		if c, err = d.dial(ctx, net.JoinHostPort(ip.String(), d.port())); err == nil {
			return c, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%s has no address", host)
	}
	return nil, err
}

// hello hears the greeting and says EHLO.
func hello(c net.Conn) (*textproto.Conn, string, error) {
	text := &textproto.Conn{Reader: textproto.Reader{R: bufio.NewReaderSize(c, 4096)}, Writer: textproto.Writer{W: bufio.NewWriter(c)}}
	_, greeting, err := text.ReadResponse(220)
	if err != nil {
		return nil, greeting, err
	}
	id, err := text.Cmd("EHLO doctor.invalid")
	if err != nil {
		return nil, greeting, err
	}
	text.StartResponse(id)
	defer text.EndResponse(id)
	_, _, err = text.ReadResponse(250)
	return text, greeting, err
}

// How far our clock may be off: signatures bear the time, and a server that is ahead signs letters from the future.
const (
	clockWarn = 10 * time.Second
	clockFail = 5 * time.Minute
)

func (d *Doctor) clock(ctx context.Context) Check {
	const name = "clock"
	where := either(d.TimeURL, TimeServer)
	res, err := d.get(ctx, http.MethodHead, where)
	if err != nil {
		return Check{name, Warn, "The time could not be compared: " + host(where) + " does not answer.", ""}
	}
	res.Body.Close()
	theirs, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return Check{name, Warn, "The time could not be compared: " + host(where) + " does not tell it.", ""}
	}
	off := d.now().Sub(theirs).Abs().Round(time.Second)
	switch {
	case off > clockFail:
		return Check{name, Fail, "The clock is off by " + off.String() + ": signatures bear a wrong time and are refused.", "timedatectl set-ntp true"}
	case off > clockWarn:
		return Check{name, Warn, "The clock is off by " + off.String() + ".", "timedatectl set-ntp true"}
	}
	return Check{name, Pass, "The clock is right.", ""}
}

// base asks whether people reach us where our links lead.
func (d *Doctor) base(ctx context.Context, p Patient) Check {
	const name, flag = "base URL", "--publicURL=https://desk.example.com"
	u, err := url.Parse(p.BaseURL)
	if p.BaseURL == "" || err != nil {
		return Check{name, Fail, "No base URL is set, so links in letters lead nowhere.", flag}
	}
	res, err := d.get(ctx, http.MethodGet, p.BaseURL+"/healthz")
	if err != nil {
		return Check{name, Fail, "Nobody answers at " + p.BaseURL + ", where links in letters lead.", flag}
	}
	res.Body.Close()
	switch {
	case res.StatusCode != http.StatusOK:
		return Check{name, Fail, fmt.Sprintf("What answers at %s is not Aside, or not well (%s).", p.BaseURL, res.Status), flag}
	case u.Scheme != "https":
		return Check{name, Warn, p.BaseURL + " answers, but without TLS: links, and what is written behind them, travel in clear.", flag}
	}
	return Check{name, Pass, p.BaseURL + " answers.", ""}
}

func (d *Doctor) get(ctx context.Context, method, url string) (*http.Response, error) {
	client := http.Client{Timeout: patience}
	if d.HTTP != nil {
		client.Transport = d.HTTP.Transport
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, err
	}
	return client.Do(req)
}

func host(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Host
	}
	return address
}

// local is where a listener on all addresses is reached from here.
func local(door string) string {
	h, port, err := net.SplitHostPort(door)
	if ip := net.ParseIP(h); err == nil && (h == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return door
}

// short is a stranger's words, fit for one line.
func short(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}
