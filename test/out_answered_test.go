package test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// timelines are the states of each delivery's timeline, as the item's page gives them: "queued sent answered", by recipient and in the
// order of the messages.
func (a *App) timelines(team *Team) map[string][]string {
	a.T.Helper()
	type steps struct {
		Recipient string
		Timeline  []struct{ At, State, Who, Said string }
	}
	var page struct {
		CustomerMessages []struct{ Delivery *steps }
		Conversations    []struct {
			Messages []struct{ Deliveries []steps }
		}
	}
	if err := json.Unmarshal(a.As(team.Viewer).Must(200, "GET", "/api/items/"+team.Item.Id, nil).Body, &page); err != nil {
		a.T.Fatal(err)
	}
	found := map[string][]string{}
	add := func(d steps) {
		var states []string
		for _, s := range d.Timeline {
			if s.At == "" {
				a.T.Errorf("a step without its time: %+v", s)
			}
			states = append(states, s.State)
		}
		found[d.Recipient] = append(found[d.Recipient], strings.Join(states, " "))
	}
	for _, m := range page.CustomerMessages {
		if m.Delivery != nil {
			add(*m.Delivery)
		}
	}
	for _, c := range page.Conversations {
		for _, m := range c.Messages {
			for _, d := range m.Deliveries {
				add(d)
			}
		}
	}
	return found
}

func TestOut_TheTimelineEndsWithTheAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(*testing.T, *job)
		want   string
	}{
		"nobody answered":     {func(*testing.T, *job) {}, "queued sent"},
		"by mail":             {func(_ *testing.T, j *job) { j.answer("Two weeks.") }, "queued sent answered"},
		"automatic mail":      {func(t *testing.T, j *job) { j.sends(t, "bob@vendor.test", "Auto-Submitted: auto-replied") }, "queued sent"},
		"from elsewhere":      {func(t *testing.T, j *job) { j.sends(t, "eve@other.test") }, "queued sent"},
		"the link was opened": {func(t *testing.T, j *job) { j.page(t) }, "queued sent"}, // P-02: programs open links too
		"on the page behind the link": {func(t *testing.T, j *job) {
			link, page := j.page(t)
			j.Guest().Must(303, "POST", link+"/replies", url.Values{"nonce": {nonce(t, page)}, "message": {"Two weeks."}})
		}, "queued sent opened answered"},
	} {
		t.Run(name, func(t *testing.T) {
			j := newJob(t, "to", []string{"Bob Vendor <bob@vendor.test>", "carl@vendor.test"}, "sharePortal", true)
			j.delivery("bob@vendor.test", "sent")
			j.delivery("carl@vendor.test", "sent")
			c.answer(t, j)
			got := j.timelines(j.team)
			if s := strings.Join(got["bob@vendor.test"], ", "); s != c.want {
				t.Errorf("Bob's timeline is %q, want %q", s, c.want)
			}
			if s := strings.Join(got["carl@vendor.test"], ", "); s != "queued sent" {
				t.Errorf("Carl said nothing, his timeline is %q", s)
			}
		})
	}
}

func TestOut_AnAnswerFromElsewhereIsTheirsOnceItIsKnownToBe(t *testing.T) {
	for as, want := range map[string]string{"alias": "queued sent answered", "message": "queued sent"} {
		t.Run("accepted as "+as, func(t *testing.T) {
			j := newJob(t)
			j.delivery("bob@vendor.test", "sent")
			j.sends(t, "bob@private.test")
			for _, m := range j.All("side_messages") {
				if m.GetString("direction") == "in" {
					j.ada.Must(200, "POST", "/api/side-messages/"+m.Id+"/accept", map[string]any{"as": as})
				}
			}
			if got := strings.Join(j.timelines(j.team)["bob@vendor.test"], ", "); got != want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestOut_AnAnswerCountsForTheLettersThatWereThere(t *testing.T) {
	j := newJob(t)
	j.delivery("bob@vendor.test", "sent")
	j.answer("Two weeks.")
	j.ada.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": j.conv, "body": "Thank you."})
	j.To("bob@vendor.test", 2)
	Eventually(t, "both are sent", func() bool {
		return strings.Join(j.timelines(j.team)["bob@vendor.test"], ", ") == "queued sent answered, queued sent"
	})
}

func TestOut_TheCustomersAnswerIsOnTheTimelineToo(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	carla := a.Vendor("Carla <" + team.Item.GetString("submitterEmail") + ">")
	a.As(team.Owner).Must(200, "POST", "/api/collections/customer_messages/records", map[string]any{"feedback": team.Item.Id, "body": "A new hinge is on its way."})
	l := a.To(carla.Address, 1)[0]
	a.delivery(carla.Address, "sent")
	if got := a.timelines(team)[carla.Address]; len(got) != 1 || got[0] != "queued sent" {
		t.Errorf("before: %q", got)
	}
	if err := carla.Send(a.SMTP, carla.Reply(l, "It came, thank you.")); err != nil {
		t.Fatal(err)
	}
	if got := a.timelines(team)[carla.Address]; len(got) != 1 || got[0] != "queued sent answered" {
		t.Errorf("after: %q", got)
	}
}

// sends lets somebody write to Bob's reply address.
func (j *job) sends(t *testing.T, from string, extra ...string) {
	t.Helper()
	who := j.bob
	if from != who.Address {
		who = j.Vendor(from)
	}
	answer := j.bob.Reply(j.letter(), "Something.")
	answer.Extra = extra
	if err := who.Send(j.SMTP, answer); err != nil {
		t.Fatal(err)
	}
}

// page opens Bob's link.
func (j *job) page(t *testing.T) (link string, body []byte) {
	t.Helper()
	link = portalLink(t, text(t, j.letter()))
	return link, j.Guest().Must(200, "GET", link, nil).Body
}
