package desk

import (
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// readAtOnce is how many letters are read between two looks at the list of them; each may have 25 MB.
const readAtOnce = 20

// letters deletes the bytes of letters that have them in it. What is on its way to others must arrive first, and what others wrote and
// nobody has decided on must be decided: nothing of theirs is lost for it.
func (r *erasure) letters() (wait string, err error) {
	under, held := map[string]bool{}, map[string]bool{}
	mayGo := func(tx core.App, d *core.Record) error {
		if isOver(d) {
			return dropDeliveryLetters(tx, d.Id)
		}
		under[d.Id] = true // it may quote what they wrote
		return nil
	}
	err = r.each("deliveries", `t.message IN (SELECT id FROM side_messages WHERE conversation IN `+theirConversations+` OR conversation IN `+toldConversations+` OR author = {:standIn} AND author != '')
		OR t.customerMessage IN (SELECT id FROM customer_messages WHERE feedback IN `+theirItems+` OR author = {:standIn} AND author != '')`, mayGo)
	if err == nil { // notices to the team name the item by its first words; their letters go by the id of the notice
		err = r.eachOf("", "deliveries", `t.id IN (SELECT id FROM notifications WHERE feedback IN `+theirItems+`)`, mayGo)
	}
	if err != nil {
		return "", err
	}
	for table, left := range map[string]map[string]bool{"side_messages": nil, "customer_messages": nil, "feedback": nil, "held_mail": held, "deliveries": under} {
		if err := r.readAll(table, left); err != nil {
			return "", err
		}
	}
	var words []string
	if len(held) > 0 {
		words = append(words, plural(len(held), "held letter")+" of others names them: release or delete it in Held mail.")
	}
	if len(under) > 0 {
		words = append(words, plural(len(under), "letter")+" to others that names or quotes them has not left yet.")
	}
	return strings.Join(words, " "), nil
}

// isOver tells a delivery that nobody will need the bytes of again.
func isOver(d *core.Record) bool {
	s := d.GetString("state")
	return s == Sent || s == Bounced || s == Failed
}

// readAll reads every letter of a table's records and deletes those that name the person; in left are those that cannot go yet. The
// instance's own letters that are still on their way count among deliveries.
func (r *erasure) readAll(table string, left map[string]bool) error {
	where := `t.project = {:project}`
	switch table {
	case "deliveries":
		where = `(t.project = {:project} OR t.project = '')`
	case "held_mail": // later ones too, and somebody could keep an erasure waiting by writing again and again
		where += ` AND t.created <= {:ordered}`
	}
	for after := ""; ; {
		ids, err := columnOf(r.app.DB().NewQuery(`SELECT t.id FROM ` + table + ` t JOIN letters l ON l.id = t.id WHERE t.id > {:after} AND ` + where + ` ORDER BY t.id LIMIT {:n}`).
			Bind(dbx.Params{"project": r.project, "after": after, "n": readAtOnce, "ordered": r.job.GetString("created")}))
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			gone, err := r.readOne(table, id)
			if err != nil {
				return err
			}
			if !gone {
				left[id] = true
			}
		}
		after = ids[len(ids)-1]
	}
}

// readOne deletes one letter when it names the person; gone is false when it does and must stay for now.
func (r *erasure) readOne(table, id string) (gone bool, err error) {
	raw, err := Letter(r.app, id)
	if err != nil || !r.Says(raw, r.m.InMarkup) {
		return true, nil // deleted meanwhile, or it names somebody else
	}
	err = r.app.RunInTransaction(func(tx core.App) error {
		row, err := find(tx, table, id)
		if err != nil {
			return err
		}
		switch table {
		case "held_mail":
			return nil
		case "deliveries":
			if !isOver(row) {
				return nil
			}
			gone = true
			return dropDeliveryLetters(tx, id)
		case "side_messages":
			gone = true
			return dropLetter(tx, row, "conversation")
		}
		gone = true
		return dropLetter(tx, row)
	})
	if IsKind(err, NotFound) {
		return true, nil
	}
	return gone, err
}

// lists leaves of an address that is not to be written to only a fingerprint: it protects them from letters, and nobody can read it.
func (r *erasure) lists() (wait string, err error) {
	return "", r.app.RunInTransaction(func(tx core.App) error {
		for _, address := range r.facts.Addresses {
			s, err := suppression(tx, address)
			if err != nil {
				continue // not on the list
			}
			s.Load(map[string]any{"address": fingerprint(address), "words": ""})
			if err := tx.Save(s); err != nil {
				return err
			}
		}
		return nil
	})
}

// logs takes them out of the request log, where addresses of searches stand, and out of what lies in files of its own.
func (r *erasure) logs() (wait string, err error) {
	delay := r.LogDelay
	if delay == 0 {
		delay = logDelay
	}
	select {
	case <-time.After(delay): // lines that are still in memory
	case <-r.ctx.Done():
		return "", r.ctx.Err()
	}
	m := r.inShared()
	if err := r.eraseLog(m); err != nil || r.Elsewhere == nil {
		return "", err
	}
	return "", r.Elsewhere(m)
}

// inShared is what is looked for in what all projects share. There a project's own erasure takes no name of one word: somebody called
// "error" would take the operator's log with them.
func (r *erasure) inShared() *Mention {
	if r.project == "" {
		return r.m
	}
	var full []string
	for _, name := range r.facts.Names {
		if strings.Contains(oneSpaced(name), " ") {
			full = append(full, name)
		}
	}
	return NewMention(r.facts.Addresses, full, r.by.name())
}

func (r *erasure) eraseLog(m *Mention) error {
	for after := ""; ; {
		var lines []struct {
			ID      string `db:"id"`
			Message string `db:"message"`
			Data    string `db:"data"`
		}
		err := r.app.AuxDB().NewQuery(`SELECT id, message, data FROM _logs WHERE id > {:after} ORDER BY id LIMIT {:n}`).Bind(dbx.Params{"after": after, "n": 5 * erasePage}).All(&lines)
		if err != nil || len(lines) == 0 {
			return err
		}
		for _, l := range lines {
			message, data := m.Erase(l.Message), m.EraseJSON(l.Data)
			if message == l.Message && data == l.Data {
				continue
			}
			if _, err := r.app.AuxNonconcurrentDB().Update("_logs", dbx.Params{"message": message, "data": data}, dbx.HashExp{"id": l.ID}).Execute(); err != nil {
				return err
			}
		}
		after = lines[len(lines)-1].ID
	}
}
