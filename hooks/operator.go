package hooks

import (
	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// byServer are the collections that the server alone writes: what was said, sent and done is evidence, and a row by hand would be a letter
// that never was. The operator reads them in the dashboard and is told why there is no more.
var byServer = map[string]string{
	"side_messages":     "What was written is kept as it was written. Members write in the inbox.",
	"customer_messages": "What was written is kept as it was written. Members write in the inbox.",
	"notes":             "What was written is kept as it was written. Members write in the inbox.",
	"participants":      "People outside are added and removed in the inbox, where it is logged.",
	"deliveries":        "This is the queue itself. The server alone changes it.",
	"activity":          "The log says what happened. Nobody edits it.",
	"held_mail":         "Held mail is released or deleted in the inbox.",
	"notifications":     "Notifications are made by what happens.",
	"invitations":       "Invite people in Project settings: the link is sent by mail, and nobody else may have it.",
	"api_keys":          "Keys are made in Project settings, where they are shown once.",
	"privacy_log":       "It says what was done to people's data. Nobody edits it.",
}

// neverDeleted are those of them that stay whatever happens; the others go with what they belong to, or when somebody must be forgotten.
var neverDeleted = []string{"deliveries", "activity", "privacy_log"}

// bindOperator locks, in words, what must not be edited by hand in the dashboard.
func (a *Aside) bindOperator() {
	for collection, words := range byServer {
		refuse := &hook.Handler[*core.RecordRequestEvent]{Id: "asideByServer " + collection, Priority: -10, Func: func(e *core.RecordRequestEvent) error {
			if e.HasSuperuserAuth() {
				return e.ForbiddenError(words, nil)
			}
			return e.Next()
		}}
		a.app.OnRecordCreateRequest(collection).Bind(refuse)
		a.app.OnRecordUpdateRequest(collection).Bind(refuse)
	}
	for _, collection := range neverDeleted {
		a.app.OnRecordDeleteRequest(collection).BindFunc(func(e *core.RecordRequestEvent) error {
			return e.ForbiddenError(byServer[collection], nil)
		})
	}
}

// setStatusAsOperator is close and reopen in the dashboard.
func setStatusAsOperator(e *core.RecordRequestEvent) error {
	var c *core.Record
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		c, err = desk.OperatorSetStatus(tx, e.Record.Id, e.Record.GetString("status"))
		return err
	})
	return answer(e, c, err)
}
