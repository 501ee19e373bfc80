package pb_migrations

import (
	"reflect"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What the operator reads in PocketBase's own dashboard: which field stands for a record where it is linked, and what a field is for.
// Tokens of bounces that older rows still carry are taken out: they are made when they are needed.
func init() {
	m.Register(func(app core.App) error {
		for collection, fields := range helps {
			c, err := app.FindCollectionByNameOrId(collection)
			if err != nil {
				return err
			}
			for name, help := range fields {
				explain(c.Fields.GetByName(name), help)
			}
			for _, name := range presentable[collection] {
				present(c.Fields.GetByName(name))
			}
			if err := app.Save(c); err != nil {
				return err
			}
		}
		_, err := app.NonconcurrentDB().NewQuery(`UPDATE deliveries SET sender = '' WHERE sender LIKE 'bounce+%'`).Execute()
		return err
	}, nil)
}

var presentable = map[string][]string{
	"users": {"name"}, "members": {"role"}, "feedback": {"number", "message"}, "side_messages": {"fromName"}, "customer_messages": {"fromName"},
	"notes": {"body"}, "deliveries": {"state"}, "held_mail": {"subject"}, "invitations": {"email"}, "notifications": {"text"},
}

var helps = map[string]map[string]string{
	"users":              {"name": "As outsiders and customers read it.", "machine": "The user of an API key. It never signs in.", "muteApp": "Not told in the inbox.", "muteEmail": "Not told by email."},
	"projects":           {"plan": "Side conversations need pro or pro_max. Yours alone to set.", "slug": "New feedback by mail goes to SLUG@mail-domain.", "sideConversations": "Off: none can be started, and the section is hidden. Mail is still kept.", "linkDays": "Portal links expire after so many days; 0 is never.", "unverifiedReplies": "Whether answers nothing vouches for are shown to the team or held."},
	"members":            {"role": "Owners own, admins set up, members work, viewers read. A project needs an owner."},
	"invitations":        {"email": "Invite in the inbox: the letter with the link is sent there.", "accepted": "When it was used up."},
	"feedback":           {"number": "Counted per project by the server.", "assignee": "A member of the project."},
	"customer_messages":  {"body": "Kept as it was written. Only members write, in the inbox."},
	"notes":              {"body": "For the team alone. Members write, in the inbox."},
	"side_conversations": {"status": "Close or open it here; everything else on it is the server's."},
	"participants":       {"email": "Added and removed in the inbox, where it is logged."},
	"side_messages":      {"body": "Kept as it was written. Only members write, in the inbox.", "trust": "Who vouched for the sender when it came."},
	"deliveries":         {"state": "The queue itself. Watched here, changed by the server alone."},
	"held_mail":          {"reason": "Released or deleted in the inbox by the project's members."},
	"activity":           {"text": "What happened, in order. Never edited."},
	"notifications":      {"text": "Of one person."},
	"api_keys":           {"hint": "The key's beginning; the key itself was shown once.", "lastUsed": "To the minute."},
}

// explain sets a field's help; every kind of field has one, and no interface says so.
func explain(f core.Field, help string) {
	if v := reflect.ValueOf(f).Elem().FieldByName("Help"); v.IsValid() {
		v.SetString(help)
	}
}

func present(f core.Field) {
	if v := reflect.ValueOf(f).Elem().FieldByName("Presentable"); v.IsValid() {
		v.SetBool(true)
	}
}
