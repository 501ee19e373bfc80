package templates

import "net/http"

// plainPage is a page with nothing inside: no name, no colour, no hint of what was asked for.
type plainPage struct{ Title, Text string }

var (
	gonePage = plainPage{"This page is not available",
		"The link is not complete, has expired or was withdrawn. If someone wrote to you, answer their email or ask them for a new link."}
	busyPage = plainPage{"Please wait a minute",
		"Too many requests came from your network. Nothing was changed. Go back and try again in a minute; what you typed is usually still there."}
	largePage = plainPage{"These files are too large",
		"Your answer was not sent. Go back, choose fewer or smaller files and send it again; what you typed is usually still there."}
	failedPage = plainPage{"Something went wrong on our side",
		"It is not your fault, and we cannot say more here. Go back and try again in a few minutes; what you typed is usually still there."}
)

// Rendered once: these pages are constant to the byte, so they tell nothing apart (threats P-03, P-07).
var (
	portalGone   = mustPlain(gonePage)
	portalBusy   = mustPlain(busyPage)
	portalLarge  = mustPlain(largePage)
	portalFailed = mustPlain(failedPage)
)

func mustPlain(p plainPage) []byte {
	b, err := page("plain.html", p)
	if err != nil {
		panic(err) // an embedded template over a constant: a fault the first test run shows
	}
	return b
}

// PortalGone is the page for a link that is unknown, expired or revoked, all alike. The bytes are shared: do not change them.
func PortalGone() []byte { return portalGone }

// PortalError is the page for an HTTP status that has no page of its own: 404 and 410 are PortalGone, 429 asks for patience, 413 for
// smaller files, all others say that it is our fault. The bytes are shared: do not change them.
func PortalError(status int) []byte {
	switch status {
	case http.StatusNotFound, http.StatusGone:
		return portalGone
	case http.StatusTooManyRequests:
		return portalBusy
	case http.StatusRequestEntityTooLarge:
		return portalLarge
	default:
		return portalFailed
	}
}
