package test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"aside/test/fake"

	"github.com/pocketbase/pocketbase/core"
)

// Words that mark where a text belongs. If one is found elsewhere, an invariant is broken.
const (
	sideOut    = "SIDE-OUT-CANARY-7Q"
	sideIn     = "SIDE-IN-CANARY-8R"
	sidePortal = "SIDE-PORTAL-CANARY-9S"
	sideFile   = "SIDE-FILE-CANARY-1T"
	subject    = "SIDE-SUBJECT-CANARY-2U"
	note       = "NOTE-CANARY-3V"
	thread     = "THREAD-CANARY-4W"
	other      = "OTHER-CONVERSATION-CANARY-5X"
)

// Invariant 1: nothing of a side conversation reaches the submitter or the customer thread, and nothing of the customer thread, the
// notes or other side conversations reaches an external party, except the context that was ticked. Every letter that left and every
// row that changed is looked at.
func TestInvariant1_NothingCrossesBetweenCustomerTeamAndOutside(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	ada := a.As(team.Owner)
	bob, carla := a.Vendor("Bob Vendor <bob@vendor.test>"), a.Vendor("Carla Customer <carla@customer.test>")
	ada.Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": team.Item.Id, "body": note})
	ada.Must(200, "POST", "/api/collections/customer_messages/records", map[string]any{"feedback": team.Item.Id, "body": "Dear Carla, " + thread})
	before := customerSide(a)
	start := NewForm("feedback", team.Item.Id, "to", "bob@vendor.test", "subject", subject, "message", sideOut, "sharePortal", "true", "includeContext", "true").File("attachments", "a.txt", []byte(sideFile))
	conv := ada.Must(200, "POST", "/api/side-conversations", start).Str("id")
	ada.Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": team.Item.Id, "to": []string{"pack@well.test"}, "subject": "Crate", "message": other, "sharePortal": true})
	letter := a.To("bob@vendor.test", 1)[0]
	send(t, bob, a.SMTP, bob.Reply(letter, sideIn))
	link := portalLink(t, text(t, letter))
	a.Guest().Must(303, "POST", link+"/replies", url.Values{"nonce": {nonce(t, a.Guest().Must(200, "GET", link, nil).Body)}, "message": {sidePortal}})
	ada.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": conv, "body": "Follow-up " + sideOut})
	ada.Must(200, "PATCH", "/api/collections/side_conversations/records/"+conv, map[string]any{"status": "closed"})
	ada.Must(200, "PATCH", "/api/collections/side_conversations/records/"+conv, map[string]any{"status": "open"})
	if after := customerSide(a); after != before {
		t.Errorf("the customer thread changed:\n%s\nbefore:\n%s", after, before)
	}
	toCarla := a.To("carla@customer.test", 1)[0]
	send(t, carla, a.SMTP, carla.Reply(toCarla, "Customer says "+thread))
	ada.Must(200, "POST", "/api/collections/customer_messages/records", map[string]any{"feedback": team.Item.Id, "body": "Second answer"})
	a.To("carla@customer.test", 2)
	a.To("bob@vendor.test", 2)
	a.To("pack@well.test", 1)

	side := []string{sideOut, sideIn, sidePortal, sideFile, subject, other, "bob@vendor.test", "pack@well.test", "/c/", "reply+"}
	for _, l := range a.MX.Letters() {
		switch l.To[0] {
		case "carla@customer.test":
			mustNot(t, "a letter to the customer", l, append(side, note)...)
		case "bob@vendor.test":
			mustNot(t, "a letter to the vendor", l, note, thread, other, "pack@well.test", "ada@acme.test", "mel@acme.test", "Secret shelf code 7719 and more")
		case "pack@well.test":
			mustNot(t, "a letter in another conversation", l, note, thread, sideOut, sideIn, sidePortal, sideFile, subject, "bob@vendor.test", "ada@acme.test", "carla@customer.test", "cracked")
		}
	}
	mustNotIn(t, "the portal page", a.Guest().Must(200, "GET", link, nil).Body, note, thread, other, "pack@well.test", "ada@acme.test", "mel@acme.test")
	for _, r := range append(a.All("customer_messages"), a.All("notes")...) {
		mustNotIn(t, "a row of "+r.Collection().Name, fields(r), side[:8]...)
	}
	for _, r := range a.All("side_messages") {
		mustNotIn(t, "a side message", fields(r), note, thread)
	}
}

