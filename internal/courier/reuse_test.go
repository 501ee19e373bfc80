package courier

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"aside/test/fake"
)

// toMany is a letter to the n-th person at a domain, behind which others wait.
func toMany(n int, domain string) Parcel {
	p := toBob()
	p.To, p.More = fmt.Sprintf("bob%d@%s", n, domain), true
	return p
}

func TestWaitingLettersShareAConnectionToTheMX(t *testing.T) {
	_, mx, c := world(t)
	defer c.Close()
	for i := range maxLettersMX + 1 {
		must(t, c, toMany(i, "ext.test"))
	}
	if mx.Sessions() != 2 {
		t.Errorf("%d letters in %d sessions", len(mx.Letters()), mx.Sessions())
	}
	if said := strings.Join(mx.Commands(), "\n"); strings.Count(said, "RSET") != maxLettersMX-1 {
		t.Errorf("each letter after the first begins with RSET:\n%s", said)
	}
	must(t, c, toBob()) // the last one
	if len(c.pool.idle) != 0 || mx.Commands()[len(mx.Commands())-1] != "QUIT" {
		t.Errorf("nothing waits, and %d connections are kept", len(c.pool.idle))
	}
	for _, l := range mx.Letters() {
		if len(l.To) != 1 || string(l.Data) != sample {
			t.Errorf("to %q: %q", l.To, l.Data)
		}
	}
}

func TestALetterAloneKeepsNoConnectionToAnMX(t *testing.T) {
	_, mx, c := world(t)
	defer c.Close()
	must(t, c, toBob())
	must(t, c, toBob())
	if mx.Sessions() != 2 || len(c.pool.idle) != 0 {
		t.Errorf("%d sessions, %d kept", mx.Sessions(), len(c.pool.idle))
	}
}

func TestAKeptMXConnectionIsClosedAfterAMoment(t *testing.T) {
	_, mx, c := world(t)
	must(t, c, toMany(1, "ext.test"))
	if _, idle := c.pool.idle[0].road.limits(); idle != idleTimeMX || idle >= idleTime {
		t.Errorf("it may wait %v", idle)
	}
	c.pool.idle[0].timer.Reset(time.Millisecond)
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end) && mx.Commands()[len(mx.Commands())-1] != "QUIT"; {
		time.Sleep(10 * time.Millisecond)
	}
	if len(c.pool.idle) != 0 || mx.Commands()[len(mx.Commands())-1] != "QUIT" {
		t.Errorf("kept: %d, said %q", len(c.pool.idle), mx.Commands())
	}
}

func TestAKeptMXConnectionThatFailsCostsTheLetterNothing(t *testing.T) {
	for name, kill := range map[string]func(*fake.MX){
		"cut":                      func(m *fake.MX) { m.Hangup() },
		"RSET refused":             func(m *fake.MX) { m.At(fake.Reset, fake.Refuse(502, "5.5.1 what?").Times(1)) },
		"silent":                   func(m *fake.MX) { m.At(fake.Reset, fake.Slow(3*patience).Times(1)) },
		"421 to RSET":              func(m *fake.MX) { m.At(fake.Reset, fake.Refuse(421, "4.4.2 idle too long").ThenDrop().Times(1)) },
		"too many on a connection": func(m *fake.MX) { m.At(fake.Mail, fake.Refuse(452, "4.5.3 one letter a connection").Times(1)) },
		"421 to MAIL":              func(m *fake.MX) { m.At(fake.Mail, fake.Refuse(421, "4.3.2 enough").ThenDrop().Times(1)) },
		"cut at DATA":              func(m *fake.MX) { m.At(fake.Data, fake.Drop().Times(1)) },
	} {
		t.Run(name, func(t *testing.T) {
			_, mx, c := world(t)
			defer c.Close()
			must(t, c, toMany(1, "ext.test"))
			kill(mx)
			must(t, c, toMany(2, "ext.test"))
			if len(mx.Letters()) != 2 || mx.Sessions() != 2 {
				t.Errorf("%d letters in %d sessions", len(mx.Letters()), mx.Sessions())
			}
		})
	}
}

