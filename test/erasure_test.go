package test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aside/internal/desk"
	"aside/internal/token"
	"aside/test/fake"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// What is looked for, in bytes, wherever it may lie. The words are each in one place alone.
const (
	goneAddress = "bob@ext.test"
	goneName    = "Bob Vandersloot"
)

var goneWords = []string{"zyggomail", "zyggofile", "zyggoquoted", "zyggoportal", "zyggopapers", "zyggoshared", "zyggoitem", "zyggocustomer", "zyggoheld", "zyggoencoded", "zyggopoison", "zyggotitle"}

// everywhere fills a project with one person, by every door there is.
type everywhere struct {
	*post
	conv, bob, item string
	other           string // an item that only names him
}

func newEverywhere(t *testing.T) *everywhere {
	t.Helper()
	p := newPost(t)
	p.Settings().RateLimits.Enabled = false
	p.Aside.Eraser().LogDelay = time.Millisecond
	w := &everywhere{post: p}
	w.team.Owner.Set("muteEmail", false) // notices quote what he wrote
	w.save(w.team.Owner)
	w.write(t)
	w.receive(t)
	w.ask(t)
	w.around(t)
	return w
}

func (w *everywhere) replyAddress(id string) string {
	p := w.Find("participants", id)
	return "reply+" + w.Aside.Tokens().Make(token.Reply, id, p.GetInt("replyVersion")) + "@" + MailDomain
}

func (w *everywhere) participant(conv, address string) string {
	for _, p := range w.All("participants") {
		if p.GetString("conversation") == conv && p.GetString("email") == address {
			return p.Id
		}
	}
	w.T.Fatal("nobody is", address)
	return ""
}

// write is what the team sends: to him with another, before and after his answers.
func (w *everywhere) write(t *testing.T) {
	form := NewForm("feedback", w.team.Item.Id, "to", goneName+" <"+goneAddress+">", "to", "carol@open.test", "subject", "Hinges for "+goneName, "message", "Dear Bob Vandersloot, can you help?", "sharePortal", "true")
	w.conv = w.ada.Must(200, "POST", "/api/side-conversations", form).Str("id")
	w.bob = w.participant(w.conv, goneAddress)
	w.delivery(goneAddress, "sent")
}

// receive is what comes from him: by mail with a file in base64, by mail that was encoded, on his page with a file, by the shared link,
// and what another quotes of it.
func (w *everywhere) receive(t *testing.T) {
	t.Helper()
	kind, body := withFiles("Content-Type: text/plain\n\nHere is zyggomail.", named("application/pdf", "bob-vandersloot.pdf", []byte("%PDF zyggofile "+strings.Repeat("padding ", 4000))))
	w.comes(t, letter{from: goneName + " <" + goneAddress + ">", sign: "ext.test", to: w.replyAddress(w.bob), kind: kind, body: body})
	w.comes(t, letter{from: "=?utf-8?q?Bob_Vandersloot?= <" + goneAddress + ">", sign: "ext.test", to: w.replyAddress(w.bob), kind: "text/plain; charset=utf-8", extra: []string{"Content-Transfer-Encoding: base64"},
		body: base64.StdEncoding.EncodeToString([]byte("And zyggoencoded.\n"))})
	carol := w.participant(w.conv, "carol@open.test")
	w.comes(t, letter{from: "Carol <carol@open.test>", sign: "open.test", to: w.replyAddress(carol), body: "Carol's own words, for Bob Vandersloot.\n\nOn Monday, Bob Vandersloot <bob@ext.test> wrote:\n> zyggoquoted is from him"})
	page := "/c/" + w.Aside.Tokens().Make(token.Portal, w.bob, 1)
	open := w.Guest().Must(200, "GET", page, nil)
	w.Guest().Must(303, "POST", page+"/replies", NewForm("nonce", nonce(t, open.Body), "message", "On the page: zyggoportal").File("attachments", "papers.txt", []byte("zyggopapers")))
	shared := strings.TrimPrefix(w.ada.Must(200, "GET", "/api/side-conversations/"+w.conv+"/url", nil).Str("url"), w.URL)
	open = w.Guest().Must(200, "GET", shared, nil)
	w.Guest().Must(303, "POST", shared+"/replies", url.Values{"nonce": {nonce(t, open.Body)}, "message": {"By the link: zyggoshared"}, "name": {"Bobby V."}, "email": {goneAddress}})
	w.ada.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": w.conv, "body": "Thank you, Bob Vandersloot."}) // quotes what was before
	w.delivery("carol@open.test", "sent")
}

