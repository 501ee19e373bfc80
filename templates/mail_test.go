package templates

import (
	"strings"
	"testing"
)

func TestSideMessageText(t *testing.T) {
	text, _ := must(t, fullSideMessage().Render)
	const want = `Please write your answer above this line

Ada from Acme Hardware asks for your help with a customer’s feedback. You were asked directly, at bob@vendor.com.
Also on this conversation: Carl.
To answer, reply to this email or write on the conversation’s page.

Hello Bob,

a customer got a hinge bag from batch 44 with four screws. Can you

- send two M4×12 to us today, and
- check whether the batch is short?

Kind regards
Ada

Acme Hardware, Customer Care
Harbour Street 4, Lisbon

Attached: crack.jpg (1.2 MB)

----------------------------------------

Feedback #128 (In progress)
From: Carla Customer, carla@customer.test

"…the hinge bag has only four screws instead of six. Can you send me what is missing before the weekend?"

View conversation:
https://help.acme.test/c/tok
`
	if text != want {
		t.Errorf("got:\n%s\nwant:\n%s", text, want)
	}
}

func TestSideMessageVariants(t *testing.T) {
	change := func(f func(*SideMessage)) SideMessage {
		l := fullSideMessage()
		f(&l)
		return l
	}
	cases := []struct {
		name        string
		letter      SideMessage
		has, hasNot []string // in both parts
	}{
		{"SC-05 without context nothing of the item shows, not even that there is one", change(func(l *SideMessage) { l.Context = nil }),
			[]string{"asks for your help."}, []string{"Feedback", "feedback", "carla", "Carla", "128"}},
		{"SC-05 an unticked submitter stays unnamed", change(func(l *SideMessage) { l.Context.SubmitterName, l.Context.SubmitterEmail = "", "" }),
			[]string{"Feedback #128"}, []string{"carla@", "Carla"}},
		{"SC-06 no button when the link is not shared", change(func(l *SideMessage) { l.PortalURL = "" }),
			[]string{"To answer, reply to this email."}, []string{"View conversation", "/c/", "page"}},
		{"without inbound mail only the page is named, and no marker", change(func(l *SideMessage) { l.ReplyByEmail = false }),
			[]string{"write there", "Replies to this email do not arrive", "View conversation"}, []string{"above this line", "reply to this email"}},
		{"a project may speak for itself", change(func(l *SideMessage) { l.From = "" }),
			[]string{"Acme Hardware"}, []string{"Ada from", "from Acme Hardware asks"}},
		{"a reason of one's own replaces the standing one", change(func(l *SideMessage) { l.Why = "You made the hinge" }),
			[]string{"You made the hinge."}, []string{"asked directly"}},
		{"a follow-up quotes what came before", followUp(),
			[]string{"wrote again in your conversation", "On Mon, 24 Nov 2025 at 10:04 UTC, ", "wrote:"}, []string{"asks for your help", "Feedback #"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text, html := must(t, c.letter.Render)
			has(t, text, c.has...)
			has(t, html, c.has...)
			hasNot(t, text, c.hasNot...)
			hasNot(t, html, c.hasNot...)
		})
	}
}

func TestPreviousMessagesAreQuotedBelowTheMarker(t *testing.T) {
	text, html := must(t, followUp().Render)
	has(t, text, "On Mon, 24 Nov 2025 at 10:04 UTC, Bob wrote:\n\n> Two screws leave today with DHL.\n>\n> List attached.\n\nOn Mon, 24 Nov 2025 at 09:31 UTC, Ada wrote:\n\n> Hello Bob,\n>\n> a customer")
	has(t, html, `<blockquote type="cite" class="gmail_quote"`, `data-aside="above"`, "<p>Two screws leave today with DHL.</p>", "Hello Bob,<br><br>a customer")
	for _, s := range []string{text, html} {
		marker, fresh, old := strings.Index(s, "above this line"), strings.Index(s, "Thank you, Bob"), strings.Index(s, "Two screws")
		if marker < 0 || marker > fresh || fresh > old {
			t.Errorf("want marker, new text, quotes in this order, got them at %d, %d, %d", marker, fresh, old)
		}
	}
}

