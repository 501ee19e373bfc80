package courier

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"aside/test/fake"
)

func TestARelayConnectionCarriesManyLetters(t *testing.T) {
	mx := fake.NewMX(t)
	c := relayTo(mx, "smtp", "", "127.0.0.1")
	for i := range maxLettersConn + 1 {
		p := toBob()
		p.To = fmt.Sprintf("bob%d@ext.test", i)
		must(t, c, p)
	}
	if mx.Sessions() != 2 || len(mx.Letters()) != maxLettersConn+1 {
		t.Errorf("%d letters in %d sessions", len(mx.Letters()), mx.Sessions())
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	must(t, c, toBob())
	if len(c.pool.idle) != 0 || mx.Sessions() != 3 {
		t.Errorf("after Close %d connections are kept, %d sessions", len(c.pool.idle), mx.Sessions())
	}
}

func TestManySendersShareTheRelay(t *testing.T) {
	mx := fake.NewMX(t)
	c := relayTo(mx, "smtp", "", "127.0.0.1")
	defer c.Close()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 25 {
				p := toBob()
				p.To = fmt.Sprintf("bob-%d-%d@ext.test", i, j)
				if _, f := send(c, p); f != nil {
					t.Error(f)
				}
			}
		})
	}
	wg.Wait()
	seen := map[string]int{}
	for _, l := range mx.Letters() {
		seen[strings.Join(l.To, " ")]++
	}
	if len(seen) != 200 || len(mx.Letters()) != 200 || mx.Sessions() > 16 {
		t.Errorf("%d letters to %d people in %d sessions", len(mx.Letters()), len(seen), mx.Sessions())
	}
}

func TestAKeptConnectionThatDiedCostsNothing(t *testing.T) {
	for name, kill := range map[string]func(*fake.MX){
		"cut":             func(m *fake.MX) { m.Hangup() },
		"421 to MAIL":     func(m *fake.MX) { m.At(fake.Mail, fake.Refuse(421, "4.4.2 idle too long").ThenDrop().Times(1)) },
		"cut at DATA":     func(m *fake.MX) { m.At(fake.Data, fake.Drop().Times(1)) },
		"silent":          func(m *fake.MX) { m.At(fake.Mail, fake.Slow(3*patience).Times(1)) },
		"RSET that fails": func(m *fake.MX) { m.At(fake.Mail, fake.Drop().Times(1)) },
		"words nobody asked for": func(m *fake.MX) {
			m.At(fake.Mail, fake.Say("250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n").ThenDrop().Times(1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			mx := fake.NewMX(t)
			c := relayTo(mx, "smtp", "", "127.0.0.1")
			defer c.Close()
			must(t, c, toBob())
			kill(mx)
			must(t, c, toBob())
			if len(mx.Letters()) != 2 {
				t.Errorf("%d letters", len(mx.Letters()))
			}
		})
	}
}

func TestARefusalDoesNotSpoilTheConnection(t *testing.T) {
	mx := fake.NewMX(t)
	c := relayTo(mx, "smtp", "", "127.0.0.1")
	defer c.Close()
	for _, stage := range []fake.Stage{fake.Mail, fake.Rcpt, fake.Data, fake.Dot} {
		mx.At(stage, fake.Refuse(550, "5.1.1 no").Times(1))
		_, f := send(c, toBob())
		wantKind(t, f, "permanent")
		must(t, c, toBob())
	}
	for _, l := range mx.Letters() {
		if len(l.To) != 1 {
			t.Errorf("a letter to %q", l.To)
		}
	}
	// Only a 354 after a refused MAIL or RCPT ends a connection, and this server gives none.
	if mx.Sessions() > 2 || len(mx.Letters()) != 4 {
		t.Errorf("%d letters, %d sessions", len(mx.Letters()), mx.Sessions())
	}
}

func TestASpoiledConnectionIsNotKept(t *testing.T) {
	for _, tc := range []struct {
		name  string
		stage fake.Stage
		fault fake.Fault
		then  fake.Fault // at DATA, when set
		first string
	}{
		{"421, though it stays", fake.Rcpt, fake.Refuse(421, "4.3.2 closing"), fake.Fault{}, "temporary"},
		{"354 for a recipient it refused", fake.Rcpt, fake.Refuse(550, "5.1.1 nobody"), fake.Say("354 go\r\n"), "permanent"},
		{"an answer to a question not yet asked", fake.Dot, fake.Say("250 ok\r\n550 5.1.1 poison\r\n"), fake.Fault{}, "delivered"},
		{"an answer that makes no sense", fake.Dot, fake.Say("354 go\r\n"), fake.Fault{}, "unknown"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			mx := fake.NewMX(t).At(tc.stage, tc.fault.Times(1))
			if tc.then != (fake.Fault{}) {
				mx.At(fake.Data, tc.then.Times(1))
			}
			c := relayTo(mx, "smtp", "", "127.0.0.1")
			defer c.Close()
			_, f := send(c, toBob())
			wantKind(t, f, tc.first)
			must(t, c, toBob())
			if mx.Sessions() != 2 || len(mx.Letters()) != 1 {
				t.Errorf("%d sessions, %d letters", mx.Sessions(), len(mx.Letters()))
			}
		})
	}
}

