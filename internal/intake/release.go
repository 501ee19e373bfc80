package intake

import (
	"encoding/json"
	"slices"
	"strings"

	"aside/internal/desk"
	"aside/internal/email"

	"github.com/pocketbase/pocketbase/core"
)

// Release puts a held letter into a conversation (its suggestion when none is named), read again from its bytes.
func (in *Intake) Release(app core.App, agent *core.Record, id, conversation string) (message *core.Record, err error) {
	err = app.RunInTransaction(func(tx core.App) error {
		held, err := desk.HeldMail(tx, agent, id)
		if err != nil {
			return err
		}
		if conversation == "" {
			conversation = held.GetString("suggestion")
		}
		if conversation == "" {
			return desk.Invalidf("conversation", "Say which side conversation it belongs to.")
		}
		raw, err := desk.Letter(tx, held.Id)
		if err != nil {
			return err
		}
		incoming, err := reread(raw)
		if err != nil {
			return err
		}
		incoming.Dedupe, _, _ = strings.Cut(held.GetString("dedupe"), " ")
		incoming.Verdict = later(held, "Released into a side conversation by "+desk.NameOf(agent))
		incoming.Reason = "It was held and released by " + desk.NameOf(agent) + ". " + held.GetString("words")
		message, err = desk.ReleaseHeld(tx, agent, held, conversation, incoming)
		return err
	})
	return message, err
}

// later adds a person's decision to a stored trace; what was found when the letter came stays as it is.
func later(held *core.Record, did string) any {
	var t Trace
	if err := json.Unmarshal([]byte(held.GetString("verdict")), &t); err != nil {
		return held.GetRaw("verdict")
	}
	t.Later = append(t.Later, did)
	return t
}

// reread makes an unverified message of a stored letter. What was found when it came stands in its verdict; it is not judged anew.
func reread(raw []byte) (desk.Incoming, error) {
	m, err := email.Parse(raw)
	if err != nil {
		return desk.Incoming{}, err
	}
	r := Read(m)
	uploads, files, err := attachments(m)
	if err != nil {
		return desk.Incoming{}, err
	}
	kind := m.Kind
	if kind != email.KindAutoReply {
		kind = email.KindReply // an agent looked at it: it is to be read
	}
	return masked(desk.Incoming{ID: desk.NewID(), Channel: "email", FromName: m.From.Name, FromEmail: m.From.Address, Body: r.Fresh, HTML: r.HTML, Quoted: r.Quoted,
		Kind: string(kind), Trust: string(desk.Unverified), Warnings: slices.Concat(r.Warnings, ofInside(files)), MessageID: m.MessageID, Uploads: uploads, Files: files}), nil
}
