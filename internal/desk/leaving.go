package desk

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Leave takes away what a membership carried with it, in the transaction that ends it: the person is told of nothing any more,
// not even by a notice that waits to be sent, is nobody's assignee and follows nothing. What they wrote stays theirs.
func Leave(tx core.App, project, user string) error {
	notices, err := where(tx, "notifications", dbx.HashExp{"project": project, "user": user})
	if err != nil {
		return err
	}
	ids := make([]any, len(notices))
	for i, n := range notices {
		ids[i] = n.Id // a notice's letter goes by the id of the notice
	}
	if err := recall(tx, dbx.HashExp{"user": user, "id": ids}, "left the project before it was sent"); err != nil {
		return err
	}
	for _, q := range []string{
		`DELETE FROM notifications WHERE project = {:project} AND user = {:user}`,
		`UPDATE feedback SET assignee = '' WHERE project = {:project} AND assignee = {:user}`,
		`UPDATE feedback SET followers = (SELECT json_group_array(value) FROM json_each(followers) WHERE value != {:user})
			WHERE project = {:project} AND followers LIKE '%' || {:user} || '%'`,
	} {
		if _, err := tx.DB().NewQuery(q).Bind(dbx.Params{"project": project, "user": user}).Execute(); err != nil {
			return err
		}
	}
	return nil
}

// CheckColleague passes when two people have a project in common. Nobody is put into a project by somebody they have never met: that
// is what invitations are for.
func CheckColleague(app core.App, by, user string) error {
	var n int
	err := app.DB().NewQuery(`SELECT count(*) FROM members a JOIN members b ON b.project = a.project WHERE a.user = {:by} AND b.user = {:user}`).
		Bind(dbx.Params{"by": by, "user": user}).Row(&n)
	if err == nil && n == 0 {
		err = Invalidf("user", "You have no project in common with this person. Invite them by email instead.")
	}
	return err
}

// CheckPeople passes when an item's assignee and followers are members of its project.
func CheckPeople(app core.App, item *core.Record) error {
	for field, people := range map[string][]string{"assignee": {item.GetString("assignee")}, "followers": item.GetStringSlice("followers")} {
		for _, user := range people {
			if user == "" {
				continue
			}
			if _, err := RoleOf(app, item.GetString("project"), user); err != nil {
				return Invalidf(field, "This person is not a member of the project.")
			}
		}
	}
	return nil
}
