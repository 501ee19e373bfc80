package desk

import (
	"strings"
	"unicode"

	"github.com/pocketbase/pocketbase/core"
	"golang.org/x/text/unicode/norm"
)

// Plans, set by the operator (SC-02). Side conversations need pro or pro_max.
const (
	PlanFree   = "free"
	PlanPro    = "pro"
	PlanProMax = "pro_max"
)

// Project finds a project by id.
func Project(app core.App, id string) (*core.Record, error) { return find(app, "projects", id) }

// ProjectBySlug finds the project that a mail address or form names.
func ProjectBySlug(app core.App, slug string) (*core.Record, error) {
	r, err := app.FindFirstRecordByData("projects", "slug", strings.ToLower(slug))
	return r, orNotFound(err)
}

// SideConversationsOff says in words why side conversations are off in a project; empty when they are on (SC-01, SC-02).
func SideConversationsOff(project *core.Record) string {
	if plan := project.GetString("plan"); plan != PlanPro && plan != PlanProMax {
		return "Side conversations are part of the Pro and Pro Max plans, and this project is on the Free plan."
	}
	if !project.GetBool("sideConversations") {
		return "Side conversations are switched off for this project. An owner or admin can switch them on in Project settings."
	}
	return ""
}

// SetUpProject fills in what a new project starts with. given tells which fields the request named, so that false stays false.
func SetUpProject(project *core.Record, given func(field string) bool) {
	project.Set("name", OneLine(project.GetString("name"), 80))
	if project.GetString("slug") == "" {
		project.Set("slug", Slug(project.GetString("name")))
	}
	if project.GetString("plan") == "" {
		project.Set("plan", PlanProMax)
	}
	if project.GetString("unverifiedReplies") == "" {
		project.Set("unverifiedReplies", "accept")
	}
	if !given("heldDays") {
		project.Set("heldDays", DefaultHeldDays)
	}
	for _, on := range []string{"sideConversations", "reopenOnReply"} {
		if !given(on) {
			project.Set(on, true)
		}
	}
}

// reservedSlugs are local parts that mean something else at a mail domain: ours, those of RFC 2142, and those by which certificate
// authorities ask who owns the domain (CA/B Baseline Requirements 3.2.2.4.4).
var reservedSlugs = map[string]bool{"reply": true, "item": true, "bounce": true, "no-reply": true, "noreply": true, "mailer-daemon": true,
	"postmaster": true, "abuse": true, "hostmaster": true, "webmaster": true, "admin": true, "administrator": true, "root": true, "security": true,
	"noc": true, "usenet": true, "news": true, "www": true, "uucp": true, "ftp": true, "ssladmin": true, "dmarc": true, "tls-rpt": true, "mail": true}

// CheckSlug refuses slugs that are also addresses of ours.
func CheckSlug(slug string) error {
	if reservedSlugs[slug] {
		return Invalidf("slug", "The address "+slug+"@ is taken by the mail system. Choose another.")
	}
	return nil
}

// Slug turns a name into the local part of the project's address: letters, digits and single hyphens, at most 40.
func Slug(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		default:
			if s := b.String(); s != "" && !strings.HasSuffix(s, "-") {
				b.WriteByte('-')
			}
		}
	}
	slug := strings.Trim(b.String(), "-")
	if len(slug) > 40 {
		slug = strings.Trim(slug[:40], "-")
	}
	if slug == "" || reservedSlugs[slug] {
		return "project-" + strings.ToLower(core.GenerateDefaultRandomId()[:6])
	}
	return slug
}

// SenderName is how the team signs towards outsiders: the project's own sender name, else its name.
func SenderName(project *core.Record) string {
	if name := OneLine(project.GetString("senderName"), 80); name != "" {
		return name
	}
	return project.GetString("name")
}
