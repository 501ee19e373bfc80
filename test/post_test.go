package test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"aside/internal/token"
	"aside/test/fake"

	"github.com/emersion/go-smtp"
	"github.com/pocketbase/pocketbase/core"
)

// post is the world outside for the rows of threats.md: domains with keys and records (Appendix A's zone), letters of every honesty,
// and addresses to send them from.
type post struct {
	*App
	team *Team
	ada  *Client
	keys map[string]ed25519.PrivateKey
	n    int
}

// domains of Appendix A: the machine each sends from, and what it asks for.
var domains = map[string]struct{ ip, dmarc string }{
	"ext.test":      {"127.0.0.2", "v=DMARC1; p=reject"},
	"open.test":     {"127.0.0.3", "v=DMARC1; p=none"},
	"quar.test":     {"127.0.0.4", "v=DMARC1; p=quarantine"},
	"bank.test":     {"127.0.0.5", "v=DMARC1; p=reject"},
	"list.test":     {"127.0.0.7", "v=DMARC1; p=reject"},
	"mail.test":     {"127.0.0.8", "v=DMARC1; p=reject"},
	"attacker.test": {"127.0.0.9", "v=DMARC1; p=reject"},
	"acme.test":     {"127.0.0.10", "v=DMARC1; p=reject"},
	"customer.test": {"127.0.0.11", "v=DMARC1; p=reject"},
	"slack.test":    {"127.0.0.12", "v=DMARC1; p=reject"},
	"strict.test":   {"127.0.0.13", "v=DMARC1; p=none; adkim=s; aspf=s"},
}

// nowhere is a machine that no domain sends from.
const nowhere = "127.0.0.99"

func newPost(t *testing.T, options ...Option) *post {
	t.Helper()
	a := NewApp(t, options...)
	p := &post{App: a, team: a.NewTeam(), keys: map[string]ed25519.PrivateKey{}}
	p.ada = a.As(p.team.Owner)
	for _, u := range []*core.Record{p.team.Owner, p.team.Admin, p.team.Member, p.team.Viewer} { // so that every letter that leaves is one too many
		u.Set("muteEmail", true)
		a.save(u)
	}
	for name, d := range domains {
		p.domain(name, d.ip, d.dmarc)
	}
	return p
}

func (p *post) domain(name, ip, dmarc string) {
	seed := sha256.Sum256([]byte(name))
	key := ed25519.NewKeyFromSeed(seed[:])
	p.keys[name] = key
	p.DNS.TXT("s1._domainkey."+name, "v=DKIM1; k=ed25519; p="+base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)))
	p.DNS.TXT(name, "v=spf1 ip4:"+ip+" -all")
	p.DNS.TXT("_dmarc."+name, dmarc)
}

// letter is one to be sent. What is empty is filled in as an honest mail program would.
type letter struct {
	from, to, cc, subject, id string
	top, extra                []string // whole header lines above From, and below the rest
	body                      string
	kind                      string // Content-Type

	sign    string                  // the domain whose key signs
	headers string                  // h= of the signature
	length  int                     // l= of the signature, when not 0
	mangle  func(raw []byte) []byte // after signing

	mailFrom string // "<>" for the null sender
	ip       string
	rcpt     []string
}

