package desk

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// How a column is read.
const (
	asText = iota
	asHTML
	asJSON
)

// texts are the columns in which others may name somebody.
var texts = map[string]map[string]int{
	"feedback":           {"message": asText, "submitterName": asText, "context": asJSON, "files": asJSON},
	"customer_messages":  {"body": asText, "html": asHTML, "quoted": asText, "fromName": asText, "trustReason": asText, "files": asJSON, "verdict": asJSON},
	"side_messages":      {"body": asText, "html": asHTML, "quoted": asText, "fromName": asText, "trustReason": asText, "warnings": asJSON, "context": asJSON, "files": asJSON, "verdict": asJSON},
	"notes":              {"body": asText, "files": asJSON},
	"side_conversations": {"subject": asText, "snippet": asText, "snippetBy": asText},
	"participants":       {"name": asText},
	"deliveries":         {"response": asText, "timeline": asJSON},
	"held_mail":          {"from": asText, "to": asText, "subject": asText, "excerpt": asText, "words": asText, "verdict": asJSON},
	"activity":           {"actorName": asText, "text": asText},
	"notifications":      {"text": asText},
	"privacy_log":        {"person": asText, "text": asText},
}

// said takes their name out of what the log and the notices say they did. There any name counts, however short: the line is about them.
func (r *erasure) said() (wait string, err error) {
	names := slices.Concat(r.facts.Known, r.facts.Addresses)
	err = r.each("activity", `t.feedback IN `+theirItems, func(tx core.App, line *core.Record) error {
		if who := line.GetString("actorName"); slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, who) }) {
			r.rename(line, "actorName", "text", who)
			return put(tx, line)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return "", r.each("notifications", `t.feedback IN `+theirItems, func(tx core.App, n *core.Record) error {
		for _, name := range names {
			if rest, begins := strings.CutPrefix(n.GetString("text"), name+" "); begins {
				n.Set("text", r.by.name()+" "+rest)
				return put(tx, n)
			}
		}
		return nil
	})
}

// rename puts the pseudonym where a line says who, and at its beginning.
func (r *erasure) rename(line *core.Record, whoField, textField, who string) {
	line.Set(whoField, r.by.name())
	if rest, begins := strings.CutPrefix(line.GetString(textField), who+" "); begins && who != "" {
		line.Set(textField, r.by.name()+" "+rest)
	}
}

// mentions puts the pseudonym wherever others name them, and takes away what others quoted in threads where they wrote: nobody can tell
// which of it is theirs, and what is quoted stands above it in the thread.
func (r *erasure) mentions() (wait string, err error) {
	for table, columns := range texts {
		if r.project == "" && table != "deliveries" && table != "held_mail" {
			continue
		}
		if err := r.mentionsIn(table, columns); err != nil {
			return "", err
		}
	}
	return "", nil
}

// mentionsIn looks at every row of a table outside of a transaction, since looking takes longer than writing, and nobody else can write
// meanwhile. Only those of a page that name them are changed, in one transaction.
func (r *erasure) mentionsIn(table string, columns map[string]int) error {
	wrote, err := r.wroteIn(table)
	if err != nil {
		return err
	}
	for after := ""; ; {
		var named []string
		ids, err := columnOf(r.app.DB().NewQuery(`SELECT id FROM ` + table + ` WHERE id > {:after} AND project = {:project} AND id != {:job} ORDER BY id LIMIT {:n}`).
			Bind(dbx.Params{"project": r.project, "after": after, "job": r.job.Id, "n": erasePage}))
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			row, err := find(r.app, table, id)
			if IsKind(err, NotFound) {
				continue // deleted meanwhile
			}
			if err != nil {
				return err
			}
			quoting, err := quotesThem(r.app, row, wrote)
			if err != nil {
				return err
			}
			if quoting || r.renameIn(row, columns) {
				named = append(named, id)
			}
		}
		if err := r.mentionIn(table, columns, named, wrote); err != nil {
			return err
		}
		after = ids[len(ids)-1]
	}
}

