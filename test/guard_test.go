package test

import (
	"strings"
	"testing"

	"aside/internal/desk"
)

// The submitter guard: neither the customer nor anybody in the customer thread becomes a participant by any door, unless an agent says so
// in so many words, which is then in the activity log.
func TestGuard_TheCustomerIsWrittenToOnlyWhenConfirmedInSoManyWords(t *testing.T) {
	j := newJob(t)
	conv := "/api/side-conversations/" + j.conv
	// a partner of Carla's answers in the customer thread, and Carla answers in the side conversation
	j.ada.Must(200, "POST", "/api/collections/customer_messages/records", map[string]any{"feedback": j.team.Item.Id, "body": "Hello Carla"})
	thread := j.To("carla@customer.test", 1)[0]
	carla, paul := j.Vendor("Carla <carla@customer.test>"), j.Vendor("Paul Partner <paul@partner.test>")
	send(t, carla, j.SMTP, carla.Reply(thread, "From Carla"))
	send(t, paul, j.SMTP, paul.Reply(thread, "From her partner"))
	send(t, carla, j.SMTP, carla.Reply(j.letter(), "Carla got hold of Bob's letter"))
	var strayed string
	for _, m := range j.All("side_messages") {
		if m.GetString("fromEmail") == "carla@customer.test" {
			strayed = m.Id
		}
	}
	if strayed == "" {
		t.Fatal("Carla's stray answer must be kept, for the team alone")
	}
	doors := map[string]func(to string, confirmed bool) *Answer{
		"start": func(to string, confirmed bool) *Answer {
			return j.ada.Do("POST", "/api/side-conversations", map[string]any{"feedback": j.team.Item.Id, "to": []string{"carl@vendor.test", to}, "subject": "s", "message": "m", "confirmSubmitter": confirmed})
		},
		"start by multipart": func(to string, confirmed bool) *Answer {
			f := NewForm("feedback", j.team.Item.Id, "to", to, "subject", "s", "message", "m")
			if confirmed {
				f = NewForm("feedback", j.team.Item.Id, "to", to, "subject", "s", "message", "m", "confirmSubmitter", "true")
			}
			return j.ada.Do("POST", "/api/side-conversations", f)
		},
		"add to a conversation": func(to string, confirmed bool) *Answer {
			return j.ada.Do("POST", conv+"/participants", map[string]any{"to": []string{to}, "confirmSubmitter": confirmed})
		},
	}
	Eventually(t, "no letter is on its way any more", func() bool {
		for _, d := range j.All("deliveries") {
			if s := d.GetString("state"); s == "queued" || s == "sending" {
				return false
			}
		}
		unmailed, err := desk.Unmailed(j, 1)
		return err == nil && len(unmailed) == 0
	})
	for door, open := range doors {
		for _, to := range []string{"carla@customer.test", "CARLA@Customer.TEST", "Somebody Else <carla@customer.test>", "carla+shop@customer.test", "paul@partner.test"} {
			t.Run(door+": "+to, func(t *testing.T) {
				before, letters := everything(j.App), j.sentOut()
				res := open(to, false)
				if res.Status != 400 && res.Status != 409 || !strings.Contains(res.Str("data.confirmSubmitter.message"), "is the customer") {
					t.Fatalf("got %d: %s", res.Status, res.Body)
				}
				if after := everything(j.App); after != before || j.sentOut() != letters {
					t.Errorf("something was left of it:\n%s\n%s", after, before)
				}
			})
		}
	}
	for as, want := range map[desk.Accept]string{desk.AsParticipant: "is the customer", desk.AsAlias: "is the customer"} {
		res := j.ada.Do("POST", "/api/side-messages/"+strayed+"/accept", map[string]any{"as": string(as)})
		if res.Status != 400 && res.Status != 409 || !strings.Contains(string(res.Body), want) {
			t.Errorf("accepting the customer as %s: got %d: %s", as, res.Status, res.Body)
		}
	}
	confirmed := func() (n int) {
		for _, line := range j.log() {
			if strings.HasPrefix(line, "Ada Agent confirmed writing to the customer, carla@customer.test") {
				n++
			}
		}
		return n
	}
	if n := confirmed(); n != 0 {
		t.Fatalf("%d confirmations nobody gave", n)
	}
	if res := doors["add to a conversation"]("carla@customer.test", true); res.Status != 200 {
		t.Fatalf("confirmed in so many words it must go: %d %s", res.Status, res.Body)
	}
	if n := confirmed(); n != 1 {
		t.Errorf("%d lines of the log say so, want 1:\n%s", n, strings.Join(j.log(), "\n"))
	}
	for _, p := range j.All("participants") { // taken off and added again: the question and the line come again
		if p.GetString("email") == "carla@customer.test" {
			j.ada.Must(204, "DELETE", conv+"/participants/"+p.Id, nil)
		}
	}
	if res := doors["add to a conversation"]("carla@customer.test", false); res.Status == 200 {
		t.Error("an old confirmation must not do for a new time")
	}
	if res := doors["add to a conversation"]("carla@customer.test", true); res.Status != 200 || confirmed() != 2 {
		t.Errorf("got %d, %d lines", res.Status, confirmed())
	}
}

// sentOut counts letters to people outside: notices to the team come when they come.
func (j *job) sentOut() (n int) {
	for _, l := range j.MX.Letters() {
		if !strings.HasSuffix(l.To[0], "@acme.test") {
			n++
		}
	}
	return n
}
