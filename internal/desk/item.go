package desk

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// ItemView is an item with everything its panel shows, as one member of its project may see it.
type ItemView struct {
	Item             *core.Record       `json:"item"`
	AssigneeName     string             `json:"assigneeName"`
	Project          ProjectView        `json:"project"`
	Team             []TeamMember       `json:"team"`
	CustomerMessages []ThreadMessage    `json:"customerMessages"`
	Notes            []NoteView         `json:"notes"`
	Conversations    []ConversationView `json:"conversations"`
	Activity         []ActivityView     `json:"activity"`
	Notifications    []NotificationView `json:"notifications"`
}

// ProjectView is what the panel needs of the project.
type ProjectView struct {
	ID                   string `json:"id"`
	Name                 string `json:"name"`
	Slug                 string `json:"slug"`
	Role                 Role   `json:"role"`
	SideConversations    bool   `json:"sideConversations"`
	SideConversationsWhy string `json:"sideConversationsWhy"`
}

// ThreadMessage is one message of the customer thread.
type ThreadMessage struct {
	ID         string         `json:"id"`
	Direction  string         `json:"direction"`
	Author     string         `json:"author"`
	AuthorName string         `json:"authorName"`
	FromName   string         `json:"fromName"`
	FromEmail  string         `json:"fromEmail"`
	Body       string         `json:"body"`
	Quoted     string         `json:"quoted"`
	HasHTML    bool           `json:"hasHTML"`
	Kind       string         `json:"kind"`
	Trust      string         `json:"trust"`
	Reason     string         `json:"trustReason"`
	Files      []File         `json:"files"`
	Created    types.DateTime `json:"created"`
	Delivery   *DeliveryView  `json:"delivery"`
}

// NoteView is an internal note.
type NoteView struct {
	ID         string         `json:"id"`
	Author     string         `json:"author"`
	AuthorName string         `json:"authorName"`
	Body       string         `json:"body"`
	Files      []File         `json:"files"`
	Created    types.DateTime `json:"created"`
}

// ConversationView is a side conversation with its people and messages.
type ConversationView struct {
	ID            string            `json:"id"`
	Subject       string            `json:"subject"`
	Status        string            `json:"status"`
	StartedBy     string            `json:"startedBy"`
	StartedByName string            `json:"startedByName"`
	SharePortal   bool              `json:"sharePortal"`
	MessageCount  int               `json:"messageCount"`
	LastMessage   types.DateTime    `json:"lastMessage"`
	LastReply     types.DateTime    `json:"lastReply"`
	WaitingSince  types.DateTime    `json:"waitingSince"`
	Snippet       string            `json:"snippet"`
	SnippetBy     string            `json:"snippetBy"`
	LastDirection string            `json:"lastDirection"`
	Participants  []ParticipantView `json:"participants"`
	Messages      []MessageView     `json:"messages"`
}

// ParticipantView is an external party as agents see them.
type ParticipantView struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Email   string   `json:"email"`
	State   string   `json:"state"`
	Aliases []string `json:"aliases"`
}

// MessageView is a side message with its deliveries.
type MessageView struct {
	ID             string         `json:"id"`
	Direction      string         `json:"direction"`
	Channel        string         `json:"channel"`
	Author         string         `json:"author"`
	AuthorName     string         `json:"authorName"`
	Participant    string         `json:"participant"`
	FromName       string         `json:"fromName"`
	FromEmail      string         `json:"fromEmail"`
	Body           string         `json:"body"`
	HasHTML        bool           `json:"hasHTML"`
	HasQuoted      bool           `json:"hasQuoted"`
	Quoted         string         `json:"quoted"`
	Kind           string         `json:"kind"`
	Trust          string         `json:"trust"`
	TrustReason    string         `json:"trustReason"`
	Accepted       bool           `json:"accepted"`
	Late           bool           `json:"late"`
	Warnings       []string       `json:"warnings"`
	Files          []File         `json:"files"`
	IncludeContext bool           `json:"includeContext"`
	Context        *Context       `json:"context"`
	SharePortal    bool           `json:"sharePortal"`
	To             []string       `json:"to"`
	Created        types.DateTime `json:"created"`
	Deliveries     []DeliveryView `json:"deliveries"`
}

// DeliveryView is where one copy of a message is.
type DeliveryView struct {
	ID          string         `json:"id"`
	Participant string         `json:"participant"`
	Recipient   string         `json:"recipient"`
	State       string         `json:"state"`
	Attempts    int            `json:"attempts"`
	NextAttempt types.DateTime `json:"nextAttempt"`
	Remote      string         `json:"remote"`
	Response    string         `json:"response"`
	Updated     types.DateTime `json:"updated"`
	Timeline    []Step         `json:"timeline"`
}

