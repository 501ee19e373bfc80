package test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"aside/internal/config"
	"aside/internal/desk"
	"aside/test/fake"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// older makes a delivery as old as if time had passed, and due now.
func (a *App) older(d *core.Record, by time.Duration) {
	a.T.Helper()
	created := time.Now().Add(-by).UTC().Format("2006-01-02 15:04:05.000Z")
	if _, err := a.NonconcurrentDB().Update("deliveries", dbx.Params{"created": created, "nextAttempt": "2020-01-01 00:00:00.000Z"}, dbx.HashExp{"id": d.Id}).Execute(); err != nil {
		a.T.Fatal(err)
	}
	a.Aside.Outbox().Wake()
}

// write starts a side conversation and returns its id.
func (a *App) write(team *Team, to ...string) string {
	a.T.Helper()
	return a.As(team.Owner).Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": team.Item.Id, "to": to, "subject": "Hinge", "message": "Hello"}).Str("id")
}

func TestOut_ALetterFourHoursOnItsWayIsTold_OnceOnly(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	a.MX.At(fake.Rcpt, fake.Refuse(451, "4.7.1 later").For("bob@vendor.test"))
	a.write(team, "bob@vendor.test")
	d := a.delivery("bob@vendor.test", "delayed")
	told := func() (n int) {
		for _, r := range a.All("activity") {
			if strings.Contains(r.GetString("text"), "still on its way after four hours") {
				n++
			}
		}
		return n
	}
	if told() != 0 {
		t.Fatal("told too early")
	}
	for i := range 3 {
		a.older(d, 4*time.Hour+time.Duration(i+1)*time.Minute)
		Eventually(t, "another attempt", func() bool { return a.Find("deliveries", d.Id).GetInt("attempts") == i+2 })
		d = a.delivery("bob@vendor.test", "delayed")
	}
	if n := told(); n != 1 {
		t.Errorf("the delay was told %d times", n)
	}
	if notice := a.To("ada@acme.test", 1)[0]; !strings.Contains(text(t, notice), "still on its way") {
		t.Errorf("the notice says:\n%s", text(t, notice))
	}
}

func TestOut_ALetterIsGivenUpAfterFiveDays(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	a.MX.At(fake.Rcpt, fake.Refuse(451, "4.7.1 later").For("bob@vendor.test"))
	a.write(team, "bob@vendor.test")
	a.older(a.delivery("bob@vendor.test", "delayed"), 5*24*time.Hour+time.Minute)
	d := a.delivery("bob@vendor.test", "failed")
	if !strings.Contains(d.GetString("response"), "given up after five days") || !strings.Contains(d.GetString("response"), "4.7.1 later") {
		t.Errorf("response %q", d.GetString("response"))
	}
	if notice := a.To("ada@acme.test", 1)[0]; !strings.Contains(text(t, notice), "given up after five days") {
		t.Errorf("the notice says:\n%s", text(t, notice))
	}
	if p := a.Find("participants", d.GetString("participant")); p.GetString("state") != "active" {
		t.Errorf("a server that is away says nothing of the address, yet the participant is %s", p.GetString("state"))
	}
}

