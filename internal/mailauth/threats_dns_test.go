package mailauth

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestSPFRows(t *testing.T) {
	many := make([]string, 11)
	for i := range many {
		many[i] = fmt.Sprintf("include:i%d.ext.test", i)
	}
	spf := func(record string) func(MapResolver) { return txt("ext.test.", record) }
	check(t, []row{
		{name: "A-30 the right machine alone verifies, and that is told", raw: plainLetter, from: goodIP, want: "verified", flags: []string{FlagSPFOnly}, reason: "Not signed, but sent from a machine of ext.test"},
		{name: "A-30 with a signature SPF is not what verifies", raw: signed(t, plainLetter, "ext.test"), from: goodIP, want: "verified", not: []string{FlagSPFOnly}},
		{name: "A-30 +all proves nothing", raw: plainLetter, dns: spf("v=spf1 +all"), want: "unverified", flags: []string{FlagSPFEveryone}},
		{name: "A-30 +all does not hide that the signature's key is missing for now", raw: signed(t, plainLetter, "ext.test"), dns: func(m MapResolver) {
			m["ext.test."] = MapRecords{TXT: []string{"v=spf1 +all"}}
			m[keyName] = MapRecords{Error: "timeout"}
		}, want: "temporary"},
		{name: "A-30 a bomb of macros", raw: plainLetter, from: goodIP, dns: spf("v=spf1 " + strings.Repeat("exists:"+strings.Repeat("%{l}%{s}", 300)+".x.test ", 8) + "ip4:127.0.0.2"), want: "refuse"},
		{name: "A-30 more than ten look-ups", raw: plainLetter, from: goodIP, dns: func(m MapResolver) {
			m["ext.test."] = MapRecords{TXT: []string{"v=spf1 " + strings.Join(many, " ") + " ip4:127.0.0.2"}}
			for i := range many {
				m[fmt.Sprintf("i%d.ext.test.", i)] = MapRecords{TXT: []string{"v=spf1 ?all"}}
			}
		}, want: "refuse"},
		{name: "A-30 more than two void look-ups", raw: plainLetter, from: goodIP, dns: spf("v=spf1 a:a.x.test a:b.x.test a:c.x.test ip4:127.0.0.2"), want: "refuse"},
		{name: "A-30 a redirect to itself", raw: plainLetter, from: goodIP, dns: spf("v=spf1 redirect=ext.test"), want: "refuse"},
		{name: "A-30 a syntax error behind the match", raw: plainLetter, from: goodIP, dns: spf("v=spf1 ip4:127.0.0.2 wat:x"), want: "refuse"},
		{name: "A-30 two records", raw: plainLetter, from: goodIP, dns: txt("ext.test.", "v=spf1 +all", "v=spf1 ip4:127.0.0.2"), want: "refuse"},
		{name: "A-30 aspf=s", raw: from("bob@mail.ext.test"), from: goodIP, dns: txt("_dmarc.ext.test.", "v=DMARC1; p=reject; aspf=s"), want: "refuse"},
		{name: "A-30 aspf=r", raw: from("bob@mail.ext.test"), from: goodIP, want: "verified"},
	})
}

func TestSPFIdentities(t *testing.T) {
	for name, c := range map[string]struct {
		sender, helo, want, domain string
	}{
		"A-30 a bounce is checked by HELO":              {"", "ext.test", pass, "ext.test"},
		"A-30 a bounce with an address literal as HELO": {"", "[127.0.0.2]", none, ""},
		"A-30 a bounce with a bare name as HELO":        {"", "localhost", none, ""},
		"H-10 a sender with a comment":                  {"any@ext.test(a.attacker.test", "h.test", none, ""},
		"H-10 the domain is what follows the last @":    {`"any@ext.test"@none.test`, "h.test", none, "none.test"},
		"H-10 an @ in the local part does not mislead":  {"a@attacker.test@ext.test", "h.test", pass, "ext.test"},
		"A-33 a sender longer than SMTP allows":         {strings.Repeat("a", 400) + "@ext.test", "h.test", none, ""},
		"A-30 a sender without a domain":                {"bob", "ext.test", none, ""},
		"A-30 case does not matter":                     {"bob@EXT.test", "h.test", pass, "ext.test"},
	} {
		got := checkSPF(context.Background(), newBudget(zone(), maxLookups), Letter{Remote: goodIP, Helo: c.helo, MailFrom: c.sender})
		if got.Result != c.want || got.Domain != c.domain {
			t.Errorf("%s: got %+v, want %s for %q", name, got, c.want, c.domain)
		}
	}
}

