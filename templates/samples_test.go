package templates

import (
	"strings"
	"testing"
	"time"
)

// The samples are the full and the minimal form of everything this package renders, and the same filled with hostile values.

var noon = time.Date(2025, 11, 24, 12, 0, 0, 0, time.UTC)

func at(h, m int) time.Time { return time.Date(2025, 11, 24, h, m, 0, 0, time.UTC) }

func sampleContext() *FeedbackContext {
	return &FeedbackContext{Number: 128, Status: "in_progress", SubmitterName: "Carla Customer", SubmitterEmail: "carla@customer.test",
		Excerpt: "…the hinge bag has only four screws instead of six. Can you send me what is missing before the weekend?"}
}

func fullPortal() PortalPage {
	return PortalPage{
		Theme: NewTheme("Acme Hardware"), Now: noon, Subject: "Hinge screws, batch 44",
		Reader: Person{"Bob", "bob@vendor.com"}, Others: []string{"Carl"}, ReplyByEmail: true,
		Messages: []PortalMessage{
			{Author: "Ada", Team: true, At: at(9, 31), Context: sampleContext(),
				Body: "<p>Hello Bob, a customer got a hinge bag from batch 44 with four screws. Can you send two M4×12 to us today, and check whether the batch is short?</p>"},
			{Author: "Bob", Own: true, At: at(10, 4), Channel: "by email",
				Body:   "<p>Two screws leave today with DHL. You are right about the batch: 44 and 45 were packed short. List attached.</p>",
				Quoted: "<p>On Mon, Ada wrote:</p><blockquote><p>Hello Bob, a customer got a hinge bag …</p></blockquote>",
				Files:  []File{{"batch-44-45.xlsx", 38200, "/c/tok/files/m/batch-44-45.xlsx"}}},
			{Author: "Carl", At: at(10, 40), Channel: "on this page",
				Body: "<p>The packing line for those two ran with the old counter:</p><table><tr><th>Batch</th><th>Bags</th><th>Short</th></tr><tr><td>44</td><td>1,200</td><td>212</td></tr><tr><td>45</td><td>1,150</td><td>190</td></tr></table>"},
		},
		Form:        ReplyForm{Action: "/c/tok/replies", Nonce: "n0nce", Limit: "Up to 20 files, 25 MB together."},
		WrongPerson: "/c/tok/replies",
	}
}

func sharedPortal() PortalPage {
	p := fullPortal()
	p.Shared, p.Reader, p.Messages = true, Person{}, p.Messages[:2]
	p.Messages[1].Own = false
	return p
}

func errorPortal() PortalPage {
	p := sharedPortal()
	p.Form.Error, p.Form.Message, p.Form.Name = "The email address is not complete.", "Two screws leave today.\nThe rest on Friday.", "Bob"
	p.Form.Email, p.Form.Faults = "bob@vendor", Faults{Email: "An address looks like bob@vendor.com."}
	return p
}

func fullForm() FormPage {
	return FormPage{Theme: NewTheme("Acme Hardware"), Action: "/f/acme", Nonce: "n0nce", Category: "bug"}
}

func fullSideMessage() SideMessage {
	return SideMessage{
		Theme: NewTheme("Acme Hardware"), Marker: "Please write your answer above this line", From: "Ada",
		To: Person{"Bob", "bob@vendor.com"}, Others: []string{"Carl"},
		Text:      "Hello Bob,\n\na customer got a hinge bag from batch 44 with four screws. Can you\n\n- send two M4×12 to us today, and\n- check whether the batch is short?",
		Body:      "<p>Hello Bob,</p>\n<p>a customer got a hinge bag from batch 44 with four screws. Can you</p>\n<ul><li>send two M4×12 to us today, and</li><li>check whether the batch is short?</li></ul>",
		Signature: "Kind regards\nAda", ProjectSignature: "Acme Hardware, Customer Care\nHarbour Street 4, Lisbon",
		Files: []File{{"crack.jpg", 1200000, ""}}, Context: sampleContext(),
		PortalURL: "https://help.acme.test/c/tok", ReplyByEmail: true,
	}
}

func followUp() SideMessage {
	l := fullSideMessage()
	l.FollowUp, l.Context, l.Files = true, nil, nil
	l.Text, l.Body = "Thank you, Bob. When does the corrected batch leave?", "<p>Thank you, Bob. When does the corrected batch leave?</p>"
	l.Previous = []Previous{
		{Author: "Bob", At: at(10, 4), Text: "Two screws leave today with DHL.\n\nList attached.", HTML: "<p>Two screws leave today with DHL.</p><p>List attached.</p>"},
		{Author: "Ada", At: at(9, 31), Text: "Hello Bob,\n\na customer got a hinge bag with four screws."},
	}
	return l
}

func fullCustomerMessage() CustomerMessage {
	return CustomerMessage{Theme: NewTheme("Acme Hardware"), Marker: "Please write your answer above this line", From: "Ada", Number: 128,
		Text: "Hello Carla,\n\nthe two screws are on their way.", Body: "<p>Hello Carla,</p><p>the two screws are on their way.</p>",
		Signature: "Ada", ProjectSignature: "Acme Hardware, Customer Care", ReplyByEmail: true,
		Files:    []File{{"label.pdf", 900, ""}},
		Previous: []Previous{{Author: "Carla Customer", At: at(8, 55), Text: "Hi, my order came today but the blue widget has a crack."}}}
}

