package desk

import (
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// InboxQuery asks for one page of a list.
type InboxQuery struct {
	User, Project string // Project empty: all of the user's projects
	View          string // inbox, mine, unassigned, waiting, answered, resolved, all
	Search        string
	After         string // cursor of the page before
	Limit         int
}

// Row is one item as the list shows it.
type Row struct {
	ID             string `db:"id" json:"id"`
	Project        string `db:"project" json:"project"`
	Number         int    `db:"number" json:"number"`
	Title          string `db:"title" json:"title"`
	SubmitterName  string `db:"submitterName" json:"submitterName"`
	SubmitterEmail string `db:"submitterEmail" json:"submitterEmail"`
	Status         string `db:"status" json:"status"`
	Category       string `db:"category" json:"category"`
	Assignee       string `db:"assignee" json:"assignee"`
	AssigneeName   string `db:"assigneeName" json:"assigneeName"`
	LastActivity   string `db:"lastActivity" json:"lastActivity"`
	SideCount      int    `db:"sideCount" json:"sideCount"`
	SideAnswered   int    `db:"sideAnswered" json:"sideAnswered"`
	WaitingSince   string `db:"waitingSince" json:"waitingSince"`
	WaitingOn      string `db:"waitingOn" json:"waitingOn"`
	Trouble        string `db:"trouble" json:"trouble"`
	Unread         bool   `db:"unread" json:"unread"`
}

// Counters are the numbers beside the views.
type Counters struct {
	Inbox         int `db:"inbox" json:"inbox"`
	Mine          int `db:"mine" json:"mine"`
	Unassigned    int `db:"unassigned" json:"unassigned"`
	Waiting       int `db:"waiting" json:"waiting"`
	Answered      int `db:"answered" json:"answered"`
	Held          int `db:"held" json:"held"`
	Notifications int `db:"-" json:"notifications"`
}

// Page is one page of a list; Next is empty on the last.
type Page struct {
	Items    []Row    `json:"items"`
	Next     string   `json:"next"`
	Counters Counters `json:"counters"`
}

// Page sizes: a screenful, and what a client may ask for at most.
const (
	defaultPage = 50
	maxPage     = 200
)

// The membership is part of every query: an item of a project one is not in does not exist. The conversations behind a
// switched-off project or lapsed plan do not count (SC-01, SC-02).
const (
	myProjects = `f.project IN (SELECT project FROM members WHERE user = {:user})`
	sideOn     = `EXISTS (SELECT 1 FROM projects p WHERE p.id = f.project AND p.sideConversations AND p.plan IN ('pro','pro_max'))`
	isOpen     = `f.status IN ('new','in_progress')`
	waiting    = `EXISTS (SELECT 1 FROM side_conversations c WHERE c.feedback = f.id AND c.status = 'open' AND c.lastDirection = 'out')`
	answered   = `EXISTS (SELECT 1 FROM side_conversations c WHERE c.feedback = f.id AND c.status = 'open' AND c.lastDirection = 'in')`
)

var views = map[string]string{
	"inbox": isOpen, "mine": isOpen + ` AND f.assignee = {:user}`, "unassigned": isOpen + ` AND f.assignee = ''`,
	"waiting": waiting + ` AND ` + sideOn, "answered": answered + ` AND ` + sideOn, "resolved": `f.status IN ('resolved','archived')`, "all": `TRUE`,
}

// Inbox reads one page of a view, newest activity first, by keyset: the thousandth page costs what the first does.
func Inbox(app core.App, q InboxQuery) (*Page, error) {
	view, known := views[q.View]
	if !known {
		view = views["inbox"]
	}
	where := []string{myProjects, view}
	params := dbx.Params{"user": q.User}
	if q.Project != "" {
		where = append(where, `f.project = {:project}`)
		params["project"] = q.Project
	}
	if activity, id, ok := strings.Cut(q.After, "|"); ok {
		where = append(where, `(f.lastActivity, f.id) < ({:activity}, {:id})`)
		params["activity"], params["id"] = activity, id
	}
	if words := strings.TrimSpace(q.Search); words != "" {
		where = append(where, searchClause)
		params["like"], params["number"] = likePattern(words), strings.TrimPrefix(words, "#")
	}
	if q.Limit <= 0 || q.Limit > maxPage {
		q.Limit = defaultPage
	}
	params["limit"] = q.Limit + 1
	page := &Page{Items: []Row{}}
	if err := app.DB().NewQuery(selectRows + strings.Join(where, " AND ") + orderRows).Bind(params).All(&page.Items); err != nil {
		return nil, err
	}
	if len(page.Items) > q.Limit {
		page.Items = page.Items[:q.Limit]
		last := page.Items[q.Limit-1]
		page.Next = last.LastActivity + "|" + last.ID
	}
	for i := range page.Items {
		page.Items[i].Title = Headline(page.Items[i].Title, snippetLength)
	}
	return page, countViews(app, q, &page.Counters)
}

const selectRows = `SELECT f.id, f.project, f.number, substr(f.message, 1, 600) AS title, f.submitterName, f.submitterEmail, f.status, f.category, f.assignee, f.lastActivity,
	coalesce((SELECT CASE WHEN u.name != '' THEN u.name ELSE substr(u.email, 1, instr(u.email, '@') - 1) END FROM users u WHERE u.id = f.assignee), '') AS assigneeName,
	CASE WHEN ` + sideOn + ` THEN (SELECT count(*) FROM side_conversations c WHERE c.feedback = f.id) ELSE 0 END AS sideCount,
	CASE WHEN ` + sideOn + ` THEN (SELECT count(*) FROM side_conversations c WHERE c.feedback = f.id AND c.status = 'open' AND c.lastDirection = 'in') ELSE 0 END AS sideAnswered,
	CASE WHEN ` + sideOn + ` THEN coalesce((SELECT min(c.waitingSince) FROM side_conversations c WHERE c.feedback = f.id AND c.status = 'open' AND c.waitingSince != ''), '') ELSE '' END AS waitingSince,
	CASE WHEN ` + sideOn + ` THEN coalesce((SELECT group_concat(DISTINCT CASE WHEN p.name != '' THEN p.name ELSE p.email END) FROM side_conversations c JOIN participants p ON p.conversation = c.id AND p.state != 'removed'
		WHERE c.feedback = f.id AND c.status = 'open' AND c.waitingSince != ''), '') ELSE '' END AS waitingOn,
	coalesce((SELECT 'Could not be delivered to ' || d.recipient FROM deliveries d WHERE d.customerMessage != '' AND d.state IN ('bounced','failed') AND d.customerMessage =
			(SELECT m.id FROM customer_messages m WHERE m.feedback = f.id AND m.direction = 'out' ORDER BY m.created DESC LIMIT 1)),
		CASE WHEN ` + sideOn + ` THEN (SELECT 'Could not be delivered to ' || d.recipient FROM side_conversations c JOIN side_messages s ON s.conversation = c.id JOIN deliveries d ON d.message = s.id
			WHERE c.feedback = f.id AND c.status = 'open' AND d.state IN ('bounced','failed') ORDER BY d.updated DESC LIMIT 1) END, '') AS trouble,
	EXISTS (SELECT 1 FROM notifications n WHERE n.feedback = f.id AND n.user = {:user} AND n.read = FALSE) AS unread
	FROM feedback f WHERE `

const orderRows = ` ORDER BY f.lastActivity DESC, f.id DESC LIMIT {:limit}`

const searchClause = `(f.number = {:number} OR f.message LIKE {:like} ESCAPE '\' OR f.submitterName LIKE {:like} ESCAPE '\' OR f.submitterEmail LIKE {:like} ESCAPE '\'
	OR EXISTS (SELECT 1 FROM side_conversations c WHERE c.feedback = f.id AND ` + sideOn + ` AND (c.subject LIKE {:like} ESCAPE '\'
		OR EXISTS (SELECT 1 FROM side_messages s WHERE s.conversation = c.id AND s.body LIKE {:like} ESCAPE '\')
		OR EXISTS (SELECT 1 FROM participants p WHERE p.conversation = c.id AND (p.email LIKE {:like} ESCAPE '\' OR p.name LIKE {:like} ESCAPE '\')))))`

// likePattern makes typed words a literal pattern.
func likePattern(words string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(cutBytes(words, 200)) + "%"
}

func countViews(app core.App, q InboxQuery, c *Counters) error {
	project, params := "", dbx.Params{"user": q.User}
	if q.Project != "" {
		project, params["project"] = ` AND f.project = {:project}`, q.Project
	}
	err := app.DB().NewQuery(`SELECT coalesce(sum(` + isOpen + `), 0) AS inbox, coalesce(sum(` + isOpen + ` AND f.assignee = {:user}), 0) AS mine, coalesce(sum(` + isOpen + ` AND f.assignee = ''), 0) AS unassigned,
		coalesce(sum(` + waiting + ` AND ` + sideOn + `), 0) AS waiting, coalesce(sum(` + answered + ` AND ` + sideOn + `), 0) AS answered, 0 AS held FROM feedback f WHERE ` + myProjects + project).Bind(params).One(c)
	if err != nil {
		return err
	}
	held := strings.ReplaceAll(myProjects+project, "f.project", "project")
	if err := app.DB().NewQuery(`SELECT count(*) FROM held_mail WHERE ` + held).Bind(params).Row(&c.Held); err != nil {
		return err
	}
	c.Notifications, err = UnreadCount(app, q.User)
	return err
}

// Person is somebody the project has written to before.
type Person struct {
	Name          string `db:"name" json:"name"`
	Email         string `db:"email" json:"email"`
	Conversations int    `db:"conversations" json:"conversations"`
}

// SearchPeople completes an address from the project's former participants.
func SearchPeople(app core.App, project, words string) ([]Person, error) {
	people := []Person{}
	err := app.DB().NewQuery(`SELECT max(name) AS name, email, count(*) AS conversations FROM participants
		WHERE project = {:project} AND (email LIKE {:like} ESCAPE '\' OR name LIKE {:like} ESCAPE '\') GROUP BY email ORDER BY conversations DESC, email LIMIT 8`).
		Bind(dbx.Params{"project": project, "like": likePattern(words)}).All(&people)
	return people, err
}
