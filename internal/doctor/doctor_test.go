package doctor

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"aside/test/fake"
)

// clinic is a healthy installation in a made-up world, for a test to spoil.
type clinic struct {
	dns         *fake.DNS
	door, mx    *fake.MX // ours, and somebody else's
	doctor      *Doctor
	patient     Patient
	unreachable map[string]bool // addresses that nobody answers at
	status      int             // of the base URL
	timeless    bool            // it tells no time
}

const longKey = "v=DKIM1; k=rsa; h=sha256; s=email; p=" // and 400 characters

func newClinic(t *testing.T) *clinic {
	t.Helper()
	c := &clinic{dns: fake.NewDNS(t), door: fake.NewMX(t).Name("desk.test"), mx: fake.NewMX(t).Name("mx.outside.test"), unreachable: map[string]bool{}, status: 200}
	c.door.StartTLS(fake.SelfSigned(t, "desk.test"))
	web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.timeless {
			w.Header()["Date"] = nil
		}
		w.WriteHeader(c.status)
	}))
	t.Cleanup(web.Close)
	where := map[string]string{"11.0.0.1:25": c.door.Addr(), "12.0.0.1:25": c.mx.Addr()}
	c.doctor = &Doctor{Resolver: c.dns.Resolver(), HTTP: web.Client(), TimeURL: web.URL, Outside: "outside.test",
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			if c.unreachable[address] {
				return nil, net.ErrClosed
			}
			if to := where[address]; to != "" {
				address = to
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		}}
	key := longKey + strings.Repeat("A", 400)
	c.patient = Patient{Domain: "desk.test", BaseURL: web.URL, Door: c.door.Addr(), Keys: map[string]string{"aside1-rsa._domainkey.desk.test.": key, "aside1-ed25519._domainkey.desk.test.": "v=DKIM1; k=ed25519; p=BBBB"}}
	c.dns.MX("desk.test", 10, "desk.test").A("desk.test", "11.0.0.1").PTR("11.0.0.1", "desk.test").TXT("desk.test", "google-site-verification=1", "v=spf1 mx -all").
		TXT("aside1-rsa._domainkey.desk.test", key).TXT("aside1-ed25519._domainkey.desk.test", "v=DKIM1; k=ed25519; p=BB BB").TXT("_dmarc.desk.test", "v=DMARC1; p=reject").
		MX("outside.test", 5, "mx.outside.test").A("mx.outside.test", "12.0.0.1")
	return c
}

func TestDoctor_AHealthyInstallationPasses(t *testing.T) {
	c := newClinic(t)
	checks := c.doctor.Examine(t.Context(), c.patient)
	if len(checks) != 12 || Failed(checks) {
		t.Errorf("%d checks", len(checks))
	}
	for _, got := range checks {
		if got.Status != Pass || got.Says == "" || got.Paste != "" {
			t.Errorf("%+v", got)
		}
	}
}

