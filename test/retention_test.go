package test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aside/internal/desk"
	"aside/test/fake"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// aged makes an item of the realm's own project and everything on it as old as d, in the state given.
func (w *realm) aged(t *testing.T, item, status string, d time.Duration) {
	t.Helper()
	when := time.Now().UTC().Add(-d).Format("2006-01-02 15:04:05.000Z")
	for table, of := range map[string]string{"feedback": "id = {:f}", "activity": "feedback = {:f}", "notes": "feedback = {:f}", "customer_messages": "feedback = {:f}",
		"side_messages": "conversation IN (SELECT id FROM side_conversations WHERE feedback = {:f})"} {
		if _, err := w.NonconcurrentDB().NewQuery("UPDATE " + table + " SET created = {:t} WHERE " + of).Bind(dbx.Params{"t": when, "f": item}).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.NonconcurrentDB().NewQuery("UPDATE feedback SET lastActivity = {:t}, status = {:s} WHERE id = {:f}").Bind(dbx.Params{"t": when, "f": item, "s": status}).Execute(); err != nil {
		t.Fatal(err)
	}
}

// settle sets retention as an admin does, and then as if it had stood for a day.
func (w *realm) settle(t *testing.T, project string, days int) {
	t.Helper()
	w.people["superuser"].Must(200, "PATCH", "/api/collections/projects/records/"+project, map[string]any{"retentionDays": days})
	if _, err := w.NonconcurrentDB().NewQuery("UPDATE projects SET retentionFrom = '2020-01-01 00:00:00.000Z' WHERE id = {:p}").Bind(dbx.Params{"p": project}).Execute(); err != nil {
		t.Fatal(err)
	}
}

func (w *realm) newItem(t *testing.T, message string) string {
	t.Helper()
	return w.people["owner"].Must(200, "POST", "/api/collections/feedback/records", map[string]any{"project": w.own.project, "category": "bug", "message": message}).Str("id")
}

const daysOf = 24 * time.Hour

func TestRetention_OnlyWhatIsClosedAndUntouchedForSoLongGoesAndAllOfItDoes(t *testing.T) {
	w := newRealm(t)
	goes := w.own.item // it has a thread, notes, a side conversation, letters and files
	w.aged(t, goes, "resolved", 100*daysOf)
	w.aged(t, w.other.item, "resolved", 100*daysOf)
	stays := map[string]string{}
	for name, change := range map[string]func(id string){
		"an open item":             func(id string) { w.aged(t, id, "in_progress", 400*daysOf) },
		"one closed too short ago": func(id string) { w.aged(t, id, "archived", 89*daysOf) },
		"one closed only yesterday": func(id string) {
			w.aged(t, id, "new", 400*daysOf)
			w.people["owner"].Must(200, "PATCH", "/api/collections/feedback/records/"+id, map[string]any{"status": "resolved"})
		},
		"one with a new note": func(id string) {
			w.aged(t, id, "resolved", 400*daysOf)
			w.people["owner"].Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": id, "body": "still needed"})
		},
		"one with automatic mail of late": func(id string) {
			c := w.New("side_conversations", map[string]any{"project": w.own.project, "feedback": id, "subject": "s", "status": "closed"})
			w.aged(t, id, "resolved", 400*daysOf)
			w.New("side_messages", map[string]any{"project": w.own.project, "conversation": c.Id, "direction": "in", "channel": "email", "kind": "auto_reply", "trust": "verified"})
		},
		"one whose customer's vacation note came of late": func(id string) {
			w.aged(t, id, "resolved", 400*daysOf)
			w.New("customer_messages", map[string]any{"project": w.own.project, "feedback": id, "direction": "in", "kind": "auto_reply"})
		},
		"one with a letter still on its way": func(id string) {
			c := w.New("side_conversations", map[string]any{"project": w.own.project, "feedback": id, "subject": "s", "status": "closed"})
			m := w.New("side_messages", map[string]any{"project": w.own.project, "conversation": c.Id, "direction": "out", "channel": "inbox", "trust": "team"})
			w.New("deliveries", map[string]any{"project": w.own.project, "message": m.Id, "state": "delayed", "nextAttempt": "2099-01-01 00:00:00.000Z", "lane": "x"})
			w.aged(t, id, "resolved", 400*daysOf)
		},
		"one whose answer to the customer is on its way": func(id string) {
			m := w.New("customer_messages", map[string]any{"project": w.own.project, "feedback": id, "direction": "out"})
			w.New("deliveries", map[string]any{"project": w.own.project, "customerMessage": m.Id, "state": "sending", "lease": "2099-01-01 00:00:00.000Z", "lane": "x"})
			w.aged(t, id, "resolved", 400*daysOf)
		},
	} {
		stays[name] = w.newItem(t, name)
		change(stays[name])
	}
	stored := w.storedUnder(t, goes, w.own.out, w.own.note)
	if len(stored) < 2 {
		t.Fatalf("the item has only the files %v", stored)
	}
	w.settle(t, w.own.project, 90)

	preview := w.people["admin"].Must(200, "GET", "/api/projects/"+w.own.project+"/retention", nil)
	if items := preview.List("items"); preview.Str("count") != "1" || len(items) != 1 || items[0]["id"] != goes || items[0]["title"] != "Item SECRET-own" || !strings.HasPrefix(preview.Str("at"), desk.NextRetention(time.Now()).Format("2006-01-02 15:04")) {
		t.Errorf("shown before it runs: %s", preview.Body)
	}
	if wider := w.people["admin"].Must(200, "GET", "/api/projects/"+w.own.project+"/retention?days=30", nil); wider.Str("count") != "2" {
		t.Errorf("for 30 days: %s", wider.Body)
	}

	n, err := desk.Retain(w.App, time.Now())
	if err != nil || n != 1 {
		t.Fatalf("%d deleted, %v", n, err)
	}
	for name, id := range stays {
		if _, err := w.FindRecordById("feedback", id); err != nil {
			t.Errorf("%s is gone", name)
		}
	}
	if _, err := w.FindRecordById("feedback", w.other.item); err != nil {
		t.Error("another project's item went along")
	}
	for _, table := range []string{"feedback", "customer_messages", "notes", "side_conversations", "side_messages", "participants", "activity", "notifications"} {
		var left int
		if err := w.DB().NewQuery("SELECT count(*) FROM " + table + " WHERE " + map[bool]string{true: "id", false: "feedback"}[table == "feedback"] + " = {:f}").Bind(dbx.Params{"f": goes}).Row(&left); err == nil && left > 0 {
			t.Errorf("%d rows of %s are left", left, table)
		}
	}
	for _, id := range []string{w.own.out, w.own.in, w.own.customer} {
		if _, err := desk.Letter(w.App, id); err == nil {
			t.Error("the letter of", id, "is left")
		}
	}
	Eventually(t, "the files are gone", func() bool { return len(w.storedUnder(t, goes, w.own.out, w.own.note)) == 0 })
	log := w.All("privacy_log")
	if last := log[len(log)-1]; last.GetString("text") != "Deleted 1 item that had been closed, with nothing happening on them, for 90 days." || last.GetString("project") != w.own.project {
		t.Errorf("written down: %q", last.GetString("text"))
	}
	if n, err := desk.Retain(w.App, time.Now()); n != 0 || err != nil {
		t.Errorf("a second run deletes %d, %v", n, err)
	}
	if n, err := desk.Retain(w.App, time.Now().Add(2*daysOf)); n != 1 || err != nil {
		t.Errorf("two nights later the one that was too young goes: %d, %v", n, err)
	}
}

// storedUnder are the files of records.
func (w *realm) storedUnder(t *testing.T, ids ...string) (found []string) {
	t.Helper()
	for _, id := range ids {
		files, err := filepath.Glob(filepath.Join(w.Dir(), "storage", "*", id, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if info, err := os.Stat(f); err == nil && !info.IsDir() {
				found = append(found, f)
			}
		}
	}
	return found
}

func TestRetention_ANewSettingHoldsNoSoonerThanTheNextNight(t *testing.T) {
	w := newRealm(t)
	w.aged(t, w.own.item, "resolved", 400*daysOf)
	clock := fake.NewClock(time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC))
	project := w.Find("projects", w.own.project)
	project.Set("retentionDays", 30)
	desk.SettleRetention(project, clock.Now())
	if from := project.GetString("retentionFrom"); from != "2026-03-02 03:43:00.000Z" {
		t.Errorf("set at one in the morning it holds from %s: the run of the same night is too near", from)
	}
	desk.SettleRetention(project, clock.Advance(13*time.Hour))
	if from := project.GetString("retentionFrom"); from != "2026-03-02 03:43:00.000Z" {
		t.Errorf("set in the afternoon it holds from %s, not the next night", from)
	}
	admin, path := w.people["admin"], "/api/collections/projects/records/"+w.own.project
	admin.Must(200, "PATCH", path, map[string]any{"retentionDays": 30, "retentionFrom": "2020-01-01 00:00:00.000Z"})
	from := w.Find("projects", w.own.project).GetDateTime("retentionFrom").Time()
	if d := time.Until(from); d < 12*time.Hour || d > 36*time.Hour {
		t.Errorf("an admin chose the day: %s", from)
	}
	if n, err := desk.Retain(w.App, time.Now()); n != 0 || err != nil {
		t.Errorf("a run right after deletes %d, %v", n, err)
	}
	if shown := admin.Must(200, "GET", "/api/projects/"+w.own.project+"/retention", nil); !strings.HasPrefix(shown.Str("at"), from.Format("2006-01-02 15:04")) || shown.Str("count") != "1" {
		t.Errorf("shown: %s", shown.Body)
	}
	admin.Must(200, "PATCH", path, map[string]any{"signature": "Bye"}) // another setting does not push the night away
	if later := w.Find("projects", w.own.project).GetDateTime("retentionFrom").Time(); !later.Equal(from) {
		t.Errorf("%s became %s", from, later)
	}
	admin.Must(200, "PATCH", path, map[string]any{"retentionDays": 0}) // thought better of it
	if n, err := desk.Retain(w.App, from.Add(time.Hour)); n != 0 || err != nil {
		t.Errorf("0 days keeps for ever, and %d went, %v", n, err)
	}
	admin.Must(200, "PATCH", path, map[string]any{"retentionDays": 30})
	if n, err := desk.Retain(w.App, w.Find("projects", w.own.project).GetDateTime("retentionFrom").Time()); n != 1 || err != nil {
		t.Errorf("that night it goes: %d, %v", n, err)
	}
	for days, want := range map[string]int{"-1": 400, "4000": 400, "x": 400, "0": 200} {
		admin.Must(want, "GET", "/api/projects/"+w.own.project+"/retention?days="+days, nil)
	}
	admin.Must(400, "PATCH", path, map[string]any{"retentionDays": 5000})
	w.people["member"].Must(403, "PATCH", path, map[string]any{"retentionDays": 1})
}

// A crash between two items leaves the first gone and the second whole; the next night goes on.
func TestRetention_WhatFailsLeavesTheItemWholeAndTheNextNightGoesOn(t *testing.T) {
	w := newRealm(t)
	ids := []string{w.own.item}
	w.aged(t, w.own.item, "resolved", 500*daysOf)
	for i := range 3 {
		id := w.newItem(t, fmt.Sprint("item ", i))
		w.aged(t, id, "archived", time.Duration(400-i)*daysOf)
		ids = append(ids, id)
	}
	w.settle(t, w.own.project, 30)
	failing := ids[2]
	broken := w.OnRecordDelete("feedback").BindFunc(func(e *core.RecordEvent) error {
		if err := e.Next(); err != nil || e.Record.Id != failing {
			return err
		}
		return fmt.Errorf("the disk is full")
	})
	if n, err := desk.Retain(w.App, time.Now()); n != 2 || err == nil {
		t.Fatalf("%d, %v", n, err)
	}
	if log := w.All("privacy_log"); !strings.Contains(log[len(log)-1].GetString("text"), "Deleted 2 items") {
		t.Errorf("what was done before is not written down: %q", log[len(log)-1].GetString("text"))
	}
	for i, id := range ids {
		if _, err := w.FindRecordById("feedback", id); (err != nil) != (i < 2) {
			t.Errorf("item %d: %v", i, err)
		}
	}
	w.OnRecordDelete("feedback").Unbind(broken)
	if n, err := desk.Retain(w.App, time.Now()); n != 2 || err != nil {
		t.Errorf("the next night: %d, %v", n, err)
	}
}