// TestA30_APeerNameDoesNotWriteTheRecord: %{p} is text from the peer's own reverse
// zone, put into somebody else's record.
func TestA30_APeerNameDoesNotWriteTheRecord(t *testing.T) {
	z := MapResolver{
		"ext.test.":           {TXT: []string{"v=spf1 exists:%{p}.ok.ext.test -all"}},
		"127.0.0.9.":          {PTR: []string{"x.test +all "}},
		"x.test +all .":       {A: []string{"127.0.0.9"}},
		"x.test.ok.ext.test.": {A: []string{"127.0.0.1"}},
	}
	got := checkSPF(context.Background(), newBudget(z, maxLookups), Letter{Remote: evilIP, Helo: "h.test", MailFrom: "bob@ext.test"})
	if got.Result == pass {
		t.Errorf("got %+v", got)
	}
}

// panicking is a resolver with a fault.
type panicking struct{ Resolver }

func (panicking) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) { panic("fault") }

func TestAPanicInSPFCostsOneLetterItsSPF(t *testing.T) {
	z := zone()
	z["ext.test."] = MapRecords{TXT: []string{"v=spf1 a -all"}}
	var log strings.Builder
	c := Checker{Resolver: panicking{z}, Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(&log, nil))}
	v := c.Check(context.Background(), Letter{Remote: goodIP, Helo: "h.test", MailFrom: "bob@ext.test", From: "bob@ext.test", Raw: []byte(signed(t, plainLetter, "ext.test"))})
	if verdictWord(v) != "verified" || v.SPF.Result != permerror || !strings.Contains(log.String(), "panicked") {
		t.Error(describe(v), log.String())
	}
}