// ask is him as a customer: an item by mail, an answer to him, and his answer to that.
func (w *everywhere) ask(t *testing.T) {
	t.Helper()
	kind, body := withFiles("Content-Type: text/plain\n\nAs a customer: zyggoitem", named("text/plain", "x.txt", []byte("a customer's file, zyggofile")))
	w.comes(t, letter{from: goneName + " <" + goneAddress + ">", sign: "ext.test", to: "acme@in.test", kind: kind, body: body, subject: "Broken: zyggotitle"})
	items := w.All("feedback")
	w.item = items[len(items)-1].Id
	w.ada.Must(200, "POST", "/api/collections/customer_messages/records", map[string]any{"feedback": w.item, "body": "Dear Bob Vandersloot, we look into it."})
	w.comes(t, letter{from: goneName + " <" + goneAddress + ">", sign: "ext.test", to: "item+" + w.Aside.Tokens().Make(token.Item, w.item, 1) + "@in.test", body: "Still broken: zyggocustomer"})
	w.ada.Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": w.item, "to": []string{"dora@open.test"}, "subject": "About a customer", "message": "Please look", "includeContext": true})
	w.ada.Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": w.item, "to": []string{"emil@open.test"}, "subject": "Without a name", "message": "Please look", "includeContext": true, "hideSubmitter": true})
	w.delivery("dora@open.test", "sent")
	w.delivery("emil@open.test", "sent")
	for _, p := range w.All("participants") {
		if p.GetString("email") == "emil@open.test" { // the words alone, with nothing that says whose they are
			w.comes(t, letter{from: "Emil <emil@open.test>", sign: "open.test", to: w.replyAddress(p.Id), body: "Emil has looked.\n\nOn Monday, Ada Agent wrote:\n> “As a customer: zyggoitem”"})
		}
	}
}

