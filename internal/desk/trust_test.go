package desk

import (
	"fmt"
	"strings"
	"testing"
)

// bobs is a letter as Bob's own provider sends it; each cell of the table changes one thing about it.
func bobs(change ...func(*Evidence)) Evidence {
	e := Evidence{Aligned: true, FromThem: true, AddressedUs: true, Kind: "reply", Domain: "ext.test", Person: "Bob", Reason: "Signed by ext.test"}
	for _, c := range change {
		c(&e)
	}
	return e
}

func unsigned(e *Evidence)   { e.Aligned, e.Reason = false, "Nothing shows that this came from ext.test" }
func other(e *Evidence)      { e.FromThem = false }
func agent(e *Evidence)      { e.FromThem, e.FromAgent = false, true }
func machine(e *Evidence)    { e.FromThem, e.FromMachine = false, true }
func refuse(e *Evidence)     { unsigned(e); e.Refuse = true }
func quarantine(e *Evidence) { unsigned(e); e.Quarantine = true }
func temporary(e *Evidence)  { unsigned(e); e.Temporary = true }
func replayed(e *Evidence)   { e.AddressedUs = false }
func ambiguous(e *Evidence)  { e.Ambiguous = true }
func null(e *Evidence)       { e.NullSender = true }
func loop(e *Evidence)       { e.Loop = true }
func tooMany(e *Evidence)    { e.TooMany = true }
func own(e *Evidence)        { e.OwnDomain, e.Domain = true, "in.test" }
func strict(e *Evidence)     { e.HoldDoubtful = true }
func lenient(e *Evidence)    { e.HoldRefused = true }
func quotes(e *Evidence)     { e.QuotesUs = true }
func blank(e *Evidence)      { e.Blank = true }

func kind(k string) func(*Evidence) { return func(e *Evidence) { e.Kind = k } }

// cell is one row: what is known, and what the letter may then do.
type cell struct {
	name  string
	e     Evidence
	place Place
	trust Trust
	shown bool   // to everybody on the conversation
	hold  string // the reason it is held for
	words string // that must stand in the sentence
}

func (c cell) check(t *testing.T, j Judgement) {
	t.Helper()
	if j.Place != c.place || j.Trust != c.trust || j.Accepted != c.shown || j.Hold != c.hold {
		t.Errorf("got place %d, %s, shown %v, held %q; want %d, %s, %v, %q", j.Place, j.Trust, j.Accepted, j.Hold, c.place, c.trust, c.shown, c.hold)
	}
	if j.Words == "" || !strings.Contains(j.Words, c.words) {
		t.Errorf("its words are %q, want %q in them", j.Words, c.words)
	}
}

