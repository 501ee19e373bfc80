package courier

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"aside/test/fake"
)

// patience is how long the tests' couriers wait where RFC 5321 says minutes.
const patience = 400 * time.Millisecond

const sample = "From: us@in.test\r\nTo: bob@ext.test\r\nSubject: hello\r\nMessage-ID: <1@in.test>\r\n\r\nHello Bob,\r\n.hidden dot\r\n..\r\n"

func quick() Timeouts {
	return Timeouts{Connect: 5 * time.Second, Greeting: patience, Mail: patience, Rcpt: patience, DataStart: patience,
		DataBlock: patience, DataEnd: patience, Quit: patience, Session: 20 * time.Second}
}

// world is a domain ext.test with one mail server, and a courier that may go there.
func world(t *testing.T) (*fake.DNS, *fake.MX, *Courier) {
	t.Helper()
	dns, mx := fake.NewDNS(t), fake.NewMX(t)
	dns.MX("ext.test", 10, "mx.ext.test").A("mx.ext.test", "127.0.0.1")
	return dns, mx, &Courier{Resolver: dns.Resolver(), MXPort: mx.Port(), Hello: "out.in.test", Timeouts: quick(),
		MXAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
}

func toBob() Parcel {
	return Parcel{From: "bounce+x@in.test", To: "bob@ext.test", Data: []byte(sample)}
}

func send(c *Courier, p Parcel) (Outcome, *Failure) {
	out, err := c.Deliver(context.Background(), p)
	if err == nil {
		return out, nil
	}
	return out, err.(*Failure)
}

// must delivers p or ends the test.
func must(t *testing.T, c *Courier, p Parcel) Outcome {
	t.Helper()
	out, f := send(c, p)
	if f != nil {
		t.Fatalf("not delivered: %v", f)
	}
	return out
}

// kind names what a queue would do about f.
func kind(f *Failure) string {
	switch {
	case f == nil:
		return "delivered"
	case f.Unknown:
		return "unknown"
	case f.Permanent:
		return "permanent"
	}
	return "temporary"
}

func wantKind(t *testing.T, f *Failure, want string) {
	t.Helper()
	if got := kind(f); got != want {
		t.Errorf("%s, want %s: %v", got, want, f)
	}
}

func wantSays(t *testing.T, f *Failure, words ...string) {
	t.Helper()
	for _, w := range words {
		if f == nil || !strings.Contains(f.Error(), w) {
			t.Errorf("failure %v does not say %q", f, w)
		}
	}
}

func none(t *testing.T, mx *fake.MX) {
	t.Helper()
	if got := mx.Letters(); len(got) > 0 {
		t.Errorf("a letter came that must not: %+v", got[0])
	}
}
