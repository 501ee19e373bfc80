package durable

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"aside/internal/desk"
	"aside/test/fake"
)

// far is one peer of TestInterop_TheyReceiveFromUs: how it begins, and what must have become of the letter to it.
type far struct {
	name  string
	start func(testing.TB, *peer)
	heals bool   // it is a good server from its second look at us on
	state string // the delivery's last
	tries int    // how many attempts that takes
	most  int    // copies it may have been given in all: refused ones count, since we cannot take them back
	steps string // of the timeline
	says  string // in what was heard
	tls   string // in the trace that the server itself writes
}

func sink(flags ...string) func(testing.TB, *peer) {
	return func(t testing.TB, p *peer) { requires(t, "smtp-sink"); p.startSink(t, flags...) }
}

var fars = []far{
	{name: "postfix-plain", start: func(t testing.TB, p *peer) { p.startPostfixPeer(t, false) }, state: desk.Sent, tries: 1, most: 1, steps: "queued sent", says: "queued as", tls: "with ESMTP id"},
	{name: "postfix", start: func(t testing.TB, p *peer) { p.startPostfixPeer(t, true) }, state: desk.Sent, tries: 1, most: 1, steps: "queued sent", says: "queued as", tls: "with ESMTPS id"},
	{name: "exim", start: func(t testing.TB, p *peer) { p.startExim(t) }, state: desk.Sent, tries: 1, most: 1, steps: "queued sent", says: "OK id=", tls: "with esmtps"},
	{name: "chasquid", start: func(t testing.TB, p *peer) { p.startChasquid(t) }, state: desk.Sent, tries: 1, most: 1, steps: "queued sent", says: "250", tls: "ESMTPS"},
	{name: "slow", start: sink("-W", ".:5"), state: desk.Sent, tries: 1, most: 1, steps: "queued sent", says: "250"},
	{name: "greylisting", start: sink("-r", "RCPT", "-b", "451 4.7.1 greylisted, come back"), heals: true, state: desk.Sent, tries: 2, most: 1, steps: "queued delayed sent", says: "250"},
	{name: "later-after-data", start: sink("-r", ".", "-b", "451 4.3.0 no room just now"), heals: true, state: desk.Sent, tries: 2, most: 2, steps: "queued delayed sent", says: "250"},
	{name: "drops-at-data", start: sink("-q", "DATA"), heals: true, state: desk.Sent, tries: 2, most: 1, steps: "queued delayed sent", says: "250"},
	{name: "drops-after-the-dot", start: sink("-q", "."), heals: true, state: desk.Sent, tries: 2, most: 2, steps: "queued delayed sent", says: "250"},
	{name: "drops-at-once", start: sink("-q", "CONNECT"), heals: true, state: desk.Sent, tries: 2, most: 1, steps: "queued delayed sent", says: "250"},
	{name: "unknown", start: sink("-f", "RCPT", "-B", "550 5.1.1 no such user"), state: desk.Bounced, tries: 1, most: 0, steps: "queued bounced", says: "550 5.1.1 no such user"},
	{name: "refused-after-data", start: sink("-f", ".", "-B", "554 5.7.1 not wanted"), state: desk.Bounced, tries: 1, most: 1, steps: "queued bounced", says: "554 5.7.1 not wanted"},
}

// TestInterop_TheyReceiveFromUs writes one message to a person at each of many real servers, straight to their MX, and waits as long as
// the queue does. Each delivery must end as it should, each server have the letter, whole, under one Message-ID, and no more copies
// than the protocol makes it impossible to avoid.
func TestInterop_TheyReceiveFromUs(t *testing.T) {
	interop(t)
	names := fake.NewDNS(t)
	there := map[string]*peer{}
	for i, f := range fars {
		t.Run(f.name+" comes up", func(sub *testing.T) {
			domain, ip := f.name+".test", fmt.Sprintf("%s.%d", loopbackNet, i+1)
			if taken(ip) {
				sub.Skipf("port 25 of %s cannot be had", ip)
			}
			p := newPeer(t, domain, ip)
			defer func() {
				if sub.Skipped() {
					p.stop()
				}
			}()
			f.start(outlives{sub, t}, p)
			names.MX(domain, 10, "mx."+domain).A("mx."+domain, ip)
			there[f.name] = p
		})
	}
	if len(there) == 0 {
		t.Skip("none of them is here")
	}
	s := newWriting(t)
	d := newDaemon(t, s.seed)
	d.args = []string{"--mailDomain", "in.test", "--dns", names.Addr(), "--mxAllow", loopbackNet + ".0/24"}
	d.start()
	db := d.open()
	defer db.Close()
	s.writeTo(d, there)

	waitUntil(t, "every first attempt is over", func() bool {
		return count(t, db, "SELECT count(*) FROM deliveries WHERE attempts = 0 OR state = 'sending'") == 0
	})
	for _, f := range fars {
		if p := there[f.name]; p != nil && f.heals {
			before := len(p.letters(t, "Message-ID: <"))
			p.stop()
			p.startSink(t)
			t.Logf("%s: %d copies before it heals", f.name, before)
		}
	}
	defer func() {
		if t.Failed() {
			t.Logf("%s\n%s", timelines(t, db), d.log.String())
		}
	}()
	waitUntil(t, "every delivery has ended", func() bool {
		return count(t, db, "SELECT count(*) FROM deliveries WHERE state IN ('queued', 'sending', 'delayed')") == 0
	})
	for _, f := range fars {
		if p := there[f.name]; p != nil {
			t.Run(f.name, func(t *testing.T) { f.ended(t, db, p) })
		}
	}
	d.sound()
}

