package test

import (
	"context"
	"encoding/base64"
	"net/netip"
	"strings"
	"testing"
	"time"

	"aside/internal/desk"
	"aside/internal/intake"
	"aside/internal/mailauth"
	"aside/internal/smtpd"
	"aside/internal/token"
)

// The findings of the second review about letters: what of them others may see, and when they are one letter or two.

// forwarded is a letter of Bob's with our letter to him in it, as programs attach what they answer to.
func (c *chat) forwarded(media, name, text string) enclosure {
	return named(media, name, []byte("From: Acme Hardware <"+c.to+">\r\nTo: bob@ext.test\r\nSubject: Invoice 77\r\n\r\n"+text+"\r\n"+c.URL+c.page+"\r\n"))
}

func TestReview02_AViewerDownloadsNoRawLetterForItHoldsTheLinksOfParticipants(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	m := c.mailed(t, c.forwarded("message/rfc822", "ours.eml", "Can you send the invoice?"))
	vic, mel := p.As(p.team.Viewer), p.As(p.team.Member)
	raw := "/api/side-messages/" + m.Id + "/raw"
	vic.Must(403, "GET", raw, nil)
	p.Guest().Must(403, "GET", raw+"?token="+vic.fileToken(), nil)
	p.Guest().Must(404, "GET", raw, nil)
	if res := mel.Must(200, "GET", raw, nil); !strings.Contains(string(res.Body), "From: Bob") {
		t.Errorf("a member got %.200s", res.Body)
	}
	p.Guest().Must(200, "GET", raw+"?token="+mel.fileToken(), nil)
	for _, path := range []string{"/body", "/trace"} { // what is masked stays readable
		res := vic.Must(200, "GET", "/api/side-messages/"+m.Id+path, nil)
		if strings.Contains(string(res.Body), c.page) || strings.Contains(string(res.Body), c.to) {
			t.Errorf("%s shows a token", path)
		}
	}
}

func TestReview03_ALetterOfOursAsAFileIsForTheTeamAlone(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	kim := c.pageOf(c.join("Kim", "kim@open.test"))
	coded := "From: x@ext.test\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte("<a href=\""+p.URL+c.page+"\">Open</a>"))
	soft := c.URL + c.page[:20] + "=\r\n" + c.page[20:]
	m := c.mailed(t, c.forwarded("message/rfc822", "ours.eml", "Can you send it?"), named("application/octet-stream", "coded.eml", []byte(coded)),
		named("text/plain", "notes.txt", []byte("See "+soft)), named("text/plain", "plain.txt", []byte("Nothing of anybody.")), named("image/png", "photo.png", png(2, 2)))
	files := desk.Files(m)
	if len(files) != 5 {
		t.Fatalf("%d files", len(files))
	}
	vic, mel := p.As(p.team.Viewer).fileToken(), p.As(p.team.Member).fileToken()
	for _, page := range []string{c.page, kim, "/c/" + p.Aside.Tokens().Make(token.Shared, c.conv.Id, 1)} {
		shown := string(p.Guest().Must(200, "GET", page, nil).Body)
		for i, f := range files {
			status := map[bool]int{true: 404, false: 200}[i < 3]
			if strings.Contains(shown, f.Name) != (i >= 3) || strings.Contains(shown, f.Stored) != (i >= 3) {
				t.Errorf("%s is shown: %v", f.Name, i < 3)
			}
			p.Guest().Must(status, "GET", page+"/files/"+m.Id+"/"+f.Stored, nil)
		}
	}
	for i, f := range files {
		at := "/api/files/side_messages/" + m.Id + "/" + f.Stored + "?token="
		p.Guest().Must(200, "GET", at+mel, nil)
		p.Guest().Must(map[bool]int{true: 403, false: 200}[i < 3], "GET", at+vic, nil)
		if hasWarning(m, f.Name) != (i < 3) {
			t.Errorf("%s: warnings %v", f.Name, warnings(m))
		}
	}
	before := len(c.in())
	form := c.form(t, "")
	res := p.Guest().Do("POST", c.page+"/replies", NewForm("nonce", form.Get("nonce"), "message", "Here it is.").File("attachments", "ours.eml", []byte("Reply-To: "+c.to+"\r\n\r\nhello")))
	if res.Status != 400 || !strings.Contains(string(res.Body), "leave it out") || !strings.Contains(string(res.Body), "Here it is.") || len(c.in()) != before {
		t.Errorf("on the page: %d", res.Status)
	}
}

func TestReview13_AnAnswerWrittenInsideAQuoteIsOnThePortal(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	kim := c.pageOf(c.join("Kim", "kim@open.test"))
	inline := `<div>See inline.</div><div class="gmail_quote"><div class="gmail_attr">On Tue Ada wrote:</div><blockquote class="gmail_quote">What number?<div style="color:red">it is 4711</div>` + p.URL + c.page + `<b>&lt;script&gt;</b></blockquote></div>`
	code, said := p.send(letter{from: fromBob, sign: "ext.test", to: c.to, kind: "text/html; charset=utf-8", body: inline})
	if m := c.in(); code != 250 || len(m) != 1 || !strings.Contains(m[0].GetString("quoted"), "4711") || strings.Contains(m[0].GetString("body"), "4711") {
		t.Fatal(code, said, facts(c.in()))
	}
	for _, page := range []string{c.page, kim} {
		shown := string(p.Guest().Must(200, "GET", page, nil).Body)
		if !strings.Contains(shown, "it is 4711") || !strings.Contains(shown, "Show earlier text") {
			t.Error("the answer is not on the page")
		}
		if strings.Count(shown, c.page) > 0 && page == kim || strings.Contains(shown, "<script>") {
			t.Error("the quote shows another's link, or markup")
		}
	}
	d := p.chat()
	code, _ = p.send(letter{from: "carl@open.test", to: d.to, body: "See inline.\n\nOn Tue, Ada wrote:\n> What number?\n> it is 4712"})
	if page := string(p.Guest().Must(200, "GET", d.page, nil).Body); code != 250 || len(d.in()) != 1 || strings.Contains(page, "4712") || strings.Contains(page, "Show earlier text") {
		t.Error("what the team has not accepted is shown")
	}
}

