package outbox

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"aside/internal/courier"
	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/tools/types"
)

var noon = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

// letters makes n due letters of a project to a domain, the first due at noon, each a second later.
func letters(project, domain string, n int) (due []desk.Due) {
	for i := range n {
		since, _ := types.ParseDateTime(noon.Add(time.Duration(i) * time.Second))
		due = append(due, desk.Due{ID: fmt.Sprintf("%s-%s-%02d", project, domain, i), Lane: project + " " + domain, Since: since, Created: since, Size: 1000})
	}
	return due
}

func count(list []desk.Due, fits func(desk.Due) bool) (n int) {
	for _, d := range list {
		if fits(d) {
			n++
		}
	}
	return n
}

var (
	noAnswer = &courier.Failure{Err: errors.New("cannot connect: no answer in time"), Remote: "mx.slow.test"}
	greylist = &courier.Failure{Code: 451, Err: errors.New("the recipient was refused")}
	goAway   = &courier.Failure{Code: 421, Err: errors.New("the connection was refused")}
	unknown  = &courier.Failure{Code: 550, Permanent: true, Err: errors.New("the recipient was refused")}
)

func TestRoads_ADomainGetsFourAtOnceAndTheRelayTwenty(t *testing.T) {
	var r roads
	if p := r.plan(letters("a", "vendor.test", 50), noon, false); len(p.take) != perDomain || p.take[0].ID != "a-vendor.test-00" {
		t.Errorf("took %d, first %v", len(p.take), p.take)
	}
	if p := r.plan(letters("a", "vendor.test", 50), noon, true); len(p.take) != perRelay {
		t.Errorf("the relay got %d", len(p.take))
	}
}

func TestRoads_AProjectWithAThousandLettersDoesNotKeepAnotherWaiting(t *testing.T) {
	var r roads
	var due []desk.Due
	for i := range 100 {
		due = append(due, letters("big", fmt.Sprintf("v%02d.test", i), 4)...)
	}
	late := letters("small", "vendor.test", 3)
	p := r.plan(append(due, late...), noon, false)
	if n := count(p.take, func(d desk.Due) bool { return d.Project() == "small" }); n != 3 {
		t.Errorf("%d of the small project's three letters go", n)
	}
	if n := count(p.take, func(d desk.Due) bool { return d.Project() == "big" }); n != perProject {
		t.Errorf("the big project has %d under way, want %d", n, perProject)
	}
	for _, d := range p.take {
		r.begin(d.Lane, d.Size)
	}
	if p := r.plan(letters("third", "third.test", 2), noon, false); len(p.take) != 2 {
		t.Errorf("a third project got %d places", len(p.take))
	}
}

func TestRoads_LargeLettersAreFewAtOnce(t *testing.T) {
	var r roads
	var due []desk.Due
	for i := range 20 {
		d := letters("a", fmt.Sprintf("v%d.test", i), 1)[0]
		d.Size = 20 << 20
		due = append(due, d)
	}
	if p := r.plan(due, noon, false); len(p.take) != largeAtOnce {
		t.Errorf("%d large letters at once", len(p.take))
	}
}

func TestRoads_ADomainThatDoesNotAnswerRestsForLongerEachTime(t *testing.T) {
	var r roads
	r.plan(nil, noon, false)
	lane, now := "a slow.test", noon
	for i, want := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 30 * time.Minute, 30 * time.Minute} {
		r.heard(lane, now, noAnswer)
		p := r.plan(append(letters("a", "slow.test", 9), letters("a", "quick.test", 1)...), now.Add(want-time.Second), false)
		if len(p.aside) != 9 || len(p.take) != 1 || p.aside[0].until.Sub(now) != want {
			t.Fatalf("failure %d: %d set aside, %d taken, rest %v, want %v", i+1, len(p.aside), len(p.take), p.aside[0].until.Sub(now), want)
		}
		now = now.Add(want)
		if p := r.plan(letters("a", "slow.test", 9), now, false); len(p.take) != 1 {
			t.Fatalf("after the rest %d letters try it, want one", len(p.take))
		}
	}
	r.heard(lane, now, nil)
	if p := r.plan(letters("a", "slow.test", 9), now, false); len(p.take) != perDomain {
		t.Errorf("a domain that works again gets %d", len(p.take))
	}
}