// bytes writes and signs it.
func (p *post) bytes(l letter) []byte {
	p.T.Helper()
	p.n++
	if l.id == "" {
		l.id = fmt.Sprintf("<%d.%s@ext.test>", p.n, strings.NewReplacer("/", "-", " ", "").Replace(p.T.Name()))
	}
	if l.subject == "" {
		l.subject = "Re: invoice"
	}
	if l.kind == "" {
		l.kind = "text/plain; charset=utf-8"
	}
	lines := append([]string{}, l.top...)
	for _, f := range [][2]string{{"From", l.from}, {"To", l.to}, {"Cc", l.cc}, {"Subject", l.subject}, {"Date", "Tue, 24 Nov 2026 10:00:00 +0000"}, {"Message-ID", l.id},
		{"MIME-Version", "1.0"}, {"Content-Type", l.kind}} {
		if f[1] != "" {
			lines = append(lines, f[0]+": "+f[1])
		}
	}
	lines = append(append(lines, l.extra...), "", strings.TrimRight(strings.ReplaceAll(l.body, "\r\n", "\n"), "\n"), "")
	raw := []byte(strings.ReplaceAll(strings.Join(lines, "\n"), "\n", "\r\n"))
	if l.sign != "" {
		raw = p.signed(raw, l)
	}
	if l.mangle != nil {
		raw = l.mangle(raw)
	}
	return raw
}

// signed puts a DKIM signature on top, relaxed over the header and simple over the body, written out here so that a test may sign what no
// library would: less of the body, fewer fields, another's From.
func (p *post) signed(raw []byte, l letter) []byte {
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	var fields [][2]string
	for line := range strings.SplitSeq(string(head), "\r\n") {
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			fields[len(fields)-1][1] += line
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		fields = append(fields, [2]string{strings.ToLower(name), value})
	}
	names := l.headers
	if names == "" {
		names = "from:to:cc:subject:date:message-id:content-type:mime-version"
	}
	covered, tag := body, ""
	if l.length > 0 {
		covered, tag = body[:l.length], fmt.Sprintf(" l=%d;", l.length)
	}
	sum := sha256.Sum256(covered)
	field := fmt.Sprintf(" v=1; a=ed25519-sha256; c=relaxed/simple; d=%s; s=s1; h=%s;%s bh=%s; b=", l.sign, names, tag, base64.StdEncoding.EncodeToString(sum[:]))
	var signed strings.Builder
	used := make([]bool, len(fields))
	for name := range strings.SplitSeq(names, ":") {
		for i := len(fields) - 1; i >= 0; i-- {
			if fields[i][0] == name && !used[i] {
				used[i] = true
				signed.WriteString(relaxed(name, fields[i][1]) + "\r\n")
				break
			}
		}
	}
	signed.WriteString(relaxed("dkim-signature", field))
	digest := sha256.Sum256([]byte(signed.String()))
	return append([]byte("DKIM-Signature:"+field+base64.StdEncoding.EncodeToString(ed25519.Sign(p.keys[l.sign], digest[:]))+"\r\n"), raw...)
}

func relaxed(name, value string) string { return name + ":" + strings.Join(strings.Fields(value), " ") }

// send hands the letter to the door and returns the answer's code and text; 250 is a letter that was taken.
func (p *post) send(l letter) (int, string) {
	p.T.Helper()
	return p.deliver(l, p.bytes(l))
}

func (p *post) deliver(l letter, raw []byte) (code int, said string) {
	p.T.Helper()
	ip := l.ip
	if ip == "" {
		ip = nowhere
		if d, ok := domains[l.sign]; ok {
			ip = d.ip
		}
	}
	sender := l.mailFrom
	switch {
	case sender == "<>":
		sender = ""
	case sender == "" && l.sign != "":
		sender = "someone@" + l.sign
	case sender == "":
		sender = "someone@nowhere.test"
	}
	rcpt := l.rcpt
	if rcpt == nil {
		rcpt = []string{l.to}
	}
	err := fake.DeliverFrom(p.SMTP, ip, "mail.sender.test", sender, rcpt, raw)
	var reply *smtp.SMTPError
	switch {
	case err == nil:
		return 250, ""
	case errors.As(err, &reply):
		return reply.Code, reply.Message
	}
	p.T.Fatalf("the door broke off: %v", err)
	return 0, ""
}

// chat is a side conversation with Bob, made beside the queue so that nothing of it leaves.
type chat struct {
	*post
	conv, bob *core.Record
	to        string // Bob's reply address
	page      string // his portal page
}

func (p *post) chat() *chat { return p.chatWith("Bob Vendor", "bob@ext.test") }

