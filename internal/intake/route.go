package intake

import (
	"strings"

	"aside/internal/desk"
	"aside/internal/smtpd"
	"aside/internal/token"

	"github.com/pocketbase/pocketbase/core"
)

type destination int

const (
	toReply    destination = iota // reply+TOKEN@: a participant's answer
	toItem                        // item+TOKEN@: the submitter's answer in the customer thread
	toBounce                      // bounce+TOKEN@: a report about a delivery
	toProject                     // SLUG@: new feedback
	toOperator                    // postmaster@, abuse@ (RFC 2142)
)

// route is where one of our addresses leads.
type route struct {
	kind        destination
	address     string // for words: never with a token in it
	participant *core.Record
	thread      *desk.Thread
	item        *core.Record
	delivery    *core.Record
	project     *core.Record
}

// route reads an address: the token's MAC first, then one look-up by primary key, so that every wrong one costs alike (T-04).
func (in *Intake) route(app core.App, addr string) (*route, error) {
	local, domain, err := smtpd.SplitAddress(addr)
	if err != nil || !strings.EqualFold(domain, in.Domain) {
		return nil, ErrUnknown
	}
	kind, tok, tagged := strings.Cut(local, "+")
	kind = strings.ToLower(kind)
	if !tagged {
		return in.named(app, kind)
	}
	switch kind {
	case "reply":
		return in.reply(app, tok)
	case "item":
		return in.item(app, tok)
	case "bounce":
		return in.bounce(app, tok)
	}
	return nil, ErrUnknown
}

func (in *Intake) named(app core.App, local string) (*route, error) {
	if local == "postmaster" || local == "abuse" {
		return &route{kind: toOperator, address: local + "@" + in.Domain}, nil
	}
	project, err := desk.ProjectBySlug(app, local)
	if err != nil {
		return nil, unknown(err)
	}
	return &route{kind: toProject, address: local + "@" + in.Domain, project: project}, nil
}

func (in *Intake) reply(app core.App, tok string) (*route, error) {
	id, version, err := in.Tokens.Parse(token.Reply, tok)
	if err != nil {
		return nil, ErrUnknown
	}
	p, err := desk.Participant(app, id)
	if err != nil {
		return nil, unknown(err)
	}
	if p.GetInt("replyVersion") != version || p.GetString("state") == "removed" {
		return nil, ErrUnknown
	}
	t, err := desk.Conversation(app, p.GetString("conversation"))
	if err != nil {
		return nil, unknown(err)
	}
	return &route{kind: toReply, address: "the reply address of " + desk.DisplayName(p), participant: p, thread: t, project: t.Project}, nil
}

// replyToken is what a reply address says.
type replyToken struct {
	id      string
	version int
}

// replyToken reads a reply address of ours, from its MAC alone; ok is false for every other address.
func (in *Intake) replyToken(addr string) (t replyToken, ok bool) {
	local, domain, err := smtpd.SplitAddress(addr)
	kind, tok, _ := strings.Cut(local, "+")
	if err != nil || !strings.EqualFold(domain, in.Domain) || !strings.EqualFold(kind, "reply") {
		return t, false
	}
	t.id, t.version, err = in.Tokens.Parse(token.Reply, tok)
	return t, err == nil
}

// isReplyAddressOf tells whether an address is the present reply address of a participant.
func (in *Intake) isReplyAddressOf(participant *core.Record, addr string) bool {
	t, ok := in.replyToken(addr)
	return ok && t.id == participant.Id && t.version == participant.GetInt("replyVersion")
}

func (in *Intake) item(app core.App, tok string) (*route, error) {
	id, version, err := in.Tokens.Parse(token.Item, tok)
	if err != nil {
		return nil, ErrUnknown
	}
	item, err := desk.Feedback(app, id)
	if err != nil {
		return nil, unknown(err)
	}
	if desk.ItemVersion(item) != version {
		return nil, ErrUnknown
	}
	project, err := desk.Project(app, item.GetString("project"))
	if err != nil {
		return nil, unknown(err)
	}
	return &route{kind: toItem, address: "the customer’s reply address", item: item, project: project}, nil
}

func (in *Intake) bounce(app core.App, tok string) (*route, error) {
	id, _, err := in.Tokens.Parse(token.Bounce, tok)
	if err != nil {
		return nil, ErrUnknown
	}
	d, err := desk.Delivery(app, id)
	if err != nil {
		return nil, unknown(err)
	}
	if desk.IsErased(d.GetString("recipient")) {
		return nil, ErrUnknown // whoever it went to was erased: a late report would bring back their address
	}
	r := &route{kind: toBounce, address: "the address for delivery reports", delivery: d}
	if project, err := desk.Project(app, d.GetString("project")); err == nil {
		r.project = project
	}
	return r, nil
}

// key tells two recipients of one letter apart.
func (r *route) key() string {
	switch {
	case r.participant != nil:
		return r.participant.Id
	case r.item != nil:
		return r.item.Id
	case r.delivery != nil:
		return r.delivery.Id
	}
	return r.address
}

// unknown is ErrUnknown for what is not there; a database that fails stays a fault of ours, which asks the sender to come again.
func unknown(err error) error {
	if desk.IsKind(err, desk.NotFound) {
		return ErrUnknown
	}
	return err
}