func TestWhatALetterToAConversationMayDo(t *testing.T) {
	for _, c := range []cell{
		{"Bob's own signed letter is shown to all", bobs(), InThread, Verified, true, "", "Signed by ext.test"},
		{"A-03 unsigned, and his domain does not mind", bobs(unsigned), InThread, Unverified, false, "", "Could not verify that this is from Bob"},
		{"A-01 unsigned, and his domain asks for refusal", bobs(refuse), Refused, Unverified, false, "", "ext.test asks"},
		{"the same, and the project wants to see such mail", bobs(refuse, lenient), InHeldMail, Unverified, false, HeldReject, "be refused"},
		{"A-02 unsigned, and his domain asks for quarantine", bobs(quarantine), InHeldMail, Unverified, false, HeldQuarantine, "set aside"},
		{"A-32 his DNS is silent", bobs(temporary), Again, Unverified, false, "", "DNS"},
		{"his DNS is silent about one thing, but something else vouches", bobs(func(e *Evidence) { e.Temporary = true }), InThread, Verified, true, "", "Signed"},
		{"A-19 his signed letter, addressed to somebody else", bobs(replayed), InThread, OtherSender, false, "", "nothing shows that the letter was addressed"},
		{"A-19 his automatic letter, addressed to somebody else", bobs(replayed, kind("auto_reply")), InThread, OtherSender, false, "", "addressed"},
		{"A-25 A-26 signed by another sender", bobs(other), InThread, OtherSender, false, "", "through Bob’s reply address"},
		{"unsigned by another sender", bobs(other, unsigned), InThread, Unverified, false, "", "Nothing shows"},
		{"another sender whose domain asks for quarantine", bobs(other, quarantine), InHeldMail, Unverified, false, HeldQuarantine, ""},
		{"another sender whose domain asks for refusal", bobs(other, refuse), Refused, Unverified, false, "", ""},
		{"A-35 somebody of the team", bobs(agent), InThread, OtherSender, false, "", "never count as the team’s"},
		{"A-35 somebody in the name of the team", bobs(agent, unsigned), InThread, Unverified, false, "", ""},
		{"A-37 a machine's address", bobs(machine), InHeldMail, OtherSender, false, HeldAutomatic, "no person reads"},
		{"A-37 a machine's automatic letter", bobs(machine, kind("auto_reply")), InHeldMail, OtherSender, false, HeldAutomatic, "automatic mail"},
		{"A-34 our own domain forged", bobs(own, other, unsigned), Refused, Unverified, false, "", "which is ours"},
		{"A-34 our own domain forged, and the project wants refused mail held", bobs(own, other, refuse, lenient), Refused, Unverified, false, "", "which is ours"},
		{"our own domain, really ours", bobs(own, other), InThread, OtherSender, false, "", ""},
		{"our own letter back", bobs(own, other, loop), InHeldMail, OtherSender, false, HeldLoop, "came back"},
		{"H-06 a header twice", bobs(ambiguous), InThread, Unverified, false, "", "twice"},
		{"H-06 a header twice, another sender", bobs(ambiguous, other), InThread, Unverified, false, "", "twice"},
		{"a person's letter with the null sender", bobs(null), InThread, Unverified, false, "", ""},
		{"L-01 Bob's vacation", bobs(null, kind("auto_reply")), InThread, Verified, true, "", ""},
		{"L-01 Bob's vacation, unsigned", bobs(null, unsigned, kind("auto_reply")), InThread, Unverified, false, "", ""},
		{"L-01 somebody else's vacation", bobs(null, other, kind("auto_reply")), InHeldMail, OtherSender, false, HeldAutomatic, "automatic"},
		{"L-11 Bob's read receipt", bobs(kind("receipt")), InThread, Verified, true, "", ""},
		{"L-11 somebody else's read receipt", bobs(other, kind("receipt")), InHeldMail, OtherSender, false, HeldAutomatic, ""},
		{"L-07 a bounce", bobs(kind("bounce")), InHeldMail, Verified, false, HeldReport, "changes nothing"},
		{"L-07 a delay", bobs(kind("delay")), InHeldMail, Verified, false, HeldReport, ""},
		{"L-12 a complaint", bobs(kind("complaint")), InHeldMail, Verified, false, HeldReport, ""},
		{"L-04 more than a person writes", bobs(tooMany), InHeldMail, Verified, false, HeldTooMany, "than a person writes"},
		{"a strict project and Bob's own letter", bobs(strict), InThread, Verified, true, "", ""},
		{"a strict project and an unsigned letter", bobs(strict, unsigned), InHeldMail, Unverified, false, HeldUnverified, ""},
		{"a strict project and another sender", bobs(strict, other), InHeldMail, OtherSender, false, HeldUnverified, ""},
		{"a strict project and a replayed letter", bobs(strict, replayed), InHeldMail, OtherSender, false, HeldUnverified, ""},
		{"a strict project and Bob's unsigned vacation", bobs(strict, unsigned, null, kind("auto_reply")), InThread, Unverified, false, "", ""},
		{"M-07 nothing in it", bobs(blank), InHeldMail, Verified, false, HeldBlank, "nothing in it"},
		{"M-07 a vacation without words", bobs(blank, kind("auto_reply")), InThread, Verified, true, "", ""},
		{"nothing is known", Evidence{Reason: "Nothing"}, InThread, Unverified, false, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, Judge(c.e)) })
	}
}

