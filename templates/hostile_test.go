package templates

import (
	"strings"
	"testing"

	"aside/internal/safehtml"
)

const (
	breakout = `"><script>alert(1)</script>`
	override = "moc.rodnev@\u202ebob" // U+202E turns the rest of a line around
	forged   = "Bob\r\nBcc: all@acme.test"
	hebrew   = "שלום לכולם מספק הברגים"
)

var endless = strings.Repeat("Donaudampfschiff", 40)

func hostileContext() *FeedbackContext {
	return &FeedbackContext{Number: 1, Status: breakout, SubmitterName: override, SubmitterEmail: breakout, Excerpt: breakout + endless}
}

func hostilePage() PortalPage {
	f := []File{{breakout + override, 1, "javascript:alert(1)"}, {endless + ".pdf", 5e9, `/c/t/files/m/"onmouseover="alert(1)`}}
	return PortalPage{
		Theme: NewTheme(breakout), Now: noon, Subject: endless + breakout, Reader: Person{override, forged},
		Others: []string{breakout, hebrew, endless}, ReplyByEmail: true, Shared: true,
		Messages: []PortalMessage{{Author: breakout, Team: true, At: noon, Channel: breakout, Context: hostileContext(), Files: f,
			Body: safehtml.HTML("<p>" + hebrew + " Hello.</p><p>" + endless + "</p>"), Quoted: "<p>x</p>"}},
		Form: ReplyForm{Action: `javascript:alert(1)`, Nonce: breakout, Message: "</textarea>" + breakout, Name: breakout, Email: breakout,
			Limit: breakout, Error: breakout, Faults: Faults{breakout, breakout, breakout, breakout}},
		WrongPerson: breakout,
	}
}

func hostilePortal() (string, string, error) { return pageOf(Portal(hostilePage())) }

func hostileSideMessage() SideMessage {
	return SideMessage{Theme: NewTheme(breakout + override), Marker: breakout, From: forged, To: Person{breakout, forged},
		Others: []string{breakout, override, endless}, Text: "ok\x00\x1b[31m\u202e" + endless, Body: safehtml.HTML("<p>" + endless + "</p><p>" + hebrew + "</p>"),
		Signature: breakout, ProjectSignature: breakout, Files: []File{{forged, 1, breakout}}, Context: hostileContext(),
		PortalURL: "javascript:alert(1)//\r\nBcc: x", ReplyByEmail: true,
		Previous: []Previous{{Author: forged, At: noon, Text: breakout + "\n" + override}}}
}

// what strangers choose is shown, never obeyed.
func TestX11_HostileValuesAreShownNotObeyed(t *testing.T) {
	cases := map[string]renderer{
		"portal": hostilePortal,
		"closed portal with unsent text": func() (string, string, error) {
			p := hostilePage()
			p.Closed = true
			return pageOf(Portal(p))
		},
		"form": func() (string, string, error) {
			return pageOf(Form(FormPage{Theme: NewTheme(breakout), Action: "javascript:alert(1)", Nonce: breakout, Message: "</textarea>" + breakout,
				Category: breakout, Name: breakout, Email: breakout, Error: breakout, Faults: Faults{breakout, breakout, breakout, ""}}))
		},
		"form thanks": func() (string, string, error) {
			return pageOf(Form(FormPage{Action: "javascript:alert(1)", Thanks: true, Email: breakout, Number: 1}))
		},
		"side message": hostileSideMessage().Render,
		"customer message": CustomerMessage{Theme: NewTheme(breakout), Marker: breakout, From: forged, Number: 1, Text: override, Signature: breakout,
			ProjectSignature: breakout, Files: []File{{breakout, 1, ""}}, ReplyByEmail: true, Previous: []Previous{{Author: forged, Text: breakout}}}.Render,
		"reply notification": Notification{Theme: NewTheme(breakout), Kind: Replied, Who: Person{breakout, forged}, Trust: breakout + override, Doubt: true,
			About: breakout, Number: 1, Item: forged, Excerpt: breakout + "\n" + override, Files: []File{{breakout, 1, ""}}, At: noon,
			URL: "javascript:alert(1)", SettingsURL: "javascript:alert(1)"}.Render,
		"failure notification": Notification{Kind: DeliveryFailed, Who: Person{forged, ""}, Detail: breakout + "\r\n" + override}.Render,
		"invitation":           Invitation{Theme: NewTheme(breakout), To: breakout, Inviter: forged, Role: breakout, URL: "javascript:alert(1)", Expires: noon}.Render,
		"frame":                Frame{Theme: NewTheme(breakout), Title: forged, Text: breakout + override, Code: breakout, Button: forged, URL: "javascript:alert(1)", SmallPrint: breakout}.Render,
	}
	for name, r := range cases {
		t.Run(name, func(t *testing.T) {
			text, html := must(t, r)
			hasNot(t, html, "<script", `"><scr`, "javascript:", `"onmouseover`, "\u202e", "\x00", "\nBcc:")
			hasNot(t, text, "\u202e", "\x00", "\x1b", "\r", "\nBcc:")
		})
	}
}

func TestSubjectsOfHostileValuesAreOneLine(t *testing.T) {
	for _, s := range []string{
		Notification{Who: Person{forged, ""}, About: forged}.Subject(),
		Notification{Kind: Held, Who: Person{"", forged}, About: override}.Subject(),
		Invitation{Theme: Theme{Name: forged}}.Subject(),
	} {
		if strings.ContainsAny(s, "\r\n\u202e") {
			t.Errorf("not one clean line: %q", s)
		}
	}
}
