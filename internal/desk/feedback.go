package desk

import (
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/ozzo-validation/v4/is"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// FeedbackDraft is a feedback item before it has a number.
type FeedbackDraft struct {
	ID                            string // set when something else already names it; else one is made
	Message, Category             string
	SubmitterName, SubmitterEmail string
	Context                       any    // where it was written: browser, page
	Dedupe                        string // what makes a repeated delivery show once; empty for none
	MessageID                     string // of the letter that opened it, for threading our answer
	Files                         []*filesystem.File
	Uploads                       []*filesystem.File // files of a letter, with what is known of them in Names
	Names                         []File
	Raw                           []byte       // the letter whole; nil when it did not come by mail
	By                            *core.Record // the agent who wrote it down, nil when the submitter did
}

// Feedback finds an item by id.
func Feedback(app core.App, id string) (*core.Record, error) { return find(app, "feedback", id) }

// ItemVersion is the version of the address that the customer answers to; erasing the customer ends it.
func ItemVersion(item *core.Record) int { return 1 + item.GetInt("replyRenewed") }

// OpenFeedback numbers and stores a new item. The same Dedupe again returns the item that is there.
func OpenFeedback(tx core.App, project *core.Record, d FeedbackDraft) (*core.Record, error) {
	if d.Dedupe != "" {
		if r, err := tx.FindFirstRecordByFilter("feedback", "project = {:p} && dedupe = {:d}", dbx.Params{"p": project.Id, "d": d.Dedupe}); err == nil {
			return r, nil
		}
	}
	if strings.TrimSpace(d.Message) == "" {
		return nil, Invalidf("message", "Write what the feedback is about.")
	}
	number, err := nextNumber(tx, project.Id)
	if err != nil {
		return nil, err
	}
	r, err := newRecord(tx, "feedback")
	if err != nil {
		return nil, err
	}
	if d.ID != "" {
		r.Id = d.ID
	}
	if d.Category == "" {
		d.Category = "other"
	}
	r.Load(map[string]any{"project": project.Id, "number": number, "message": cutBytes(d.Message, maxStoredBody), "category": d.Category, "status": "new",
		"submitterName": OneLine(d.SubmitterName, 120), "submitterEmail": d.SubmitterEmail, "context": d.Context,
		"dedupe": d.Dedupe, "messageId": d.MessageID, "lastActivity": now()})
	if is.EmailFormat.Validate(r.GetString("submitterEmail")) != nil { // "john doe"@…, root@server1: kept in words, since it cannot be written to
		r.Set("submitterName", OneLine(d.SubmitterName+" "+d.SubmitterEmail, 120))
		r.Set("submitterEmail", "")
	}
	if err := attach(r, d.Files); err != nil {
		return nil, err
	}
	if err := AttachNamed(r, d.Uploads, d.Names); err != nil {
		return nil, err
	}
	if err := tx.Save(r); err != nil {
		return nil, err
	}
	if d.Raw != nil {
		if err := KeepLetter(tx, r.Id, d.Raw); err != nil {
			return nil, err
		}
	}
	who := Submitter(r)
	if d.By != nil {
		who = NameOf(d.By)
	}
	return r, record(tx, Event{Item: r, Name: "feedback.created", Actor: d.By, ActorName: who, Text: who + " opened this item"})
}

// nextNumber counts a project's items; the update holds the write lock, so two items never share a number. The items themselves count
// too: whoever saves a project read a moment ago writes the old counter back.
func nextNumber(tx core.App, project string) (n int, err error) {
	err = tx.DB().NewQuery(`UPDATE projects SET lastNumber = 1 + max(lastNumber, coalesce((SELECT max(number) FROM feedback WHERE project = {:id}), 0)) WHERE id = {:id} RETURNING lastNumber`).Bind(dbx.Params{"id": project}).Row(&n)
	return n, err
}

// Submitter is how the customer is called: name, else address, else "The customer".
func Submitter(item *core.Record) string {
	for _, field := range []string{"submitterName", "submitterEmail"} {
		if s := item.GetString(field); s != "" {
			return s
		}
	}
	return "The customer"
}

// touch moves an item to the top of the lists.
func touch(tx core.App, item string) error {
	_, err := writer(tx).Exec("UPDATE feedback SET lastActivity = ? WHERE id = ?", now().String(), item)
	return err
}

// changeable are the fields of an item that an agent may change. The rest stays as stored, whatever is asked.
var changeable = []string{"status", "category", "assignee", "followers", "submitterName", "submitterEmail"}

// ChangeFeedback changes those fields that a request names, "followers+" and its kin too, on the item as it is now: of two people who
// change different things at once, both get what they asked for.
func ChangeFeedback(tx core.App, by *core.Record, id string, asked map[string]any) (*core.Record, error) {
	item, err := Feedback(tx, id)
	if err != nil {
		return nil, err
	}
	if err := MayWrite(tx, item.GetString("project"), by); err != nil {
		return nil, err
	}
	before, named := item.Fresh(), map[string]any{}
	for field, value := range asked {
		if slices.Contains(changeable, strings.Trim(field, "+-")) {
			named[field] = value
		}
	}
	item.Load(item.ReplaceModifiers(named))
	item.Set("submitterName", OneLine(item.GetString("submitterName"), 120))
	if err := CheckPeople(tx, item); err != nil {
		return nil, err
	}
	if err := tx.Save(item); err != nil {
		return nil, err
	}
	return item, recordChange(tx, by, before, item)
}

// statusWords are the statuses as people read them.
var statusWords = map[string]string{"new": "New", "in_progress": "In progress", "resolved": "Resolved", "archived": "Archived"}

// StatusWords turns a status into words.
func StatusWords(status string) string { return statusWords[status] }

// recordChange writes down who changed the status or the assignee.
func recordChange(tx core.App, by, before, after *core.Record) error {
	name := NameOf(by)
	if s := after.GetString("status"); s != before.GetString("status") {
		if err := record(tx, Event{Item: after, Name: "feedback.status", Actor: by, ActorName: name, Text: name + " set the status to " + statusWords[s]}); err != nil {
			return err
		}
	}
	if a := after.GetString("assignee"); a != before.GetString("assignee") {
		text := name + " took the assignee off"
		if a != "" {
			user, err := find(tx, "users", a)
			if err != nil {
				return err
			}
			text = name + " assigned this to " + NameOf(user)
		}
		return record(tx, Event{Item: after, Name: "feedback.assigned", Actor: by, ActorName: name, Text: text})
	}
	return nil
}

// IsCategory tells whether a category is one of those known; empty stands for other.
func IsCategory(category string) bool {
	switch category {
	case "", "bug", "feature_request", "question", "other":
		return true
	}
	return false
}
