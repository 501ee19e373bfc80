package hooks

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"

	"aside/internal/desk"
	"aside/internal/safehtml"

	"github.com/pocketbase/pocketbase/core"
)

// messageStyle is the whole look of a stranger's letter in our frame: ours, since none of theirs is let through.
const messageStyle = `:root{color-scheme:light dark}body{margin:0;font:14px/1.55 system-ui,sans-serif;overflow-wrap:anywhere}table{border-collapse:collapse;max-width:100%}td,th{border:1px solid #8884;padding:4px 8px;vertical-align:top}blockquote{margin:8px 0;padding-left:12px;border-left:2px solid #8886;color:#777}pre{white-space:pre-wrap}img{max-width:100%}`

// messageCSP is the second layer around a stranger's cleaned HTML: nothing loads, nothing runs, nothing is sent (X-01…X-08). Only a
// letter that brings pictures of its own may load those, from here and nowhere else (F-11).
func messageCSP(body safehtml.HTML) string {
	pictures := "'none'"
	if strings.Contains(string(body), "<img ") {
		pictures = "'self'"
	}
	return "default-src 'none'; style-src 'sha256-" + hashOf(messageStyle) + "'; img-src " + pictures +
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
}

// picturesOf are a message's own pictures, opened by the file token that opened the message: a frame without an origin sends no header.
func picturesOf(e *core.RequestEvent, m *core.Record) safehtml.CID {
	token := e.Request.URL.Query().Get("token")
	return func(id string) (string, bool) {
		f, ok := desk.PictureOf(m, id)
		return "/api/files/" + m.Collection().Name + "/" + m.Id + "/" + f.Stored + "?" + url.Values{"token": {token}}.Encode(), ok && token != ""
	}
}

// hashOf is a CSP hash source of an inline text (CSP Level 3, 2.3.1).
func hashOf(inline string) string {
	sum := sha256.Sum256([]byte(inline))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func messagePage(body safehtml.HTML) string {
	return "<!doctype html><html><head><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\"><title>Message</title><style>" + messageStyle +
		"</style></head><body dir=\"auto\">" + string(body) + "</body></html>"
}

func isCustomer(e *core.RequestEvent) bool {
	return strings.HasPrefix(e.Request.URL.Path, "/api/customer-messages/")
}
