package desk

import (
	"cmp"
	"fmt"

	"github.com/pocketbase/pocketbase/core"
)

// How much outsiders may send, in bytes as it came. A stranger who has an address could otherwise fill the disk (F-07).
const (
	ConversationRoom = 1 << 30  // of one side conversation: forty of the largest letters; honest ones have a hundredth of it
	ProjectRoom      = 20 << 30 // of a project in all, held mail included: a thousand letters of 20 MB
)

// almost is where agents are told, in percent of the room.
const almost = 80

// Rooms is how much room there is; zero fields are the constants.
type Rooms struct{ Conversation, Project int64 }

const roomsKey = "aside.rooms"

// SetRooms gives an app other limits than the constants.
func SetRooms(app core.App, r Rooms) { app.Store().Set(roomsKey, r) }

// Room tells whether n bytes more from outside may come into a project and, where it is not nil, one of its side conversations. The
// refusal says that they may not; words are for agents, from four fifths of the room on. What nobody proved to have written gets half of
// a conversation, so that a forger cannot keep the real answer out. The database counts what is stored
// (pb_migrations, table room), so a letter that is given up takes nothing.
func Room(app core.App, project, conversation *core.Record, n int, doubtful bool) (words string, err error) {
	rooms, _ := app.Store().Get(roomsKey).(Rooms) // not set: the constants
	ofConversation := cmp.Or(rooms.Conversation, ConversationRoom)
	if doubtful {
		ofConversation /= 2
	}
	inConversation := ""
	if conversation != nil {
		inConversation = conversation.Id
	}
	places := []struct {
		name        string
		room, taken int64
	}{{"side conversation", ofConversation, 0}, {"project", cmp.Or(rooms.Project, ProjectRoom), 0}}
	err = one(app, "SELECT coalesce((SELECT taken FROM room WHERE id = ?), 0), coalesce((SELECT taken FROM room WHERE id = ?), 0)",
		[]any{inConversation, project.Id}, &places[0].taken, &places[1].taken)
	if err != nil {
		return "", err
	}
	if conversation == nil {
		places = places[1:]
	}
	for _, p := range places {
		switch p.taken += int64(n); {
		case p.taken > p.room:
			return "", &Refusal{Kind: TooLarge, Field: "attachments", Words: "There is no room for more files in this " + p.name + "."}
		case p.taken*100 > p.room*almost && words == "":
			words = fmt.Sprintf("What came into this %s takes %d %% of the room there is. When it is full, no more mail comes in.", p.name, p.taken*100/p.room)
		}
	}
	return words, nil
}
