package desk

import (
	"encoding/json"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// erasedWords stand where somebody who was erased had written something.
const erasedWords = "[Erased]"

// erasedBeforeSent is why a letter to them never left.
const erasedBeforeSent = "erased before it was sent"

// Where they were, as it is known after their address is gone: by the address that stands for theirs.
const (
	theirConversations = `(SELECT conversation FROM participants WHERE project = {:project} AND email GLOB {:erased}
		UNION SELECT conversation FROM side_messages WHERE project = {:project} AND direction = 'in' AND fromEmail GLOB {:erased})`
	theirItems = `(SELECT feedback FROM side_conversations WHERE id IN ` + theirConversations + `
		UNION SELECT feedback FROM customer_messages WHERE project = {:project} AND fromEmail GLOB {:erased}
		UNION SELECT id FROM feedback WHERE project = {:project} AND submitterName = {:name})`
	// What they wrote to the team went along to outsiders in these, and may be quoted in the answers, with or without their name.
	toldConversations = `(SELECT m.conversation FROM side_messages m JOIN side_conversations c ON c.id = m.conversation JOIN feedback f ON f.id = c.feedback
		WHERE f.project = {:project} AND f.submitterName = {:name} AND m.context IS NOT NULL AND m.context NOT IN ('', 'null'))`
)

// stop ends all that could bring more of them: they are on no conversation, their addresses and links are dead, nobody invites them.
func (r *erasure) stop() (wait string, err error) {
	err = r.each("side_conversations", `t.id IN (SELECT conversation FROM side_messages WHERE project = {:project} AND trust = 'shared_link' AND lower(fromEmail) IN `+ofAddresses+`)`,
		func(tx core.App, c *core.Record) error { return renewShared(tx, c) })
	if err == nil {
		err = r.each("feedback", theirs["feedback"], func(tx core.App, item *core.Record) error {
			item.Set("replyRenewed", item.GetInt("replyRenewed")+1)
			return put(tx, item)
		})
	}
	if err == nil {
		err = r.each("invitations", theirs["invitations"], func(tx core.App, inv *core.Record) error { return tx.Delete(inv) })
	}
	if err == nil {
		err = r.each("participants", theirs["participants"], r.leave)
	}
	return "", err
}

// leave makes a participant one who was erased.
func (r *erasure) leave(tx core.App, p *core.Record) error {
	var n int
	err := tx.DB().NewQuery(`SELECT count(*) FROM participants WHERE conversation = {:c} AND email GLOB {:erased}`).Bind(dbx.Params{"c": p.GetString("conversation"), "erased": r.params()["erased"]}).Row(&n)
	if err != nil {
		return err
	}
	if err := recall(tx, dbx.HashExp{"participant": p.Id}, erasedBeforeSent); err != nil {
		return err
	}
	p.Load(map[string]any{"name": r.by.name(), "email": r.by.address(n), "aliases": []string{}, "state": "removed"}) // whom nobody can add again
	return put(tx, p)
}

// queue takes back what has not left, and takes them and the letters themselves out of what has. What is under way is waited for: its
// worker writes down what the server says about it.
func (r *erasure) queue() (wait string, err error) {
	underWay := 0
	scrub := func(tx core.App, d *core.Record) error {
		if d.GetString("state") == Sending {
			underWay++
			return nil
		}
		if s := d.GetString("state"); s == Queued || s == Delayed {
			takeBack(d, erasedBeforeSent)
		}
		d.Load(map[string]any{"recipient": r.by.address(0), "lane": lane(d.GetString("project"), r.by.address(0)), "response": r.m.Erase(d.GetString("response")), "timeline": r.m.EraseJSON(d.GetString("timeline"))})
		if err := put(tx, d); err != nil {
			return err
		}
		return dropDeliveryLetters(tx, d.Id)
	}
	err = r.each("deliveries", `(`+theirs["deliveries"]+`) OR t.participant IN (SELECT id FROM participants WHERE project = {:project} AND email GLOB {:erased})`, scrub)
	if err == nil { // the instance's own letters to somebody without an account: invitations
		err = r.eachOf("", "deliveries", theirs["deliveries"]+` AND t.user = '' AND NOT EXISTS (SELECT 1 FROM users u WHERE lower(u.email) = lower(t.recipient))`, scrub)
	}
	if underWay > 0 {
		wait = plural(underWay, "letter") + " to them is under way just now."
	}
	return wait, err
}

// dropDeliveryLetters deletes the bytes of a delivery, and of the reports that came about it.
func dropDeliveryLetters(tx core.App, id string) error {
	_, err := tx.NonconcurrentDB().NewQuery(`DELETE FROM letters WHERE id = {:id} OR (id > {:id} || '.' AND id < {:id} || '/')`).Bind(dbx.Params{"id": id}).Execute()
	return err
}

// messages takes away what they wrote, in either thread, with its files and its letter.
func (r *erasure) messages() (wait string, err error) {
	err = r.each("side_messages", theirs["side_messages"], func(tx core.App, m *core.Record) error {
		if err := r.wipe(tx, m, "conversation"); err != nil {
			return err
		}
		return refreshSnippet(tx, m.GetString("conversation"))
	})
	if err != nil {
		return "", err
	}
	return "", r.each("customer_messages", theirs["customer_messages"], func(tx core.App, m *core.Record) error { return r.wipe(tx, m) })
}

// wipe empties a message of theirs. That there was one, and when, stays. within names the field of another place that counts its room.
func (r *erasure) wipe(tx core.App, m *core.Record, within ...string) error {
	if err := dropLetter(tx, m, within...); err != nil {
		return err
	}
	if err := dropFiles(tx, m, within...); err != nil {
		return err
	}
	m.Load(map[string]any{"fromName": r.by.name(), "fromEmail": r.by.address(0), "body": erasedWords, "html": "", "quoted": "", "messageId": "", "verdict": nil,
		"trustReason": r.m.Erase(m.GetString("trustReason"))})
	if m.Collection().Fields.GetByName("warnings") != nil {
		m.Set("warnings", nil)
	}
	return put(tx, m)
}

// dropLetter deletes the bytes of a record's letter, and gives back the room they took.
func dropLetter(tx core.App, m *core.Record, within ...string) error {
	var size int64
	if err := tx.DB().NewQuery(`SELECT coalesce((SELECT length(raw) FROM letters WHERE id = {:id}), 0)`).Bind(dbx.Params{"id": m.Id}).Row(&size); err != nil || size == 0 {
		return err
	}
	if _, err := tx.NonconcurrentDB().Delete("letters", dbx.HashExp{"id": m.Id}).Execute(); err != nil {
		return err
	}
	return giveBack(tx, m, size, within...)
}

// dropFiles deletes what is attached to a record, before the commit that forgets the names: after a crash between the two the files are
// gone and it is done again, and never the other way round.
func dropFiles(tx core.App, m *core.Record, within ...string) error {
	files := Files(m)
	if len(m.GetStringSlice("attachments")) == 0 && len(files) == 0 {
		return nil
	}
	fsys, err := tx.NewFilesystem()
	if err != nil {
		return err
	}
	defer fsys.Close()
	if failed := fsys.DeletePrefix(m.BaseFilesPath() + "/"); len(failed) > 0 {
		return failed[0]
	}
	m.Load(map[string]any{"attachments": []string{}, "files": []File{}})
	if m.GetString("channel") != "portal" {
		return nil // their letter counted
	}
	var size int64
	for _, f := range files {
		size += f.Size
	}
	return giveBack(tx, m, size, within...)
}

func giveBack(tx core.App, m *core.Record, size int64, within ...string) error {
	places := []string{m.GetString("project")}
	for _, field := range within {
		places = append(places, m.GetString(field))
	}
	_, err := tx.NonconcurrentDB().NewQuery(`UPDATE room SET taken = max(0, taken - {:n}) WHERE id IN (SELECT value FROM json_each({:ids}))`).Bind(dbx.Params{"n": size, "ids": list(places)}).Execute()
	return err
}

// refreshSnippet makes a conversation's collapsed line anew of the message it shows.
func refreshSnippet(tx core.App, conversation string) error {
	c, err := find(tx, "side_conversations", conversation)
	if err != nil {
		return err
	}
	m := &core.Record{}
	err = tx.RecordQuery("side_messages").AndWhere(dbx.HashExp{"conversation": conversation, "kind": []any{"reply", ""}}).OrderBy("created DESC", "rowid DESC").Limit(1).One(m)
	if err != nil {
		return orNotFoundNil(err)
	}
	by := m.GetString("fromName")
	if by == "" {
		by = m.GetString("fromEmail")
	}
	if m.GetString("trust") == string(SharedLink) {
		by += " (" + sharedLinkWords + ")"
	}
	c.Load(map[string]any{"snippet": snippet(m.GetString("body")), "snippetBy": by})
	return put(tx, c)
}

// orNotFoundNil lets what is not there be.
func orNotFoundNil(err error) error {
	if IsKind(orNotFound(err), NotFound) {
		return nil
	}
	return err
}

// items takes their words out of the items they sent, and out of the context that went along to outsiders.
func (r *erasure) items() (wait string, err error) {
	return "", r.each("feedback", theirs["feedback"], func(tx core.App, item *core.Record) error {
		if err := dropLetter(tx, item); err != nil {
			return err
		}
		if err := dropFiles(tx, item); err != nil {
			return err
		}
		out := []*core.Record{}
		err := tx.RecordQuery("side_messages").AndWhere(dbx.NewExp(`context IS NOT NULL AND context NOT IN ('', 'null') AND conversation IN (SELECT id FROM side_conversations WHERE feedback = {:f})`, dbx.Params{"f": item.Id})).All(&out)
		if err != nil {
			return err
		}
		for _, m := range out {
			if c := ContextFrom(m); c != nil {
				out := &Context{Number: c.Number, Status: c.Status, Excerpt: erasedWords}
				if c.SubmitterName+c.SubmitterEmail != "" { // else nobody was named, and nobody is now
					out.SubmitterName = r.by.name()
				}
				m.Set("context", out)
				if err := put(tx, m); err != nil {
					return err
				}
			}
		}
		item.Load(map[string]any{"message": erasedWords, "submitterName": r.by.name(), "submitterEmail": "", "context": nil, "messageId": ""})
		return put(tx, item)
	})
}

// held throws away what they sent and nobody decided on.
func (r *erasure) held() (wait string, err error) {
	return "", r.each("held_mail", theirs["held_mail"], func(tx core.App, h *core.Record) error { return tx.Delete(h) })
}

// agent signs what an agent did with the one who stands for them. Their words for the team stay.
func (r *erasure) agent() (wait string, err error) {
	if r.facts.StandIn == "" {
		return "", nil
	}
	for table, field := range map[string]string{"side_messages": "author", "customer_messages": "author", "notes": "author", "activity": "actor", "side_conversations": "startedBy",
		"api_keys": "createdBy", "invitations": "invitedBy", "privacy_log": "by"} {
		err := r.each(table, "t."+field+" = {:account}", func(tx core.App, row *core.Record) error {
			row.Set(field, r.facts.StandIn)
			switch table {
			case "side_messages", "customer_messages":
				row.Set("fromName", r.by.name())
			case "activity":
				r.rename(row, "actorName", "text", row.GetString("actorName"))
			case "privacy_log":
				r.rename(row, "byName", "text", row.GetString("byName"))
			}
			if err := put(tx, row); err != nil || table != "side_messages" {
				return err
			}
			return refreshSnippet(tx, row.GetString("conversation"))
		})
		if err != nil {
			return "", err
		}
	}
	return "", nil
}

// forget makes the erasure's own row as ignorant as all others.
func (r *erasure) forget() (wait string, err error) {
	return "", r.app.RunInTransaction(func(tx core.App) error {
		job, err := find(tx, "privacy_log", r.job.Id)
		if err != nil {
			return err
		}
		job.Load(map[string]any{"address": "", "facts": json.RawMessage("null")})
		return put(tx, job)
	})
}

// scour is tried again until nobody is in the way.
func (r *erasure) scour() (wait string, err error) {
	if err := Scour(r.app); err != nil {
		return "All is erased; the database clears its old pages as soon as nobody reads them.", nil
	}
	return "", nil
}
