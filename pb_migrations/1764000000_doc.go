// Package pb_migrations builds Aside's tables, one change a file, forward only, written with PocketBase's API.
//
// It is not a description of the present schema but the road to it: a released file is never edited, a new one follows it.
// Names are those of the public interface; fields that the server alone may know are hidden, and nothing here is a token.
package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// The limits of what a record holds. A letter may be larger: its bytes are kept whole beside the record.
const (
	maxLine    = 500       // a subject, a name: one line on a screen
	maxBody    = 1_000_000 // readable text of one message; longer ones are cut on screen and whole in the original
	maxHTML    = 2_000_000 // cleaned HTML of one message
	maxJSON    = 200_000   // facts about one message: file names, verdict, trace
	maxFile    = 25 << 20  // one attachment: as large as a letter may be
	maxPerItem = 99        // attachments of one message, under the 500 parts a letter may have
)

// Who may read: people of the project, and nobody else. Both conditions hold for the same membership row.
const (
	ofMyProject = `@request.auth.id != "" && project.members_via_project.user ?= @request.auth.id`
	myProject   = `@request.auth.id != "" && members_via_project.user ?= @request.auth.id`
	signedIn    = `@request.auth.id != "" && @request.auth.collectionName = "users"`
	mine        = `@request.auth.id != "" && user = @request.auth.id`
)

// rules sets a collection's doors: reading, then creating, updating, deleting; "-" shuts a door to all but superusers.
func rules(c *core.Collection, read, create, update, remove string) {
	door := func(rule string) *string {
		if rule == "-" {
			return nil
		}
		return types.Pointer(rule)
	}
	c.ListRule, c.ViewRule = door(read), door(read)
	c.CreateRule, c.UpdateRule, c.DeleteRule = door(create), door(update), door(remove)
}

func line(name string) *core.TextField    { return &core.TextField{Name: name, Max: maxLine} }
func body(name string) *core.TextField    { return &core.TextField{Name: name, Max: maxBody} }
func flag(name string) *core.BoolField    { return &core.BoolField{Name: name} }
func date(name string) *core.DateField    { return &core.DateField{Name: name} }
func count(name string) *core.NumberField { return &core.NumberField{Name: name, OnlyInt: true} }
func facts(name string) *core.JSONField   { return &core.JSONField{Name: name, MaxSize: maxJSON} }

// secret is a text that only the server reads: never in an answer, never in a filter.
func secret(name string) *core.TextField {
	return &core.TextField{Name: name, Max: maxLine, Hidden: true}
}

func choice(name string, required bool, values ...string) *core.SelectField {
	return &core.SelectField{Name: name, MaxSelect: 1, Required: required, Values: values}
}

// owner is a relation to the record this one belongs to and dies with.
func owner(name string, to *core.Collection) *core.RelationField {
	return &core.RelationField{Name: name, CollectionId: to.Id, MaxSelect: 1, Required: true, CascadeDelete: true}
}

// link is a relation that may be empty and outlives its target.
func link(name string, to *core.Collection) *core.RelationField {
	return &core.RelationField{Name: name, CollectionId: to.Id, MaxSelect: 1}
}

func attachments() *core.FileField {
	return &core.FileField{Name: "attachments", MaxSelect: maxPerItem, MaxSize: maxFile, Protected: true}
}

// stamped adds created and updated, which every collection has.
func stamped(c *core.Collection) {
	c.Fields.Add(&core.AutodateField{Name: "created", OnCreate: true}, &core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true})
}

// find returns the collections of those names, in order.
func find(app core.App, names ...string) ([]*core.Collection, error) {
	found := make([]*core.Collection, 0, len(names))
	for _, name := range names {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return found, nil
}

// drop is the way back of a migration that only created collections; last made, first dropped.
func drop(names ...string) func(core.App) error {
	return func(app core.App) error {
		for _, name := range names {
			c, err := app.FindCollectionByNameOrId(name)
			if err != nil {
				return err
			}
			if err := app.Delete(c); err != nil {
				return err
			}
		}
		return nil
	}
}
