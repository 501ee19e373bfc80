package cli

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"html"
	"strings"
	"time"

	"aside/internal/email"

	"github.com/emersion/go-msgauth/dkim"
)

// answerMode is how an answer from the caught-mail page is sent. Each shows another word of trust in the inbox.
type answerMode string

const (
	asThemselves answerMode = "themselves" // signed by the recipient's own domain
	asOther      answerMode = "other"      // signed too, but from another address of theirs
	asSilent     answerMode = "silent"     // unsigned, from a domain that says nothing about its mail
	asVacation   answerMode = "vacation"   // what their mail program sends while they are away
	asForged     answerMode = "forged"     // somebody else in their name
)

// errNobody is a letter that names nobody to answer to.
var errNobody = errors.New("this letter names nobody to answer to")

// demoAnswer is one answer to be written.
type demoAnswer struct {
	Letter caughtLetter
	Mode   answerMode
	Text   string
	Quote  bool // the letter below, as mail programs do
	Files  []email.Attachment
}

// posting is an answer as it goes over the wire.
type posting struct {
	Source   string // loopback address to send from
	Helo     string
	From, To string // the envelope
	Raw      []byte
}

// who is the recipient of the letter, as they call themselves.
func (l caughtLetter) who() email.Address {
	for _, a := range l.Message.To {
		if strings.EqualFold(a.Address, l.To) {
			return email.Address{Name: a.Name, Address: l.To}
		}
	}
	return email.Address{Address: l.To}
}

// answerTo is where a mail program sends an answer (RFC 5322 3.6.2).
func (l caughtLetter) answerTo() (email.Address, bool) {
	if len(l.Message.ReplyTo) > 0 {
		return l.Message.ReplyTo[0], true
	}
	return l.Message.From, l.Message.From.Address != ""
}

// sender is who the answer says it is from.
func (a demoAnswer) sender() email.Address {
	from := a.Letter.who()
	local, _, _ := strings.Cut(from.Address, "@")
	switch a.Mode {
	case asOther:
		from.Address = local + ".private@postbox.test"
	case asSilent:
		from.Address = local + "@" + silentDomain
	}
	return from
}

// post writes the answer and signs it with key where its sender would.
func (a demoAnswer) post(now time.Time, key ed25519.PrivateKey) (posting, error) {
	to, ok := a.Letter.answerTo()
	if !ok {
		return posting{}, errNobody
	}
	from := a.sender()
	_, domain, _ := strings.Cut(from.Address, "@")
	raw, err := a.draft(from, to, domain, now).Bytes()
	if err != nil {
		return posting{}, err
	}
	p := posting{Source: honestSource, Helo: "mail." + domain, From: from.Address, To: to.Address, Raw: raw}
	switch a.Mode {
	case asForged:
		p.Source, p.Helo = "127.0.0.1", "somewhere-else.test"
	case asSilent:
	case asVacation:
		p.From = "" // RFC 3834 3.3
		fallthrough
	default:
		p.Raw, err = signAs(domain, key, raw)
	}
	return p, err
}

func (a demoAnswer) draft(from, to email.Address, domain string, now time.Time) email.Draft {
	m := a.Letter.Message
	d := email.Draft{From: from, To: []email.Address{to}, Subject: m.Subject, Date: now, MessageID: strings.ToLower(rand.Text()) + "@" + domain,
		InReplyTo: m.MessageID, Attachments: a.Files, Text: a.Text, HTML: a.html()}
	if m.MessageID != "" {
		d.References = append(append(d.References, m.References...), m.MessageID)
	}
	if a.Quote {
		d.Text += "\n\n" + a.attribution() + "\n> " + strings.ReplaceAll(strings.TrimSpace(m.Text), "\n", "\n> ") + "\n"
	}
	if !strings.HasPrefix(strings.ToLower(d.Subject), "re:") {
		d.Subject = "Re: " + d.Subject
	}
	if a.Mode == asVacation {
		d.Subject = "Automatic reply: " + m.Subject
		d.Extra = [][2]string{{"Auto-Submitted", "auto-replied"}}
	}
	return d
}

// attribution is the line above a quote, in the words of the most used mail programs.
func (a demoAnswer) attribution() string {
	from := a.Letter.Message.From
	return "On " + a.Letter.At.Format("Mon, 2 Jan 2006 at 15:04") + ", " + from.Name + " <" + from.Address + "> wrote:"
}

// html is the answer with its quote in the structure webmail uses, which is what quoted-text folding has to recognise.
func (a demoAnswer) html() string {
	var b strings.Builder
	b.WriteString(`<div dir="ltr">` + strings.ReplaceAll(html.EscapeString(a.Text), "\n", "<br>\n") + `</div>`)
	if a.Quote {
		b.WriteString("<br>\n<div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">" + html.EscapeString(a.attribution()) + "<br></div>\n" +
			`<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">` + innerBody(a.Letter.Message) + "</blockquote></div>")
	}
	return b.String() + "\n"
}

// innerBody is what stands in a letter's HTML between its body tags.
func innerBody(m *email.Message) string {
	if m.HTML == "" {
		return strings.ReplaceAll(html.EscapeString(m.Text), "\n", "<br>\n")
	}
	s := m.HTML
	if i := strings.Index(s, "<body"); i >= 0 {
		if j := strings.IndexByte(s[i:], '>'); j >= 0 {
			s = s[i+j+1:]
		}
	}
	if i := strings.LastIndex(s, "</body"); i >= 0 {
		s = s[:i]
	}
	return s
}

// signAs puts a domain's DKIM signature on top of a letter.
func signAs(domain string, key ed25519.PrivateKey, raw []byte) ([]byte, error) {
	var b bytes.Buffer
	err := dkim.Sign(&b, bytes.NewReader(raw), &dkim.SignOptions{Domain: domain, Selector: demoSelector, Signer: key,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed})
	return b.Bytes(), err
}