func TestDMARCRows(t *testing.T) {
	dmarc := func(texts ...string) func(MapResolver) { return txt("_dmarc.ext.test.", texts...) }
	sub := from("bob@sub.ext.test")
	there := func(record string) func(MapResolver) {
		return func(m MapResolver) {
			m["_dmarc.ext.test."] = MapRecords{TXT: []string{record}}
			m["sub.ext.test."] = MapRecords{A: []string{"192.0.2.1"}}
		}
	}
	long := from("bob@a.b.c.d.e.f.g.h.i.ext.test")
	check(t, []row{
		{name: "A-31 a policy that cannot be had for good refuses nobody", raw: plainLetter, dns: trouble("_dmarc.ext.test.", "permerror"), want: "unverified"},
		{name: "A-31 values in any case", raw: plainLetter, dns: dmarc("v=DMARC1; P=REJECT"), want: "refuse"},
		{name: "A-31 the name of v= in any case", raw: plainLetter, dns: dmarc("V=DMARC1; p=reject"), want: "refuse"},
		{name: "A-31 the version to the letter", raw: plainLetter, dns: dmarc("v=dmarc1; p=reject"), want: "unverified"},
		{name: "A-31 v= not first", raw: plainLetter, dns: dmarc("p=reject; v=DMARC1"), want: "unverified"},
		{name: "A-31 no p= but rua= asks for nothing", raw: plainLetter, dns: dmarc("v=DMARC1; rua=mailto:d@ext.test"), want: "unverified"},
		{name: "A-31 no p= and no rua= is no policy", raw: plainLetter, dns: dmarc("v=DMARC1"), want: "unverified"},
		{name: "A-31 a wrong p= asks for nothing", raw: plainLetter, dns: dmarc("v=DMARC1; p=bounce; rua=mailto:d@ext.test"), want: "unverified", flags: []string{FlagDMARCFaulty}},
		{name: "A-31 two records are none", raw: plainLetter, dns: dmarc("v=DMARC1; p=reject", "v=DMARC1; p=reject"), want: "unverified"},
		{name: "A-31 a record beside other texts", raw: plainLetter, dns: dmarc("hello", "v=DMARC1; p=reject", "v=spf1 -all"), want: "refuse"},
		{name: "A-31 pct=0 is history", raw: plainLetter, dns: dmarc("v=DMARC1; p=reject; pct=0"), want: "refuse"},
		{name: "A-31 pct=200, fo=x, rf=iodef are ignored", raw: plainLetter, dns: dmarc("v=DMARC1; p=reject; pct=200; fo=x; rf=iodef"), want: "refuse"},
		{name: "A-31 a word without = is ignored and told", raw: plainLetter, dns: dmarc("v=DMARC1; p=reject; bogus"), want: "refuse", flags: []string{FlagDMARCFaulty}},
		{name: "A-31 t=y turns reject into quarantine", raw: plainLetter, dns: dmarc("v=DMARC1; p=reject; t=y"), want: "quarantine", flags: []string{FlagDMARCTesting}},
		{name: "A-31 t=y turns quarantine into nothing", raw: plainLetter, dns: dmarc("v=DMARC1; p=quarantine; t=y"), want: "unverified"},
		{name: "A-31 more than 512 bytes", raw: plainLetter, dns: dmarc("v=DMARC1; rua=" + strings.Repeat("mailto:d@ext.test,", 60) + "mailto:d@ext.test; p=reject"), want: "refuse"},
		{name: "A-31 an alias", raw: plainLetter, dns: func(m MapResolver) {
			m["p.test."] = MapRecords{TXT: []string{"v=DMARC1; p=reject"}}
			m["_dmarc.ext.test."] = MapRecords{CNAME: "p.test."}
		}, want: "refuse"},
		{name: "A-31 sp= for a sub-domain that is there", raw: sub, dns: there("v=DMARC1; p=reject; sp=quarantine; np=reject"), want: "quarantine"},
		{name: "A-31 np= for one that is not", raw: sub, dns: dmarc("v=DMARC1; p=none; sp=quarantine; np=reject"), want: "refuse"},
		{name: "A-31 sp= stands in for np=", raw: sub, dns: dmarc("v=DMARC1; p=none; sp=reject"), want: "refuse"},
		{name: "A-31 p= stands in for both", raw: sub, want: "refuse"},
		{name: "A-31 np= when it is not known whether the name is there", raw: sub, dns: func(m MapResolver) {
			m["_dmarc.ext.test."] = MapRecords{TXT: []string{"v=DMARC1; p=none; np=reject"}}
			m["sub.ext.test."] = MapRecords{Error: "temperror"}
		}, want: "temporary"},
		{name: "A-31 the suffix's record holds for a domain without one", raw: from("bob@shop.bank.test"), dns: txt("_dmarc.bank.test.", "v=DMARC1; p=none; sp=quarantine; np=reject; psd=y"), want: "refuse"},
		{name: "A-31 a long name costs eight questions and finds its organization", raw: long, want: "refuse"},
		{name: "A-31 psd=y makes neighbours strangers", raw: signed(t, from("bob@a.ext.test"), "mail.ext.test"), dns: dmarc("v=DMARC1; p=reject; psd=y"), want: "refuse"},
	})
}

// TestA31_TheFourResults: none, temperror and permerror are told apart.
func TestA31_TheFourResults(t *testing.T) {
	for word, want := range map[string]string{"nxdomain": none, "temperror": temperror, "timeout": temperror, "permerror": permerror, "": fail} {
		z := zone()
		if word != "" {
			trouble("_dmarc.ext.test.", word)(z)
		}
		if v := judge(z, plainLetter); v.DMARC.Result != want || v.DMARC.Domain != "ext.test" {
			t.Errorf("%q: %s", word, describe(v))
		}
	}
}

func TestA31_ALongNameCostsEightQuestions(t *testing.T) {
	asked := &counting{Resolver: MapResolver{}}
	w := walker{ctx: context.Background(), dns: newBudget(asked, maxLookups)}
	if _, err := w.walk("a.b.c.d.e.f.g.h.i.j.mail.example.com"); err != nil {
		t.Fatal(err)
	}
	if got := asked.n.Load(); got != 8 {
		t.Errorf("asked %d times, want 8", got)
	}
}

// counting counts questions, and can make each slow.
type counting struct {
	Resolver
	n       atomic.Int64
	slow    time.Duration
	slowFor string // only names that end so
}

func (c *counting) LookupTXT(ctx context.Context, name string) ([]string, error) {
	c.n.Add(1)
	if !strings.HasSuffix(name, c.slowFor) {
		return c.Resolver.LookupTXT(ctx, name)
	}
	select {
	case <-time.After(c.slow):
		return c.Resolver.LookupTXT(ctx, name)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *counting) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	c.n.Add(1)
	return c.Resolver.LookupMX(ctx, name)
}