func TestWhatTheServerSaysOfTheLetterItselfIsItsLastWordOnAKeptConnectionToo(t *testing.T) {
	for name, c := range map[string]struct {
		at    fake.Stage
		fault fake.Fault
		kind  string
	}{
		"nobody there":          {fake.Rcpt, fake.Refuse(550, "5.1.1 nobody"), "permanent"},
		"refused after the dot": {fake.Dot, fake.Refuse(554, "5.7.1 no"), "permanent"},
		"later, after the dot":  {fake.Dot, fake.Refuse(451, "4.3.0 later"), "temporary"},
		"cut after the dot":     {fake.Dot, fake.Drop(), "unknown"}, // it may have it: no second copy now
	} {
		t.Run(name, func(t *testing.T) {
			_, mx, courier := world(t)
			defer courier.Close()
			must(t, courier, toMany(1, "ext.test"))
			mx.At(c.at, c.fault)
			_, f := send(courier, toMany(2, "ext.test"))
			wantKind(t, f, c.kind)
			if mx.Sessions() != 1 || len(courier.pool.idle) != 0 {
				t.Errorf("%d sessions, %d kept after a failure", mx.Sessions(), len(courier.pool.idle))
			}
		})
	}
}

func TestAConnectionIsSharedOnlyOnTheSameRoad(t *testing.T) {
	ca := fake.NewCA(t)
	for name, c := range map[string]struct {
		before func(*fake.DNS, *fake.MX, *Courier)
		then   func(*fake.DNS, *fake.MX, *Courier)
		second string
	}{
		"another domain with the same server": {func(*fake.DNS, *fake.MX, *Courier) {}, func(d *fake.DNS, _ *fake.MX, _ *Courier) { d.MX("other.test", 10, "mx.ext.test") }, "other.test"},
		"TLS must be verified by now": {func(_ *fake.DNS, m *fake.MX, c *Courier) {
			m.StartTLS(ca.Cert("mx.ext.test"))
			c.TLS = &tls.Config{RootCAs: ca.Pool()}
		}, func(_ *fake.DNS, _ *fake.MX, c *Courier) { c.RequireTLS = true }, "ext.test"},
		"its TLS is broken": {func(_ *fake.DNS, m *fake.MX, _ *Courier) {
			m.At(fake.StartTLS, fake.Refuse(454, "4.7.0 not now"))
			m.StartTLS(ca.Cert("mx.ext.test"))
		}, func(*fake.DNS, *fake.MX, *Courier) {}, "ext.test"},
	} {
		t.Run(name, func(t *testing.T) {
			dns, mx, courier := world(t)
			defer courier.Close()
			c.before(dns, mx, courier)
			must(t, courier, toMany(1, "ext.test"))
			sessions := mx.Sessions()
			c.then(dns, mx, courier)
			must(t, courier, toMany(2, c.second))
			if mx.Sessions() == sessions {
				t.Error("both letters went over one connection")
			}
		})
	}
}

func TestClosingTheCourierClosesWhatItKept(t *testing.T) {
	_, mx, c := world(t)
	must(t, c, toMany(1, "ext.test"))
	if err := c.Close(); err != nil || len(c.pool.idle) != 0 || mx.Commands()[len(mx.Commands())-1] != "QUIT" {
		t.Errorf("%v, %d kept", err, len(c.pool.idle))
	}
	must(t, c, toMany(2, "ext.test"))
	if len(c.pool.idle) != 0 {
		t.Error("a closed courier keeps connections")
	}
}

// BenchmarkReuse is what sharing a connection saves a waiting letter: over TLS, to a server that answers at once.
func BenchmarkReuse(b *testing.B) {
	for name, more := range map[string]bool{"a connection each": false, "shared": true} {
		b.Run(name, func(b *testing.B) {
			dns, mx := fake.NewDNS(b), fake.NewMX(b).StartTLS(fake.SelfSigned(b, "mx.ext.test"))
			dns.MX("ext.test", 10, "mx.ext.test").A("mx.ext.test", "127.0.0.1")
			c := &Courier{Resolver: dns.Resolver(), MXPort: mx.Port(), Hello: "out.in.test", MXAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
			defer c.Close()
			for i := 0; b.Loop(); i++ {
				p := toMany(i, "ext.test")
				p.More = more
				if _, err := c.Deliver(context.Background(), p); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
		})
	}
}