// timelines is how far each letter got, for a run that fails.
func timelines(t *testing.T, db *sql.DB) string {
	rows, err := db.Query("SELECT recipient || ' ' || state || ' ' || attempts || ' ' || nextAttempt || ' ' || timeline FROM deliveries")
	if err != nil {
		return err.Error()
	}
	defer rows.Close()
	all := ""
	for rows.Next() {
		var one string
		if rows.Scan(&one) == nil {
			all += one + "\n"
		}
	}
	return all
}

// outlives is a subtest that may be skipped, of whose servers the whole test has need.
type outlives struct {
	testing.TB
	test testing.TB
}

func (o outlives) Cleanup(f func()) { o.test.Cleanup(f) }

// writeTo starts one side conversation with bob at each peer.
func (s *writing) writeTo(d *daemon, there map[string]*peer) {
	d.t.Helper()
	var to []string
	for _, p := range there {
		to = append(to, "bob@"+p.domain)
	}
	body, _ := json.Marshal(map[string]any{"feedback": s.item, "subject": "Scharniere für Größe 44", "message": ".\n..two dots\n" + strings.Repeat("Grüße, and how is the hinge? ", 2000), "to": to})
	req, err := http.NewRequest("POST", "http://"+d.http+"/api/side-conversations", bytes.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Authorization", s.token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != 200 {
		d.t.Fatalf("starting a conversation: %v %v", res, err)
	}
	res.Body.Close()
}

// ended holds one delivery to what its peer makes of it.
func (f far) ended(t *testing.T, db *sql.DB, p *peer) {
	var id, state, response, timeline, message string
	var tries int
	var raw []byte
	err := db.QueryRow(`SELECT d.id, d.state, d.response, d.timeline, d.attempts, m.messageId, l.raw FROM deliveries d JOIN side_messages m ON m.id = d.message JOIN letters l ON l.id = d.id WHERE d.recipient = ?`,
		"bob@"+p.domain).Scan(&id, &state, &response, &timeline, &tries, &message, &raw)
	if err != nil {
		t.Fatal(err)
	}
	var steps []desk.Step
	if err := json.Unmarshal([]byte(timeline), &steps); err != nil {
		t.Fatal(err)
	}
	states := ""
	for _, s := range steps {
		states = strings.TrimSpace(states + " " + s.State)
	}
	if state != f.state || tries != f.tries || states != f.steps || !strings.Contains(response, f.says) {
		t.Errorf("%s after %d attempts (%s): %q; want %s after %d (%s): %q", state, tries, states, response, f.state, f.tries, f.steps, f.says)
	}
	var copies []string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) { // a server may deliver a little later
		if copies = p.letters(t, "Message-ID: <"+message+">"); len(copies) >= f.most {
			break
		}
	}
	if len(copies) > f.most || f.state == desk.Sent && len(copies) == 0 {
		t.Errorf("R-4: %d copies, want at most %d", len(copies), f.most)
	}
	if all := p.letters(t, ""); len(all) != len(copies) {
		t.Errorf("%d letters came, %d of them under the Message-ID", len(all), len(copies))
	}
	want := strings.TrimRight(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n")
	for _, c := range copies {
		c = strings.TrimRight(strings.ReplaceAll(c, "\r\n", "\n"), "\n")
		if !strings.HasSuffix(c, want) {
			t.Errorf("what came is not what was signed and queued:\n%.600s", c)
		}
		if trace := strings.TrimSuffix(c, want); !strings.Contains(trace, f.tls) {
			t.Errorf("its trace does not say %q:\n%s", f.tls, trace)
		}
	}
}
