package desk

import (
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Participant finds an external party by id.
func Participant(app core.App, id string) (*core.Record, error) { return find(app, "participants", id) }

// TakesReplies tells whether a reply address of this version leads to a participant who is on the conversation.
func TakesReplies(app core.App, participant string, version int) (bool, error) {
	var n int
	err := one(app, "SELECT count(*) FROM participants WHERE id = ? AND replyVersion = ? AND state != 'removed'", []any{participant, version}, &n)
	return n == 1, err
}

// Participants lists everybody who was ever on a conversation, first come first.
func Participants(app core.App, conversation string) ([]*core.Record, error) {
	return where(app, "participants", dbx.HashExp{"conversation": conversation})
}

// Active lists those who are written to.
func Active(app core.App, conversation string) ([]*core.Record, error) {
	return where(app, "participants", dbx.HashExp{"conversation": conversation, "state": []any{"active", "bounced"}})
}

// DisplayName is how an outsider is called: name, else address.
func DisplayName(participant *core.Record) string {
	if name := participant.GetString("name"); name != "" {
		return name
	}
	return participant.GetString("email")
}

// PublicName is how somebody from outside is called towards other outsiders: name, else the part of the address before the @ (P-10).
func PublicName(name, email string) string {
	if name != "" {
		return name
	}
	local, _, _ := strings.Cut(email, "@")
	return local
}

// Names joins the display names of several participants.
func Names(participants []*core.Record) string {
	names := make([]string, len(participants))
	for i, p := range participants {
		names[i] = DisplayName(p)
	}
	return strings.Join(names, ", ")
}

// Aliases are the further addresses an agent has said belong to a participant.
func Aliases(participant *core.Record) []string {
	aliases := []string{}
	_ = participant.UnmarshalJSONField("aliases", &aliases) // none written down: none
	return aliases
}

// IsThem tells whether an address is the participant's own or one of their aliases.
func IsThem(participant *core.Record, address string) bool {
	if SameAddress(participant.GetString("email"), address) {
		return true
	}
	for _, alias := range Aliases(participant) {
		if SameAddress(alias, address) {
			return true
		}
	}
	return false
}

// isCustomer tells whether an address belongs to the customer's side of an item: the submitter, or anybody in the customer thread. A
// +tag is the same mailbox here: the question costs a click, a letter to the customer under another name cannot be taken back.
func isCustomer(app core.App, item *core.Record, address string) (bool, error) {
	known, err := columnOf(app.DB().NewQuery(`SELECT DISTINCT fromEmail FROM customer_messages WHERE feedback = {:f} AND fromEmail != ''`).Bind(dbx.Params{"f": item.Id}))
	for _, k := range append(known, item.GetString("submitterEmail")) {
		if SameAddress(untagged(k), untagged(address)) {
			return true, err
		}
	}
	return false, err
}

// addParticipant puts an outsider on a conversation; the customer only when confirmed in so many words, and then it is written down.
func addParticipant(tx core.App, t *Thread, agent *core.Record, a Address, c Consent) (*core.Record, error) {
	customer, err := isCustomer(tx, t.Item, a.Email)
	if err != nil {
		return nil, err
	}
	if customer && !c.Submitter {
		return nil, Invalidf("confirmSubmitter", a.Email+" is the customer on this item. Confirm that you want to write to the customer in a side conversation.")
	}
	if err := mayWriteTo(tx, a.Email, false, c); err != nil {
		return nil, err
	}
	if p, err := sameParticipant(tx, t.Conversation.Id, a.Email); err != nil {
		return nil, err
	} else if p != nil {
		if customer && p.GetString("state") == "removed" {
			if err := confirmedCustomer(tx, t, agent, a.Email); err != nil {
				return nil, err
			}
		}
		return revive(tx, p)
	}
	p, err := newRecord(tx, "participants")
	if err != nil {
		return nil, err
	}
	p.Load(map[string]any{"project": t.Project.Id, "conversation": t.Conversation.Id, "name": OneLine(a.Name, 120), "email": a.Email,
		"state": "active", "replyVersion": 1, "linkVersion": 1, "linkSince": now(), "customerConfirmed": customer})
	if err := tx.Save(p); err != nil {
		return nil, err
	}
	if err := mayReach(tx, t.Project, a.Email); err != nil {
		return nil, err
	}
	if customer {
		return p, confirmedCustomer(tx, t, agent, a.Email)
	}
	return p, nil
}

// sameParticipant finds who is on a conversation under an address, whatever its case; nil when nobody is.
func sameParticipant(app core.App, conversation, address string) (*core.Record, error) {
	all, err := Participants(app, conversation)
	for _, p := range all {
		if SameAddress(p.GetString("email"), address) {
			return p, nil
		}
	}
	return nil, err
}

// mayWriteToCustomers asks again when somebody on the conversation has become the customer since they were added: the submitter was
// changed, or they wrote in the customer thread. Confirmed once, it is written down and not asked again.
func mayWriteToCustomers(tx core.App, t *Thread, agent *core.Record, c Consent) error {
	for _, p := range t.Participants {
		if p.GetBool("customerConfirmed") {
			continue
		}
		customer, err := isCustomer(tx, t.Item, p.GetString("email"))
		if err != nil || !customer {
			if err != nil {
				return err
			}
			continue
		}
		if !c.Submitter {
			return Invalidf("confirmSubmitter", p.GetString("email")+" is the customer on this item. Confirm that you want to write to the customer in a side conversation, or remove them first.")
		}
		p.Set("customerConfirmed", true)
		if err := tx.Save(p); err != nil {
			return err
		}
		if err := confirmedCustomer(tx, t, agent, p.GetString("email")); err != nil {
			return err
		}
	}
	return nil
}

// confirmedCustomer writes down who said in so many words that the customer may be written to.
func confirmedCustomer(tx core.App, t *Thread, agent *core.Record, address string) error {
	return agentDid(tx, agent, t.Item, t.Conversation, ParticipantAdded, "confirmed writing to the customer, "+address+", in a side conversation")
}

// revive brings a removed participant back with new addresses and links: the old ones stay dead.
func revive(tx core.App, p *core.Record) (*core.Record, error) {
	if p.GetString("state") == "removed" {
		p.Set("replyVersion", p.GetInt("replyVersion")+1)
		p.Set("linkVersion", p.GetInt("linkVersion")+1)
		p.Set("linkSince", now())
	}
	p.Set("state", "active")
	return p, tx.Save(p)
}

// AddParticipants puts more outsiders on a conversation. They are told nothing until the next message.
func AddParticipants(tx core.App, agent *core.Record, conversation string, to []Address, c Consent) ([]*core.Record, error) {
	t, err := mayContinue(tx, agent, conversation)
	if err != nil {
		return nil, err
	}
	if len(to) == 0 {
		return nil, Invalidf("to", "Add at least one address.")
	}
	there, err := Active(tx, conversation)
	if err != nil {
		return nil, err
	}
	if len(there)+len(to) > MaxRecipients {
		return nil, Invalidf("to", "That is more addresses than one conversation can have (50).")
	}
	added := make([]*core.Record, 0, len(to))
	for _, a := range to {
		p, err := addParticipant(tx, t, agent, a, c)
		if err != nil {
			return nil, err
		}
		added = append(added, p)
	}
	return added, agentDid(tx, agent, t.Item, t.Conversation, ParticipantAdded, "added "+Names(added)+" to a side conversation")
}

// participantOf finds a participant of a conversation that an agent may act on.
func participantOf(app core.App, agent *core.Record, conversation, id string) (*Thread, *core.Record, error) {
	t, err := MayAct(app, agent, conversation)
	if err != nil {
		return nil, nil, err
	}
	p, err := Participant(app, id)
	if err != nil || p.GetString("conversation") != conversation {
		return nil, nil, ErrNotFound
	}
	return t, p, nil
}

// RemoveParticipant takes an outsider off: their address and link stop at once, what they wrote stays.
func RemoveParticipant(tx core.App, agent *core.Record, conversation, id string) error {
	t, p, err := participantOf(tx, agent, conversation, id)
	if err != nil || p.GetString("state") == "removed" {
		return err
	}
	p.Set("state", "removed")
	if err := tx.Save(p); err != nil {
		return err
	}
	if err := recall(tx, dbx.HashExp{"participant": p.Id}, "removed from the conversation before it was sent"); err != nil {
		return err
	}
	return agentDid(tx, agent, t.Item, t.Conversation, ParticipantRemoved, "removed "+DisplayName(p)+" from a side conversation")
}
