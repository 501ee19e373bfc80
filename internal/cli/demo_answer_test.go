package cli

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"aside/internal/email"
	"aside/internal/mailauth"
	"aside/internal/quote"

	"github.com/emersion/go-smtp"
)

// asked is a letter as Aside sends it, caught by the catcher over SMTP.
func asked(t *testing.T) caughtLetter {
	t.Helper()
	raw, err := email.Draft{From: email.Address{Name: "Ada from Acme Hardware", Address: "acme@in.acme.test"}, To: []email.Address{{Name: "Bob Vendor", Address: "bob@vendor.test"}},
		ReplyTo: email.Address{Name: "Acme Hardware", Address: "reply+abc@in.acme.test"}, Subject: "Hinge screws", MessageID: "one@in.acme.test", References: []string{"zero@in.acme.test"},
		Date: time.Now(), Text: quote.Marker + "\n\nAre there screws?\n", HTML: "<html><body><p>Are there screws?</p></body></html>"}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCatcher()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	client, err := smtp.Dial(c.addr())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.SendMail("bounce+x@in.acme.test", []string{"Bob@vendor.test", "carl@vendor.test"}, bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	l, err := c.wait(ctx, "bob@vendor.test", 0)
	if err != nil {
		t.Fatal(err)
	}
	if all, _ := c.all(); len(all) != 2 || all[0].To != "carl@vendor.test" || l.From != "bounce+x@in.acme.test" || !bytes.Equal(l.Raw, raw) {
		t.Fatalf("one letter in each mailbox, as it was sent: %d letters, %q", len(all), l.Raw)
	}
	return l
}

// check judges a posting as the door does.
func check(t *testing.T, d *demoNames, p posting) mailauth.Verdict {
	t.Helper()
	header, err := email.ReadHeader(p.Raw)
	if err != nil {
		t.Fatalf("the strict reader refuses it: %v\n%s", err, p.Raw)
	}
	c := &mailauth.Checker{Resolver: mailauth.NewResolver(d.addr())}
	return c.Check(context.Background(), mailauth.Letter{Remote: net.ParseIP(p.Source), Helo: p.Helo, MailFrom: p.From, From: header.From().Address, Raw: p.Raw})
}

func TestAnswersAreProvedAsTheirModeSays(t *testing.T) {
	d, l := startNames(t), asked(t)
	for mode, c := range map[answerMode]struct {
		from, envelope   string
		verified, refuse bool
		kind             email.Kind
	}{
		asThemselves: {"bob@vendor.test", "bob@vendor.test", true, false, email.KindReply},
		asOther:      {"bob.private@postbox.test", "bob.private@postbox.test", true, false, email.KindReply},
		asSilent:     {"bob@silent.test", "bob@silent.test", false, false, email.KindReply},
		asVacation:   {"bob@vendor.test", "", true, false, email.KindAutoReply},
		asForged:     {"bob@vendor.test", "bob@vendor.test", false, true, email.KindReply},
	} {
		t.Run(string(mode), func(t *testing.T) {
			p, err := demoAnswer{Letter: l, Mode: mode, Text: "Two leave today.\n\nBob", Quote: true}.post(time.Now(), d.private)
			if err != nil {
				t.Fatal(err)
			}
			v := check(t, d, p)
			if v.Verified != c.verified || v.Refuse != c.refuse || v.Temporary {
				t.Errorf("verdict %+v, want verified %v, refuse %v", v, c.verified, c.refuse)
			}
			m, err := email.Parse(p.Raw)
			if err != nil {
				t.Fatal(err)
			}
			if m.From.Address != c.from || p.From != c.envelope || p.To != "reply+abc@in.acme.test" || m.Kind != c.kind {
				t.Errorf("from %s, envelope %q to %q, kind %s", m.From.Address, p.From, p.To, m.Kind)
			}
			if m.InReplyTo != "one@in.acme.test" || strings.Join(m.References, " ") != "zero@in.acme.test one@in.acme.test" {
				t.Errorf("it hangs in no thread: %q %q", m.InReplyTo, m.References)
			}
			if fresh, quoted := quote.Text(m.Text); strings.TrimSpace(fresh) != "Two leave today.\n\nBob" || !strings.Contains(quoted, "Are there screws?") {
				t.Errorf("fresh %q, quoted %q", fresh, quoted)
			}
			if fresh, quoted := quote.HTML(m.HTML); strings.Contains(fresh, "Are there") || !strings.Contains(quoted, "Are there screws?") {
				t.Errorf("fresh %q, quoted %q", fresh, quoted)
			}
		})
	}
}

func TestNobodySignsForTheMailDomain(t *testing.T) {
	d, l := startNames(t), asked(t)
	l.To, l.Message.To = "ada@"+demoDomain, []email.Address{{Address: "ada@" + demoDomain}}
	p, err := demoAnswer{Letter: l, Mode: asThemselves, Text: "I am Ada"}.post(time.Now(), d.private)
	if err != nil {
		t.Fatal(err)
	}
	if v := check(t, d, p); v.Verified {
		t.Fatalf("the demo's key passes for Aside's own domain: %+v", v)
	}
}

func TestAnswerWithoutQuoteOrWithAFile(t *testing.T) {
	d, l := startNames(t), asked(t)
	p, err := demoAnswer{Letter: l, Mode: asThemselves, Text: "List <attached>", Files: []email.Attachment{{Name: "list.csv", Type: "text/csv", Data: []byte("a,b\r\n1,2\r\n")}}}.post(time.Now(), d.private)
	if err != nil {
		t.Fatal(err)
	}
	m, err := email.Parse(p.Raw)
	if err != nil || len(m.Attachments) != 1 || m.Attachments[0].Name != "list.csv" || string(m.Attachments[0].Data) != "a,b\r\n1,2\r\n" {
		t.Fatalf("%v, attachments %+v", err, m.Attachments)
	}
	if strings.Contains(m.Text+m.HTML, "Are there") || strings.Contains(m.HTML, "<attached>") {
		t.Fatalf("the letter below is in it, or markup that was text:\n%s\n%s", m.Text, m.HTML)
	}
	if v := check(t, d, p); !v.Verified {
		t.Fatalf("a letter with a file is not verified: %+v", v)
	}
}
