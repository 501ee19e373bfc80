package desk

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// AddNote stores a team-only remark on an item; the same key from the same agent again is the same note.
func AddNote(tx core.App, agent *core.Record, feedback, body, key string, files []*filesystem.File) (*core.Record, error) {
	item, err := Feedback(tx, feedback)
	if err != nil {
		return nil, err
	}
	if err := MayWrite(tx, item.GetString("project"), agent); err != nil {
		return nil, err
	}
	if err := CheckBody("body", body); err != nil {
		return nil, err
	}
	if key = requestKey(agent, key); key != "" {
		if there, err := where(tx, "notes", dbx.HashExp{"feedback": feedback, "dedupe": key}); err != nil || len(there) > 0 {
			return first(there), err
		}
	}
	n, err := newRecord(tx, "notes")
	if err != nil {
		return nil, err
	}
	n.Load(map[string]any{"project": item.GetString("project"), "feedback": item.Id, "author": agent.Id, "body": body, "dedupe": key})
	if err := attach(n, files); err != nil {
		return nil, err
	}
	if err := tx.Save(n); err != nil {
		return nil, err
	}
	if err := touch(tx, item.Id); err != nil {
		return nil, err
	}
	name := NameOf(agent)
	return n, record(tx, Event{Item: item, Name: "note.created", Actor: agent, ActorName: name, Text: name + " added an internal note"})
}
