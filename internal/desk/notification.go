package desk

import (
	"database/sql"
	"errors"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// notice is what several people are told alike.
type notice struct{ Project, Item, Conversation, Message, Event, Text string }

// notify tells those a side conversation concerns (SC-10): who started it, who wrote in it, the item's assignee and followers.
func notify(tx core.App, t *Thread, message *core.Record, event, text string) error {
	people := append(itemWatchers(t.Item), t.Conversation.GetString("startedBy"))
	_, err := each(tx, `SELECT DISTINCT author FROM side_messages WHERE conversation = ? AND author != ''`, []any{t.Conversation.Id}, func(scan func(...any) error) error {
		people = append(people, "")
		return scan(&people[len(people)-1])
	})
	if err != nil {
		return err
	}
	return tell(tx, people, notice{Project: t.Project.Id, Item: t.Item.Id, Conversation: t.Conversation.Id, Message: message.Id, Event: event, Text: text})
}

func itemWatchers(item *core.Record) []string {
	return append(item.GetStringSlice("followers"), item.GetString("assignee"))
}

// tell makes one notification a person, for members of this moment only. A muted inbox gets a silent one, which its owner never
// sees but the mail still goes out; muted mail is marked as mailed at once.
func tell(tx core.App, people []string, n notice) error {
	slices.Sort(people)
	for _, id := range slices.Compact(people) {
		if id == "" {
			continue
		}
		var muteApp, muteEmail bool
		err := one(tx, "SELECT u.muteApp, u.muteEmail FROM members m JOIN users u ON u.id = m.user WHERE m.project = ? AND m.user = ?", []any{n.Project, id}, &muteApp, &muteEmail)
		if errors.Is(err, sql.ErrNoRows) || muteApp && muteEmail {
			continue // left the project, or wants to hear of nothing
		} else if err != nil {
			return err
		}
		r, err := newRecord(tx, "notifications")
		if err != nil {
			return err
		}
		err = set(r, map[string]any{"user": id, "project": n.Project, "feedback": n.Item, "conversation": n.Conversation, "message": n.Message, "event": n.Event,
			"text": Cut(OneLine(n.Text, 900), 900), "read": muteApp, "silent": muteApp, "mailed": muteEmail})
		if err != nil {
			return err
		}
		if err := put(tx, r); err != nil {
			return err
		}
	}
	return nil
}

// Unmailed lists notifications whose mail is not queued yet, oldest first.
func Unmailed(app core.App, n int) ([]*core.Record, error) {
	records := []*core.Record{}
	err := app.RecordQuery("notifications").AndWhere(dbx.HashExp{"mailed": false}).OrderBy("created").Limit(int64(n)).All(&records)
	return records, err
}

// MarkMailed takes a notification off that list, in the transaction that queues its mail.
func MarkMailed(tx core.App, id string) error {
	_, err := tx.DB().Update("notifications", dbx.Params{"mailed": true}, dbx.HashExp{"id": id}).Execute()
	return err
}

// NotificationView is a notification as its owner sees it.
type NotificationView struct {
	ID           string `db:"id" json:"id"`
	Event        string `db:"event" json:"event"`
	Text         string `db:"text" json:"text"`
	Feedback     string `db:"feedback" json:"feedback"`
	Number       int    `db:"number" json:"number"`
	Project      string `db:"project" json:"project"`
	Conversation string `db:"conversation" json:"conversation"`
	Read         bool   `db:"read" json:"read"`
	Created      string `db:"created" json:"created"`
}

// notificationPage is how many notifications one list shows; older ones are history.
const notificationPage = 100

// Notifications lists a user's own, newest first, of projects they are still in.
func Notifications(app core.App, user string, unreadOnly bool) ([]NotificationView, error) {
	list := []NotificationView{}
	err := app.DB().NewQuery(`SELECT n.id, n.event, n.text, n.feedback, f.number, n.project, n.conversation, n.read, n.created
		FROM notifications n JOIN feedback f ON f.id = n.feedback JOIN members m ON m.project = n.project AND m.user = n.user
		WHERE n.user = {:user} AND n.silent = FALSE AND ({:all} OR n.read = FALSE) ORDER BY n.created DESC LIMIT {:limit}`).
		Bind(dbx.Params{"user": user, "all": !unreadOnly, "limit": notificationPage}).All(&list)
	return list, err
}

// UnreadCount counts a user's unread notifications.
func UnreadCount(app core.App, user string) (n int, err error) {
	err = app.DB().NewQuery(`SELECT count(*) FROM notifications n JOIN members m ON m.project = n.project AND m.user = n.user WHERE n.user = {:user} AND n.read = FALSE`).
		Bind(dbx.Params{"user": user}).Row(&n)
	return n, err
}

// MarkRead marks a user's own notifications as read: those of ids, or of one item, or all.
func MarkRead(app core.App, user string, ids []string, feedback string, all bool) error {
	match := dbx.HashExp{"user": user, "read": false}
	switch {
	case feedback != "":
		match["feedback"] = feedback
	case len(ids) > 0:
		values := make([]any, len(ids))
		for i, id := range ids {
			values[i] = id
		}
		match["id"] = values
	case !all:
		return Invalidf("ids", "Say which notifications: ids, feedback or all.")
	}
	_, err := app.NonconcurrentDB().Update("notifications", dbx.Params{"read": true, "updated": now().String()}, match).Execute()
	return err
}
