package durable

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/mail"
	"strings"
	"testing"
	"time"

	"aside/test"
	"aside/test/fake"
)

// writing is a data folder with one item and an owner who may write.
type writing struct {
	*seed
	token, item string
}

func newWriting(t *testing.T) *writing {
	t.Helper()
	a := test.NewApp(t)
	team := a.NewTeam()
	team.Project.Load(map[string]any{"addressesPerDay": 100_000, "conversationsPerHour": 100_000})
	if err := a.Save(team.Project); err != nil {
		t.Fatal(err)
	}
	token, err := team.Owner.NewAuthToken()
	if err != nil {
		t.Fatal(err)
	}
	s := &writing{seed: &seed{dir: a.Dir(), dns: a.DNS.Addr(), relay: a.MX.Addr()}, token: token, item: team.Item.Id}
	a.Stop()
	return s
}

// post starts a side conversation with so many people; false when the server died before it answered.
func (s *writing) post(d *daemon, n, people int) bool {
	to := []string{fmt.Sprintf("bob%d@vendor.test", n), fmt.Sprintf("carl%d@vendor.test", n), fmt.Sprintf("dora%d@other.test", n)}
	body, _ := json.Marshal(map[string]any{"feedback": s.item, "subject": fmt.Sprintf("Hinge %d", n), "message": strings.Repeat("Hello, how is the hinge? ", 2000),
		"to": to[:people]})
	req, err := http.NewRequest("POST", "http://"+d.http+"/api/side-conversations", bytes.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Authorization", s.token)
	req.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	if res.StatusCode != 200 {
		d.t.Fatalf("starting a conversation: %s", res.Status)
	}
	return true
}

// age lets leases run out, as a minute would.
func (d *daemon) age() {
	d.t.Helper()
	db := d.open()
	defer db.Close()
	if _, err := db.Exec("UPDATE deliveries SET lease = '2020-01-01 00:00:00.000Z' WHERE state = 'sending'"); err != nil {
		d.t.Fatal(err)
	}
}

// allSent waits until every delivery has been taken, and returns how many there are.
func (d *daemon) allSent() (n int) {
	d.t.Helper()
	db := d.open()
	defer db.Close()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if n = count(d.t, db, "SELECT count(*) FROM deliveries"); n > 0 && count(d.t, db, "SELECT count(*) FROM deliveries WHERE state != 'sent'") == 0 {
			return n
		}
	}
	d.t.Fatalf("%d deliveries are not sent\n%s", count(d.t, db, "SELECT count(*) FROM deliveries WHERE state != 'sent'"), d.log.String())
	return 0
}

// sound checks what a kill must leave whole: the database, and each delivery's bytes.
func (d *daemon) sound() {
	d.t.Helper()
	db := d.open()
	defer db.Close()
	var integrity string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&integrity); err != nil || integrity != "ok" {
		d.t.Fatalf("R-14: integrity_check says %q %v", integrity, err)
	}
	for _, query := range []string{"SELECT count(*) FROM pragma_foreign_key_check", "SELECT count(*) FROM deliveries WHERE id NOT IN (SELECT id FROM letters)",
		"SELECT count(*) FROM side_messages WHERE id NOT IN (SELECT message FROM deliveries)"} {
		if n := count(d.t, db, query); n != 0 {
			d.t.Fatalf("%s: %d", query, n)
		}
	}
}

// received groups a peer's letters by recipient and holds them to R-4: a letter that came twice came with the same Message-ID and the
// same bytes.
func received(t *testing.T, mx *fake.MX) map[string]int {
	t.Helper()
	times, first := map[string]int{}, map[string][]byte{}
	for _, l := range mx.Letters() {
		to := l.To[0]
		if times[to]++; first[to] != nil && !bytes.Equal(first[to], l.Data) {
			t.Fatalf("R-4: the second letter to %s is not the first", to)
		}
		first[to] = l.Data
		m, err := mail.ReadMessage(bytes.NewReader(l.Data))
		if err != nil || m.Header.Get("Message-Id") == "" || !strings.HasPrefix(l.From, "bounce+") {
			t.Fatalf("a letter without what it needs: %v from %q", err, l.From)
		}
	}
	return times
}

// TestRT03_KilledAtEachStageOfSending kills the program at s1…s9 (threats 3.2). No letter is lost; a second copy is only possible where
// the peer had the whole letter and we had not yet written that down.
func TestRT03_KilledAtEachStageOfSending(t *testing.T) {
	s := newWriting(t)
	for _, stage := range []string{"s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s3:1", "s4:2", "s5:1", "s6:2", "s7:1"} {
		t.Run(stage, func(t *testing.T) {
			mx := fake.NewMX(t)
			d := newDaemon(t, s.seed)
			d.args = []string{"--mailDomain", "in.test", "--dns", s.dns, "--relay", "smtp://" + mx.Addr()}
			d.start("ASIDE_CRASH_AT=" + stage)
			people := 1 // exactly the letter that the kill meets
			if strings.Contains(stage, ":") {
				people = 3 // and others beside it, at whatever stage they are
			}
			s.post(d, 1, people) // its answer may be lost: what was committed counts
			d.died()
			d.age()
			d.start()
			if n := d.allSent(); n != people {
				t.Fatalf("%d deliveries, want %d", n, people)
			}
			d.sound()
			times := received(t, mx)
			if len(times) != people {
				t.Fatalf("R-4: letters came to %v", times)
			}
			most := 1
			if people > 1 || strings.Contains("s6 s7 s8", stage) {
				most = 2
			}
			for to, n := range times {
				if n > most {
					t.Errorf("R-4: %d letters to %s after a kill at %s", n, to, stage)
				}
			}
			d.kill()
		})
	}
}

// TestRT03_KilledAtRandomWhileSending kills the program again and again while letters go out.
func TestRT03_KilledAtRandomWhileSending(t *testing.T) {
	kills := 5
	if soak {
		kills = 300
	}
	s := newWriting(t)
	mx := fake.NewMX(t)
	d := newDaemon(t, s.seed)
	d.args = []string{"--mailDomain", "in.test", "--dns", s.dns, "--relay", "smtp://" + mx.Addr()}
	sure := 0
	for i := range kills {
		d.start()
		died := make(chan struct{})
		go func() {
			defer close(died)
			time.Sleep(time.Duration(10+rand.IntN(100)) * time.Millisecond)
			d.kill()
		}()
		for k := 0; s.post(d, 1000*i+k, 3); k++ {
			sure++
		}
		<-died
		d.age()
	}
	d.start()
	n := d.allSent()
	times := received(t, mx)
	twice := 0
	for to, got := range times {
		if got > 1 {
			twice++
		}
		if got > 3 {
			t.Errorf("%d letters to %s", got, to)
		}
	}
	if len(times) != n || n < 3*sure {
		t.Fatalf("R-4: %d deliveries, letters to %d people, %d conversations were answered 200", n, len(times), sure)
	}
	t.Logf("%d kills: %d deliveries, none lost, %d came twice", kills, n, twice)
	d.sound()
}