func TestRoads_WhatRestsADomainAndWhatDoesNot(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		rest bool
	}{
		"no connection":                  {noAnswer, true},
		"421 at the greeting":            {goAway, true},
		"greylisting is about one":       {greylist, false},
		"an unknown user is about one":   {unknown, false},
		"an answer lost after the dot":   {&courier.Failure{Unknown: true, Err: errors.New("lost")}, false},
		"a domain that takes no mail":    {&courier.Failure{Permanent: true, Enhanced: "5.1.10", Err: errors.New("null MX")}, false},
		"an error that is not courier's": {errors.New("whatever"), true},
	} {
		t.Run(name, func(t *testing.T) {
			var r roads
			r.plan(nil, noon, false)
			r.heard("a slow.test", noon, c.err)
			if p := r.plan(letters("a", "slow.test", 3), noon.Add(time.Second), false); (len(p.aside) > 0) != c.rest {
				t.Errorf("%d set aside", len(p.aside))
			}
		})
	}
}

func TestRoads_WhatIsForgottenLeavesNothingBehind(t *testing.T) {
	var r roads
	for i := range 1000 {
		lane := fmt.Sprintf("p%d v%d.test", i, i)
		r.plan(nil, noon, false)
		r.begin(lane, 1)
		r.end(lane, 1)
		if i%2 == 0 {
			r.heard(lane, noon, noAnswer)
		}
	}
	r.plan(nil, noon.Add(2*forgetful), false)
	if len(r.by) != 0 || len(r.projects) != 0 || r.all != 0 || r.large != 0 {
		t.Errorf("left: %d roads, %d projects, %d under way", len(r.by), len(r.projects), r.all)
	}
}

func TestSchedule_GrowsAndEndsAfterFiveDays(t *testing.T) {
	now := noon
	w := &Worker{Now: func() time.Time { return now }}
	attempts := 0
	for {
		attempts++
		r := w.schedule(desk.Result{Said: "451 later"}, noon, attempts)
		if r.State == desk.Failed {
			break
		}
		if r.State != desk.Delayed || !r.Next.After(now) {
			t.Fatalf("attempt %d: %+v", attempts, r)
		}
		if attempts == 1 && r.Next.Sub(now) != time.Minute {
			t.Errorf("the first retry comes after %v", r.Next.Sub(now))
		}
		now = r.Next
	}
	if took := now.Sub(noon); took < giveUpAfter || took > giveUpAfter+time.Minute || attempts < 30 || attempts > 45 {
		t.Errorf("given up after %v and %d attempts", took, attempts)
	}
}

func TestNoSuchAddress_TellsTheAddressFromTheLetter(t *testing.T) {
	for _, c := range []struct {
		code     int
		enhanced string
		want     bool
	}{{550, "5.1.1", true}, {550, "5.1.10", true}, {550, "", true}, {553, "", true}, {550, "5.2.1", true}, {550, "5.7.1", false}, {554, "", false}, {552, "5.3.4", false}, {550, "5.1.8", false}, {552, "5.2.2", false}} {
		if got := noSuchAddress(&courier.Failure{Code: c.code, Enhanced: c.enhanced, Permanent: true}); got != c.want {
			t.Errorf("%d %s: %v", c.code, c.enhanced, got)
		}
	}
}

func TestRoads_LettersThatWaitAreSaid_SoThatAConnectionIsKeptForThem(t *testing.T) {
	for name, c := range map[string]struct {
		due  []desk.Due
		more bool
	}{
		"as many as go at once": {letters("a", "vendor.test", perDomain), false},
		"one more":              {letters("a", "vendor.test", perDomain+1), true},
		"others, elsewhere":     {append(letters("a", "vendor.test", 1), letters("a", "other.test", 9)...), false},
		"of another project":    {append(letters("a", "vendor.test", perDomain), letters("b", "vendor.test", 1)...), true},
	} {
		t.Run(name, func(t *testing.T) {
			var r roads
			if p := r.plan(c.due, noon, false); p.more["vendor.test"] != c.more {
				t.Errorf("more is %v", p.more)
			}
		})
	}
}
