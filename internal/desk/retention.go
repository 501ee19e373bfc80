package desk

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// When retention runs: each night, in UTC, and how long before its first run a setting must stand, so that a night lies between the
// slip of a finger and what it deletes.
const (
	RetentionCron   = "43 3 * * *"
	retentionHour   = 3
	retentionMinute = 43
	retentionNotice = 12 * time.Hour
)

// Bounds of one night and of what is shown of it.
const (
	retentionAtOnce   = 200  // items looked for at once
	retentionPerNight = 5000 // items of one project; the rest goes the next night
	retentionShown    = 50   // items named in the preview
)

// NextRetention is when the nightly run after t begins.
func NextRetention(t time.Time) time.Time {
	t = t.UTC()
	next := time.Date(t.Year(), t.Month(), t.Day(), retentionHour, retentionMinute, 0, 0, time.UTC)
	if !next.After(t) {
		next = next.AddDate(0, 0, 1)
	}
	return next
}

// firstRetention is the first run for a setting made at t.
func firstRetention(t time.Time) time.Time { return NextRetention(t.Add(retentionNotice)) }

// SettleRetention writes down from when on a changed setting holds. Nobody chooses that day: it is the server's.
func SettleRetention(project *core.Record, t time.Time) {
	before := project.Original()
	project.Set("retentionFrom", before.GetString("retentionFrom"))
	if project.GetInt("retentionDays") != before.GetInt("retentionDays") {
		project.Set("retentionFrom", at(firstRetention(t)))
	}
}

// expired are a project's items that retention deletes: closed, and without anything happening on them since {:before}; never one with
// mail on its way. Automatic mail moves no item in the lists, and counts here all the same;
// that somebody was erased, or their data exported, does not.
const expired = `f.project = {:project} AND f.status IN ('resolved','archived') AND f.lastActivity < {:before} AND f.created < {:before}
	AND NOT EXISTS (SELECT 1 FROM activity a WHERE a.feedback = f.id AND a.created >= {:before} AND a.event NOT LIKE 'person.%')
	AND NOT EXISTS (SELECT 1 FROM side_conversations c JOIN side_messages m ON m.conversation = c.id WHERE c.feedback = f.id AND m.created >= {:before})
	AND NOT EXISTS (SELECT 1 FROM customer_messages m WHERE m.feedback = f.id AND m.created >= {:before})
	AND NOT EXISTS (SELECT 1 FROM side_conversations c JOIN side_messages m ON m.conversation = c.id JOIN deliveries d ON d.message = m.id
		WHERE c.feedback = f.id AND d.state IN ('queued','sending','delayed'))
	AND NOT EXISTS (SELECT 1 FROM customer_messages m JOIN deliveries d ON d.customerMessage = m.id WHERE m.feedback = f.id AND d.state IN ('queued','sending','delayed'))`

// Expiring is an item that the next run deletes.
type Expiring struct {
	ID           string `db:"id" json:"id"`
	Number       int    `db:"number" json:"number"`
	Title        string `db:"message" json:"title"`
	Status       string `db:"status" json:"status"`
	LastActivity string `db:"lastActivity" json:"lastActivity"`
}

// RetentionPreview is what the next run of a setting deletes, as things stand now.
type RetentionPreview struct {
	Days  int        `json:"days"`
	At    string     `json:"at"`    // when it runs; empty when it never does
	Count int        `json:"count"` // items
	Items []Expiring `json:"items"` // the first of them, oldest first
	Limit int        `json:"limit"` // items that one night deletes at most
}

