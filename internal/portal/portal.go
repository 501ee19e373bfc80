// Package portal is the outsider's page: a token opens it, a form on it answers. It works without JavaScript and without an account.
//
// A participant's own link knows who answers; a shared link asks for a name and an email, and what comes by it is shown everywhere
// as via shared link. Reading changes nothing: no mark, no counter, no confirmation (P-02). What may be seen is decided by
// desk.Shown alone. It knows no HTTP: hooks turns its errors into pages and statuses.
package portal

import (
	"errors"
	"time"

	"aside/internal/desk"
	"aside/internal/token"

	"github.com/pocketbase/pocketbase/core"
)

// Portal opens pages and takes answers. App and Tokens must be set.
type Portal struct {
	App          core.App
	Tokens       *token.Key
	ReplyByEmail bool // answers by mail arrive as well, so the page may say so
	Now          func() time.Time
}

// ErrGone is the one answer for a link that is unknown, expired, revoked or of another kind.
var ErrGone = errors.New("no such page")

// Visit is an opened page: which conversation, and who reads it (nil by a shared link).
type Visit struct {
	Token  string
	Thread *desk.Thread
	Reader *core.Record
}

// Shared tells whether the page was opened by the shared link.
func (v *Visit) Shared() bool { return v.Reader == nil }

// Open reads a token: its MAC first, then one record by primary key.
func (p *Portal) Open(tok string) (*Visit, error) {
	if id, version, err := p.Tokens.Parse(token.Portal, tok); err == nil {
		return p.openOwn(tok, id, version)
	}
	id, version, err := p.Tokens.Parse(token.Shared, tok)
	if err != nil {
		return nil, ErrGone
	}
	t, err := desk.Conversation(p.App, id)
	if err != nil || t.Conversation.GetInt("sharedVersion") != version || desk.LinkExpired(t.Project, t.Conversation.GetDateTime("sharedSince").Time(), p.now()) {
		return nil, ErrGone
	}
	return &Visit{Token: tok, Thread: t}, nil
}

func (p *Portal) openOwn(tok, id string, version int) (*Visit, error) {
	reader, err := desk.Participant(p.App, id)
	if err != nil || reader.GetInt("linkVersion") != version || reader.GetString("state") == "removed" {
		return nil, ErrGone
	}
	t, err := desk.Conversation(p.App, reader.GetString("conversation"))
	if err != nil || desk.LinkExpired(t.Project, reader.GetDateTime("linkSince").Time(), p.now()) {
		return nil, ErrGone
	}
	return &Visit{Token: tok, Thread: t, Reader: reader}, nil
}

func (p *Portal) now() time.Time {
	if p.Now == nil {
		return time.Now()
	}
	return p.Now()
}