func (p *post) chatWith(name, address string) *chat {
	p.T.Helper()
	c := &chat{post: p}
	c.conv = p.New("side_conversations", map[string]any{"project": p.team.Project.Id, "feedback": p.team.Item.Id, "subject": "Invoice 77", "status": "open",
		"startedBy": p.team.Owner.Id, "sharedVersion": 1, "sharedSince": time.Now().UTC(), "messageCount": 1})
	c.bob = c.join(name, address)
	p.New("side_messages", map[string]any{"project": p.team.Project.Id, "conversation": c.conv.Id, "direction": "out", "channel": "inbox", "author": p.team.Owner.Id,
		"fromName": "Ada Agent", "body": "Can you send the invoice?", "kind": "reply", "trust": "team", "accepted": true, "messageId": fmt.Sprintf("ours-%s@%s", c.conv.Id, MailDomain)})
	c.to, c.page = c.replyTo(c.bob), c.pageOf(c.bob)
	return c
}

func (c *chat) join(name, address string) *core.Record {
	return c.New("participants", map[string]any{"project": c.team.Project.Id, "conversation": c.conv.Id, "name": name, "email": address, "state": "active",
		"replyVersion": 1, "linkVersion": 1, "linkSince": time.Now().UTC()})
}

func (c *chat) replyTo(p *core.Record) string {
	return "reply+" + c.Aside.Tokens().Make(token.Reply, p.Id, p.GetInt("replyVersion")) + "@" + MailDomain
}

func (c *chat) pageOf(p *core.Record) string {
	return "/c/" + c.Aside.Tokens().Make(token.Portal, p.Id, p.GetInt("linkVersion"))
}

// in are the messages from outside, oldest first.
func (c *chat) in() (list []*core.Record) {
	for _, m := range c.All("side_messages") {
		if m.GetString("conversation") == c.conv.Id && m.GetString("direction") == "in" {
			list = append(list, m)
		}
	}
	return list
}

// held are the letters that wait, with a suggestion of this conversation or for the project.
func (c *chat) held() (list []*core.Record) {
	for _, h := range c.All("held_mail") {
		if h.GetString("suggestion") == c.conv.Id {
			list = append(list, h)
		}
	}
	return list
}

// want is what must become of a letter. The zero value: refused, and nothing is left of it.
type want struct {
	code    int    // of SMTP; 0 is 250
	said    string // in the door's answer
	trust   string // of the message in the thread; empty: none
	portal  bool   // shown to outsiders
	kind    string // of the message; empty: reply
	held    string // the reason it is held for
	words   string // in the sentence agents read
	warn    string // in one of the warnings
	noWarn  string // in none of them
	silent  bool   // nobody is notified
	several int    // messages in all, when more than the one
}

