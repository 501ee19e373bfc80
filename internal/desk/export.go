package desk

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Bounds of an export.
const (
	exportBytes = 4 << 30 // of letters and files together, as they are here: more is named in the index and left out
	exportPage  = 100     // rows read at once
	exportLines = 100_000 // of the index
)

// Exporter writes everything that a project has of somebody into a zip, as it reads it.
type Exporter struct {
	App core.App
	// Clean takes what can be used out of a letter: the reply addresses and links in it are keys.
	Clean func(raw []byte) []byte
	// Mask does the same for a text: the team's own may hold a link that it copied. Nil leaves them as they are.
	Mask func(text string) string
	// Room is how many bytes of letters and files go in; zero is exportBytes.
	Room int64
}

// export is one that is being written.
type export struct {
	*Exporter
	ctx   context.Context
	who   *Identity
	m     *Mention
	zip   *zip.Writer
	names *zipNames
	room  int64
	index strings.Builder
	lines int
}

// Write writes the zip. The first error ends it, without an end to the zip, so that half of one is not taken for the whole.
func (x *Exporter) Write(ctx context.Context, w io.Writer, who *Identity) error {
	e := &export{Exporter: x, ctx: ctx, who: who, m: NewMention(who.Addresses, sure(who), "…"), zip: zip.NewWriter(w), names: newZipNames(), room: x.Room}
	if e.room == 0 {
		e.room = exportBytes
	}
	e.head()
	for _, do := range []func() error{e.rows, e.mentions, e.letters, e.files, e.close} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// sure are the names by which rows of others are taken for being about them. What they call themselves does not count: it would bring out
// whatever they chose to be called.
func sure(who *Identity) (list []string) {
	for _, name := range who.Names {
		if who.isSure(name) {
			list = append(list, name)
		}
	}
	return list
}

func (e *export) head() {
	fmt.Fprintf(&e.index, "What “%s” has of %s\n", e.who.Project.GetString("name"), strings.Join(e.who.Addresses, ", "))
	if len(e.who.Names) > 0 {
		fmt.Fprintf(&e.index, "Known as %s\n", strings.Join(e.who.Names, ", "))
	}
	fmt.Fprintf(&e.index, "Made on %s\n\n"+
		"data/      every row of theirs, as JSON\n"+
		"mentions/  rows of others that name them: look through these before you hand them over\n"+
		"letters/   the letters they sent, as they came; reply addresses and links in them are blanked, so signatures no longer hold\n"+
		"files/     the files they sent\n", time.Now().UTC().Format("2 January 2006, 15:04 UTC"))
}

func (e *export) note(format string, args ...any) {
	if e.lines++; e.lines <= exportLines {
		fmt.Fprintf(&e.index, format+"\n", args...)
	}
}

// close writes the index, which knows what went in, and the end of the zip.
func (e *export) close() error {
	if e.lines > exportLines {
		fmt.Fprintf(&e.index, "and %s more\n", plural(e.lines-exportLines, "line"))
	}
	w, err := e.create("index.txt", time.Now())
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, e.index.String()); err != nil {
		return err
	}
	return e.zip.Close()
}

func (e *export) create(name string, at time.Time) (io.Writer, error) {
	return e.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at})
}

// each calls do for every row that a condition holds for.
func (e *export) each(table, condition string, do func(r *core.Record) error) error {
	params := e.who.params()
	params["account"] = ""
	if e.who.Account != nil {
		params["account"] = e.who.Account.Id
	}
	for after := ""; ; {
		if err := e.ctx.Err(); err != nil {
			return err
		}
		params["after"], params["n"] = after, exportPage
		ids, err := columnOf(e.App.DB().NewQuery(`SELECT t.id FROM ` + table + ` t WHERE t.id > {:after} AND t.project = {:project} AND (` + condition + `) ORDER BY t.id LIMIT {:n}`).Bind(params))
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			r, err := find(e.App, table, id)
			if IsKind(err, NotFound) {
				continue // deleted meanwhile
			}
			if err != nil {
				return err
			}
			if err := do(r); err != nil {
				return err
			}
		}
		after = ids[len(ids)-1]
	}
}

// wrote is what is theirs beside what came from their address: sent to them, or done by their account.
var wrote = map[string]string{
	"feedback":          theirs["feedback"],
	"customer_messages": `(` + theirs["customer_messages"] + `) OR t.id IN (SELECT customerMessage FROM deliveries t WHERE t.project = {:project} AND ` + theirs["deliveries"] + `) OR t.author = {:account} AND t.author != ''`,
	"side_messages":     `(` + theirs["side_messages"] + `) OR t.id IN (SELECT message FROM deliveries t WHERE t.project = {:project} AND ` + theirs["deliveries"] + `) OR t.author = {:account} AND t.author != ''`,
	"participants":      theirs["participants"],
	"deliveries":        theirs["deliveries"],
	"held_mail":         theirs["held_mail"],
	"invitations":       theirs["invitations"],
	"notes":             `t.author = {:account} AND t.author != ''`,
	"activity":          `t.actor = {:account} AND t.actor != ''`,
	"members":           `t.user = {:account}`,
}

// rows writes data/TABLE.json for every table, row by row.
func (e *export) rows() error {
	for _, table := range []string{"feedback", "customer_messages", "side_messages", "participants", "deliveries", "held_mail", "invitations", "notes", "activity", "members"} {
		if err := e.list("data", table, wrote[table], func(*core.Record) bool { return true }); err != nil {
			return err
		}
	}
	return e.account()
}