func TestWhatALetterToTheCustomersAddressMayDo(t *testing.T) {
	for _, c := range []cell{
		{"the customer's own", bobs(), InThread, Verified, false, "", ""},
		{"another sender", bobs(other), InThread, OtherSender, false, "", "another sender"},
		{"unsigned", bobs(unsigned), InThread, Unverified, false, "", ""},
		{"quarantine: the team sees it, nobody else does", bobs(quarantine), InThread, Unverified, false, "", ""},
		{"refusal asked for", bobs(refuse), Refused, Unverified, false, "", ""},
		{"DNS silent", bobs(temporary), Again, Unverified, false, "", ""},
		{"our domain forged", bobs(own, other, unsigned), Refused, Unverified, false, "", ""},
		{"our own letter back", bobs(loop), InHeldMail, Unverified, false, HeldLoop, ""},
		{"a forged bounce", bobs(kind("bounce")), InHeldMail, Unverified, false, HeldReport, ""},
		{"a header twice", bobs(ambiguous), InThread, Unverified, false, "", ""},
		{"M-07 nothing in it", bobs(blank), InHeldMail, Unverified, false, HeldBlank, "nothing in it"},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, JudgeCustomer(c.e)) })
	}
}

func TestWhatALetterToAProjectMayDo(t *testing.T) {
	for _, c := range []cell{
		{"a customer's letter opens an item", bobs(other), InThread, OtherSender, false, "", ""},
		{"unsigned opens one too", bobs(other, unsigned), InThread, Unverified, false, "", ""},
		{"refusal asked for", bobs(refuse), Refused, Unverified, false, "", ""},
		{"refusal asked for, and the project wants to see it", bobs(refuse, lenient), InHeldMail, Unverified, false, HeldReject, ""},
		{"quarantine", bobs(quarantine), InHeldMail, Unverified, false, HeldQuarantine, ""},
		{"DNS silent", bobs(temporary), Again, Unverified, false, "", ""},
		{"our domain forged", bobs(own, unsigned), Refused, Unverified, false, "", ""},
		{"it answers one of our letters", bobs(other, quotes), InHeldMail, Unverified, false, HeldQuotesUs, "side conversation"},
		{"automatic mail", bobs(other, kind("auto_reply")), InHeldMail, Unverified, false, HeldAutomatic, ""},
		{"a bounce", bobs(other, kind("bounce")), InHeldMail, Unverified, false, HeldAutomatic, ""},
		{"our own letter back", bobs(loop), InHeldMail, Unverified, false, HeldLoop, ""},
		{"nothing in it", bobs(other, blank), InHeldMail, Unverified, false, HeldBlank, ""},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, JudgeProject(c.e)) })
	}
}

// Whatever is combined: only a letter that is aligned, from them, addressed to us and clear may be shown to outsiders, and an
// unaligned letter is never more than unverified.
func TestNoCombinationOfFactsShowsADoubtfulLetter(t *testing.T) {
	kinds := []string{"reply", "auto_reply", "bounce", "delay", "receipt", "complaint", ""}
	for bits := range 1 << 15 {
		on := func(i int) bool { return bits>>i&1 == 1 }
		for _, k := range kinds {
			e := Evidence{Aligned: on(0), Refuse: on(1), Quarantine: on(2), Temporary: on(3), OwnDomain: on(4), FromThem: on(5), FromAgent: on(6), FromMachine: on(7),
				AddressedUs: on(8), Ambiguous: on(9), NullSender: on(10), Loop: on(11), TooMany: on(12), HoldDoubtful: on(13), HoldRefused: on(14), Kind: k, Domain: "d", Person: "p", Reason: "r"}
			j := Judge(e)
			if j.Accepted && (!e.Aligned || !e.FromThem || e.FromAgent || !e.AddressedUs || e.Ambiguous || e.Loop || e.TooMany || j.Place != InThread) {
				t.Fatalf("shown to outsiders: %+v", e)
			}
			if !e.Aligned && j.Trust != Unverified || j.Accepted != (j.Place == InThread && j.Trust == Verified) {
				t.Fatalf("%+v for %+v", j, e)
			}
			if (j.Place == InHeldMail) != (j.Hold != "") || j.Words == "" {
				t.Fatalf("a decision without words or reason: %+v for %+v", j, e)
			}
			for _, j := range []Judgement{JudgeCustomer(e), JudgeProject(e)} {
				if j.Accepted || !e.Aligned && j.Trust != Unverified || j.Words == "" || (j.Place == InHeldMail) != (j.Hold != "") {
					t.Fatalf("%+v for %+v", j, e)
				}
			}
		}
	}
}

func ExampleJudge() {
	j := Judge(Evidence{Aligned: true, FromThem: true, AddressedUs: true, Kind: "reply", Reason: "Signed by vendor.com"})
	fmt.Println(j.Trust, j.Accepted, j.Words)
	// Output: verified true Signed by vendor.com
}
