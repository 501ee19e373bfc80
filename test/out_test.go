package test

import (
	"bytes"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"aside/internal/config"
	"aside/internal/desk"
	"aside/test/fake"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// delivery waits until the delivery to an address is in a state.
func (a *App) delivery(to, state string) (d *core.Record) {
	a.T.Helper()
	Eventually(a.T, "the delivery to "+to+" is "+state, func() bool {
		for _, r := range a.All("deliveries") {
			if r.GetString("recipient") == to && r.GetString("state") == state {
				d = r
				return true
			}
		}
		return false
	})
	return d
}

// due makes a waiting delivery due now, as time would.
func (a *App) due(d *core.Record) {
	a.T.Helper()
	if _, err := a.NonconcurrentDB().Update("deliveries", dbx.Params{"nextAttempt": "2020-01-01 00:00:00.000Z"}, dbx.HashExp{"id": d.Id}).Execute(); err != nil {
		a.T.Fatal(err)
	}
	a.Aside.Outbox().Wake()
}

func TestOut_AGreylistedLetterIsTriedAgainWithTheSameBytes(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	a.MX.At(fake.Dot, fake.Refuse(451, "4.7.1 come back later").Times(1))
	a.As(team.Owner).Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": team.Item.Id, "to": []string{"bob@vendor.test"}, "subject": "Hinge", "message": "Hello"})
	d := a.delivery("bob@vendor.test", "delayed")
	if !strings.Contains(d.GetString("response"), "come back later") || d.GetDateTime("nextAttempt").IsZero() || d.GetInt("attempts") != 1 {
		t.Fatalf("got %v", d.FieldsData())
	}
	if wait := time.Until(d.GetDateTime("nextAttempt").Time()); wait < 50*time.Second || wait > 61*time.Second {
		t.Errorf("the first retry comes after a minute, not %v", wait)
	}
	frozen, err := desk.Letter(a, d.Id)
	if err != nil {
		t.Fatal(err)
	}
	a.due(d)
	d = a.delivery("bob@vendor.test", "sent")
	letters := a.To("bob@vendor.test", 1)
	if len(letters) != 1 || !bytes.Equal(letters[0].Data, frozen) || d.GetInt("attempts") != 2 {
		t.Fatalf("%d letters after %d attempts; same bytes: %v", len(letters), d.GetInt("attempts"), len(letters) == 1 && bytes.Equal(letters[0].Data, frozen))
	}
	if steps := desk.Steps(d); len(steps) != 3 || steps[1].State != "delayed" || steps[2].State != "sent" || steps[2].Said == "" {
		t.Errorf("timeline %+v", steps)
	}
}

func TestOut_ARefusedLetterIsRaisedToTheTeam(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	a.MX.At(fake.Rcpt, fake.Refuse(550, "5.1.1 no such user <script>").For("bob@vendor.test"))
	a.As(team.Owner).Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": team.Item.Id, "to": []string{"bob@vendor.test", "carl@vendor.test"}, "subject": "Hinge", "message": "Hello"})
	d := a.delivery("bob@vendor.test", "bounced")
	if !strings.Contains(d.GetString("response"), "5.1.1 no such user") {
		t.Errorf("got %v", d.FieldsData())
	}
	a.delivery("carl@vendor.test", "sent")
	notice := a.To("ada@acme.test", 1)[0]
	if html := part(t, notice, "text/html"); strings.Contains(html, "<script>") || !strings.Contains(html, "no such user") {
		t.Errorf("the notice must say it, escaped:\n%s", html)
	}
	if list := a.As(team.Owner).Must(200, "GET", "/api/inbox", nil).List("items"); list[0]["trouble"] == "" {
		t.Errorf("the list must show the trouble: %v", list[0])
	}
}

func TestOut_ALeaseThatRanOutIsTakenUpAgain(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	a.MX.At(fake.Dot, fake.Refuse(451, "4.7.1 later").Times(1))
	a.As(team.Owner).Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": team.Item.Id, "to": []string{"bob@vendor.test"}, "subject": "Hinge", "message": "Hello"})
	d := a.delivery("bob@vendor.test", "delayed")
	// as a process killed in the middle of an attempt leaves it
	if _, err := a.NonconcurrentDB().Update("deliveries", dbx.Params{"state": "sending", "nextAttempt": "", "lease": "2020-01-01 00:00:00.000Z"}, dbx.HashExp{"id": d.Id}).Execute(); err != nil {
		t.Fatal(err)
	}
	a.Aside.Outbox().Wake()
	a.delivery("bob@vendor.test", "sent")
}

func TestOut_WithoutARelayLettersGoStraightToTheMX(t *testing.T) {
	if l, err := net.Listen("tcp", "127.0.0.9:25"); err != nil {
		t.Skipf("port 25 on loopback cannot be bound here: %v", err)
	} else {
		l.Close()
	}
	mx := fake.NewMXAt(t, "127.0.0.9:25")
	for name, allow := range map[string]string{"an inner address is not dialled": "", "unless the operator allowed its network": "127.0.0.0/8"} {
		t.Run(name, func(t *testing.T) {
			before := len(mx.Letters())
			a := NewApp(t, WithConfig(func(c *config.Config) { c.Relay = nil; c.Allow(allow) }))
			a.DNS.MX("vendor.test", 10, "mx.vendor.test").A("mx.vendor.test", "127.0.0.9")
			team := a.NewTeam()
			a.As(team.Owner).Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": team.Item.Id, "to": []string{"bob@vendor.test"}, "subject": "Hinge", "message": "Hello"})
			if allow == "" {
				a.delivery("bob@vendor.test", "failed")
				if n := len(mx.Letters()) - before; n != 0 {
					t.Fatalf("%d letters reached an inner address", n)
				}
				return
			}
			a.delivery("bob@vendor.test", "sent")
			mx.Wait(t, before+1)
		})
	}
}

func TestOut_PocketBasesOwnMailsTakeTheSameRoad(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	a.Guest().Must(204, "POST", "/api/collections/users/request-password-reset", map[string]any{"email": team.Member.Email()})
	l := a.To(team.Member.Email(), 1)[0]
	if body := text(t, l); !strings.Contains(body, a.URL+"/app/reset/") && !strings.Contains(part(t, l, "text/html"), a.URL+"/app/reset/") {
		t.Errorf("no link to the inbox:\n%s", l.Data)
	}
	if !strings.Contains(string(l.Data), "From: ") || !strings.Contains(string(l.Data), "no-reply@in.test") || !strings.HasPrefix(l.From, "bounce+") || !strings.Contains(string(l.Data), "DKIM-Signature:") {
		t.Errorf("it must be ours, signed:\n%s", l.Data)
	}
}

func TestOut_EveryLetterIsSignedThreadedAndNamesNoSecretOfOthers(t *testing.T) {
	j := newJob(t, "to", []string{"Bob Vendor <bob@vendor.test>", "Carl <carl@vendor.test>"}, "sharePortal", true)
	bob, carl := j.letter(), j.To("carl@vendor.test", 1)[0]
	tokenOf := func(l fake.Letter) string {
		_, rest, _ := strings.Cut(string(l.Data), "reply+")
		tok, _, _ := strings.Cut(rest, "@")
		return tok
	}
	for name, l := range map[string]fake.Letter{"Bob's": bob, "Carl's": carl} {
		data := string(l.Data)
		if strings.Count(data, "DKIM-Signature:") != 2 {
			t.Errorf("%s letter has %d signatures, want ed25519 and rsa", name, strings.Count(data, "DKIM-Signature:"))
		}
		if strings.Contains(data, "Auto-Submitted") {
			t.Errorf("%s letter is a person's, yet says Auto-Submitted", name)
		}
		for _, line := range strings.Split(data, "\r\n") {
			if len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") {
				t.Errorf("%s letter has a bad line: %q", name, line)
			}
		}
	}
	if tokenOf(bob) == tokenOf(carl) || strings.Contains(string(bob.Data), tokenOf(carl)) || strings.Contains(text(t, bob), portalLink(t, text(t, carl))) {
		t.Errorf("T-09: a letter carries somebody else's token")
	}
}

func TestOut_MailSettingsOfTheDashboardCountAtOnce(t *testing.T) {
	if raceDetector {
		t.Skip("PocketBase reloads its settings while its logger reads them: a race of its own; runs without the detector")
	}
	a := NewApp(t, WithConfig(func(c *config.Config) { c.Relay = nil }))
	team := a.NewTeam()
	host, port, _ := net.SplitHostPort(a.MX.Addr())
	s := a.Settings()
	s.SMTP.Enabled, s.SMTP.Host = true, host
	s.SMTP.Port, _ = strconv.Atoi(port)
	if err := a.Save(s); err != nil {
		t.Fatal(err)
	}
	a.As(team.Owner).Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": team.Item.Id, "to": []string{"bob@vendor.test"}, "subject": "Hinge", "message": "Hello"})
	a.To("bob@vendor.test", 1)
}