// mentions writes what others wrote that has their address or one of their whole names in it.
func (e *export) mentions() error {
	for _, table := range []string{"feedback", "customer_messages", "side_messages", "notes", "activity"} {
		err := e.list("mentions", table, `NOT (`+wrote[table]+`)`, func(r *core.Record) bool {
			for column, kind := range texts[table] {
				if s := r.GetString(column); kind != asJSON && e.m.In(s) {
					return true
				}
			}
			return false
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// list writes one JSON array of rows, and nothing when there are none.
func (e *export) list(folder, table, condition string, goesIn func(*core.Record) bool) error {
	var w io.Writer
	n := 0
	err := e.each(table, condition, func(r *core.Record) (err error) {
		if !goesIn(r) {
			return nil
		}
		if n++; n == 1 {
			e.note("\n%s/%s.json", folder, table)
			if w, err = e.create(folder+"/"+table+".json", time.Now()); err != nil {
				return err
			}
		}
		data, err := e.blanked(exportRow(r))
		if err != nil {
			return err
		}
		e.note("  %s  %s", r.GetString("created"), e.mask(gist(r)))
		_, err = fmt.Fprintf(w, "%s%s", map[bool]string{true: "[\n", false: ",\n"}[n == 1], data)
		return err
	})
	if err != nil || n == 0 {
		return err
	}
	_, err = io.WriteString(w, "\n]\n")
	return err
}

// blanked is a row as JSON, with nothing left in its texts that opens anything.
func (e *export) blanked(row map[string]any) ([]byte, error) {
	data, err := json.Marshal(row)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return json.MarshalIndent(eachText(v, e.mask), "", "  ")
}

func (e *export) mask(text string) string {
	if e.Mask == nil {
		return text
	}
	return e.Mask(text)
}

// exportRow is a row as people of the project read it, with two things that are theirs and that they do not see there: where a letter went,
// and how it was judged when it came. Neither has a token in it.
func exportRow(r *core.Record) map[string]any {
	row := r.PublicExport()
	switch r.Collection().Name {
	case "deliveries":
		row["recipient"] = r.GetString("recipient")
	case "side_messages", "customer_messages", "held_mail":
		if trace := json.RawMessage(r.GetString("verdict")); len(trace) > 0 && json.Valid(trace) {
			row["trace"] = trace
		}
	}
	return row
}

// gist says in a line what a row is.
func gist(r *core.Record) string {
	for _, column := range []string{"message", "body", "text", "subject", "email", "recipient", "role"} {
		if r.Collection().Fields.GetByName(column) != nil {
			if s := Headline(r.GetString(column), 100); s != "" {
				return s
			}
		}
	}
	return r.Id
}

// account writes the agent's account, and whether their address is not to be written to.
func (e *export) account() error {
	about := map[string]any{}
	if u := e.who.Account; u != nil {
		about["account"] = map[string]any{"name": u.GetString("name"), "email": u.Email(), "timezone": u.GetString("timezone"), "language": u.GetString("language"), "created": u.GetString("created")}
	}
	for _, address := range e.who.Addresses {
		if s, err := suppression(e.App, address); err == nil {
			about["notToBeWrittenTo "+address] = map[string]any{"reason": s.GetString("reason"), "words": s.GetString("words"), "since": s.GetString("since")}
		}
	}
	if len(about) == 0 {
		return nil
	}
	w, err := e.create("data/account.json", time.Now())
	if err != nil {
		return err
	}
	e.note("\ndata/account.json")
	data, err := json.MarshalIndent(about, "", "  ")
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

// PersonExported is the event of an item's log that says so.
const PersonExported = "person.exported"

// LogExport writes down, before it begins, who exports whose data: for the managers, and on the items it is about.
func LogExport(tx core.App, by *core.Record, who *Identity) error {
	name := operatorName
	if by != nil {
		name = NameOf(by)
	}
	words := name + " exported what is kept of " + who.Addresses[0]
	row := map[string]any{"project": who.Project.Id, "kind": "export", "state": "done", "byName": name, "person": who.Addresses[0], "text": words + ".", "finished": now()}
	if by != nil {
		row["by"] = by.Id
	}
	if err := logPrivacy(tx, row); err != nil {
		return err
	}
	items := []*core.Record{}
	err := tx.RecordQuery("feedback").AndWhere(dbx.NewExp(`project = {:project} AND id IN (SELECT t.id FROM feedback t WHERE t.project = {:project} AND `+theirs["feedback"]+`
		UNION SELECT t.feedback FROM customer_messages t WHERE t.project = {:project} AND `+theirs["customer_messages"]+`
		UNION SELECT c.feedback FROM side_conversations c WHERE c.id IN (SELECT t.conversation FROM participants t WHERE t.project = {:project} AND `+theirs["participants"]+`))`, who.params())).
		OrderBy("lastActivity DESC").Limit(exportLogged).All(&items)
	for _, item := range items {
		if err == nil {
			err = record(tx, Event{Item: item, Name: PersonExported, Actor: by, ActorName: name, Text: words})
		}
	}
	return err
}

// exportLogged is on how many items, the latest, an export is written down; the managers' log has it in any case.
const exportLogged = 500