// liar is a resolver that leads every name elsewhere.
type liar struct{ Resolver }

func (liar) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) {
	return []net.IPAddr{{IP: net.IPv4(192, 0, 2, 1)}, {IP: net.ParseIP("2001:db8::1")}}, nil
}

func TestNoResolverLeadsThePasswordForLocalhostElsewhere(t *testing.T) {
	c := &Courier{Resolver: liar{}}
	for host, want := range map[string]string{
		"localhost":  "127.0.0.1:25 [::1]:25",
		"127.0.0.1":  "127.0.0.1:25",
		"::1":        "[::1]:25",
		"192.0.2.9":  "192.0.2.9:25",
		"relay.test": "192.0.2.1:25 [2001:db8::1]:25",
	} {
		got, f := c.relayTargets(context.Background(), host, "25")
		if f != nil || strings.Join(got, " ") != want {
			t.Errorf("%s leads to %q, %v", host, got, f)
		}
	}
	for _, host := range []string{"localhost.evil.test", "127.0.0.1.evil.test", "relay.test", "10.0.0.1"} {
		if loopback(host) {
			t.Errorf("%s counts as this machine", host)
		}
	}
}

func TestAnIdleConnectionIsClosedAfterAWhile(t *testing.T) {
	mx := fake.NewMX(t)
	c := relayTo(mx, "smtp", "", "127.0.0.1")
	must(t, c, toBob())
	kept := c.pool.idle[0]
	kept.timer.Reset(time.Millisecond)
	for range 100 {
		if cmds := mx.Commands(); cmds[len(cmds)-1] == "QUIT" {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if cmds := mx.Commands(); cmds[len(cmds)-1] != "QUIT" {
		t.Errorf("ended with %q", cmds[len(cmds)-1])
	}
	if c.pool.take(relayRoad) != nil {
		t.Error("a closed connection is still kept")
	}
}

func TestAHalfFinishedRelayIsTemporary(t *testing.T) {
	mx := fake.NewMX(t)
	mx.Close()
	_, f := send(relayTo(mx, "smtp", "", "127.0.0.1"), toBob())
	wantKind(t, f, "temporary")
	if f.Remote != "127.0.0.1" || f.Enhanced != "4.4.1" {
		t.Errorf("%+v", f)
	}
}

func TestTheRelaysPortFollowsFromItsURL(t *testing.T) {
	for raw, port := range map[string]string{"smtp://h.test": "25", "smtp://u:p@h.test": "587", "smtps://u:p@h.test": "465", "smtp://h.test:2525": "2525"} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := relayPort(u); got != port {
			t.Errorf("%s: %s", raw, got)
		}
	}
}

func TestW14_NoLogHasTheLoginInIt(t *testing.T) {
	const pass = "correct-horse"
	for _, mech := range []string{"PLAIN", "LOGIN", "CRAM-MD5"} {
		for _, right := range []string{pass, "another"} {
			var log bytes.Buffer
			mx := fake.NewMX(t).Auth("joe", right, mech)
			c := relayTo(mx, "smtp", "joe:"+pass+"@", "127.0.0.1")
			c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			_, f := send(c, toBob())
			c.Close()
			text := log.String() + fmt.Sprintf("%v %+v", f, f)
			for _, secret := range []string{pass, encode(pass), encode("\x00joe\x00" + pass), base64.RawStdEncoding.EncodeToString([]byte("joe ")), "AUTH"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s: %q is in %q", mech, secret, text)
				}
			}
			if log.Len() == 0 {
				t.Error("nothing was logged")
			}
		}
	}
}