// expect sends a letter and looks at everything it may and may not have done.
func (c *chat) expect(t *testing.T, l letter, w want) *core.Record {
	t.Helper()
	if l.to == "" {
		l.to = c.to
	}
	if l.rcpt == nil {
		l.rcpt = []string{c.to}
	}
	if l.body == "" {
		l.body = fmt.Sprintf("Please pay to the new account %d.", c.n)
	}
	if w.code == 0 {
		w.code = 250
	}
	if w.trust != "" && w.several == 0 {
		w.several = 1
	}
	if w.kind == "" {
		w.kind = "reply"
	}
	before, rows, told := c.outside(), everything(c.App), len(c.All("notifications"))
	code, said := c.send(l)
	if code != w.code || !strings.Contains(said, w.said) {
		t.Fatalf("the door said %d %s, want %d %s", code, said, w.code, w.said)
	}
	if after := everything(c.App); code != 250 && after != rows {
		t.Errorf("refused, and still stored something: %s, before %s", after, rows)
	}
	messages, held := c.in(), c.held()
	page := string(c.Guest().Must(200, "GET", c.page, nil).Body)
	if shown := strings.Contains(page, strings.TrimSpace(l.body)); shown != w.portal {
		t.Errorf("shown on the portal: %v, want %v", shown, w.portal)
	}
	if after := c.outside(); after != before {
		t.Errorf("it added, granted or sent something:\n%s\nbefore:\n%s", after, before)
	}
	if len(messages) != w.several {
		t.Fatalf("%d messages in the thread, want %d", len(messages), w.several)
	}
	if told := len(c.All("notifications")) - told; (told > 0) != (w.trust != "" && w.kind == "reply" && !w.silent) {
		t.Errorf("%d were notified", told)
	}
	if w.held != "" {
		if len(held) != 1 || held[0].GetString("reason") != w.held || !strings.Contains(held[0].GetString("words"), w.words) {
			t.Fatalf("held: %v, want one for %s with %q in its words", facts(held), w.held, w.words)
		}
		return held[0]
	}
	if len(held) != 0 {
		t.Fatalf("it is held: %v", facts(held))
	}
	if w.trust == "" {
		return nil
	}
	m := messages[len(messages)-1]
	if m.GetString("trust") != w.trust || m.GetString("kind") != w.kind || !strings.Contains(m.GetString("trustReason"), w.words) {
		t.Errorf("trust %s, kind %s, words %q; want %s, %s, %q", m.GetString("trust"), m.GetString("kind"), m.GetString("trustReason"), w.trust, w.kind, w.words)
	}
	warned := m.GetString("warnings")
	if !strings.Contains(warned, w.warn) || w.noWarn != "" && strings.Contains(warned, w.noWarn) {
		t.Errorf("warnings %s; want %q in them and not %q", warned, w.warn, w.noWarn)
	}
	return m
}

// counter is how many items a project has had; mail may open one.
var counter = regexp.MustCompile(`"lastNumber":\d+,`)

// outside is everything that a letter from outside may never change: who is on conversations and what they may, what was sent to
// anybody, the customer's side, people and roles.
func (p *post) outside() string {
	Eventually(p.T, "no letter is on its way", func() bool {
		for _, d := range p.All("deliveries") {
			if s := d.GetString("state"); s == "queued" || s == "sending" {
				return false
			}
		}
		return true
	})
	var b strings.Builder
	for _, collection := range []string{"users", "members", "projects", "participants", "deliveries", "customer_messages", "notes", "invitations"} {
		for _, r := range p.All(collection) {
			if r.GetString("user") == "" || collection != "deliveries" { // notices to agents
				fmt.Fprintf(&b, "%s %s\n", collection, counter.ReplaceAll(fields(r), nil))
			}
		}
	}
	for _, c := range p.All("side_conversations") {
		fmt.Fprintf(&b, "conversation %s %v %v\n", c.Id, c.Get("sharedVersion"), c.Get("sharePortal"))
	}
	fmt.Fprintf(&b, "%d letters left\n", len(p.MX.Letters()))
	return b.String()
}

func facts(records []*core.Record) (list []string) {
	for _, r := range records {
		list = append(list, string(fields(r)))
	}
	return list
}

// warnings reads a message's list.
func warnings(m *core.Record) []string {
	list := []string{}
	_ = m.UnmarshalJSONField("warnings", &list)
	return list
}

func hasWarning(m *core.Record, part string) bool {
	return slices.ContainsFunc(warnings(m), func(w string) bool { return strings.Contains(w, part) })
}

// log are the lines of the item's activity, logged tells whether one of them is this.
func (p *post) log() (lines []string) {
	for _, r := range p.All("activity") {
		lines = append(lines, r.GetString("text"))
	}
	return lines
}

func (p *post) logged(line string) bool { return slices.Contains(p.log(), line) }

func (c *chat) participants() (list []*core.Record) {
	for _, q := range c.All("participants") {
		if q.GetString("conversation") == c.conv.Id {
			list = append(list, q)
		}
	}
	return list
}