func TestOut_ADomainThatDoesNotAnswerIsLeftAloneAndItsLettersSayWhy(t *testing.T) {
	if l, err := net.Listen("tcp", "127.0.0.10:25"); err != nil {
		t.Skipf("port 25 on loopback cannot be bound here: %v", err)
	} else {
		l.Close()
	}
	mx := fake.NewMXAt(t, "127.0.0.10:25").At(fake.Connect, fake.Refuse(421, "4.3.2 closed for today").ThenDrop())
	good := fake.NewMXAt(t, "127.0.0.11:25")
	a := NewApp(t, WithConfig(func(c *config.Config) { c.Relay = nil; c.Allow("127.0.0.0/8") }))
	a.DNS.MX("vendor.test", 10, "mx.vendor.test").A("mx.vendor.test", "127.0.0.10").MX("good.test", 10, "mx.good.test").A("mx.good.test", "127.0.0.11")
	team := a.NewTeam()
	a.write(team, "p0@vendor.test")
	a.delivery("p0@vendor.test", "delayed")
	before := mx.Sessions()
	var to []string
	for i := 1; i <= 8; i++ {
		to = append(to, fmt.Sprintf("p%d@vendor.test", i))
	}
	a.write(team, append(to, "carl@good.test")...)
	a.delivery("carl@good.test", "sent")
	for _, address := range to {
		d := a.delivery(address, "delayed")
		if d.GetInt("attempts") != 0 || !strings.Contains(d.GetString("response"), "closed for today") || !strings.Contains(d.GetString("response"), "not tried now") {
			t.Errorf("%s: %d attempts, %q", address, d.GetInt("attempts"), d.GetString("response"))
		}
		if wait := time.Until(d.GetDateTime("nextAttempt").Time()); wait > 31*time.Second {
			t.Errorf("%s waits %v", address, wait)
		}
	}
	if n := mx.Sessions() - before; n != 0 {
		t.Errorf("%d connections to a server that rests", n)
	}
	if n := len(good.Letters()); n != 1 {
		t.Errorf("%d letters for the other domain", n)
	}
}

func TestOut_OneLookSeesEveryLaneAndNotAllOfOne(t *testing.T) {
	a := NewApp(t)
	a.MX.At(fake.Rcpt, fake.Slow(time.Hour))
	team := a.NewTeam()
	err := a.RunInTransaction(func(tx core.App) error {
		for i := range 300 {
			for _, domain := range []string{"a.test", "b.test", "c.test"} {
				if domain != "a.test" && i > 2 {
					continue
				}
				d := desk.NewDelivery{ID: core.GenerateDefaultRandomId(), Project: team.Project.Id, Recipient: fmt.Sprintf("p%d@%s", i, domain), Raw: []byte("x"), Due: time.Now().Add(-time.Hour)}
				if _, err := desk.QueueDelivery(tx, d); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	due, err := desk.DueDeliveries(a, time.Now(), 64)
	if err != nil {
		t.Fatal(err)
	}
	per := map[string]int{}
	for _, d := range due {
		per[d.Domain()]++
		if d.Project() != team.Project.Id || d.Size != 1 {
			t.Fatalf("%+v", d)
		}
	}
	if per["a.test"] > 64 || per["b.test"] > 3 || per["c.test"]+per["b.test"] == 0 {
		t.Errorf("seen %v", per)
	}
	var plan []struct {
		Detail string `db:"detail"`
	}
	if err := a.DB().NewQuery(`EXPLAIN QUERY PLAN SELECT w.id FROM deliveries w WHERE (w.state = 'queued' OR w.state = 'delayed') AND w.lane = 'x y' AND w.nextAttempt <= '2026' ORDER BY w.nextAttempt LIMIT 5`).All(&plan); err != nil {
		t.Fatal(err)
	}
	if len(plan) != 1 || !strings.Contains(plan[0].Detail, "idx_deliveries_lane (lane=? AND nextAttempt<?)") {
		t.Errorf("the lane is read by %+v", plan)
	}
}

func TestOut_OfManyCopiesEachIsSignedAndGoesToWhomItNames(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	var to []string
	for i := range 9 { // more than are signed at once
		to = append(to, fmt.Sprintf("bob%d@vendor.test", i))
	}
	a.write(team, to...)
	seen := map[string]bool{}
	for _, l := range a.MX.Wait(t, len(to)) {
		signature := string(l.Data[:strings.Index(string(l.Data), "\r\nFrom:")])
		if strings.Count(signature, "DKIM-Signature:") != 2 || seen[signature] || !strings.Contains(string(l.Data), "\r\nTo: "+l.To[0]+"\r\n") && !strings.Contains(string(l.Data), "\r\nTo: <"+l.To[0]+">\r\n") {
			t.Errorf("to %s:\n%s", l.To, l.Data[:min(len(l.Data), 1500)])
		}
		seen[signature] = true
	}
	if len(seen) != len(to) {
		t.Errorf("%d letters", len(seen))
	}
}