// ActivityView is one line of the log.
type ActivityView struct {
	ID        string         `json:"id"`
	Event     string         `json:"event"`
	Text      string         `json:"text"`
	ActorName string         `json:"actorName"`
	Created   types.DateTime `json:"created"`
}

// panel gathers an item's records and the names that its messages need.
type panel struct {
	app   core.App
	names map[string]string // user id -> name
}

// Item reads everything an item's panel shows. Not a member or not there: ErrNotFound.
func Item(app core.App, user *core.Record, id string) (*ItemView, error) {
	item, err := Feedback(app, id)
	if err != nil {
		return nil, err
	}
	project, err := Project(app, item.GetString("project"))
	if err != nil {
		return nil, err
	}
	role, err := RoleOf(app, project.Id, user.Id)
	if err != nil {
		return nil, err
	}
	p := &panel{app: app, names: map[string]string{}}
	off := SideConversationsOff(project)
	v := &ItemView{Item: item, AssigneeName: p.name(item.GetString("assignee")), Project: ProjectView{ID: project.Id, Name: project.GetString("name"), Slug: project.GetString("slug"), Role: role,
		SideConversations: off == "", SideConversationsWhy: off}, Conversations: []ConversationView{}}
	if v.Team, err = Team(app, project.Id); err != nil {
		return nil, err
	}
	if v.CustomerMessages, err = p.customerThread(item.Id); err != nil {
		return nil, err
	}
	if v.Notes, err = p.notes(item.Id); err != nil {
		return nil, err
	}
	if off == "" {
		if v.Conversations, err = p.conversations(item.Id); err != nil {
			return nil, err
		}
	}
	if v.Activity, err = p.activity(item.Id, off == ""); err != nil {
		return nil, err
	}
	v.Notifications, err = p.notifications(user.Id, item.Id)
	return v, err
}

func (p *panel) name(user string) string {
	if user == "" {
		return ""
	}
	if name, known := p.names[user]; known {
		return name
	}
	r, err := p.app.FindRecordById("users", user)
	if err != nil {
		p.names[user] = "Somebody who left"
	} else {
		p.names[user] = NameOf(r)
	}
	return p.names[user]
}

func (p *panel) customerThread(item string) ([]ThreadMessage, error) {
	records, err := CustomerThread(p.app, item)
	if err != nil {
		return nil, err
	}
	answers := customerAnswers(records)
	views := make([]ThreadMessage, 0, len(records))
	for _, r := range records {
		v := ThreadMessage{ID: r.Id, Direction: r.GetString("direction"), Author: r.GetString("author"), AuthorName: p.name(r.GetString("author")), FromName: r.GetString("fromName"),
			FromEmail: r.GetString("fromEmail"), Body: r.GetString("body"), Quoted: r.GetString("quoted"), HasHTML: r.GetString("html") != "", Kind: r.GetString("kind"),
			Trust: r.GetString("trust"), Reason: r.GetString("trustReason"), Files: Files(r), Created: r.GetDateTime("created")}
		if v.Direction == "out" {
			deliveries, err := p.deliveries("customerMessage", r.Id)
			if err != nil {
				return nil, err
			}
			if len(deliveries) > 0 {
				noteAnswer(&deliveries[0], answers)
				v.Delivery = &deliveries[0]
			}
		}
		views = append(views, v)
	}
	return views, nil
}

func (p *panel) notes(item string) ([]NoteView, error) {
	records, err := where(p.app, "notes", dbx.HashExp{"feedback": item})
	views := make([]NoteView, 0, len(records))
	for _, r := range records {
		views = append(views, NoteView{ID: r.Id, Author: r.GetString("author"), AuthorName: p.name(r.GetString("author")), Body: r.GetString("body"), Files: Files(r), Created: r.GetDateTime("created")})
	}
	return views, err
}

func (p *panel) activity(item string, sideConversations bool) ([]ActivityView, error) {
	match := dbx.HashExp{"feedback": item}
	if !sideConversations {
		match["conversation"] = ""
	}
	records, err := where(p.app, "activity", match)
	views := make([]ActivityView, 0, len(records))
	for _, r := range records {
		views = append(views, ActivityView{ID: r.Id, Event: r.GetString("event"), Text: r.GetString("text"), ActorName: r.GetString("actorName"), Created: r.GetDateTime("created")})
	}
	return views, err
}

func (p *panel) notifications(user, item string) ([]NotificationView, error) {
	views := []NotificationView{}
	err := p.app.DB().Select("id", "event", "text", "feedback", "conversation", "read", "created").From("notifications").
		Where(dbx.HashExp{"user": user, "feedback": item, "silent": false}).OrderBy("created DESC").Limit(notificationPage).All(&views)
	return views, err
}