// mentionIn changes rows that name them or quote them, as they are now.
func (r *erasure) mentionIn(table string, columns map[string]int, ids []string, wrote map[string]bool) error {
	if len(ids) == 0 {
		return nil
	}
	return r.app.RunInTransaction(func(tx core.App) error {
		conversations := map[string]bool{}
		for _, id := range ids {
			row, err := find(tx, table, id)
			if IsKind(err, NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			quoting, err := quotesThem(tx, row, wrote)
			if err == nil && quoting {
				err = unquote(tx, row)
			}
			if err != nil {
				return err
			}
			r.renameIn(row, columns)
			if err := put(tx, row); err != nil {
				return err
			}
			if table == "side_messages" {
				conversations[row.GetString("conversation")] = true
			}
		}
		for id := range conversations {
			if err := refreshSnippet(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *erasure) renameIn(row *core.Record, columns map[string]int) (changed bool) {
	for column, kind := range columns {
		before := row.GetString(column)
		after := before
		switch kind {
		case asText:
			after = r.m.Erase(before)
		case asHTML:
			after = r.m.EraseHTML(before)
		case asJSON:
			after = r.m.EraseJSON(before)
		}
		if after != before {
			row.Set(column, fitting(row, column, kind, after))
			changed = true
		}
	}
	return changed
}

// fitting cuts a text that the pseudonym made longer than its column takes: nothing else of the record could ever be changed again. Cut
// markup is broken markup, and the text stands beside it.
func fitting(row *core.Record, column string, kind int, text string) string {
	f, is := row.Collection().Fields.GetByName(column).(*core.TextField)
	if !is || f.Max == 0 || utf8.RuneCountInString(text) <= f.Max {
		return text
	}
	if kind == asHTML {
		return ""
	}
	return Cut(text, f.Max)
}

// threads are the messages of others that may quote them, and what the thread of each is.
var threads = map[string]string{"side_messages": "conversation", "customer_messages": "feedback"}

// wroteIn are the threads of a table in which they wrote, or into which what they wrote went along.
func (r *erasure) wroteIn(table string) (map[string]bool, error) {
	if threads[table] == "" {
		return nil, nil
	}
	told := ""
	if table == "side_messages" {
		told = " UNION SELECT * FROM " + toldConversations
	}
	ids, err := columnOf(r.app.DB().NewQuery(`SELECT DISTINCT ` + threads[table] + ` FROM ` + table + ` WHERE project = {:project} AND fromEmail GLOB {:erased}` + told).Bind(r.params()))
	if err != nil {
		return nil, err
	}
	wrote := make(map[string]bool, len(ids))
	for _, id := range ids {
		wrote[id] = true
	}
	return wrote, nil
}

// quotesThem tells of somebody else's letter, in a thread where they wrote, that what it quotes or its original is still there.
func quotesThem(app core.App, row *core.Record, wrote map[string]bool) (has bool, err error) {
	if !wrote[row.GetString(threads[row.Collection().Name])] || row.GetString("direction") != "in" || IsErased(row.GetString("fromEmail")) {
		return false, nil
	}
	err = app.DB().NewQuery(`SELECT {:quoted} OR EXISTS (SELECT 1 FROM letters WHERE id = {:id})`).Bind(dbx.Params{"quoted": row.GetString("quoted") != "", "id": row.Id}).Row(&has)
	return has, err
}

// unquote empties the folded part of a letter, and drops its original, which has it too.
func unquote(tx core.App, row *core.Record) error {
	row.Set("quoted", "")
	if row.Collection().Name == "side_messages" {
		return dropLetter(tx, row, "conversation")
	}
	return dropLetter(tx, row)
}

// again looks whether something of theirs came while all this was done, and then begins anew.
func (r *erasure) again() (wait string, err error) {
	if r.project == "" || r.facts.Rounds >= maxRounds {
		return "", nil
	}
	project, err := Project(r.app, r.project)
	if err != nil {
		return "", err
	}
	for _, address := range r.facts.Addresses {
		_, err := FindIdentity(r.app, project, address)
		if IsKind(err, Invalid) {
			continue // nothing
		}
		if err == nil {
			r.facts.Rounds++
			r.next = erasureFirst
		}
		return "", err
	}
	return "", nil
}

// PersonErased is the event of an item's log that says so.
const PersonErased = "person.erased"

// fact writes down on every item they had to do with that somebody was erased, by whom, and under which name they stand there now.
func (r *erasure) fact() (wait string, err error) {
	return "", r.each("feedback", `t.id IN `+theirItems+` AND NOT EXISTS (SELECT 1 FROM activity a WHERE a.feedback = t.id AND a.event = '`+PersonErased+`' AND instr(a.text, {:name}))`,
		func(tx core.App, item *core.Record) error {
			by, err := find(tx, "users", r.job.GetString("by"))
			if err != nil && !IsKind(err, NotFound) {
				return err
			}
			return record(tx, Event{Item: item, Name: PersonErased, Actor: by, ActorName: r.job.GetString("byName"), Text: r.job.GetString("text")})
		})
}
