package courier

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"aside/test/fake"
)

func TestW04_OnlyThePublicInternetIsDialled(t *testing.T) {
	for _, ip := range []string{"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
		"224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:1::1", "2001:db8::1"} {
		t.Run(ip, func(t *testing.T) {
			if global(netip.MustParseAddr(ip)) {
				t.Error("counts as global")
			}
			dns, mx, c := world(t)
			c.MXAllow = nil
			dns.Remove("mx.ext.test").A("mx.ext.test", ip)
			_, f := send(c, toBob())
			wantKind(t, f, "permanent")
			wantSays(t, f, "not on the public Internet", "mx.ext.test")
			if mx.Sessions() != 0 {
				t.Error("it was dialled")
			}
		})
	}
	for _, ip := range []string{"1.1.1.1", "193.0.6.139", "2606:4700:4700::1111", "::ffff:1.1.1.1"} {
		if !global(netip.MustParseAddr(ip)) {
			t.Errorf("%s does not count as global", ip)
		}
	}
	if !ours(netip.MustParseAddr("127.0.0.1")) || ours(netip.MustParseAddr("1.1.1.1")) {
		t.Error("this machine's own addresses are not known")
	}
}

func TestW05_WhoTakesMailForADomain(t *testing.T) {
	many := func(dns *fake.DNS) {
		for i := range 50 {
			dns.MX("x.test", uint16(i), fmt.Sprintf("mx%d.x.test", i))
		}
		dns.A("mx40.x.test", "127.0.0.1")
	}
	for _, tc := range []struct {
		name, want, says string
		zone             func(*fake.DNS)
	}{
		{"a null MX takes no mail", "permanent", "takes no mail", func(d *fake.DNS) { d.MX("x.test", 0, ".").A("x.test", "127.0.0.1") }},
		{"a null MX beside a real one is passed over", "delivered", "", func(d *fake.DNS) { d.MX("x.test", 0, ".").MX("x.test", 5, "mx.ext.test") }},
		{"without MX the domain's own address counts", "delivered", "", func(d *fake.DNS) { d.A("x.test", "127.0.0.1") }},
		{"without MX and address there is nobody", "permanent", "no address", func(d *fake.DNS) { d.TXT("x.test", "hello") }},
		{"a domain that does not exist", "permanent", "no address", func(d *fake.DNS) {}},
		{"an MX that is a CNAME works all the same", "delivered", "", func(d *fake.DNS) { d.MX("x.test", 1, "c.x.test").CNAME("c.x.test", "mx.ext.test") }},
		{"a domain that is a CNAME", "delivered", "", func(d *fake.DNS) { d.CNAME("x.test", "ext.test") }},
		{"the best five of fifty are tried", "permanent", "no address", many},
		{"an MX without address is passed over", "delivered", "", func(d *fake.DNS) { d.MX("x.test", 1, "none.x.test").MX("x.test", 2, "mx.ext.test") }},
		{"an MX with a dead name server leaves hope", "temporary", "name servers", func(d *fake.DNS) { d.MX("x.test", 1, "bad.x.test").Fault("bad.x.test", fake.ServFail) }},
		{"one MX inside, one without answer: there is hope", "temporary", "name servers", func(d *fake.DNS) {
			d.MX("x.test", 1, "in.x.test").A("in.x.test", "10.0.0.1").MX("x.test", 2, "bad.x.test").Fault("bad.x.test", fake.ServFail)
		}},
		{"a dead name server leaves hope", "temporary", "name servers", func(d *fake.DNS) { d.Fault("x.test", fake.ServFail) }},
		{"the best MX is ourselves", "permanent", "come back", func(d *fake.DNS) { d.MX("x.test", 5, "OUT.in.test").MX("x.test", 9, "mx.ext.test") }},
		{"a better MX than ourselves is used", "delivered", "", func(d *fake.DNS) { d.MX("x.test", 9, "out.in.test").MX("x.test", 5, "mx.ext.test") }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dns, mx, c := world(t)
			tc.zone(dns)
			p := toBob()
			p.To = "bob@x.test"
			_, f := send(c, p)
			wantKind(t, f, tc.want)
			if tc.says != "" {
				wantSays(t, f, tc.says)
				none(t, mx)
			}
		})
	}
}

func TestW05_AServerWithOurOwnNameIsALoop(t *testing.T) {
	_, mx, c := world(t)
	mx.Name("Out.In.Test")
	_, f := send(c, toBob())
	wantKind(t, f, "permanent")
	wantSays(t, f, "come back to ourselves")
	none(t, mx)
}

func TestTheNextServerIsTriedOnlyWhileTheLetterIsOurs(t *testing.T) {
	for _, tc := range []struct {
		name   string
		stage  fake.Stage
		fault  fake.Fault
		want   string
		second int
	}{
		{"a server that hangs up at once", fake.Connect, fake.Drop(), "delivered", 1},
		{"a server that says 554 at once", fake.Connect, fake.Refuse(554, "5.3.2 no mail here"), "delivered", 1},
		{"a server that says 421 to EHLO", fake.Helo, fake.Refuse(421, "4.3.2 busy").ThenDrop(), "delivered", 1},
		{"a server that defers the recipient", fake.Rcpt, fake.Refuse(450, "4.2.1 later"), "delivered", 1},
		{"a server that refuses the recipient", fake.Rcpt, fake.Refuse(550, "5.1.1 nobody"), "permanent", 0},
		{"a server that hangs up at DATA", fake.Data, fake.Drop(), "delivered", 1},
		{"a server that defers the letter", fake.Dot, fake.Refuse(451, "4.3.0 later"), "temporary", 0},
		{"a server that hangs up after the dot", fake.Dot, fake.Drop(), "unknown", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dns, mx, c := world(t)
			backup := fake.NewMXAt(t, "127.0.0.2:"+mx.Port())
			dns.MX("ext.test", 20, "backup.ext.test").A("backup.ext.test", "127.0.0.2")
			mx.At(tc.stage, tc.fault)
			out, f := send(c, toBob())
			wantKind(t, f, tc.want)
			if len(backup.Letters()) != tc.second || (tc.second == 1 && out.Remote != "backup.ext.test") {
				t.Errorf("the second server got %d letters, outcome %+v", len(backup.Letters()), out)
			}
		})
	}
}

func TestADeliveryEndsWithItsContext(t *testing.T) {
	_, mx, c := world(t)
	c.Timeouts = Timeouts{}
	mx.At(fake.Rcpt, fake.Slow(time.Minute))
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := c.Deliver(ctx, toBob())
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	wantKind(t, err.(*Failure), "temporary")
	if !strings.Contains(err.Error(), "ended") {
		t.Errorf("says %v", err)
	}
}
