package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The table room says how many bytes came from outside into each project and side conversation (F-07). The database keeps it itself, so
// that it is right whoever stores or deletes, and whatever is rolled back.
func init() {
	m.Register(func(app core.App) error {
		for _, statement := range roomUp {
			if _, err := app.NonconcurrentDB().NewQuery(statement).Execute(); err != nil {
				return err
			}
		}
		return nil
	}, func(app core.App) error {
		for _, name := range []string{"came", "written", "gone_side_messages", "gone_customer_messages", "gone_held_mail", "gone_feedback", "gone_side_conversations", "gone_projects"} {
			if _, err := app.NonconcurrentDB().NewQuery("DROP TRIGGER room_" + name).Execute(); err != nil {
				return err
			}
		}
		_, err := app.NonconcurrentDB().NewQuery("DROP TABLE room").Execute()
		return err
	})
}

// A letter is stored right after the record it belongs to; its own id is that record's. What is written on the portal has no letter,
// its files count. SQLite knows the length of a blob without reading it.
const (
	roomOwners = `SELECT project AS id FROM side_messages WHERE id = NEW.id AND direction = 'in' UNION ALL SELECT conversation FROM side_messages WHERE id = NEW.id AND direction = 'in'
		UNION ALL SELECT project FROM customer_messages WHERE id = NEW.id AND direction = 'in' UNION ALL SELECT project FROM held_mail WHERE id = NEW.id UNION ALL SELECT project FROM feedback WHERE id = NEW.id`
	roomAdd = ` ON CONFLICT (id) DO UPDATE SET taken = taken + excluded.taken`
)

var roomUp = append([]string{
	`CREATE TABLE room (id TEXT PRIMARY KEY NOT NULL, taken INTEGER NOT NULL) WITHOUT ROWID`,
	`INSERT INTO room SELECT id, sum(bytes) FROM (
		SELECT m.project AS id, length(l.raw) AS bytes FROM side_messages m JOIN letters l ON l.id = m.id WHERE m.direction = 'in'
		UNION ALL SELECT m.conversation, length(l.raw) FROM side_messages m JOIN letters l ON l.id = m.id WHERE m.direction = 'in'
		UNION ALL SELECT m.project, length(l.raw) FROM customer_messages m JOIN letters l ON l.id = m.id WHERE m.direction = 'in'
		UNION ALL SELECT h.project, length(l.raw) FROM held_mail h JOIN letters l ON l.id = h.id
		UNION ALL SELECT f.project, length(l.raw) FROM feedback f JOIN letters l ON l.id = f.id) WHERE id != '' GROUP BY id`,
	`CREATE TRIGGER room_came AFTER INSERT ON letters BEGIN INSERT INTO room SELECT id, length(NEW.raw) FROM (` + roomOwners + `) WHERE id != ''` + roomAdd + `; END`,
	`CREATE TRIGGER room_written AFTER INSERT ON side_messages WHEN NEW.channel = 'portal' AND json_array_length(NEW.files) > 0 BEGIN
		INSERT INTO room SELECT id, ` + filesOf("NEW") + ` FROM (SELECT NEW.project AS id UNION ALL SELECT NEW.conversation) WHERE id != ''` + roomAdd + `; END`,
	`CREATE TRIGGER room_gone_side_messages BEFORE DELETE ON side_messages WHEN OLD.direction = 'in' BEGIN
		UPDATE room SET taken = max(0, taken - ` + lengthOf + ` - CASE OLD.channel WHEN 'portal' THEN ` + filesOf("OLD") + ` ELSE 0 END) WHERE id IN (OLD.project, OLD.conversation); END`,
	`CREATE TRIGGER room_gone_side_conversations AFTER DELETE ON side_conversations BEGIN DELETE FROM room WHERE id = OLD.id; END`,
	`CREATE TRIGGER room_gone_projects AFTER DELETE ON projects BEGIN DELETE FROM room WHERE id = OLD.id; END`,
}, roomGone("customer_messages", "held_mail", "feedback")...)

const lengthOf = `coalesce((SELECT length(raw) FROM letters WHERE id = OLD.id), 0)`

func filesOf(row string) string {
	return `coalesce((SELECT sum(json_extract(value, '$.size')) FROM json_each(` + row + `.files)), 0)`
}

func roomGone(tables ...string) (list []string) {
	for _, table := range tables {
		list = append(list, `CREATE TRIGGER room_gone_`+table+` BEFORE DELETE ON `+table+` BEGIN UPDATE room SET taken = max(0, taken - `+lengthOf+`) WHERE id = OLD.project; END`)
	}
	return list
}
