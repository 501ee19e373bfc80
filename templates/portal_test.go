package templates

import (
	"crypto/sha256"
	"encoding/base64"
	"os"
	"regexp"
	"strings"
	"testing"
)

var styleTag = regexp.MustCompile(`(?s)<style>(.*?)</style>`)

func TestEveryPageCarriesTheOneStyleTheCSPNames(t *testing.T) {
	for name, r := range samples() {
		if strings.HasPrefix(name, "mail-") {
			continue
		}
		_, html := must(t, r)
		found := styleTag.FindAllStringSubmatch(html, -1)
		if len(found) != 1 {
			t.Fatalf("%s: %d style elements, want 1", name, len(found))
		}
		sum := sha256.Sum256([]byte(found[0][1]))
		if hash := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; hash != PortalStyleHash {
			t.Errorf("%s: style hashes to %s, PortalStyleHash is %s", name, hash, PortalStyleHash)
		}
	}
	has(t, PortalCSP, "default-src 'none'", "style-src "+PortalStyleHash, "img-src 'self'", "form-action 'self'", "frame-ancestors 'none'")
	hasNot(t, PortalCSP, "unsafe", "script-src", "*")
}

// P-04: what the CSP forbids is not even asked for, and no template lets a value through unnamed.
func TestP04_PagesAskForNothingFromOutside(t *testing.T) {
	for name, r := range samples() {
		text, html := must(t, r)
		hasNot(t, html, "<script", "<link", "<img", "<iframe", "@import", "url(", " src=", " onclick", "ZgotmplZ", "<no value>", "{{", "%!")
		hasNot(t, text, "<no value>", "{{", "%!", "ZgotmplZ", "<p", "&#", "&amp;")
		if !strings.HasPrefix(name, "mail-") {
			hasNot(t, html, "style=", "http:", "https:")
			has(t, html, "<!doctype html>", `name="referrer" content="no-referrer"`, `name="robots" content="noindex`, "<title>", "</html>")
		}
	}
}