func TestReview19_AnEmptyLetterIsHeldAndTellsNobody(t *testing.T) {
	p := newPost(t)
	for name, l := range map[string]letter{
		"M-07 no text":        {body: " "},
		"a page of nothing":   {kind: "text/html", body: "<html><body><p>&nbsp;</p></body></html>"},
		"only white space":    {body: " \n\t\n"},
		"a nameless nothing":  {kind: "multipart/mixed; boundary=b", body: "--b\n\n\n--b--\n"},
		"unsigned, and empty": {from: "carl@open.test", body: " "},
	} {
		if l.from == "" {
			l.from, l.sign = fromBob, "ext.test"
		}
		t.Run(name, func(t *testing.T) {
			c, told := p.chat(), len(p.All("notifications"))
			l.to = c.to
			code, said := p.send(l)
			if held := c.held(); code != 250 || len(c.in()) != 0 || len(held) != 1 || held[0].GetString("reason") != desk.HeldBlank || !strings.Contains(held[0].GetString("words"), "nothing in it") {
				t.Errorf("%d %s: %v, held %v", code, said, facts(c.in()), facts(held))
			}
			if n := len(p.All("notifications")); n != told {
				t.Errorf("%d were told of nothing", n-told)
			}
		})
	}
	c := p.chat()
	c.mailed(t, named("image/png", "photo.png", png(2, 2))) // a file alone says something
	kind, body := withFiles("Content-Type: text/plain\n", named("image/png", "photo.png", png(2, 2)))
	if code, said := p.send(letter{from: fromBob, sign: "ext.test", to: c.to, kind: kind, body: body}); code != 250 || len(c.in()) != 2 || len(c.held()) != 0 {
		t.Error(code, said, "a file without words is held")
	}
	if code, said := p.send(letter{from: fromBob, sign: "ext.test", to: c.to, body: "> What is the number?\n"}); code != 250 || len(c.in()) != 3 {
		t.Error(code, said, "a quote alone is held")
	}
}

func TestReview20_TheSameWordsWithoutMessageIDAndDateAreOneLetterOnOneDayOnly(t *testing.T) {
	p := newPost(t)
	in := &intake.Intake{App: p.App, Tokens: p.Aside.Tokens(), Check: &mailauth.Checker{Resolver: mailauth.NewResolver(p.DNS.Addr())}, Domain: MailDomain, Instance: "test"}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { in.Run(ctx); close(done) }()
	defer func() { stop(); <-done }()
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	take := func(c *chat, head string, at time.Time) {
		t.Helper()
		raw := "From: Bob <bob@ext.test>\r\nTo: " + c.to + "\r\nSubject: Re: Invoice 77\r\n" + head + "\r\nYes.\r\n"
		e := &smtpd.Envelope{Remote: netip.MustParseAddrPort("127.0.0.2:1"), Helo: "ext.test", From: "bob@ext.test", To: []string{c.to}, Data: []byte(raw), Received: at}
		if err := in.Receive(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		name, head  string
		after, want int
	}{
		{"a retry within the hour", "", 1, 1},
		{"the same words a day later", "", 24, 2},
		{"a letter that says when it was written", "Date: Mon, 23 Nov 2026 09:00:00 +0000\r\n", 24, 1},
		{"a letter that has a name", "Message-ID: <a@ext.test>\r\n", 24, 1},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := p.chat()
			take(c, x.head, monday)
			take(c, x.head, monday.Add(time.Duration(x.after)*time.Hour))
			if n := len(c.in()); n != x.want {
				t.Errorf("%d messages, want %d", n, x.want)
			}
		})
	}
}

func TestReview20_AGuessedKeySwallowsNobodysFeedback(t *testing.T) {
	p := newPost(t)
	g := p.Guest()
	post := func(key string, body any) string {
		t.Helper()
		return g.Must(200, "POST", "/api/feedback/acme", body, "Idempotency-Key", key).Str("id")
	}
	one := map[string]any{"message": "The widget is broken.", "category": "bug", "context": map[string]any{"page": "/a", "browser": "x"}}
	first := post("order-1", one)
	for name, other := range map[string]any{
		"another text":   map[string]any{"message": "Something else.", "category": "bug", "context": one["context"]},
		"another person": map[string]any{"message": one["message"], "category": "bug", "email": "carl@mail.test", "context": one["context"]},
		"another page":   map[string]any{"message": one["message"], "category": "bug", "context": map[string]any{"page": "/b", "browser": "x"}},
		"with a file":    NewForm("message", "The widget is broken.", "category", "bug").File("attachments", "a.txt", []byte("x")),
	} {
		if post("order-1", other) == first {
			t.Errorf("%s is taken for a repetition", name)
		}
	}
	if post("order-1", one) != first || post("order-2", one) == first {
		t.Error("a repetition is no longer one")
	}
	again := func() string {
		return post("files", NewForm("message", "See the file.").File("attachments", "a.txt", []byte("x")))
	}
	if first, second := again(), again(); first != second {
		t.Error("a form sent twice with its file is two items")
	}
}