func (c *counting) LookupIPAddr(ctx context.Context, name string) ([]net.IPAddr, error) {
	c.n.Add(1)
	return c.Resolver.LookupIPAddr(ctx, name)
}

// TestStrangersCostNoQuestions: a passing signature of an unrelated domain is not
// walked up for, and a suffix is nobody's organization, each by itself.
func TestStrangersCostNoQuestions(t *testing.T) {
	asked := &counting{Resolver: zone()}
	judge(asked, signed(t, plainLetter, "attacker.test"))
	if got := asked.n.Load(); got != 3 { // the key, SPF, _dmarc.ext.test
		t.Errorf("asked %d times, want 3", got)
	}
	r, _ := readRecord("v=DMARC1; p=reject")
	if org := organization("x.a.github.io", []published{{record: r, domain: "github.io", ok: true}}); org != "a.github.io" {
		t.Errorf("organization %q", org)
	}
	if validSPF("v=spf1 " + strings.Repeat("a ", maxSPFRecord)) {
		t.Error("an endless SPF record is followed")
	}
}

func TestA33_FiftySlowSignatures(t *testing.T) {
	raw := plainLetter
	for i := range 50 {
		raw = strings.Replace(signed(t, raw, "attacker.test"), "s=s1", fmt.Sprintf("s=n%d", i), 1)
	}
	asked := &counting{Resolver: zone(), slow: time.Hour}
	c := Checker{Resolver: asked, Now: func() time.Time { return noon }, Budget: 50 * time.Millisecond}
	start := time.Now()
	v := c.Check(context.Background(), Letter{Remote: evilIP, Helo: "h.test", MailFrom: "x@attacker.test", From: "bob@ext.test", Raw: []byte(raw)})
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	if n := asked.n.Load(); n > maxLookups || len(v.DKIM) != maxSignatures {
		t.Errorf("%d look-ups, %d signatures", n, len(v.DKIM))
	}
	if verdictWord(v) != "temporary" || !slices.Contains(v.Flags, FlagTooManySignatures) {
		t.Error(describe(v))
	}
}

func TestA33_SlowSignaturesDoNotKeepAForgeryFromBeingRefused(t *testing.T) {
	raw := plainLetter
	for i := range maxSignatures {
		raw = strings.Replace(signed(t, raw, "attacker.test"), "s=s1", fmt.Sprintf("s=n%d", i), 1)
	}
	slow := &counting{Resolver: zone(), slow: time.Hour, slowFor: "attacker.test."}
	c := Checker{Resolver: slow, Now: func() time.Time { return noon }, Budget: 100 * time.Millisecond}
	for _, sender := range []string{"bob@ext.test", "x@attacker.test"} {
		v := c.Check(context.Background(), Letter{Remote: evilIP, Helo: "h.test", MailFrom: sender, From: "bob@ext.test", Raw: []byte(raw)})
		if verdictWord(v) != "refuse" {
			t.Errorf("from %s: %s", sender, describe(v))
		}
	}
}

func TestA33_AtMostThirtyLookups(t *testing.T) {
	z := zone()
	many := make([]string, 10)
	for i := range many {
		many[i] = fmt.Sprintf("include:i%d.ext.test", i)
		z[fmt.Sprintf("i%d.ext.test.", i)] = MapRecords{TXT: []string{"v=spf1 ?all"}}
	}
	z["ext.test."] = MapRecords{TXT: []string{"v=spf1 " + strings.Join(many, " ") + " -all"}}
	raw := from("bob@a.b.c.d.e.f.g.ext.test")
	for i := range 20 {
		raw = signed(t, raw, fmt.Sprintf("s%d.a.b.c.ext.test", i))
	}
	mx := make([]string, 10)
	for i := range mx {
		mx[i] = fmt.Sprintf("m%d.test", i)
	}
	z["a.b.c.d.e.f.g.ext.test."] = MapRecords{MX: mx}
	z["ext.test."] = MapRecords{TXT: []string{"v=spf1 " + strings.Repeat("mx:a.b.c.d.e.f.g.ext.test ", 9) + "-all"}}
	for i := range mx {
		z[mx[i]+"."] = MapRecords{A: []string{"192.0.2.1"}}
	}
	asked := &counting{Resolver: z}
	v := judge(asked, raw)
	if n := asked.n.Load(); n > maxLookups || v.SPF.Result != permerror {
		t.Errorf("%d look-ups, want at most %d: %s", n, maxLookups, describe(v))
	}
}
