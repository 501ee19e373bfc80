package desk

import (
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

// sharedLinkWords say, wherever such a message is shown, that its writer is only as good as the link (product.md, Links).
const sharedLinkWords = "via shared link, name as given"

// Byline is how a message's writer is named towards outsiders. The team is "Ada from Acme Hardware"; nobody else can look like that:
// a participant goes by the name the team gave them, then by their own unless it pretends to be the team's, then by what stands
// before the @ of their address. Who came by the shared link is marked as such.
func Byline(app core.App, m, project *core.Record) string {
	if m.GetString("direction") == "out" {
		return FirstName(m.GetString("fromName")) + " from " + SenderName(project)
	}
	name := m.GetString("fromName")
	if p, err := Participant(app, m.GetString("participant")); err == nil && IsThem(p, m.GetString("fromEmail")) && p.GetString("name") != "" {
		name = p.GetString("name")
	}
	if pretends(name, project) {
		name = ""
	}
	name = PublicName(name, m.GetString("fromEmail"))
	if m.GetString("trust") == string(SharedLink) {
		name += " (" + sharedLinkWords + ")"
	}
	return name
}

// pretends tells whether an outsider's name uses the team's.
func pretends(name string, project *core.Record) bool {
	name = strings.ToLower(name)
	for _, ours := range []string{SenderName(project), project.GetString("name")} {
		if ours = strings.ToLower(strings.TrimSpace(ours)); ours != "" && strings.Contains(name, ours) {
			return true
		}
	}
	return false
}