func TestDoctor_EachFaultIsFoundAndAloneWithTheLineToPaste(t *testing.T) {
	for name, f := range map[string]struct {
		spoil  func(c *clinic)
		check  string
		status Status
		says   string
		paste  string
	}{
		"no mail domain": {func(c *clinic) { c.patient.Domain = "" }, "mail domain", Fail, "No mail domain", "--mailDomain"},
		"no MX": {func(c *clinic) {
			c.dns.Remove("desk.test").A("desk.test", "11.0.0.1").TXT("desk.test", "v=spf1 a -all")
		}, "MX", Fail, "answers do not arrive", "desk.test. 3600 IN MX 10 desk.test."},
		"a null MX":                {func(c *clinic) { c.dns.Remove("desk.test").MX("desk.test", 0, ".").A("desk.test", "11.0.0.1") }, "MX", Fail, "no mail at all", "MX 10 desk.test."},
		"DNS is down":              {func(c *clinic) { c.dns.Fault("desk.test", fake.ServFail) }, "MX", Fail, "gave no answer", ""},
		"an MX without an address": {func(c *clinic) { c.dns.MX("desk.test", 5, "gone.desk.test") }, "A, AAAA", Fail, "gone.desk.test has no address", "gone.desk.test. 3600 IN A"},
		"an inner address": {func(c *clinic) {
			c.unreachable["10.0.0.1:25"] = true
			c.dns.Remove("desk.test").MX("desk.test", 10, "desk.test").A("desk.test", "10.0.0.1")
		}, "A, AAAA", Warn, "inner network", ""},
		"no reverse name":              {func(c *clinic) { c.dns.Remove("1.0.0.11.in-addr.arpa") }, "reverse DNS", Fail, "has no name", "1.0.0.11.in-addr.arpa. 3600 IN PTR desk.test."},
		"another reverse name":         {func(c *clinic) { c.dns.Remove("1.0.0.11.in-addr.arpa").PTR("11.0.0.1", "pool-7.isp.test") }, "reverse DNS", Fail, "is called pool-7.isp.test", "PTR desk.test."},
		"no SPF":                       {func(c *clinic) { c.dns.TXT("desk.test", "something else") }, "SPF", Fail, "does not say who may send", `desk.test. 3600 IN TXT "v=spf1 mx -all"`},
		"two SPF records":              {func(c *clinic) { c.dns.TXT("desk.test", "v=spf1 mx -all", "v=spf1 a -all") }, "SPF", Fail, "two SPF records", "v=spf1 mx -all"},
		"SPF that forgets this server": {func(c *clinic) { c.dns.TXT("desk.test", "v=spf1 ip4:9.9.9.9 -all") }, "SPF", Fail, "does not let 11.0.0.1 send", "v=spf1 mx -all"},
		"SPF that lets everybody":      {func(c *clinic) { c.dns.TXT("desk.test", "v=spf1 +all") }, "SPF", Fail, "everybody", "v=spf1 mx -all"},
		"a relay that SPF cannot mean": {func(c *clinic) { c.patient.Relay = c.mx.Addr() }, "SPF", Warn, "cannot mean the relay", "include:"},
		"no DKIM key":                  {func(c *clinic) { c.dns.Remove("aside1-rsa._domainkey.desk.test") }, "DKIM aside1-rsa", Fail, "not published", `aside1-rsa._domainkey.desk.test. 3600 IN TXT "v=DKIM1; k=rsa;`},
		"a DKIM key cut at 255":        {func(c *clinic) { c.dns.TXT("aside1-rsa._domainkey.desk.test", longKey+strings.Repeat("A", 200)) }, "DKIM aside1-rsa", Fail, "Another key", `" "A`},
		"two DKIM keys":                {func(c *clinic) { c.dns.TXT("aside1-ed25519._domainkey.desk.test", "v=DKIM1; p=BBBB", "v=DKIM1; p=CC") }, "DKIM aside1-ed25519", Fail, "Several records", "aside1-ed25519"},
		"no DMARC":                     {func(c *clinic) { c.dns.Remove("_dmarc.desk.test") }, "DMARC", Fail, "Nobody is told", `_dmarc.desk.test. 3600 IN TXT "v=DMARC1; p=reject; adkim=s; aspf=s"`},
		"DMARC that asks nothing":      {func(c *clinic) { c.dns.TXT("_dmarc.desk.test", "v=DMARC1; p=none") }, "DMARC", Warn, "asks for nothing", "p=reject"},
		"DMARC without a policy":       {func(c *clinic) { c.dns.TXT("_dmarc.desk.test", "v=DMARC1; p=maybe") }, "DMARC", Fail, "cannot be read", "p=reject"},
		"a door without TLS":           {func(c *clinic) { c.door.At(fake.StartTLS, fake.Refuse(502, "5.5.1 not here")) }, "TLS at the door", Fail, "no TLS", ""},
		"a door that is shut":          {func(c *clinic) { c.unreachable[c.door.Addr()] = true }, "TLS at the door", Fail, "aside serve", ""},
		"no door at all":               {func(c *clinic) { c.patient.Door = "" }, "TLS at the door", Warn, "portal only", "--smtp"},
		"port 25 shut from outside":    {func(c *clinic) { c.unreachable["11.0.0.1:25"] = true }, "port 25 in", Fail, "does not answer on port 25", "--smtp=0.0.0.0:25"},
		"somebody else at port 25": {func(c *clinic) {
			c.dns.A("else.test", "12.0.0.1").Remove("desk.test").MX("desk.test", 10, "else.test").A("desk.test", "11.0.0.1").TXT("desk.test", "v=spf1 mx a -all")
		}, "port 25 in", Fail, "Another server answers", "MX"},
		"port 25 blocked outwards":   {func(c *clinic) { c.unreachable["12.0.0.1:25"] = true }, "port 25 out", Fail, "a relay gets round", "--relay"},
		"an address on a block list": {func(c *clinic) { c.mx.At(fake.Connect, fake.Refuse(554, "5.7.1 you are listed")) }, "port 25 out", Warn, "you are listed", ""},
		"a relay that is away": {func(c *clinic) {
			c.patient.Relay = "13.0.0.1:587"
			c.unreachable["13.0.0.1:587"] = true
		}, "port 25 out", Fail, "does not answer", "--relay"},
		"a clock an hour off":  {func(c *clinic) { c.doctor.Now = func() time.Time { return time.Now().Add(time.Hour) } }, "clock", Fail, "off by 1h0m", "timedatectl"},
		"a clock a minute off": {func(c *clinic) { c.doctor.Now = func() time.Time { return time.Now().Add(-time.Minute) } }, "clock", Warn, "off by", "timedatectl"},
		"no base URL":          {func(c *clinic) { c.patient.BaseURL = "" }, "base URL", Fail, "No base URL", "--publicURL"},
		"a base URL of nobody": {func(c *clinic) { c.patient.BaseURL = "https://127.0.0.1:1" }, "base URL", Fail, "Nobody answers", "--publicURL"},
		"a base URL of others": {func(c *clinic) { c.status = 404 }, "base URL", Fail, "is not Aside", "--publicURL"},
		"a base URL in clear": {func(c *clinic) {
			plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			t.Cleanup(plain.Close)
			c.patient.BaseURL = plain.URL
		}, "base URL", Warn, "without TLS", "--publicURL"},
		"no MX and no door": {func(c *clinic) {
			c.patient.Door = ""
			c.dns.Remove("desk.test").A("desk.test", "11.0.0.1")
		}, "MX", Warn, "bounces are lost", ""},
		"no MX to knock at": {func(c *clinic) { c.dns.Remove("desk.test").A("desk.test", "11.0.0.1") }, "port 25 in", Fail, "no mail server to reach", "MX 10 desk.test."},
		"no address and no door": {func(c *clinic) {
			c.patient.Door = ""
			c.dns.Remove("desk.test").TXT("desk.test", "v=spf1 -all")
		}, "A, AAAA", Warn, "has no address", "desk.test. 3600 IN A"},
		"an MX whose name servers are down": {func(c *clinic) {
			c.dns.Remove("desk.test").MX("desk.test", 10, "mail.desk.test").A("desk.test", "11.0.0.1").Fault("mail.desk.test", fake.ServFail)
		}, "A, AAAA", Fail, "gave no answer", ""},
		"a greeting of no address": {func(c *clinic) {
			c.dns.Remove("desk.test").MX("desk.test", 10, "mail.desk.test").A("mail.desk.test", "11.0.0.1")
		}, "reverse DNS", Fail, "it has no address", "desk.test. 3600 IN A"},
		"reverse DNS that is down":   {func(c *clinic) { c.dns.Fault("1.0.0.11.in-addr.arpa", fake.ServFail) }, "reverse DNS", Fail, "gave no answer", ""},
		"SPF in a zone that is down": {func(c *clinic) { c.dns.Fault("desk.test", fake.ServFail) }, "SPF", Fail, "gave no answer", ""},
		"SPF that leads to a zone that is down": {func(c *clinic) {
			c.dns.TXT("desk.test", "v=spf1 include:down.test -all").Fault("down.test", fake.ServFail)
		}, "SPF", Fail, "gave no answer", ""},
		"a DKIM key in a zone that is down": {func(c *clinic) { c.dns.Fault("aside1-rsa._domainkey.desk.test", fake.ServFail) }, "DKIM aside1-rsa", Fail, "gave no answer", ""},
		"two DMARC policies":                {func(c *clinic) { c.dns.TXT("_dmarc.desk.test", "v=DMARC1; p=none", "v=DMARC1; p=reject") }, "DMARC", Fail, "several DMARC records", "p=reject"},
		"DMARC in a zone that is down":      {func(c *clinic) { c.dns.Fault("_dmarc.desk.test", fake.ServFail) }, "DMARC", Fail, "gave no answer", ""},
		"a door of another program":         {func(c *clinic) { c.door.At(fake.Connect, fake.Say("+OK POP3 ready\r\n")) }, "TLS at the door", Fail, "does not speak SMTP", ""},
		"a door of another mail server":     {func(c *clinic) { c.door.Name("mail.else.test") }, "TLS at the door", Fail, "Another server answers", ""},
		"a door whose TLS is broken":        {func(c *clinic) { c.door.At(fake.StartTLS, fake.Say("220 go\r\n").ThenDrop()) }, "TLS at the door", Fail, "does not come about", ""},
		"a door whose certificate ended":    {func(c *clinic) { c.door.StartTLS(fake.NewCA(t).Expired("desk.test")) }, "TLS at the door", Fail, "certificate ended on", ""},
		"another program at port 25":        {func(c *clinic) { c.door.At(fake.Connect, fake.Say("+OK POP3 ready\r\n")) }, "port 25 in", Fail, "does not speak SMTP on port 25", ""},
		"outwards, a zone that is down":     {func(c *clinic) { c.dns.Fault("outside.test", fake.ServFail) }, "port 25 out", Fail, "gave no answer", ""},
		"no clock to compare with":          {func(c *clinic) { c.doctor.TimeURL = "https://127.0.0.1:1/" }, "clock", Warn, "does not answer", ""},
		"a clock that tells nothing":        {func(c *clinic) { c.timeless = true }, "clock", Warn, "does not tell it", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t)
			f.spoil(c)
			for _, got := range c.doctor.Examine(t.Context(), c.patient) {
				if got.Name != f.check {
					continue
				}
				if got.Status != f.status || !strings.Contains(got.Says, f.says) || !strings.Contains(got.Paste, f.paste) || f.paste == "" && got.Paste != "" {
					t.Errorf("got %+v", got)
				}
				return
			}
			t.Errorf("there is no check %q", f.check)
		})
	}
}

func TestZone_IsWhatTheDoctorFindsWell(t *testing.T) {
	c := newClinic(t)
	other := fake.NewDNS(t).PTR("11.0.0.1", "desk.test").MX("outside.test", 5, "mx.outside.test").A("mx.outside.test", "12.0.0.1")
	for _, line := range Zone(c.patient) {
		if !strings.HasPrefix(line, ";") {
			other.Add(strings.ReplaceAll(line, "<the public address of this server>", "11.0.0.1"))
		}
	}
	c.doctor.Resolver = other.Resolver()
	for _, got := range c.doctor.Examine(t.Context(), c.patient) {
		if got.Status != Pass {
			t.Errorf("%+v", got)
		}
	}
}

func TestPointer_IsTheReverseName(t *testing.T) {
	for _, c := range []struct{ ip, want string }{{"192.0.2.17", "17.2.0.192.in-addr.arpa."}, {"2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."}} {
		if got := pointer(netip.MustParseAddr(c.ip)); got != c.want {
			t.Errorf("%s: %s", c.ip, got)
		}
	}
}
