package hooks

import (
	"context"
	"time"

	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// withFiles are the collections whose records have files.
var withFiles = []string{"feedback", "customer_messages", "notes", "side_messages"}

// bindStorage makes stored files keep the promise that rows keep: flushed before the commit that names them, whichever door they came by.
func (a *Aside) bindStorage() {
	flush := func(e *core.RecordEvent) error {
		return desk.FlushFiles(e.App, e.Record, e.Next)
	}
	a.app.OnRecordCreateExecute(withFiles...).BindFunc(flush)
	a.app.OnRecordUpdateExecute(withFiles...).BindFunc(flush)
	// A commit that failed may still be found in the log after a restart (RT-05: the write worked, its flush did not), so its files are
	// not deleted now, as PocketBase would; when it is not found they are swept then.
	leave := &hook.Handler[*core.RecordErrorEvent]{
		Priority: beforePocketBase,
		Func:     func(*core.RecordErrorEvent) error { return nil },
	}
	a.app.OnRecordAfterCreateError(withFiles...).Bind(leave)
	a.app.OnRecordAfterUpdateError(withFiles...).Bind(leave)
}

// beforePocketBase is ahead of PocketBase's own handlers of a record's events, which stand at -99: that of a failed save deletes files.
const beforePocketBase = -100

// sweep takes away, beside the running server, the files of commits that a crash prevented.
func (a *Aside) sweep(ctx context.Context, e *core.ServeEvent) {
	began := time.Now()
	a.running.Go(func() {
		removed, err := desk.SweepFiles(ctx, e.App, began)
		if err != nil && ctx.Err() == nil {
			e.App.Logger().Error("stored files could not be swept", "error", err)
		}
		if removed > 0 {
			e.App.Logger().Info("files of letters that were never stored were removed", "records", removed)
		}
	})
}
