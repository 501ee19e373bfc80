package desk

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Scour makes what was deleted unfindable in the files of the data folder. SQLite overwrites deleted rows with zeros (secure_delete, which
// every connection of ours has on), but three places keep copies: the write-ahead log until it is begun anew, the samples that the query
// planner takes of indexed columns, and both again for the database of logs. It fails when a reader holds the log for longer than
// SQLite waits; then it is to be asked again.
func Scour(app core.App) error {
	for name, db := range map[string]dbx.Builder{"data": app.NonconcurrentDB(), "log": app.AuxNonconcurrentDB()} {
		if err := scour(db); err != nil {
			return fmt.Errorf("scouring the %s database: %w", name, err)
		}
	}
	return nil
}

func scour(db dbx.Builder) error {
	var sampled int
	if err := db.NewQuery(`SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat4'`).Row(&sampled); err != nil {
		return err
	}
	if sampled > 0 { // the planner keeps its counts, in sqlite_stat1; the samples come again with the next daily optimisation
		if _, err := db.NewQuery(`DELETE FROM sqlite_stat4`).Execute(); err != nil {
			return err
		}
	}
	var busy, frames, moved int
	if err := db.NewQuery(`PRAGMA wal_checkpoint(TRUNCATE)`).Row(&busy, &frames, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return fmt.Errorf("somebody reads the write-ahead log (%d of %d pages moved)", moved, frames)
	}
	return nil
}
