package templates

import "time"

// NotificationKind is what an agent is told of.
type NotificationKind string

const (
	Replied        NotificationKind = "reply_received"   // an outsider answered in a side conversation
	CustomerWrote  NotificationKind = "customer_wrote"   // the submitter wrote in the customer thread
	DeliveryFailed NotificationKind = "delivery_failed"  // a letter could not be delivered
	Delayed        NotificationKind = "delivery_delayed" // a letter is still on its way
	Complained     NotificationKind = "complaint"        // a letter was reported as spam
	Limited        NotificationKind = "sending_limited"  // a project may not send for now
	Held           NotificationKind = "held"             // a letter waits for a decision
)

// Notification is a letter to an agent about something that happened. Everything a stranger wrote stands in it as escaped plain
// text (threats X-12), and it cannot be answered.
type Notification struct {
	Theme       Theme
	Kind        NotificationKind
	Who         Person // the outsider it is about
	Trust       string // the verdict in words: "Signed by vendor.com", "Not Bob’s known address"
	Doubt       bool   // the verdict is not a good one
	About       string // the side conversation's subject, or the held letter's
	Number      int    // the feedback item; 0 when there is none
	Item        string // its first words
	Excerpt     string // plain text of the answer, cut by the caller
	Detail      string // failed: what the other server said; held: why
	Files       []File
	At          time.Time // in the agent's zone
	URL         string    // the item, or the held mail, in the inbox
	SettingsURL string    // where these mails are turned off
}

// Render gives the letter as plain text and as an HTML document.
func (n Notification) Render() (text, html string, err error) {
	n.Theme = n.Theme.complete()
	return letter("notification", n)
}

// Subject is a Subject for the letter, one clean line.
func (n Notification) Subject() string {
	if about := line(n.About); about != "" {
		return n.Headline() + ": " + about
	}
	return n.Headline()
}

// Headline says in one line what happened.
func (n Notification) Headline() string {
	name := line(n.Who.Name)
	if name == "" {
		name = line(n.Who.Email)
	}
	switch {
	case n.Kind == DeliveryFailed && name != "":
		return "A message to " + name + " could not be delivered"
	case n.Kind == DeliveryFailed:
		return "A message could not be delivered"
	case n.Kind == Delayed:
		return "A message is still on its way"
	case n.Kind == Complained:
		return "A message was reported as spam"
	case n.Kind == Limited:
		return "Sending is limited"
	case n.Kind == Held && name != "":
		return "Mail from " + name + " is held"
	case n.Kind == Held:
		return "Mail is held"
	case n.Kind == CustomerWrote && name != "":
		return name + " wrote in the customer thread"
	case n.Kind == CustomerWrote:
		return "The customer wrote"
	case name == "":
		return "There is a reply in a side conversation"
	}
	return name + " replied in a side conversation"
}

// DetailLabel names what Detail is.
func (n Notification) DetailLabel() string {
	if n.Kind == DeliveryFailed {
		return "The other server said"
	}
	if n.Kind == Delayed || n.Kind == Complained || n.Kind == Limited {
		return "What happened"
	}
	return "Why it is held"
}

// Next is the button's words: the step that comes next.
func (n Notification) Next() string {
	if n.Kind == Held {
		return "Look at the held mail"
	}
	return "Open the item"
}
