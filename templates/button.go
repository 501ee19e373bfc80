package templates

// Button is the one button of an HTML letter; in the text part it is the same words with the URL on a line of its own.
type Button struct{ Words, URL, Color string }

// newButton gives nil, and so no button, where there is no link.
func newButton(words, url string, t Theme) *Button {
	if url == "" {
		return nil
	}
	return &Button{Words: words, URL: url, Color: t.Color()}
}

// Button leads to this person's portal page; nil when the link is not shared.
func (l SideMessage) Button() *Button { return newButton("View conversation", l.PortalURL, l.Theme) }

// Button leads to the item or the held mail; nil without a link.
func (n Notification) Button() *Button { return newButton(n.Next(), n.URL, n.Theme) }

// Link accepts the invitation.
func (l Invitation) Link() *Button { return newButton("Accept the invitation", l.URL, l.Theme) }

// Link is the frame's button; nil without a link.
func (l Frame) Link() *Button { return newButton(l.ButtonWords(), l.URL, l.Theme) }
