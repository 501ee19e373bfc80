package desk

import "github.com/pocketbase/pocketbase/core"

// Known is somebody whose name a stranger could borrow.
type Known struct {
	Name, Email string
	Team        bool // of the project, not of the conversation
}

// maxKnown bounds the comparison of one letter with everybody.
const maxKnown = 500

// KnownPeople are those an agent expects to hear from in a conversation: its participants and the project's team, under all their names.
func KnownPeople(app core.App, t *Thread) ([]Known, error) {
	list := []Known{}
	_, err := each(app, `SELECT name, email, FALSE FROM participants WHERE conversation = ?
		UNION ALL SELECT u.name, u.email, TRUE FROM members m JOIN users u ON u.id = m.user WHERE m.project = ? LIMIT ?`,
		[]any{t.Conversation.Id, t.Project.Id, maxKnown}, func(scan func(...any) error) error {
			list = append(list, Known{})
			k := &list[len(list)-1]
			return scan(&k.Name, &k.Email, &k.Team)
		})
	for _, name := range []string{t.Project.GetString("name"), t.Project.GetString("senderName")} {
		if name != "" {
			list = append(list, Known{Name: name, Team: true})
		}
	}
	return list, err
}
