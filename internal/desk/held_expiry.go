package desk

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// How long held mail waits for somebody to decide.
const (
	DefaultHeldDays  = 30 // of a project; its admins may say otherwise, 0 keeps it for ever
	operatorHeldDays = 90 // of postmaster@ and abuse@, which nobody has a setting for and strangers write to most
	expiredAtOnce    = 500
)

// ExpireHeld deletes held letters whose time has passed, each with a line in the log of the item it seemed to belong to.
func ExpireHeld(app core.App, t time.Time) (deleted int, err error) {
	for {
		n, err := expireSome(app, t)
		deleted += n
		if err != nil || n < expiredAtOnce {
			return deleted, err
		}
	}
}

// expireSome is one transaction's worth, so that letters that come in meanwhile do not wait long.
func expireSome(app core.App, t time.Time) (n int, err error) {
	err = app.RunInTransaction(func(tx core.App) error {
		records := []*core.Record{}
		err := tx.RecordQuery("held_mail").
			AndWhere(dbx.NewExp(`CASE WHEN project = '' THEN {:operator} ELSE (SELECT heldDays FROM projects p WHERE p.id = held_mail.project) END > 0
				AND julianday({:now}) - julianday(created) > CASE WHEN project = '' THEN {:operator} ELSE (SELECT heldDays FROM projects p WHERE p.id = held_mail.project) END`,
				dbx.Params{"now": at(t).String(), "operator": operatorHeldDays})).Limit(expiredAtOnce).All(&records)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := tx.Delete(r); err != nil {
				return err
			}
			project, err := Project(tx, r.GetString("project"))
			if err != nil {
				continue // the operator's: no item, no log
			}
			if err := logHeld(tx, r, nil, "A held letter of "+r.GetString("from")+" was deleted: nobody decided in "+plural(project.GetInt("heldDays"), "day")+", as the project settings say."); err != nil {
				return err
			}
		}
		n = len(records)
		return nil
	})
	return n, err
}

// keptUntil says when a held letter will go.
func keptUntil(created string, n int) (expires, words string) {
	at, err := types.ParseDateTime(created)
	if n <= 0 || err != nil {
		return "", "Kept until somebody decides."
	}
	day := at.Time().AddDate(0, 0, n)
	expires = day.UTC().Format(types.DefaultDateLayout)
	return expires, "Deleted on " + day.Format("2 January 2006") + " unless somebody decides: held mail is kept for " + plural(n, "day") + "."
}
