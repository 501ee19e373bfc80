// Package outbox is the way out: what an agent writes becomes, in one transaction, a message and one delivery per recipient with its
// bytes frozen; a worker then hands each delivery to the courier until it is taken or given up.
//
// It composes letters, signs them and keeps the queue moving. Who may write to whom is desk's to say, how a letter crosses the
// network is courier's. It never looks at incoming mail.
//
// One goroutine, owned by Run, claims what is due; each claimed delivery has a goroutine of its own until its result is written
// down. The queue itself is rows: a process that dies leaves leases that run out.
package outbox

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"aside/internal/crash"
	"aside/internal/desk"
	"aside/internal/email"
	"aside/internal/mailauth"
	"aside/internal/token"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"golang.org/x/sync/errgroup"
)

// Outbox makes and queues letters. App, Tokens and BaseURL must be set; the rest may be zero.
type Outbox struct {
	App          core.App
	Tokens       *token.Key
	Signer       *mailauth.Signer // nil: letters leave unsigned
	Domain       string           // the mail domain; empty: side conversations cannot be written, and say so
	BaseURL      func() string    // where portal and inbox are reached
	ReplyByEmail bool             // the SMTP door is up, so answers by mail arrive

	once sync.Once
	wake chan struct{}
}

// Wake makes the worker look at the queue now. It never blocks.
func (o *Outbox) Wake() {
	select {
	case o.woken() <- struct{}{}:
	default: // a look is due already
	}
}

func (o *Outbox) woken() chan struct{} {
	o.once.Do(func() { o.wake = make(chan struct{}, 1) })
	return o.wake
}

// noDomain is what an agent reads while the operator has not finished setting up.
var noDomain = &desk.Refusal{Kind: desk.Conflict, Words: "No mail can be sent yet: the operator has not set a mail domain (start Aside with --mailDomain)."}

// Start stores a side conversation and queues its first letters (SC-04).
func (o *Outbox) Start(ctx context.Context, agent *core.Record, s desk.Start) (conversation *core.Record, err error) {
	if o.Domain == "" {
		return nil, noDomain
	}
	err = o.App.RunInTransaction(func(tx core.App) error {
		t, err := desk.StartConversation(tx, agent, s)
		if err != nil {
			return err
		}
		conversation = t.Conversation
		return o.post(tx, agent, t, s.Files)
	})
	desk.OverLimit(o.App, s.Feedback, err)
	if err == nil {
		crash.Point("s1")
		o.Wake()
	}
	return conversation, err
}

// Follow stores an agent's follow-up and queues its letters (SC-11). app may be a running transaction, as in a batch.
func (o *Outbox) Follow(app core.App, agent *core.Record, r desk.Reply) (message *core.Record, err error) {
	if o.Domain == "" {
		return nil, noDomain
	}
	err = app.RunInTransaction(func(tx core.App) error {
		t, err := desk.Follow(tx, agent, r)
		if err != nil {
			return err
		}
		message = t.Message
		return o.post(tx, agent, t, r.Files)
	})
	o.wakeAfter(app, err)
	return message, err
}

// wakeAfter wakes the worker once what was queued can be seen by it.
func (o *Outbox) wakeAfter(app core.App, err error) {
	if err != nil {
		return
	}
	if info := app.TxInfo(); info != nil {
		info.OnComplete(func(error) error { o.Wake(); return nil })
		return
	}
	o.Wake()
}

// post composes and queues one letter for each participant of a thread whose Message was just stored.
func (o *Outbox) post(tx core.App, agent *core.Record, t *desk.Thread, files []*filesystem.File) error {
	if t.Repeated {
		return nil // the same request again: its letters are queued
	}
	attachments, err := read(files)
	if err != nil {
		return err
	}
	l, err := o.open(tx, agent, t)
	if err != nil {
		return err
	}
	l.messageID = o.newMessageID()
	if err := desk.SetMessageID(tx, t.Message, l.messageID); err != nil {
		return err
	}
	due := desk.LeavesAt(agent)
	for some := range slices.Chunk(t.Participants, runtime.GOMAXPROCS(0)) { // each copy may be large: few are in memory at once
		raws := make([][]byte, len(some))
		for i, p := range some {
			if err := desk.LinkHandedOut(tx, p); err != nil {
				return err
			}
			if raws[i], err = l.compose(p, attachments); err != nil {
				return err
			}
		}
		if err := o.sign(raws); err != nil {
			return err
		}
		for i, p := range some {
			d := desk.NewDelivery{Project: t.Project.Id, Message: t.Message.Id, Participant: p.Id, Recipient: p.GetString("email"), Due: due}
			if err := store(tx, raws[i], d); err != nil {
				return err
			}
		}
	}
	return nil
}