// Invariant 2, its first half: what was answered 250 is there whole, byte for byte (kills, full disks and power cuts are in
// durable_test.go), and what was refused left nothing.
func TestInvariant2_WhatWasTakenIsKeptWholeAndWhatWasRefusedLeftNothing(t *testing.T) {
	j := newJob(t)
	raw := j.bob.Sign(j.bob.Bytes(j.bob.Reply(j.letter(), "Yes.")))
	to := j.bob.Reply(j.letter(), "").To
	if err := fake.Deliver(j.SMTP, "mail.vendor.test", "bob@vendor.test", to, raw); err != nil {
		t.Fatal(err)
	}
	m := j.All("side_messages")[1]
	var kept []byte
	if err := j.DB().NewQuery("SELECT raw FROM letters WHERE id = '" + m.Id + "'").Row(&kept); err != nil || !bytes.Equal(kept, raw) {
		t.Fatalf("the letter is not kept byte for byte (%v):\n%q\n%q", err, kept, raw)
	}
	rows := everything(j.App)
	for name, refused := range map[string]func() error{
		"an unknown token": func() error {
			return fake.Deliver(j.SMTP, "h.test", "bob@vendor.test", "reply+"+strings.Repeat("a", 47)+"@in.test", raw)
		},
		"an altered token": func() error { return fake.Deliver(j.SMTP, "h.test", "bob@vendor.test", flip(to), raw) },
		"a foreign domain": func() error { return fake.Deliver(j.SMTP, "h.test", "bob@vendor.test", "x@other.test", raw) },
		"two From fields": func() error {
			return fake.Deliver(j.SMTP, "h.test", "bob@vendor.test", to, append([]byte("From: x@liar.test\r\n"), raw...))
		},
		"a forged From that its domain refuses": func() error {
			return fake.Deliver(j.SMTP, "h.test", "x@liar.test", to, []byte("From: Bob <bob@vendor.test>\r\nTo: "+to+"\r\nSubject: x\r\nMessage-ID: <q@q.test>\r\n\r\nPay me.\r\n"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "a forged From that its domain refuses" {
				j.DNS.TXT("vendor.test", "v=spf1 -all")
			}
			err := refused()
			if name != "a forged From that its domain refuses" && (err == nil || !strings.Contains(err.Error(), "550") && !strings.HasPrefix(err.Error(), "SMTP error 55")) {
				t.Errorf("want 550, got %v", err)
			}
			if name != "a forged From that its domain refuses" {
				if got := everything(j.App); got != rows {
					t.Errorf("a refused letter left something:\n%s\nbefore\n%s", got, rows)
				}
			}
		})
	}
	if err := fake.Deliver(j.SMTP, "mail.vendor.test", "bob@vendor.test", to, raw); err != nil {
		t.Fatal(err)
	}
	if got := everything(j.App); got != rows {
		t.Errorf("R-3: the same letter again must show once:\n%s\nbefore\n%s", got, rows)
	}
}

// flip changes one character in the middle of a token.
func flip(address string) string {
	b := []byte(address)
	if b[20] == 'a' {
		b[20] = 'b'
	} else {
		b[20] = 'a'
	}
	return string(b)
}

func send(t testing.TB, v *fake.Vendor, door string, a fake.Answer) {
	t.Helper()
	if err := v.Send(door, a); err != nil {
		t.Fatalf("the door refused a letter of %s: %v", v.Address, err)
	}
}

// customerSide is everything of the customer thread, as text.
func customerSide(a *App) string {
	var b strings.Builder
	for _, r := range append(a.All("customer_messages"), a.All("feedback")...) {
		f := r.FieldsData()
		delete(f, "lastActivity")
		delete(f, "updated")
		j, _ := json.Marshal(f)
		b.Write(append(j, '\n'))
	}
	return b.String()
}

// everything counts the rows of every table that a letter could touch.
func everything(a *App) string {
	counts := map[string]int{}
	for _, table := range []string{"feedback", "customer_messages", "side_conversations", "participants", "side_messages", "held_mail", "activity", "notifications"} {
		var n int
		if err := a.DB().NewQuery("SELECT count(*) FROM " + table).Row(&n); err != nil {
			a.T.Fatal(err)
		}
		counts[table] = n
	}
	// our own outgoing letters, such as notices to agents, may still be on their way into the table: one query counts the rest
	var n int
	if err := a.DB().NewQuery("SELECT count(*) FROM letters WHERE id NOT IN (SELECT id FROM deliveries)").Row(&n); err != nil {
		a.T.Fatal(err)
	}
	counts["letters"] = n
	b, _ := json.Marshal(counts)
	return string(b)
}

func fields(r *core.Record) []byte {
	b, _ := json.Marshal(r.FieldsData())
	return b
}

func mustNot(t *testing.T, what string, l fake.Letter, never ...string) {
	t.Helper()
	mustNotIn(t, what, l.Data, never...)
	mustNotIn(t, what, []byte(text(t, l)), never...)
	mustNotIn(t, what, []byte(part(t, l, "text/html")), never...)
}

func mustNotIn(t *testing.T, what string, data []byte, never ...string) {
	t.Helper()
	for _, n := range never {
		if bytes.Contains(data, []byte(n)) {
			t.Errorf("%s has %q:\n%s", what, n, data)
		}
	}
}