// around is where he is named, and where his address lies without him: notes, held mail, lists, logs, letters for the developer.
func (w *everywhere) around(t *testing.T) {
	t.Helper()
	w.other = w.ada.Must(200, "POST", "/api/collections/feedback/records", map[string]any{"project": w.team.Project.Id, "category": "bug", "message": "Bob Vandersloot said so; ask jimbob@ext.test."}).Str("id")
	w.ada.Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": w.other, "body": "Call BOB VANDERSLOOT, <Bob@Ext.Test>, on Friday."})
	id := core.GenerateDefaultRandomId()
	err := w.RunInTransaction(func(tx core.App) error {
		if err := desk.Suppress(tx, goneAddress, "complaint", "bob@ext.test called it spam"); err != nil {
			return err
		}
		return desk.HoldMail(tx, desk.Hold{ID: id, Project: w.team.Project.Id, Reason: "unverified", Words: "w", From: "Bob <" + goneAddress + ">", Subject: "zyggoheld", Dedupe: id, Raw: []byte("From: Bob <bob@ext.test>\r\n\r\nzyggoheld\r\n")})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.ada.Must(200, "POST", "/api/projects/"+w.team.Project.Id+"/invitations", map[string]any{"email": goneAddress, "role": "viewer"}) // by a letter of the instance's own
	w.ada.Must(200, "GET", "/api/search-people?project="+w.team.Project.Id+"&q="+url.QueryEscape(goneAddress), nil)
	w.ada.Must(200, "GET", "/api/inbox?project="+w.team.Project.Id+"&q="+url.QueryEscape(goneName), nil)
	w.ada.Must(200, "POST", "/api/projects/"+w.team.Project.Id+"/person", map[string]any{"email": goneAddress})
	if err := os.MkdirAll(filepath.Join(w.Dir(), "poison"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"a.eml": "From: bob@ext.test\r\n\r\nzyggopoison\r\n", "a.txt": "it fell over bob@ext.test", "b.eml": "From: eve@x.test\r\n\r\nother\r\n"} {
		if err := os.WriteFile(filepath.Join(w.Dir(), "poison", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	Eventually(t, "the notices have left", func() bool {
		n, err := w.CountRecords("deliveries", dbx.HashExp{"project": "", "state": "sent"})
		return err == nil && n >= 5
	})
	time.Sleep(3200 * time.Millisecond)                                          // the log database is written every three seconds
	if _, err := w.NonconcurrentDB().NewQuery("ANALYZE").Execute(); err != nil { // as PocketBase does daily: samples of what is indexed
		t.Fatal(err)
	}
}

func (w *everywhere) comes(t *testing.T, l letter) {
	t.Helper()
	if code, said := w.send(l); code != 250 {
		t.Fatal(code, said)
	}
}

func (w *everywhere) erase(t *testing.T, email string, names ...string) string {
	t.Helper()
	return w.ada.Must(200, "POST", "/api/projects/"+w.team.Project.Id+"/person/erase", map[string]any{"email": email, "names": names, "confirm": "erase " + email}).Str("id")
}

func (a *App) erased(t *testing.T, id string) *core.Record {
	t.Helper()
	Eventually(t, "the erasure is done", func() bool { return a.Find("privacy_log", id).GetString("state") == "done" })
	return a.Find("privacy_log", id)
}

// traces looks through every file of a data folder, byte by byte, for the person, as text and as base64 has it at each of its three places.
func traces(t *testing.T, dir string) (found []string) {
	t.Helper()
	needles := map[string][]byte{}
	for _, s := range append([]string{goneAddress, "bob%40ext.test", goneName, "vandersloot"}, goneWords...) {
		needles[s] = []byte(strings.ToLower(s))
		for skip := range 3 {
			enc := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", skip) + s))
			needles[fmt.Sprintf("%s in base64, %d", s, skip)] = []byte(strings.ToLower(strings.TrimRight(enc, "=")[[]int{0, 2, 3}[skip] : len(strings.TrimRight(enc, "="))-1]))
		}
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		data = bytes.ReplaceAll(bytes.ToLower(data), []byte("jimbob@ext.test"), nil) // somebody else
		for name, needle := range needles {
			if i := bytes.Index(data, needle); i >= 0 {
				found = append(found, fmt.Sprintf("%s: %s at %d: %.160q", strings.TrimPrefix(path, dir), name, i, data[max(0, i-80):]))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return found
}

func TestErase_NothingOfThemIsInAnyFileOfTheDataFolder(t *testing.T) {
	w := newEverywhere(t)
	if err := desk.Scour(w.App); err != nil { // all of it is in the files by now
		t.Fatal(err)
	}
	before := strings.Join(traces(t, w.Dir()), "\n")
	for _, s := range append([]string{goneAddress, goneName}, goneWords...) {
		if !strings.Contains(before, ": "+s) {
			t.Errorf("%q was nowhere before: this run shows nothing about it", s)
		}
	}
	view := w.ada.Must(200, "POST", "/api/projects/"+w.team.Project.Id+"/person", map[string]any{"email": "BOB@ext.test"})
	for name, want := range map[string]string{"items": "1", "customerMessages": "1", "sideMessages": "4", "conversations": "1", "held": "1", "invitations": "1", "files": "3", "letters": "4"} {
		if got := view.Str("counts." + name); got != want {
			t.Errorf("shown before: %s %s, want %s", got, name, want)
		}
	}
	id := w.erase(t, goneAddress, goneName, "Bobby V.")
	job := w.erased(t, id)
	person := job.GetString("person")
	if !strings.HasPrefix(person, "Erased person ") || job.GetString("address") != "" || job.GetString("facts") != "null" || job.GetString("byName") != "Ada Agent" {
		t.Errorf("what stays of it: %v", job.FieldsData())
	}
	for _, stopped := range []bool{false, true} { // SQLite tidies up when it is closed: it must be clean before
		for _, trace := range traces(t, w.Dir()) {
			t.Errorf("stopped %v: %s", stopped, trace)
		}
		w.Stop()
	}
	w.restart(t)
	w.checkWhatStays(t, person)
}

// Without any of their names given, the texts of others keep them; what they wrote is gone all the same, and so is who did what.
func TestErase_WithoutNamesTheirWordsAndAddressGoAllTheSame(t *testing.T) {
	w := newEverywhere(t)
	id := w.erase(t, goneAddress)
	person := w.erased(t, id).GetString("person")
	for _, trace := range traces(t, w.Dir()) {
		if _, what, _ := strings.Cut(trace, ": "); !strings.HasPrefix(what, "vandersloot") && !strings.HasPrefix(what, goneName) {
			t.Error(trace)
		}
	}
	for _, line := range w.log() {
		if strings.HasPrefix(line, goneName) || strings.HasPrefix(line, "Bobby V.") {
			t.Errorf("the log still says %q", line)
		}
	}
	if !w.logged(person+" replied in a side conversation") || !w.logged(person+" wrote in the customer thread") || !w.logged(person+" opened this item") {
		t.Errorf("the log: %q", w.log())
	}
	for _, n := range w.All("notifications") {
		if text := n.GetString("text"); strings.HasPrefix(text, goneName) || strings.HasPrefix(text, "Bobby V.") {
			t.Errorf("a notice still says %q", text)
		}
	}
	if body := w.All("notes")[0].GetString("body"); body != "Call BOB VANDERSLOOT, <"+person+">, on Friday." {
		t.Errorf("the note: %q", body)
	}
}

// checkWhatStays looks at what is left where they were: the pseudonym, the fact, and all that others wrote.
func (w *everywhere) checkWhatStays(t *testing.T, person string) {
	t.Helper()
	bob := w.Find("participants", w.bob)
	if bob.GetString("name") != person || bob.GetString("state") != "removed" || !strings.HasSuffix(bob.GetString("email"), "@erased.invalid") {
		t.Errorf("the participant: %v", bob.FieldsData())
	}
	page := w.ada.Must(200, "GET", "/api/items/"+w.team.Item.Id, nil)
	for _, want := range []string{person, "Carol's own words, for " + person, "Thank you, " + person, "Ada Agent had a person erased, who is “" + person + "” now.", person + " replied in a side conversation", "Hinges for " + person} {
		if !strings.Contains(string(page.Body), want) {
			t.Errorf("the item lacks %q", want)
		}
	}
	if item := w.Find("feedback", w.item); item.GetString("submitterName") != person || item.GetString("message") != "[Erased]" || item.GetString("submitterEmail") != "" {
		t.Errorf("the item they sent: %v", item.FieldsData())
	}
	for _, m := range w.All("side_messages") {
		c := desk.ContextFrom(m)
		if c == nil {
			continue
		}
		if named := w.Find("side_conversations", m.GetString("conversation")).GetString("subject") != "Without a name"; c.Excerpt != "[Erased]" || named != (c.SubmitterName == person) || !named && c.SubmitterName != "" {
			t.Errorf("what went along to outsiders: %v", c)
		}
	}
	kept := false
	for _, m := range w.All("side_messages") {
		kept = kept || strings.Contains(m.GetString("body"), "Emil has looked.")
	}
	if !kept {
		t.Error("what another wrote himself is gone")
	}
	if other := w.Find("feedback", w.other).GetString("message"); other != person+" said so; ask jimbob@ext.test." {
		t.Errorf("an item that names them: %q", other)
	}
	if n := w.All("notes")[0].GetString("body"); n != "Call "+person+", <"+person+">, on Friday." {
		t.Errorf("the note: %q", n)
	}
	w.MX.Behave()
	if got := w.tries(w.team, w.team.Owner, goneAddress); got.Status != 400 || !strings.Contains(got.Str("message"), "reported") {
		t.Errorf("they complained once and may be written to again: %d %s", got.Status, got.Body)
	}
	if got := w.tries(w.team, w.team.Owner, bob.GetString("email")); got.Status != 400 || !strings.Contains(got.Str("message"), "was erased") {
		t.Errorf("the pseudonym's address may be written to: %d %s", got.Status, got.Body)
	}
	for _, version := range []int{1, 2} {
		for what, address := range map[string]string{"the reply address": "reply+" + w.Aside.Tokens().Make(token.Reply, w.bob, version) + "@in.test", "the customer's address": "item+" + w.Aside.Tokens().Make(token.Item, w.item, version) + "@in.test"} {
			if version == 2 && what == "the customer's address" {
				continue // the new one is for whoever the team makes the customer now
			}
			if code, _ := w.send(letter{from: "eve@open.test", sign: "open.test", to: address, body: "again"}); code != 550 {
				t.Errorf("%s still takes letters: %d", what, code)
			}
		}
	}
	for _, v := range []int{1, 2} {
		w.Guest().Must(404, "GET", "/c/"+w.Aside.Tokens().Make(token.Portal, w.bob, v), nil)
	}
	if _, err := os.Stat(filepath.Join(w.Dir(), "poison", "b.eml")); err != nil {
		t.Error("another's letter for the developer is gone:", err)
	}
	var taken int64
	if err := w.DB().NewQuery("SELECT coalesce((SELECT taken FROM room WHERE id = {:c}), 0)").Bind(dbx.Params{"c": w.conv}).Row(&taken); err != nil || taken != 0 {
		t.Errorf("the conversation's room still counts %d bytes, %v", taken, err)
	}
}

// What a crash interrupts, whichever step it was, goes on after the next start and comes to the same end.
func TestErase_ACrashAtAnyStepIsFinishedAfterTheNextStart(t *testing.T) {
	w := newEverywhere(t)
	failures := map[string]int{}
	w.Aside.Eraser().Before = func(step string) error {
		if failures[step]++; failures[step] == 1 {
			return errors.New("the power is gone before " + step)
		}
		return nil
	}
	id := w.erase(t, goneAddress, goneName, "Bobby V.")
	for range 40 {
		if w.Find("privacy_log", id).GetString("state") == "done" {
			break
		}
		_ = w.Aside.Eraser().Work(t.Context())
	}
	if len(failures) < 15 {
		t.Fatalf("only the steps %v were reached", failures)
	}
	w.erased(t, id)
	w.Stop()
	for _, trace := range traces(t, w.Dir()) {
		t.Error(trace)
	}
}

// The same, with the process ended in the middle and another that begins with what is on the disk.
func TestErase_AnotherProcessFinishesIt(t *testing.T) {
	w := newEverywhere(t)
	w.Aside.Eraser().Before = func(step string) error {
		if step == "mentions" {
			return errors.New("the power is gone")
		}
		return nil
	}
	id := w.erase(t, goneAddress, goneName, "Bobby V.")
	Eventually(t, "it has come to the mentions", func() bool { return w.Find("privacy_log", id).GetString("step") == "mentions" })
	if len(traces(t, w.Dir())) == 0 {
		t.Fatal("it was finished already")
	}
	w.restart(t)
	w.erased(t, id)
	w.Stop()
	for _, trace := range traces(t, w.Dir()) {
		t.Error(trace)
	}
}

// What others have on its way, or waiting for a decision, is not lost for it: the erasure waits, in words.
func TestErase_WaitsForLettersUnderWayAndHeldLettersOfOthers(t *testing.T) {
	w := newEverywhere(t)
	w.MX.At(fake.Dot, fake.Refuse(451, "4.7.1 later").For("erin@open.test"))
	w.MX.At(fake.Rcpt, fake.Refuse(451, "4.7.1 later").For("erin@open.test"))
	w.ada.Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": w.other, "to": []string{"erin@open.test"}, "subject": "Hello", "message": "Do you know Bob Vandersloot?"})
	d := w.delivery("erin@open.test", "delayed")
	hold := func() (id string) {
		id = core.GenerateDefaultRandomId()
		if err := w.RunInTransaction(func(tx core.App) error {
			return desk.HoldMail(tx, desk.Hold{ID: id, Project: w.team.Project.Id, Reason: "unverified", Words: "w", From: "eve@x.test", Subject: "s", Dedupe: id, Raw: []byte("From: eve@x.test\r\n\r\nI know Bob Vandersloot.\r\n")})
		}); err != nil {
			t.Fatal(err)
		}
		return id
	}
	held := hold()
	id := w.erase(t, goneAddress, goneName, "Bobby V.")
	Eventually(t, "it waits", func() bool { return w.Find("privacy_log", id).GetString("state") == "waiting" })
	words := w.Find("privacy_log", id).GetString("waiting")
	if !strings.Contains(words, "1 held letter of others names them") || !strings.Contains(words, "1 letter to others that names or quotes them has not left yet") {
		t.Errorf("it says %q", words)
	}
	w.ada.Must(409, "POST", "/api/projects/"+w.team.Project.Id+"/person/erase", map[string]any{"email": goneAddress, "confirm": "erase " + goneAddress})
	w.MX.Behave()
	w.due(d)
	w.delivery("erin@open.test", "sent")
	if got := w.To("erin@open.test", 1)[0]; !strings.Contains(string(got.Data), "Do you know Bob Vandersloot?") {
		t.Error("the letter under way was changed or lost")
	}
	later := hold() // whoever writes again and again does not keep it waiting
	w.ada.Must(204, "DELETE", "/api/held-mail/"+held, nil)
	if err := w.Aside.Eraser().Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.erased(t, id)
	w.ada.Must(204, "DELETE", "/api/held-mail/"+later, nil)
	w.Stop()
	for _, trace := range traces(t, w.Dir()) {
		t.Error(trace)
	}
}

func TestErase_AReportThatComesLateBringsNothingBack(t *testing.T) {
	w := newEverywhere(t)
	to := w.To(goneAddress, 1)[0].From
	if code, said := w.send(letter{from: "MAILER-DAEMON@ext.test", mailFrom: "<>", to: to, kind: dsn, body: report(goneAddress, "delayed", "4.4.1", "450 later", "")}); code != 250 {
		t.Fatalf("before, a report is not taken, so this run shows nothing: %d %s", code, said)
	}
	w.erased(t, w.erase(t, goneAddress, goneName, "Bobby V."))
	for _, body := range []string{report(goneAddress, "failed", "5.1.1", "550 <"+goneAddress+"> unknown", ""), report("", "failed", "5.1.1", "550 <"+goneAddress+"> unknown", "")} {
		if code, said := w.send(letter{from: "MAILER-DAEMON@ext.test", mailFrom: "<>", to: to, kind: dsn, body: body}); code != 550 {
			t.Errorf("%d %s", code, said)
		}
	}
	for _, table := range []string{"held_mail", "deliveries", "activity"} {
		for _, r := range w.All(table) {
			if strings.Contains(fmt.Sprint(r.FieldsData()), goneAddress) {
				t.Errorf("%s: %v", table, r.FieldsData())
			}
		}
	}
}

// What all projects share is the operator's: a project's own erasure takes an address from it, and a full name, and no word.
func TestErase_AProjectDoesNotRewriteTheLogOfAll(t *testing.T) {
	w := newEverywhere(t)
	w.ada.Must(200, "POST", "/api/side-conversations/"+w.conv+"/participants", map[string]any{"to": []string{"error <er@open.test>"}})
	w.Logger().Error("an error of the operator's", "by", "er@open.test")
	logged := func() (said string) {
		_ = w.AuxDB().NewQuery("SELECT message || data FROM _logs WHERE message LIKE '%of the operator%'").Row(&said)
		return said
	}
	Eventually(t, "the log is written", func() bool { return logged() != "" })
	w.erased(t, w.erase(t, "er@open.test", "error"))
	if said := logged(); !strings.HasPrefix(said, "an error of the operator's") || strings.Contains(said, "er@open.test") {
		t.Errorf("the log says %q", said)
	}
}

// Names are chosen; what they wrote goes whether one was or not.
func TestErase_TheirWordsGoWithoutAnyNameChosen(t *testing.T) {
	w := newEverywhere(t)
	w.erased(t, w.erase(t, goneAddress))
	for _, trace := range traces(t, w.Dir()) {
		for _, word := range goneWords {
			if strings.Contains(trace, ": "+word) {
				t.Error(trace)
			}
		}
	}
}

// A pseudonym is longer than most names; what does not fit any more must not keep the record from being changed.
func TestErase_ALongTextCanStillBeChangedAfterwards(t *testing.T) {
	w := newEverywhere(t)
	subject := strings.Repeat("Bo Li, ", 35)
	conv := w.ada.Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": w.other, "to": []string{"Bo Li <bo@ext.test>"}, "subject": subject, "message": "Hello"}).Str("id")
	w.delivery("bo@ext.test", "sent")
	w.erased(t, w.erase(t, "bo@ext.test", "Bo Li"))
	if c := w.Find("side_conversations", conv); strings.Contains(c.GetString("subject"), "Bo Li") || !strings.HasPrefix(c.GetString("subject"), "Erased person") {
		t.Errorf("the subject is %q", c.GetString("subject"))
	}
	w.ada.Must(200, "PATCH", "/api/collections/side_conversations/records/"+conv, map[string]any{"status": "closed"})
}
