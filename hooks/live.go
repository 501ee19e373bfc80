package hooks

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/subscriptions"
)

// Live topics: live/projects/ID for its members, live/users/ID for one person. They carry ids, never content: who gets one fetches what they
// may see. They are sent off the save path, since a slow reader must not hold up a letter's commit. (PocketBase's own topics are
// named COLLECTION/ID and guarded by the collection's rule; these have a name of their own.)
const (
	liveTopic    = "live/"
	projectTopic = liveTopic + "projects/"
	userTopic    = liveTopic + "users/"
)

// liveBacklog is how many changes may wait for the hub; beyond it the oldest news is dropped and clients catch up on their next fetch.
const liveBacklog = 4096

// watched are the collections whose changes an open inbox shows.
var watched = []string{"feedback", "customer_messages", "notes", "side_conversations", "participants", "side_messages", "deliveries", "held_mail", "activity", "notifications", "projects", "members"}

// change is one piece of news. message is a delivery's, from which the hub finds the conversation and the item.
type change struct {
	topic        string
	message      string
	Collection   string `json:"collection"`
	ID           string `json:"id"`
	Feedback     string `json:"feedback,omitempty"`
	Conversation string `json:"conversation,omitempty"`
	Action       string `json:"action"`
}

// hub fans changes out from one goroutine, which serve starts and close ends before the database does.
type hub struct {
	app  core.App
	news chan change
}

func newHub(app core.App) *hub { return &hub{app: app, news: make(chan change, liveBacklog)} }

func (h *hub) publish(c change) {
	select {
	case h.news <- c:
	default:
	}
}

func (h *hub) run(ctx context.Context) {
	for {
		select {
		case c := <-h.news:
			h.guarded(c)
		case <-ctx.Done():
			return
		}
	}
}

// guarded lets a panic over one piece of news stop no other.
func (h *hub) guarded(c change) {
	defer func() {
		if p := recover(); p != nil {
			h.app.Logger().Error("live news panicked", "panic", p)
		}
	}()
	h.send(c)
}

// send reaches the members of this moment: who left the project a second ago gets nothing more (Z-06).
func (h *hub) send(c change) {
	listeners := h.listeners(c.topic)
	if len(listeners) == 0 {
		return
	}
	if c.Feedback == "" && (c.Conversation != "" || c.message != "") { // asked here, off the save path
		c.Conversation, c.Feedback = desk.WhereIs(h.app, c.Conversation, c.message)
	}
	data, err := json.Marshal(c)
	if err != nil {
		return
	}
	allowed := map[string]bool{}
	for _, client := range listeners {
		user, _ := client.Get(apis.RealtimeClientAuthKey).(*core.Record)
		if user == nil {
			continue
		}
		may, asked := allowed[user.Id]
		if !asked {
			may = mayHear(h.app, user, c.topic)
			allowed[user.Id] = may
		}
		if may {
			go client.Send(subscriptions.Message{Name: c.topic, Data: data})
		}
	}
}

// listeners are the clients that asked for a topic: a busy night with no inbox open costs nothing.
func (h *hub) listeners(topic string) (list []subscriptions.Client) {
	for _, client := range h.app.SubscriptionsBroker().Clients() {
		if client.HasSubscription(topic) {
			list = append(list, client)
		}
	}
	return list
}

// mayHear tells whether a user may hear a topic now.
func mayHear(app core.App, user *core.Record, topic string) bool {
	if id, ok := strings.CutPrefix(topic, userTopic); ok {
		return id == user.Id
	}
	id, ok := strings.CutPrefix(topic, projectTopic)
	return ok && desk.MayRead(app, id, user) == nil
}

// bindLive checks subscriptions and turns saved records into news.
func (a *Aside) bindLive() {
	a.app.OnRealtimeSubscribeRequest().BindFunc(func(e *core.RealtimeSubscribeRequestEvent) error {
		for _, s := range e.Subscriptions {
			topic, _, _ := strings.Cut(s, "?")
			if !strings.HasPrefix(topic, liveTopic) {
				continue
			}
			if e.Auth == nil || !mayHear(e.App, e.Auth, topic) {
				return e.NotFoundError("", nil)
			}
		}
		return e.Next()
	})
	tell := func(action string) func(*core.RecordEvent) error {
		return func(e *core.RecordEvent) error {
			a.live.publish(changeOf(e.Record, action))
			return e.Next()
		}
	}
	a.app.OnRecordAfterCreateSuccess(watched...).BindFunc(tell("create"))
	a.app.OnRecordAfterUpdateSuccess(watched...).BindFunc(tell("update"))
	a.app.OnRecordAfterDeleteSuccess(watched...).BindFunc(tell("delete"))
}

func changeOf(r *core.Record, action string) change {
	c := change{Collection: r.Collection().Name, ID: r.Id, Action: action, Feedback: r.GetString("feedback"), Conversation: r.GetString("conversation"), topic: projectTopic + r.GetString("project")}
	switch c.Collection {
	case "projects":
		c.topic = projectTopic + r.Id
	case "feedback":
		c.Feedback = r.Id
	case "side_conversations":
		c.Conversation = r.Id
	case "deliveries":
		c.message = cmp.Or(r.GetString("message"), r.GetString("customerMessage"))
	case "notifications":
		c.topic = userTopic + r.GetString("user")
	}
	return c
}