func fullNotification() Notification {
	return Notification{Theme: NewTheme("Acme Hardware"), Kind: Replied, Who: Person{"Bob Vendor", "bob@vendor.com"},
		Trust: "Signed by vendor.com", About: "Hinge screws, batch 44", Number: 128, Item: "The blue widget arrived cracked",
		Excerpt: "Two screws leave today with DHL.\nYou are right about the batch: 44 and 45 were packed short.", At: at(10, 4),
		URL: "https://help.acme.test/#/p/acme/128", SettingsURL: "https://help.acme.test/#/profile",
		Files: []File{{"batch-44-45.xlsx", 38200, ""}}}
}

func failedNotification() Notification {
	n := fullNotification()
	n.Kind, n.Trust, n.Excerpt, n.Files = DeliveryFailed, "", "", nil
	n.Detail = "550 5.1.1 <bob@vendor.com>: Recipient address rejected: User unknown"
	return n
}

func heldNotification() Notification {
	n := fullNotification()
	n.Kind, n.Doubt, n.Trust, n.Item, n.Number = Held, true, "Not signed by vendor.com", "", 0
	n.Detail = "vendor.com asks that mail without its signature be set aside."
	return n
}

func fullInvitation() Invitation {
	return Invitation{Theme: NewTheme("Acme Hardware"), To: "mel@acme.test", Inviter: "Ada Agent", Role: "member",
		URL: "https://help.acme.test/join/abc", Expires: noon.AddDate(0, 0, 7)}
}

func fullFrame() Frame {
	return Frame{Theme: NewTheme("Acme Hardware"), Title: "Sign in to Aside", Text: "Here is your code. It is valid for five minutes.",
		Code: "482 913", Button: "Open the inbox", URL: "https://help.acme.test/", SmallPrint: "If you did not ask for it, you need not do anything."}
}

// renderer renders one sample to everything it consists of: a page has no text.
type renderer func() (text, html string, err error)

func pageOf(b []byte, err error) (string, string, error) { return "", string(b), err }

// samples are all full ones by name; the names are those of the files when they are rendered for looking at.
func samples() map[string]renderer {
	portal := func(p PortalPage) renderer { return func() (string, string, error) { return pageOf(Portal(p)) } }
	form := func(p FormPage) renderer { return func() (string, string, error) { return pageOf(Form(p)) } }
	sent, closed, unsent, byPage := fullPortal(), fullPortal(), fullPortal(), fullPortal()
	sent.Sent, closed.Closed, unsent.Closed, byPage.ReplyByEmail = true, true, true, false
	unsent.Form.Message = "Too late, but here it is."
	formThanks, formError := fullForm(), fullForm()
	formThanks.Thanks, formThanks.Number, formThanks.Email = true, 129, "carla@customer.test"
	formError.Error, formError.Message, formError.Faults.Name = "Your name is missing.", "The hinge is\nbroken.", "Write any name you like."
	return map[string]renderer{
		"portal": portal(fullPortal()), "portal-shared": portal(sharedPortal()), "portal-sent": portal(sent),
		"portal-closed": portal(closed), "portal-unsent": portal(unsent), "portal-error": portal(errorPortal()),
		"portal-bypage": portal(byPage), "form": form(fullForm()), "form-thanks": form(formThanks), "form-error": form(formError),
		"gone":      func() (string, string, error) { return "", string(PortalGone()), nil },
		"busy":      func() (string, string, error) { return "", string(PortalError(429)), nil },
		"mail-side": fullSideMessage().Render, "mail-followup": followUp().Render, "mail-customer": fullCustomerMessage().Render,
		"mail-replied": fullNotification().Render, "mail-failed": failedNotification().Render, "mail-held": heldNotification().Render,
		"mail-invitation": fullInvitation().Render, "mail-frame": fullFrame().Render,
	}
}

// minimal are the zero values: whatever a caller forgets, a page comes out.
func minimal() map[string]renderer {
	return map[string]renderer{
		"portal": func() (string, string, error) { return pageOf(Portal(PortalPage{})) },
		"portal of an empty message": func() (string, string, error) {
			return pageOf(Portal(PortalPage{Messages: []PortalMessage{{}, {Team: true}}}))
		},
		"form":            func() (string, string, error) { return pageOf(Form(FormPage{})) },
		"mail-side":       SideMessage{}.Render,
		"mail-customer":   CustomerMessage{}.Render,
		"mail-replied":    Notification{}.Render,
		"mail-held":       Notification{Kind: Held}.Render,
		"mail-failed":     Notification{Kind: DeliveryFailed}.Render,
		"mail-invitation": Invitation{}.Render,
		"mail-frame":      Frame{}.Render,
	}
}

// must renders or ends the test.
func must(t *testing.T, r renderer) (text, html string) {
	t.Helper()
	text, html, err := r()
	if err != nil {
		t.Fatal(err)
	}
	return text, html
}

func has(t *testing.T, s string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(s, w) {
			t.Errorf("missing %q in:\n%s", w, s)
		}
	}
}

func hasNot(t *testing.T, s string, forbidden ...string) {
	t.Helper()
	for _, f := range forbidden {
		if strings.Contains(s, f) {
			t.Errorf("must not contain %q:\n%s", f, s)
		}
	}
}
