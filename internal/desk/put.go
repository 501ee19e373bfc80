package desk

import (
	"context"

	"github.com/pocketbase/pocketbase/core"
)

// appKey is where an app keeps itself for its transactions.
const appKey = "aside.app"

// Own tells an app that desk may announce, once a transaction of it is committed, what was put in there. Without it put saves as
// PocketBase does.
func Own(app core.App) { app.Store().Set(appKey, app) }

// put stores a record that this package made or changed itself in a transaction. PocketBase's Save would look up every relation, ask every
// field of the collection twice and cost a letter more than all its other stages; here it is one statement, and after the
// commit the same news as from any save: live topics, notices, realtime. A record with files to upload is saved as PocketBase does.
func put(tx core.App, r *core.Record) error {
	app, ok := tx.Store().Get(appKey).(core.App)
	if !ok || !tx.IsTransactional() || len(newFiles(r, "attachments")) > 0 {
		return tx.Save(r)
	}
	r.SetRaw("updated", now())
	if !r.IsNew() {
		return announce(tx, app, r, core.ModelEventTypeUpdate, app.OnModelAfterUpdateSuccess().Trigger, update)
	}
	if r.Id == "" {
		r.Id = NewID()
	}
	r.SetRaw("created", now())
	return announce(tx, app, r, core.ModelEventTypeCreate, app.OnModelAfterCreateSuccess().Trigger, insert)
}

// announce writes and, after the commit, tells.
func announce(tx, app core.App, r *core.Record, kind string, tell func(*core.ModelEvent, ...func(*core.ModelEvent) error) error, write func(core.App, *core.Record) error) error {
	if err := write(tx, r); err != nil {
		return err
	}
	r.MarkAsNotNew()
	event := &core.ModelEvent{Type: kind, Context: context.Background()}
	event.App, event.Model = app, r
	if b, ok := tx.(*Batch); ok {
		b.news = append(b.news, func() error { return tell(event) })
		return nil
	}
	tx.TxInfo().OnComplete(func(failed error) error {
		if failed != nil {
			return nil
		}
		return tell(event)
	})
	return nil
}
