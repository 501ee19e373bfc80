package durable

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aside/test"

	"github.com/pocketbase/pocketbase/core"
)

// A round of PF-10's signed half: a follow-up in each conversation, to everybody on it. Four agents write at once.
const (
	signedConversations = 20
	signedPeople        = 25 // on each
	signedWriters       = 4
	signedRounds        = 4 // 2,000 letters
)

// TestPF10_SignedLettersAgainstTheCoresOwnLimit writes to many people through the API and measures until their relay has every letter,
// each signed with RSA and Ed25519. The bar is what the machine's cores can sign with RSA alone, measured before and after.
func TestPF10_SignedLettersAgainstTheCoresOwnLimit(t *testing.T) {
	if os.Getenv("ASIDE_BENCH_OUT") == "" {
		t.Skip("set ASIDE_BENCH_OUT to measure")
	}
	requires(t, "smtp-sink")
	sink := freeAddr(t)
	cmd := exec.Command("smtp-sink", "-u", "nobody", "-c", sink, "500")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	s := newRounds(t)
	d := newDaemon(t, s.seed)
	d.args = []string{"--mailDomain", "in.test", "--dns", s.dns, "--relay", "smtp://" + sink}
	d.start()
	db := d.open()
	defer db.Close()
	var ratios []float64
	var early, late int64
	for round := range 3 {
		limit := rsaLimit(t)
		began := time.Now()
		s.write(d)
		waitUntil(t, "every letter is sent", func() bool { return count(t, db, "SELECT count(*) FROM deliveries WHERE state != 'sent'") == 0 })
		rate := signedConversations * signedPeople * signedRounds / time.Since(began).Seconds()
		limit = (limit + rsaLimit(t)) / 2
		ratios = append(ratios, rate/limit)
		late = memory(t, d.pid(), "VmRSS")
		if round == 0 {
			early = late
		}
		t.Logf("PF-10 signed: %.0f letters/s, the cores sign %.0f/s, ratio %.2f; memory %d MiB, peak %d MiB", rate, limit, rate/limit, late>>20, memory(t, d.pid(), "VmHWM")>>20)
	}
	slices.Sort(ratios)
	t.Logf("PF-10 signed: ratio %.2f (median of %.2f); memory after a third %d MiB, after all %d MiB", ratios[1], ratios, early>>20, late>>20)
	if ratios[1] < 0.3 {
		t.Errorf("PF-10: signed letters reach %.2f of the cores' limit, want 0.3", ratios[1])
	}
	if late > early+early/2 {
		t.Errorf("PF-10: memory is not flat: %d MiB, then %d MiB", early>>20, late>>20)
	}
}

// rounds is a data folder with conversations that have people on them, and an owner who writes to all.
type rounds struct {
	*seed
	token         string
	conversations []string
	written       atomic.Int64
}

func newRounds(t *testing.T) *rounds {
	t.Helper()
	a := test.NewApp(t)
	team := a.NewTeam()
	token, err := team.Owner.NewAuthToken()
	if err != nil {
		t.Fatal(err)
	}
	s := &rounds{seed: &seed{dir: a.Dir(), dns: a.DNS.Addr(), relay: a.MX.Addr()}, token: token}
	err = a.RunInTransaction(func(tx core.App) error {
		for i := range signedConversations {
			c := record(tx, "side_conversations", map[string]any{"project": team.Project.Id, "feedback": team.Item.Id, "subject": fmt.Sprintf("Hinges %d", i), "status": "open", "startedBy": team.Owner.Id, "sharedVersion": 1})
			if err := tx.Save(c); err != nil {
				return err
			}
			s.conversations = append(s.conversations, c.Id)
			for k := range signedPeople {
				p := record(tx, "participants", map[string]any{"project": team.Project.Id, "conversation": c.Id, "email": fmt.Sprintf("p%d.%d@sink.test", i, k), "state": "active", "replyVersion": 1, "linkVersion": 1})
				if err := tx.Save(p); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	a.Stop()
	return s
}

// write posts all rounds of follow-ups.
func (s *rounds) write(d *daemon) {
	d.t.Helper()
	work := make(chan string)
	var all sync.WaitGroup
	for range signedWriters {
		all.Go(func() {
			for c := range work {
				body, _ := json.Marshal(map[string]any{"conversation": c, "body": fmt.Sprintf("Follow-up %d. %s", s.written.Add(1), strings.Repeat("How is the hinge? ", 60))})
				req, err := http.NewRequest("POST", "http://"+d.http+"/api/collections/side_messages/records", bytes.NewReader(body))
				if err != nil {
					d.t.Error(err)
					return
				}
				req.Header.Set("Authorization", s.token)
				req.Header.Set("Content-Type", "application/json")
				res, err := http.DefaultClient.Do(req)
				if err != nil || res.StatusCode != 200 {
					d.t.Errorf("a follow-up: %v %v", res, err)
					continue
				}
				res.Body.Close()
			}
		})
	}
	for range signedRounds {
		for _, c := range s.conversations {
			work <- c
		}
	}
	close(work)
	all.Wait()
}

// rsaLimit is how many RSA signatures of 2048 bits all cores make in a second together, when they do nothing else.
func rsaLimit(t testing.TB) float64 {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("a header"))
	var n atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for range runtime.NumCPU() {
		all.Go(func() {
			for time.Since(began) < time.Second {
				if _, err := key.Sign(nil, digest[:], crypto.SHA256); err != nil {
					t.Error(err)
					return
				}
				n.Add(1)
			}
		})
	}
	all.Wait()
	return float64(n.Load()) / time.Since(began).Seconds()
}
