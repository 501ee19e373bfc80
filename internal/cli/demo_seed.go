package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"aside/internal/desk"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// seed fills in the sample data. People, items and notes go through desk; whatever sends or receives mail goes through the doors
// that people use: the HTTP API, the queue, the catcher and the SMTP door. Then each step's rows are moved to the day it tells of.
type seed struct {
	d       *Demo
	app     core.App
	began   types.DateTime // rows from here on are fresh: not moved to their day yet
	letters int            // the catcher's newest letter that has its day
	project *core.Record
	people  map[string]*core.Record // by first name
}

func newSeed(d *Demo) *seed { return &seed{d: d, app: d.App, people: map[string]*core.Record{}} }

// run is the sample data from the oldest to the newest.
func (s *seed) run(ctx context.Context) error {
	s.began = types.NowDateTime()
	if err := s.app.RunInTransaction(s.team); err != nil {
		return err
	}
	for _, item := range sampleItems(time.Now()) {
		if err := s.item(ctx, item); err != nil {
			return fmt.Errorf("%s: %w", item.name, err)
		}
	}
	return s.settle(ctx)
}

// team is the project and the people who work in it.
func (s *seed) team(tx core.App) error {
	if err := operator(tx); err != nil {
		return err
	}
	projects, err := tx.FindCollectionByNameOrId("projects")
	if err != nil {
		return err
	}
	s.project = core.NewRecord(projects)
	s.project.Load(map[string]any{"name": "Acme Hardware", "slug": "acme", "signature": "Acme Hardware, customer care", "lastNumber": firstNumber - 1})
	desk.SetUpProject(s.project, func(string) bool { return false })
	if err := tx.Save(s.project); err != nil {
		return err
	}
	for _, p := range []struct {
		name, email string
		role        desk.Role
	}{{"Ada Agent", "ada@acme.test", desk.Owner}, {"Mel Member", "mel@acme.test", desk.Member}, {"Vic Viewer", "vic@acme.test", desk.Viewer}} {
		if err := s.agent(tx, p.name, p.email, p.role); err != nil {
			return err
		}
	}
	return nil
}

func (s *seed) agent(tx core.App, name, email string, role desk.Role) error {
	users, err := tx.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	u := core.NewRecord(users)
	u.Set("name", name)
	u.SetEmail(email)
	u.SetPassword(demoPassword)
	u.SetVerified(true)
	if err := tx.Save(u); err != nil {
		return err
	}
	s.people[desk.FirstName(name)] = u
	_, err = desk.AddMember(tx, s.project.Id, u.Id, role)
	return err
}

// operator can look behind the scenes in PocketBase's dashboard.
func operator(tx core.App) error {
	superusers, err := tx.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		return err
	}
	o := core.NewRecord(superusers)
	o.SetEmail("operator@acme.test")
	o.SetPassword(demoPassword)
	return tx.Save(o)
}

// item is one feedback item with what happened on it, each step on its day.
func (s *seed) item(ctx context.Context, it sampleItem) error {
	var record *core.Record
	err := s.app.RunInTransaction(func(tx core.App) (err error) {
		record, err = desk.OpenFeedback(tx, s.project, desk.FeedbackDraft{Message: it.message, Category: it.category,
			SubmitterName: it.name, SubmitterEmail: it.email, Context: it.context, Files: it.files})
		return err
	})
	if err == nil {
		err = s.date(ctx, record.Id, it.at)
	}
	if err == nil {
		err = s.take(record, it)
	}
	for _, step := range it.steps {
		if err != nil {
			return err
		}
		if err = step.do(ctx, s, record); err == nil {
			err = s.date(ctx, record.Id, step.at)
		}
	}
	return err
}

// take sets status and assignee, without lines in the log: the sample log tells the story, not its making.
func (s *seed) take(item *core.Record, it sampleItem) error {
	values := dbx.Params{"status": it.status}
	if it.assignee != "" {
		values["assignee"] = s.people[it.assignee].Id
	}
	_, err := s.app.NonconcurrentDB().Update("feedback", values, dbx.HashExp{"id": item.Id}).Execute()
	return err
}

// settle waits until the queue is empty and everybody who is told by mail has it.
func (s *seed) settle(ctx context.Context) error {
	for {
		var busy int
		err := s.app.DB().NewQuery(`SELECT (SELECT count(*) FROM deliveries WHERE state != 'sent') + (SELECT count(*) FROM notifications WHERE mailed = FALSE)`).Row(&busy)
		if err != nil || busy == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d letters are still on their way", busy)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// dated are the columns with a time, by table, and how a row belongs to an item.
var dated = []struct{ table, of, columns string }{
	{"feedback", "id = {:item}", "created updated lastActivity"},
	{"customer_messages", "feedback = {:item}", "created updated"},
	{"notes", "feedback = {:item}", "created updated"},
	{"side_conversations", "feedback = {:item}", "created updated lastMessage lastReply waitingSince sharedSince"},
	{"activity", "feedback = {:item}", "created updated"},
	{"notifications", "feedback = {:item}", "created updated"},
	{"participants", "conversation IN (SELECT id FROM side_conversations WHERE feedback = {:item})", "created updated linkSince"},
	{"side_messages", "conversation IN (SELECT id FROM side_conversations WHERE feedback = {:item})", "created updated"},
	{"held_mail", "suggestion IN (SELECT id FROM side_conversations WHERE feedback = {:item})", "created updated"},
	{"deliveries", "message IN (SELECT m.id FROM side_messages m JOIN side_conversations c ON c.id = m.conversation WHERE c.feedback = {:item})" +
		" OR customerMessage IN (SELECT id FROM customer_messages WHERE feedback = {:item})", "created updated"},
}

// date moves what the last step left behind to its day: every time since the seed began that has not been moved yet.
func (s *seed) date(ctx context.Context, item string, at time.Time) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	when, err := types.ParseDateTime(at.UTC())
	if err != nil {
		return err
	}
	s.d.catcher.date(s.letters, s.began.Time(), at)
	s.letters = s.d.catcher.newest()
	return s.app.RunInTransaction(func(tx core.App) error {
		for _, t := range dated {
			for _, column := range strings.Fields(t.columns) {
				_, err := tx.DB().NewQuery("UPDATE {{" + t.table + "}} SET [[" + column + "]] = {:at} WHERE [[" + column + "]] >= {:began} AND (" + t.of + ")").
					Bind(dbx.Params{"at": when.String(), "began": s.began.String(), "item": item}).Execute()
				if err != nil {
					return fmt.Errorf("%s.%s: %w", t.table, column, err)
				}
			}
		}
		return s.dateTimelines(tx, item, when)
	})
}

// dateTimelines does the same within deliveries' timelines.
func (s *seed) dateTimelines(tx core.App, item string, when types.DateTime) error {
	deliveries, err := tx.FindRecordsByFilter("deliveries", "message.conversation.feedback = {:item} || customerMessage.feedback = {:item}", "", 0, 0, dbx.Params{"item": item})
	if err != nil {
		return err
	}
	for _, d := range deliveries {
		steps := desk.Steps(d)
		for i := range steps {
			if !steps[i].At.Before(s.began) {
				steps[i].At = when
			}
		}
		d.Set("timeline", steps)
		text := d.GetString("timeline")
		if _, err := tx.DB().Update("deliveries", dbx.Params{"timeline": text}, dbx.HashExp{"id": d.Id}).Execute(); err != nil {
			return err
		}
	}
	return nil
}