// queue signs a letter and stores it as a delivery.
// It is signed here, once, and not at each attempt: a retry then sends the same bytes (W-09).
func (o *Outbox) queue(tx core.App, raw []byte, d desk.NewDelivery) error {
	raws := [][]byte{raw}
	if err := o.sign(raws); err != nil {
		return err
	}
	return store(tx, raws[0], d)
}

// sign puts our signatures before letters, on as many cores as there are: a signature costs more than all else about a letter, and
// the database's one writer waits meanwhile.
func (o *Outbox) sign(raws [][]byte) error {
	if o.Signer == nil {
		return nil
	}
	var all errgroup.Group
	for i := range raws {
		all.Go(func() (err error) {
			raws[i], err = o.Signer.Sign(raws[i])
			return err
		})
	}
	return all.Wait()
}

func store(tx core.App, raw []byte, d desk.NewDelivery) error {
	d.ID, d.Raw = cmp.Or(d.ID, desk.NewID()), raw
	_, err := desk.QueueDelivery(tx, d)
	return err
}

// envelope is the envelope sender of a delivery: a bounce address made from its id when it is needed, since no token is ever a field.
// Without a mail domain it is what was stored with it.
func (o *Outbox) envelope(delivery, stored string) string {
	if o.Domain == "" {
		return stored
	}
	return "bounce+" + o.Tokens.Make(token.Bounce, delivery, 1) + "@" + o.Domain
}

// newMessageID is random: it names no record and no person (T-09).
func (o *Outbox) newMessageID() string {
	return strings.ToLower(rand.Text()) + "@" + o.Domain
}

// Instance names this installation in X-Aside-Loop, so that two of them notice when they write to each other (L-04).
func Instance(k *token.Key) string { return hex.EncodeToString(k.Sign("instance", nil)[:8]) }

// LoopHeader carries Instance on everything that leaves.
const LoopHeader = "X-Aside-Loop"

// extra is what stands on every letter of ours. X-Auto-Response-Suppress keeps vacation notes of Exchange away (MS-OXCMAIL 2.2.3.2.14).
func (o *Outbox) extra() [][2]string {
	return [][2]string{{LoopHeader, Instance(o.Tokens)}, {"X-Auto-Response-Suppress", "All"}}
}

// read takes uploads into memory: a letter is at most desk.MaxLetterSize, and its bytes are frozen now.
func read(files []*filesystem.File) ([]email.Attachment, error) {
	attachments := make([]email.Attachment, 0, len(files))
	for _, f := range files {
		r, err := f.Reader.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return nil, err
		}
		attachments = append(attachments, email.Attachment{Name: f.OriginalName, Type: mediaType(f.OriginalName, data), Size: len(data), Data: data})
	}
	return attachments, nil
}

// PortalURL is a participant's own page.
func (o *Outbox) PortalURL(participant *core.Record) string {
	return o.BaseURL() + "/c/" + o.Tokens.Make(token.Portal, participant.Id, participant.GetInt("linkVersion"))
}

// SharedURL is the conversation URL that an agent copies: a shared link (SC-07).
func (o *Outbox) SharedURL(conversation *core.Record) string {
	return o.BaseURL() + "/c/" + o.Tokens.Make(token.Shared, conversation.Id, conversation.GetInt("sharedVersion"))
}

func replyAddress(k *token.Key, domain string, participant *core.Record) string {
	return "reply+" + k.Make(token.Reply, participant.Id, participant.GetInt("replyVersion")) + "@" + domain
}

// clock is the time letters bear.
func clock() time.Time { return time.Now() }