func TestHTMLLettersSurviveMailClientsAndDarkMode(t *testing.T) {
	for name, r := range samples() {
		if !strings.HasPrefix(name, "mail-") {
			continue
		}
		_, html := must(t, r)
		has(t, html, `name="color-scheme" content="light dark"`, "max-width:640px")
		hasNot(t, html, "<style", "<img", "background:#fff", "background-color:#fff", "color:#000", "var(--", "<form", "<details", "class=\"hue")
		if strings.Count(html, "<table") > 1 {
			t.Errorf("%s: more tables than the button's", name)
		}
		for i, l := range strings.Split(html, "\n") {
			if len(l) > 998 {
				t.Errorf("%s line %d is %d bytes: RFC 5322 section 2.1.1 allows 998", name, i+1, len(l))
			}
		}
	}
}

func TestTextLettersReadWell(t *testing.T) {
	for name, r := range samples() {
		text, _ := must(t, r)
		if !strings.HasPrefix(name, "mail-") {
			continue
		}
		hasNot(t, text, "\n\n\n", " \n", "\t", "\r")
		for l := range strings.Lines(text) {
			if strings.Contains(l, "https://") && !strings.HasPrefix(l, "https://") && !strings.HasPrefix(l, "Turn these") {
				t.Errorf("%s: a link shares its line: %q", name, l)
			}
		}
		if strings.HasPrefix(text, "\n") || !strings.HasSuffix(text, "\n") {
			t.Errorf("%s: starts with an empty line or does not end with a line break", name)
		}
	}
}

func TestCustomerMessageCarriesOnlyTheCustomersThread(t *testing.T) {
	text, html := must(t, fullCustomerMessage().Render)
	for _, s := range []string{text, html} {
		has(t, s, "above this line", "the two screws are on their way", "Ada from Acme Hardware", "#128", "To answer, reply to this email.", "label.pdf", "blue widget")
		hasNot(t, s, "side conversation", "Feedback #", "View conversation", "portal", "asks for your help")
	}
}

func TestNotificationsSayWhatHappenedAndWhereToGo(t *testing.T) {
	cases := []struct {
		name    string
		n       Notification
		subject string
		has     []string
	}{
		{"SC-10 a reply, with trust in words", fullNotification(), "Bob Vendor replied in a side conversation: Hinge screws, batch 44",
			[]string{"Signed by vendor.com", "bob@vendor.com", "#128", "Two screws leave", "Open the item"}},
		{"a failed delivery, with the other server's words", failedNotification(), "A message to Bob Vendor could not be delivered: Hinge screws, batch 44",
			[]string{"The other server said", "550 5.1.1", "Open the item"}},
		{"held mail, with the reason", heldNotification(), "Mail from Bob Vendor is held: Hinge screws, batch 44",
			[]string{"Why it is held", "asks that mail", "Look at the held mail"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if s := c.n.Subject(); s != c.subject {
				t.Errorf("subject %q, want %q", s, c.subject)
			}
			text, html := must(t, c.n.Render)
			for _, s := range []string{text, html} {
				has(t, s, append(c.has, "Answering this email goes nowhere", c.n.URL, c.n.SettingsURL)...)
				hasNot(t, s, "above this line")
			}
		})
	}
}

func TestInvitationAndFrame(t *testing.T) {
	text, html := must(t, fullInvitation().Render)
	for _, s := range []string{text, html} {
		has(t, s, "Ada Agent invites you", "As a member", "mel@acme.test", "until Mon, 1 Dec 2025", "https://help.acme.test/join/abc", "works once")
	}
	text, html = must(t, fullFrame().Render)
	for _, s := range []string{text, html} {
		has(t, s, "Sign in to Aside", "482 913", "https://help.acme.test/", "Open the inbox")
	}
}
