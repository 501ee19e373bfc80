package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The rows of threats.md 2.8 that need no browser; test/browser/letters.test.mjs has those that do.

// markup is what no words of a stranger may become, wherever they are shown.
var markup = regexp.MustCompile(`(?i)<(script|img|svg|iframe|style|object|form action="http|math|base|meta http)|<[a-z][^<>]*\son[a-z]+\s*=|href="(javascript|data|vbscript|//)`)

// unescaped fails the test when a page of ours has live markup of a stranger's. Attributes hold escaped quotes only, so what is
// between quotes is taken out first.
func unescaped(t *testing.T, where, page string) {
	t.Helper()
	if _, body, ok := strings.Cut(page, "<body"); ok {
		page = body
	}
	if m := markup.FindString(regexp.MustCompile(`(title|alt|value|content|aria-label)="[^"]*"`).ReplaceAllString(page, "")); m != "" {
		t.Errorf("%s has %q:\n%.2000s", where, m, page)
	}
}

func TestX09_MarkdownOfAnAgentBecomesNothingButWords(t *testing.T) {
	const hostile = "[x](javascript:alert(1)) ![p](https://evil.test/p.png) <script>alert(2)</script> <img src=x onerror=alert(3)> [y]( data:text/html,x ) <https://e.test/\"onmouseover=alert(4)> **kept**\n\n[r]\n\n[r]: javascript:alert(5) \"t\""
	j := newJob(t, "message", hostile, "sharePortal", true)
	l := j.letter()
	html := part(t, l, "text/html")
	unescaped(t, "the letter", html)
	page := portalLink(t, text(t, l))
	shown := string(j.Guest().Must(200, "GET", page, nil).Body)
	unescaped(t, "the portal", shown)
	for where, s := range map[string]string{"the letter": html, "the portal": shown} {
		if !strings.Contains(s, "<strong>kept</strong>") || strings.Contains(s, `src="https://evil.test`) {
			t.Errorf("%s lost its emphasis or loads a picture", where)
		}
	}
	j.Guest().Must(303, "POST", page+"/replies", url.Values{"nonce": {nonce(t, []byte(shown))}, "message": {hostile}})
	unescaped(t, "the portal with an answer", string(j.Guest().Must(200, "GET", page, nil).Body))

	for what, deep := range map[string]string{"lists in lists": strings.Repeat("- ", 9_000) + "x", "quotes in quotes": strings.Repeat("> ", 9_000) + "x", "brackets": strings.Repeat("[", 50_000), "references": strings.Repeat("[a]: b\n[a]", 5_000), "emphasis": strings.Repeat("*a_", 15_000)} {
		began := time.Now()
		res := j.ada.Do("POST", "/api/side-conversations/preview", map[string]any{"feedback": j.team.Item.Id, "to": []string{"bob@vendor.test"}, "subject": "s", "message": deep})
		if took := time.Since(began); took > 3*time.Second || res.Status != 200 {
			t.Errorf("%s: %d after %v", what, res.Status, took)
		}
	}
}

func TestX10_PlainTextIsEscapedWhateverItHolds(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	lines := []string{`http://x"onmouseover=alert(1)`, `<script>alert(2)</script>`, "https://ok.test/a?b=1&c=<img src=x onerror=alert(3)>", "\x1b[31mred\x1b[0m", `javascript:alert(4)`, strings.Repeat("x", 1500), `https://e.test/'"><svg onload=alert(5)>`}
	if code, said := c.send(letter{from: fromBob, sign: "ext.test", to: c.to, body: strings.Join(lines, "\n")}); code != 250 {
		t.Fatal(code, said)
	}
	m := c.in()[0]
	page := string(c.Guest().Must(200, "GET", c.page, nil).Body)
	unescaped(t, "the portal", page)
	frame := string(c.Guest().Must(200, "GET", "/api/side-messages/"+m.Id+"/body?token="+p.ada.fileToken(), nil).Body)
	unescaped(t, "the frame", frame)
	for _, words := range []string{"&lt;script&gt;", "javascript:alert(4)", strings.Repeat("x", 1500)} {
		if !strings.Contains(page, words) {
			t.Errorf("%.40s is not on the page", words)
		}
	}
	if item := p.ada.Must(200, "GET", "/api/items/"+p.team.Item.Id, nil); !json.Valid(item.Body) || bytes.ContainsAny(item.Body, "\x1b\x00") {
		t.Errorf("the item is no JSON, or has control characters")
	}
}

func TestX11_HostileMetadataIsWordsEverywhere(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	quoted := strings.ReplaceAll(evil, `"`, `\"`)
	kind, body := withFiles("Content-Type: text/plain; charset=\""+quoted+"\"\n\nWords.", enclosure{"Content-Type: text/" + evil + "\nContent-Disposition: attachment; filename=\"" + quoted + ".txt\"\nContent-ID: <" + evil + ">", []byte("x")})
	if code, said := c.send(letter{from: `"` + quoted + `" <bob@ext.test>`, sign: "ext.test", to: c.to, subject: evil, kind: kind, body: body}); code != 250 {
		t.Fatal(code, said)
	}
	unescaped(t, "the portal", string(c.Guest().Must(200, "GET", c.page, nil).Body))
	for _, path := range []string{"/api/items/" + p.team.Item.Id, "/api/inbox?project=" + p.team.Project.Id, "/api/collections/side_messages/records", "/api/collections/activity/records"} {
		a := p.ada.Must(200, "GET", path, nil)
		if ct := a.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") || bytes.Contains(a.Body, []byte("<script")) {
			t.Errorf("%s: %s, with markup unescaped: %v", path, ct, bytes.Contains(a.Body, []byte("<script")))
		}
	}
	for _, collection := range []string{"side_messages", "customer_messages", "held_mail", "deliveries", "activity", "feedback"} { // the dashboard shows an editor's field as it is
		found, err := p.FindCollectionByNameOrId(collection)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found.Fields {
			if f.Type() == "editor" {
				t.Errorf("%s.%s is shown as HTML in the dashboard", collection, f.GetName())
			}
		}
	}
}

func TestX12_ANoticeQuotesAStrangerAsWords(t *testing.T) {
	p := newPost(t)
	p.team.Owner.Set("muteEmail", false)
	p.save(p.team.Owner)
	c := p.chat()
	c.conv.Set("subject", `<b onclick=alert(1)>Invoice</b>`)
	p.save(c.conv)
	const evil = "<script>alert(1)</script>\n<img src=https://evil.test/p.png onerror=alert(2)>\nBcc: everybody@evil.test"
	if code, said := c.send(letter{from: `"<script>alert(3)</script>" <bob@ext.test>`, sign: "ext.test", to: c.to, body: evil}); code != 250 {
		t.Fatal(code, said)
	}
	l := p.To("ada@acme.test", 1)[0]
	html := part(t, l, "text/html")
	unescaped(t, "the notice", html)
	if strings.Contains(html, "evil.test/p.png\"") || !strings.Contains(html, "&lt;script&gt;") {
		t.Errorf("it loads a picture, or lost the words:\n%s", html)
	}
	if head, _, _ := bytes.Cut(l.Data, []byte("\r\n\r\n")); bytes.Contains(head, []byte("everybody@")) || fmt.Sprint(l.To) != "[ada@acme.test]" {
		t.Errorf("words became a header:\n%s", head)
	}
	if !strings.Contains(text(t, l), "alert(1)") {
		t.Errorf("its text lacks the words:\n%s", text(t, l))
	}
}