// PreviewRetention shows what the next run deletes in a project if its setting were days; t is now.
func PreviewRetention(app core.App, project *core.Record, days int, t time.Time) (*RetentionPreview, error) {
	p := &RetentionPreview{Days: days, Items: []Expiring{}, Limit: retentionPerNight}
	if days < 0 || days > maxRetentionDays {
		return nil, Invalidf("days", fmt.Sprintf("Choose between 0 and %d days.", maxRetentionDays))
	}
	if days == 0 {
		return p, nil
	}
	run := firstRetention(t)
	if days == project.GetInt("retentionDays") {
		run = NextRetention(t)
		if from := project.GetDateTime("retentionFrom").Time(); from.After(run) {
			run = from
		}
	}
	p.At = at(run).String()
	params := retentionParams(project.Id, days, run)
	if err := app.DB().NewQuery(`SELECT count(*) FROM feedback f WHERE ` + expired).Bind(params).Row(&p.Count); err != nil {
		return nil, err
	}
	params["limit"] = retentionShown
	err := app.DB().NewQuery(`SELECT f.id, f.number, substr(f.message, 1, 1000) AS message, f.status, f.lastActivity FROM feedback f WHERE ` + expired + ` ORDER BY f.lastActivity, f.id LIMIT {:limit}`).Bind(params).All(&p.Items)
	for i := range p.Items {
		p.Items[i].Title = Headline(p.Items[i].Title, 120)
	}
	return p, err
}

// maxRetentionDays is ten years; longer is 0, which is for ever.
const maxRetentionDays = 3650

func retentionParams(project string, days int, t time.Time) dbx.Params {
	return dbx.Params{"project": project, "before": at(t.AddDate(0, 0, -days)).String()}
}

// Retain deletes, in every project that says so, the closed items on which nothing has happened for its days, as of t. One item is one
// transaction, so that mail coming in meanwhile does not wait, and what a crash interrupted goes the next night.
func Retain(app core.App, t time.Time) (deleted int, err error) {
	projects := []*core.Record{}
	err = app.RecordQuery("projects").AndWhere(dbx.NewExp(`retentionDays > 0 AND retentionFrom <= {:now}`, dbx.Params{"now": at(t).String()})).All(&projects)
	if err != nil {
		return 0, err
	}
	for _, p := range projects {
		n, err := retainProject(app, p, t)
		if deleted += n; err != nil {
			return deleted, fmt.Errorf("project %s: %w", p.Id, err)
		}
	}
	if deleted > 0 {
		err = Scour(app)
	}
	return deleted, err
}

func retainProject(app core.App, project *core.Record, t time.Time) (deleted int, err error) {
	days := project.GetInt("retentionDays")
	for deleted < retentionPerNight {
		params := retentionParams(project.Id, days, t)
		params["limit"] = retentionAtOnce
		var ids []string
		ids, err = columnOf(app.DB().NewQuery(`SELECT f.id FROM feedback f WHERE ` + expired + ` ORDER BY f.lastActivity, f.id LIMIT {:limit}`).Bind(params))
		if err != nil || len(ids) == 0 {
			break
		}
		for _, id := range ids {
			if err = expireItem(app, project.Id, id, days, t); err != nil {
				break
			}
			deleted++
		}
		if err != nil {
			break
		}
	}
	if deleted == 0 {
		return 0, err
	}
	words := fmt.Sprintf("Deleted %s that had been closed, with nothing happening on them, for %s.", plural(deleted, "item"), plural(days, "day"))
	if logged := app.RunInTransaction(func(tx core.App) error {
		return logPrivacy(tx, map[string]any{"project": project.Id, "kind": "retention", "state": "done", "byName": "Aside", "text": words, "counts": map[string]int{"items": deleted}, "finished": at(t)})
	}); err == nil {
		err = logged
	}
	return deleted, err
}

// expireItem deletes one item with all that hangs on it, if nothing has happened on it since it was looked for.
func expireItem(app core.App, project, id string, days int, t time.Time) error {
	return app.RunInTransaction(func(tx core.App) error {
		params := retentionParams(project, days, t)
		params["id"] = id
		var still int
		if err := tx.DB().NewQuery(`SELECT count(*) FROM feedback f WHERE f.id = {:id} AND ` + expired).Bind(params).Row(&still); err != nil || still == 0 {
			return err
		}
		item, err := Feedback(tx, id)
		if err != nil {
			return err
		}
		return tx.Delete(item)
	})
}
