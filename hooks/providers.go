package hooks

import (
	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/core"
)

// bindProviders lets people come in by another company's account (OAuth2), as far as the operator has set such up. Who has an account
// here signs in by their address, which that company must have verified; who has none needs an invitation to that address.
func (a *Aside) bindProviders() {
	a.app.OnRecordAuthWithOAuth2Request("users").BindFunc(joinByProvider)
}

// joinByProvider makes the account of somebody invited, in one transaction with the link to the other company's account. They are a
// member once they accept the invitation, as everybody.
func joinByProvider(e *core.RecordAuthWithOAuth2RequestEvent) error {
	if !e.IsNewRecord {
		// PocketBase links the other account to whoever is signed in: with a key that would be a way in beside the key.
		if err := desk.CheckPerson(e.App, e.Record.Id); err != nil {
			return reply(e.RequestEvent, err)
		}
		return e.Next()
	}
	invitation, _ := e.CreateData["invitation"].(string)
	outer := e.App
	defer func() { e.App = outer }()
	err := outer.RunInTransaction(func(tx core.App) (err error) {
		e.App = tx
		if e.Record, err = desk.JoinByProvider(tx, invitation, e.OAuth2User.Email, e.OAuth2User.Name); err != nil {
			return err
		}
		return e.Next()
	})
	return reply(e.RequestEvent, err)
}
