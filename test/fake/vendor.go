package fake

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-smtp"
)

// vendorSelector is the name a Vendor's key has in DNS.
const vendorSelector = "fake"

// Vendor is an outsider with a mailbox: it reads a letter caught by an [MX] and answers
// it, DKIM-signed, as a careful provider would send it.
type Vendor struct {
	Name    string // "Bob"
	Address string // "bob@ext.test"
	Helo    string // what Send says in EHLO
	// Now dates the letters; nil is time.Now.
	Now func() time.Time

	t   testing.TB
	dns *DNS
	key crypto.Signer
	n   int
}

// NewVendor makes an outsider from "Bob <bob@ext.test>" with an ed25519 key, and
// publishes that key, an SPF record that allows 127.0.0.1, and DMARC p=reject.
func NewVendor(t testing.TB, dns *DNS, who string) *Vendor {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatalf("fake vendor: %v", err)
	}
	return newVendor(t, dns, who, private, "k=ed25519; p="+base64.StdEncoding.EncodeToString(public))
}

// NewRSAVendor is NewVendor with an RSA key of 2048 bits.
func NewRSAVendor(t testing.TB, dns *DNS, who string) *Vendor {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatalf("fake vendor: %v", err)
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatalf("fake vendor: %v", err)
	}
	return newVendor(t, dns, who, private, "k=rsa; p="+base64.StdEncoding.EncodeToString(public))
}

func newVendor(t testing.TB, dns *DNS, who string, key crypto.Signer, record string) *Vendor {
	t.Helper()
	a, err := mail.ParseAddress(who)
	if err != nil {
		t.Fatalf("fake vendor %q: %v", who, err)
	}
	v := &Vendor{Name: a.Name, Address: a.Address, t: t, dns: dns, key: key}
	v.Helo = "mail." + v.Domain()
	dns.TXT(vendorSelector+"._domainkey."+v.Domain(), "v=DKIM1; "+record)
	dns.TXT(v.Domain(), "v=spf1 ip4:127.0.0.1 -all")
	dns.TXT("_dmarc."+v.Domain(), "v=DMARC1; p=reject")
	return v
}

// Domain is what stands behind the @.
func (v *Vendor) Domain() string { return v.Address[strings.LastIndexByte(v.Address, '@')+1:] }

// Answer is a letter that a Vendor writes. Empty fields stay out of it.
type Answer struct {
	To, Subject, InReplyTo, References, MessageID string
	Extra                                         []string // further whole header lines
	Text                                          string
}

// Reply answers a caught letter as mail programs do: to its Reply-To, "Re:", In-Reply-To
// and References set, the original quoted below.
func (v *Vendor) Reply(l Letter, text string) Answer {
	v.t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(l.Data))
	if err != nil {
		v.t.Fatalf("fake vendor: the letter cannot be read: %v", err)
	}
	h := m.Header
	to := h.Get("Reply-To")
	if to == "" {
		to = h.Get("From")
	}
	addr, err := mail.ParseAddress(to)
	if err != nil {
		v.t.Fatalf("fake vendor: the letter names nobody to answer to: %q: %v", to, err)
	}
	subject := h.Get("Subject")
	if !strings.HasPrefix(strings.ToLower(subject), "re:") {
		subject = "Re: " + subject
	}
	return Answer{To: addr.Address, Subject: subject, InReplyTo: h.Get("Message-Id"),
		References: strings.TrimSpace(h.Get("References") + " " + h.Get("Message-Id")),
		Text:       text + "\n\nOn Monday, somebody wrote:\n> the letter we got\n"}
}

// Bytes writes the answer as From this vendor, with CRLF line ends, unsigned.
func (v *Vendor) Bytes(a Answer) []byte {
	v.n++
	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	if a.MessageID == "" {
		a.MessageID = fmt.Sprintf("<%d.%d@%s>", now().UnixNano(), v.n, v.Domain())
	}
	var b strings.Builder
	from := mail.Address{Name: v.Name, Address: v.Address}
	for _, f := range [][2]string{{"From", from.String()}, {"To", a.To}, {"Subject", a.Subject},
		{"Date", now().Format(time.RFC1123Z)}, {"Message-ID", a.MessageID}, {"In-Reply-To", a.InReplyTo},
		{"References", a.References}, {"MIME-Version", "1.0"}, {"Content-Type", "text/plain; charset=utf-8"}} {
		if f[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", f[0], f[1])
		}
	}
	for _, line := range a.Extra {
		b.WriteString(line + "\n")
	}
	b.WriteString("\n" + a.Text)
	if !strings.HasSuffix(a.Text, "\n") {
		b.WriteString("\n")
	}
	return []byte(strings.ReplaceAll(strings.ReplaceAll(b.String(), "\r\n", "\n"), "\n", "\r\n"))
}

// Sign puts the vendor's DKIM signature on top of raw.
func (v *Vendor) Sign(raw []byte) []byte {
	v.t.Helper()
	var b bytes.Buffer
	err := dkim.Sign(&b, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: v.Domain(), Selector: vendorSelector, Signer: v.key,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		v.t.Fatalf("fake vendor: signing: %v", err)
	}
	return b.Bytes()
}

// Send signs a and hands it to the SMTP server at addr. The error is the server's
// refusal, a *smtp.SMTPError of go-smtp.
func (v *Vendor) Send(addr string, a Answer) error {
	return Deliver(addr, v.Helo, v.Address, a.To, v.Sign(v.Bytes(a)))
}

// Deliver hands raw bytes, as they are, to the SMTP server at addr: for letters that no
// honest vendor would send. from may be "" (a bounce).
func Deliver(addr, helo, from, to string, raw []byte) error {
	return DeliverFrom(addr, "127.0.0.1", helo, from, []string{to}, raw)
}

// DeliverFrom is Deliver from a loopback address of one's own, to several.
func DeliverFrom(addr, ip, helo, from string, to []string, raw []byte) error {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}, Timeout: 10 * time.Second}
	conn, err := d.Dial("tcp", addr)
	if err != nil {
		return err
	}
	c := smtp.NewClient(conn)
	defer c.Close()
	if err := c.Hello(helo); err != nil {
		return err
	}
	if err := c.Mail(from, nil); err != nil {
		return err
	}
	for _, one := range to {
		if err := c.Rcpt(one, nil); err != nil {
			return err
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}
