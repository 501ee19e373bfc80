package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Who of the team wrote in a conversation is asked at every answer that comes in, so it must not cost more the longer the conversation is.
func init() {
	const index = "idx_side_messages_author"
	m.Register(func(app core.App) error {
		found, err := find(app, "side_messages")
		if err != nil {
			return err
		}
		found[0].AddIndex(index, false, "conversation, author", "author != ''")
		return app.Save(found[0])
	}, func(app core.App) error {
		found, err := find(app, "side_messages")
		if err != nil {
			return err
		}
		found[0].RemoveIndex(index)
		return app.Save(found[0])
	})
}