func TestTemplateFilesNeverPrintABareDot(t *testing.T) {
	for _, dir := range []string{"portal", "mail"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			b, err := os.ReadFile(dir + "/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			hasNot(t, string(b), "{{printf", "{{$}}", "{{html", "onerror", "javascript")
		}
	}
}

func TestZeroStructsStillMakeWholeDocuments(t *testing.T) {
	for name, r := range minimal() {
		t.Run(name, func(t *testing.T) {
			text, html := must(t, r)
			html = strings.Replace(html, portalStyle, "", 1)
			has(t, html, "<!doctype html>", "</html>", "Support")
			hasNot(t, html, "<no value>", "ZgotmplZ", "%!", "{{", "#0", "0001", "<time")
			hasNot(t, text, "<no value>", "{{", "%!", "#0", "0001", "\n\n\n")
		})
	}
}

func TestPortalSaysWhoAsksAboutWhatAndWhoReads(t *testing.T) {
	_, html := pageText(t, fullPortal())
	has(t, html, "Acme Hardware", "asks for your help", "private page for <bdi>Bob, bob@vendor.com</bdi>", "<h1 dir=\"auto\">Hinge screws, batch 44</h1>",
		"Also on this conversation: <bdi>Carl</bdi>", "Read by <bdi>Acme Hardware and Carl</bdi>", "or just reply to the email",
		`<time datetime="2025-11-24T09:31:00Z">Today 09:31</time>`, "Feedback #128 · In progress", "carla@customer.test",
		`<a href="/c/tok/files/m/batch-44-45.xlsx">`, "38 kB", `name="nonce" value="n0nce"`, `action="/c/tok/replies"`, `name="attachments" multiple`,
		"Only people at Acme Hardware and on this conversation can read this page", "I am not the right person", "Times are in UTC")
	hasNot(t, html, `name="name"`, `name="email"`, "shared link")
}

func pageText(t *testing.T, p PortalPage) (string, string) {
	t.Helper()
	return must(t, func() (string, string, error) { return pageOf(Portal(p)) })
}

func TestPortalVariants(t *testing.T) {
	change := func(f func(*PortalPage)) PortalPage {
		p := fullPortal()
		f(&p)
		return p
	}
	cases := []struct {
		name   string
		page   PortalPage
		has    []string
		hasNot []string
	}{
		{"a shared link asks who is answering and speaks of no email to reply to", sharedPortal(),
			[]string{`id="name" name="name"`, `id="email" name="email"`, "Anyone who has this link"},
			[]string{"private page", "or just reply", "bob@vendor.com", ">You<"}},
		{"without inbound mail nothing speaks of replying by email", change(func(p *PortalPage) { p.ReplyByEmail = false }),
			[]string{"Send answer"}, []string{"reply to the"}},
		{"SC-12 a closed conversation is readable and has no form", change(func(p *PortalPage) { p.Closed = true }),
			[]string{"This conversation is closed", "Hello Bob"}, []string{"<form", "<textarea", "Send answer", "#answer"}},
		{"P-08 a text sent to a closed conversation is given back", change(func(p *PortalPage) { p.Closed, p.Form.Message = true, "Too late" }),
			[]string{"was not sent", "readonly", "Too late"}, []string{"<form"}},
		{"after sending it says so and stays open", change(func(p *PortalPage) { p.Sent = true }),
			[]string{`role="status" id="sent"`, "Your answer was sent", "<title>Sent: Hinge"}, []string{`role="alert"`}},
		{"P-05 after an error the text is kept and the sentence is on top", errorPortal(),
			[]string{`role="alert"`, "The email address is not complete.", "Two screws leave today.\nThe rest on Friday.", `value="bob@vendor"`, `aria-invalid="true" aria-describedby="email-fault"`, "<title>Not sent:"},
			[]string{"Your answer was sent"}},
		{"P-10 without context nothing of the item shows", change(func(p *PortalPage) { p.Messages[0].Context = nil }),
			nil, []string{"Feedback #", "carla@", "Carla"}},
		{"an unticked submitter stays unnamed", change(func(p *PortalPage) {
			p.Messages[0].Context.SubmitterName, p.Messages[0].Context.SubmitterEmail = "", ""
		}),
			[]string{"Feedback #128"}, []string{"carla@", "Carla"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, html := pageText(t, c.page)
			has(t, html, c.has...)
			hasNot(t, html, c.hasNot...)
		})
	}
}

func TestErrorPutsTheFormAboveTheHistory(t *testing.T) {
	_, html := pageText(t, errorPortal())
	if strings.Count(html, `id="answer"`) != 1 || strings.Index(html, `id="answer"`) > strings.Index(html, `class="history"`) {
		t.Error("the form must stand once, above the history")
	}
}

func TestTypedTextKeepsItsFirstEmptyLine(t *testing.T) {
	p := fullPortal()
	p.Form.Message = "\nsecond line"
	_, html := pageText(t, p)
	has(t, html, ">\n\nsecond line</textarea>") // an HTML parser drops the first line break after <textarea>
}

func TestP03_P07_GonePagesAreConstantAndSayNothing(t *testing.T) {
	if string(PortalGone()) != string(PortalError(404)) || string(PortalGone()) != string(PortalError(410)) {
		t.Error("unknown, expired and revoked must be the same page")
	}
	hasNot(t, string(PortalGone()), "Acme", "Aside", "<form", `class="hue`)
	has(t, string(PortalError(429)), "Please wait")
	has(t, string(PortalError(413)), "too large")
	has(t, string(PortalError(500)), "on our side")
	hasNot(t, string(PortalError(500)), "500", "error", "Error")
}

func TestFormKeepsWhatWasTypedAndThanks(t *testing.T) {
	_, html := must(t, samples()["form"])
	has(t, html, `action="/f/acme"`, `value="bug" checked`, `value="feature_request"`, `value="question"`, `value="other"`, `name="nonce"`)
	_, html = must(t, samples()["form-error"])
	has(t, html, "Your name is missing.", "The hinge is\nbroken.", `aria-describedby="name-fault"`)
	_, html = must(t, samples()["form-thanks"])
	has(t, html, "We have your message", "#129", "carla@customer.test")
	hasNot(t, html, "<form", "<textarea")
}

// Every label names a field, every description exists, and no id stands twice.
func TestPagesAreWiredForScreenReaders(t *testing.T) {
	refs := regexp.MustCompile(`(?:for|aria-labelledby|aria-describedby)="([^"]*)"|href="#([^"]*)"`)
	ids := regexp.MustCompile(` id="([^"]*)"`)
	for name, r := range samples() {
		_, html := must(t, r)
		seen := map[string]bool{}
		for _, m := range ids.FindAllStringSubmatch(html, -1) {
			if seen[m[1]] {
				t.Errorf("%s: id %q stands twice", name, m[1])
			}
			seen[m[1]] = true
		}
		for _, m := range refs.FindAllStringSubmatch(html, -1) {
			for _, id := range strings.Fields(m[1] + " " + m[2]) {
				if !seen[id] {
					t.Errorf("%s: refers to id %q, which is not there", name, id)
				}
			}
		}
		if !strings.HasPrefix(name, "mail-") && strings.Count(html, "<h1") != 1 {
			t.Errorf("%s: want one h1", name)
		}
	}
}
