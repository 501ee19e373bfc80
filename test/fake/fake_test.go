package fake

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	gosmtp "github.com/emersion/go-smtp"
)

func TestAVendorAnswersACaughtLetterAndTheSignatureHolds(t *testing.T) {
	dns, mx := NewDNS(t), NewMX(t)
	for _, v := range []*Vendor{NewVendor(t, dns, "Bob <bob@ext.test>"), NewRSAVendor(t, dns, "ann@rsa.test")} {
		ours := "From: us@in.test\r\nReply-To: reply+abc@in.test\r\nSubject: Hi\r\nMessage-ID: <1@in.test>\r\n\r\nhello\r\n.dot\r\n"
		if err := Deliver(mx.Addr(), "us.test", "bounce@in.test", v.Address, []byte(ours)); err != nil {
			t.Fatal(err)
		}
		letters := mx.Wait(t, 1)
		caught := letters[len(letters)-1]
		if string(caught.Data) != ours || caught.To[0] != v.Address {
			t.Fatalf("caught %+v", caught)
		}
		if err := v.Send(mx.Addr(), v.Reply(caught, "Yes.")); err != nil {
			t.Fatal(err)
		}
		letters = mx.Letters()
		answer := letters[len(letters)-1]
		if answer.To[0] != "reply+abc@in.test" || !bytes.Contains(answer.Data, []byte("\r\nSubject: Re: Hi\r\n")) {
			t.Errorf("answer to %v:\n%s", answer.To, answer.Data)
		}
		lookup := func(name string) ([]string, error) { return dns.Resolver().LookupTXT(context.Background(), name) }
		got, err := dkim.VerifyWithOptions(bytes.NewReader(answer.Data), &dkim.VerifyOptions{LookupTXT: lookup})
		if err != nil || len(got) != 1 || got[0].Err != nil {
			t.Errorf("signature: %+v, %v", got, err)
		}
	}
}

func TestTheNameServerHasTheFaultsItIsGiven(t *testing.T) {
	dns := NewDNS(t).Add("ext.test. MX 10 mx.ext.test.").A("mx.ext.test", "192.0.2.7", "2001:db8::7").
		CNAME("www.ext.test", "mx.ext.test").PTR("192.0.2.7", "mx.ext.test")
	ctx, r := context.Background(), dns.Resolver()
	if mx, err := r.LookupMX(ctx, "ext.test."); err != nil || mx[0].Host != "mx.ext.test." {
		t.Errorf("MX %v %v", mx, err)
	}
	if ips, err := r.LookupIPAddr(ctx, "www.ext.test."); err != nil || len(ips) != 2 {
		t.Errorf("addresses through a CNAME: %v %v", ips, err)
	}
	if names, err := r.LookupAddr(ctx, "192.0.2.7"); err != nil || names[0] != "mx.ext.test." {
		t.Errorf("PTR %v %v", names, err)
	}
	var dnsErr *net.DNSError
	if _, err := r.LookupMX(ctx, "nowhere.test."); !errors.As(err, &dnsErr) || !dnsErr.IsNotFound {
		t.Errorf("a name that is not there: %v", err)
	}
	dns.Fault("ext.test", ServFail)
	if _, err := r.LookupMX(ctx, "ext.test."); !errors.As(err, &dnsErr) || dnsErr.IsNotFound {
		t.Errorf("SERVFAIL: %v", err)
	}
	long := strings.Repeat("k", 700)
	dns.Fault("ext.test", Truncated).TXT("ext.test", long)
	if txt, err := r.LookupTXT(ctx, "ext.test."); err != nil || txt[0] != long {
		t.Errorf("whole again over TCP: %d octets, %v", len(strings.Join(txt, "")), err)
	}
	dns.Fault("ext.test", Timeout)
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := r.LookupTXT(short, "ext.test."); err == nil {
		t.Error("a silent server answered")
	}
	if dns.Fault("ext.test", NoFault).Asked("ext.test") < 4 {
		t.Errorf("asked %d times", dns.Asked("ext.test"))
	}
}

func TestTheMailServerMisbehavesOnlyAsTold(t *testing.T) {
	mx := NewMX(t)
	mx.At(Rcpt, Refuse(451, "4.7.1 later").For("<a@").Times(1)).At(Dot, Drop().Times(1))
	send := func(to string) error { return Deliver(mx.Addr(), "h.test", "", to, []byte("a: b\r\n\r\nx\r\n")) }
	var refusal *gosmtp.SMTPError
	if err := send("a@ext.test"); !errors.As(err, &refusal) || refusal.Code != 451 {
		t.Errorf("greylisting: %v", err)
	}
	if err := send("b@ext.test"); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("lost answer: %v", err)
	}
	if len(mx.Letters()) != 1 {
		t.Errorf("a lost answer must keep the letter: %d kept", len(mx.Letters()))
	}
	if err := send("a@ext.test"); err != nil {
		t.Errorf("second try: %v", err)
	}
}

func TestTheMailServerOffersTLSAndALogin(t *testing.T) {
	ca := NewCA(t)
	mx := NewMX(t).StartTLS(ca.Cert("127.0.0.1", "mx.test")).Auth("joe", "secret", "PLAIN", "LOGIN", "CRAM-MD5")
	for _, auth := range []smtp.Auth{smtp.PlainAuth("", "joe", "secret", "127.0.0.1"), smtp.CRAMMD5Auth("joe", "secret")} {
		c, err := smtp.Dial(mx.Addr())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.StartTLS(&tls.Config{ServerName: "mx.test", RootCAs: ca.Pool()}); err != nil {
			t.Fatal(err)
		}
		if err := c.Mail("a@b.test"); err == nil {
			t.Error("took mail without a login")
		}
		if err := c.Auth(auth); err != nil {
			t.Error(err)
		}
		if err := errors.Join(c.Mail("a@b.test"), c.Rcpt("c@d.test")); err != nil {
			t.Error(err)
		}
		c.Close()
	}
	c, err := smtp.Dial(mx.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Auth(smtp.CRAMMD5Auth("joe", "wrong")); err == nil {
		t.Error("took a wrong password")
	}
}

func TestTheClockMovesWhenTold(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c := NewClock(start)
	if c.Advance(time.Hour); !c.Now().Equal(start.Add(time.Hour)) {
		t.Errorf("shows %v", c.Now())
	}
	if c.Set(start); !c.Now().Equal(start) {
		t.Errorf("shows %v", c.Now())
	}
}
