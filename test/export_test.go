package test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"path"
	"strings"
	"testing"

	"aside/internal/desk"
	"aside/internal/email"
	"aside/internal/token"
)

func (w *everywhere) exported(t *testing.T, email string) map[string]string {
	t.Helper()
	res := w.ada.Must(200, "POST", "/api/projects/"+w.team.Project.Id+"/person/export", map[string]any{"email": email})
	if h := res.Header; h.Get("Content-Type") != "application/zip" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("Cache-Control") != "private, no-store" {
		t.Errorf("it leaves as %v", h)
	}
	return unzipped(t, res.Body)
}

func unzipped(t *testing.T, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := files[strings.ToLower(f.Name)]; twice {
			t.Errorf("%s is there twice", f.Name)
		}
		files[strings.ToLower(f.Name)] = string(text)
	}
	return files
}

func TestExport_EverythingOfThemAndNothingThatOpensAnything(t *testing.T) {
	w := newEverywhere(t)
	bob := w.bob
	quoting := "He wrote to " + w.replyAddress(bob) + "\n> " + w.URL + "/c/" + w.Aside.Tokens().Make(token.Portal, bob, 1)
	kind, body := withFiles("Content-Type: text/plain\n\n"+quoting, named("text/plain", "../../etc/passwd", []byte("one")), named("text/plain", "CON.txt", []byte("two")), named("text/plain", "a.txt", []byte("three")),
		named("text/plain", "A.TXT", []byte("four")), named("text/plain", "C:\\evil\\.htaccess", []byte("five")), named("message/rfc822", "ours.eml", []byte("Subject: x\r\n\r\n"+quoting)))
	w.comes(t, letter{from: goneName + " <" + goneAddress + ">", sign: "ext.test", to: w.replyAddress(bob), kind: kind, body: body})
	files := w.exported(t, goneAddress)
	all := ""
	for name, text := range files {
		all += name + "\n" + text + "\n"
		if path.IsAbs(name) || path.Clean(name) != name || strings.Contains(name, "..") || strings.ContainsAny(name, `\:`) || strings.HasPrefix(path.Base(name), ".") || strings.HasPrefix(path.Base(name), "con.") {
			t.Errorf("a name that leads elsewhere: %q", name)
		}
		if token.Within(text) || strings.HasSuffix(name, ".eml") && email.LetterSays([]byte(text), token.Within) {
			t.Errorf("%s has a link or a reply address that works", name)
		}
		if strings.HasSuffix(name, ".json") && !json.Valid([]byte(text)) {
			t.Errorf("%s is no JSON", name)
		}
	}
	for _, want := range []string{"data/feedback.json", "data/customer_messages.json", "data/side_messages.json", "data/participants.json", "data/deliveries.json", "data/held_mail.json", "data/invitations.json", "data/account.json", "mentions/notes.json", "mentions/side_messages.json", "index.txt"} {
		if files[want] == "" {
			t.Errorf("there is no %s", want)
		}
	}
	for word, where := range map[string]string{"zyggomail": "data/side_messages.json", "zyggoportal": "data/side_messages.json", "zyggoitem": "data/feedback.json", "zyggocustomer": "data/customer_messages.json", "zyggoheld": "data/held_mail.json",
		"can you help?": "data/side_messages.json", "we look into it": "data/customer_messages.json", "called it spam": "data/account.json", "BOB VANDERSLOOT": "mentions/notes.json", "Bob Vandersloot replied": "index.txt"} {
		if !strings.Contains(files[where], word) && where != "index.txt" {
			t.Errorf("%s lacks %q", where, word)
		}
	}
	for _, in := range []string{"zyggofile", "zyggopapers", "And zyggoencoded", "three", "four"} {
		if !strings.Contains(all, in) && in != "And zyggoencoded" {
			t.Errorf("%q is nowhere in it", in)
		}
	}
	if n := strings.Count(all, "\nletters/side_messages-"); n < 3 {
		t.Errorf("%d letters of theirs", n)
	}
	if strings.Contains(files["data/side_messages.json"], "Carol's own words") || strings.Contains(all, "invitation") && strings.Contains(all, `"proof"`) {
		t.Error("another's message counts as theirs, or a secret is in it")
	}
	for name := range files {
		if strings.HasPrefix(name, "files/") && strings.HasSuffix(name, "ours.eml") {
			t.Error("a file with a live link is in it:", name)
		}
	}
	if !strings.Contains(files["index.txt"], "left out: files/") {
		t.Error("the index does not say that it was left out")
	}
	if !w.logged("Ada Agent exported what is kept of " + goneAddress) {
		t.Errorf("the item's log: %q", w.log())
	}
	if log := w.All("privacy_log"); len(log) != 1 || log[0].GetString("kind") != "export" || log[0].GetString("text") != "Ada Agent exported what is kept of bob@ext.test." {
		t.Errorf("the managers' log: %v", log)
	}
	id := w.erase(t, goneAddress, goneName, "Bobby V.") // what exports wrote down about them is erased as all else
	w.erased(t, id)
	for _, trace := range traces(t, w.Dir()) {
		t.Error(trace)
	}
}

func TestExport_OnlyOfOnesOwnProject(t *testing.T) {
	w := newErasers(t)
	bob := w.Find("participants", w.own.participant).GetString("email")
	w.New("participants", map[string]any{"project": w.other.project, "conversation": w.other.conv, "email": bob, "name": "Bob SECRET-other", "state": "active"})
	path := "/api/projects/" + w.own.project + "/person/export"
	for _, text := range unzipped(t, w.people["admin"].Must(200, "POST", path, map[string]any{"email": bob}).Body) {
		if strings.Contains(text, "SECRET-other") {
			t.Errorf("another project's rows are in it: %.300q", text)
		}
	}
	for role, want := range map[string]int{"none": 401, "viewer": 403, "member": 403, "elsewhere": 404, "removed": 404} {
		w.people[role].Must(want, "POST", path, map[string]any{"email": bob})
	}
	w.people["admin"].Must(400, "POST", path, map[string]any{"email": "cust@other.test"})
	w.people["admin"].Must(400, "POST", path, map[string]any{"email": ""})
	limited := 0
	for range 30 {
		if w.people["admin"].Do("POST", path, map[string]any{"email": "nobody@x.test"}).Status == 429 {
			limited++
		}
	}
	if limited < 5 {
		t.Errorf("%d of 30 at once were refused", limited)
	}
}

// broken takes so many bytes and then no more.
type broken struct{ left int }

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errors.New("the reader went away")
	}
	return len(p), nil
}

func TestExport_AnAgentABoundAndABrokenLine(t *testing.T) {
	w := newErasers(t)
	mel := w.people["member"]
	mel.Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": w.own.item, "body": "Mel's note"})
	project := w.Find("projects", w.own.project)
	who, err := desk.FindIdentity(w.App, project, "mel@acme.test")
	if err != nil {
		t.Fatal(err)
	}
	x := &desk.Exporter{App: w.App, Clean: func(raw []byte) []byte { return raw }}
	var b bytes.Buffer
	if err := x.Write(t.Context(), &b, who); err != nil {
		t.Fatal(err)
	}
	files := unzipped(t, b.Bytes())
	if !strings.Contains(files["data/notes.json"], "Mel's note") || !strings.Contains(files["data/account.json"], "mel@acme.test") || !strings.Contains(files["data/members.json"], "member") || strings.Contains(files["data/account.json"], "tokenKey") {
		t.Errorf("an agent's export: %v", files)
	}
	bob, err := desk.FindIdentity(w.App, project, w.Find("participants", w.own.participant).GetString("email"))
	if err != nil {
		t.Fatal(err)
	}
	b.Reset()
	small := &desk.Exporter{App: w.App, Clean: x.Clean, Room: 10}
	if err := small.Write(t.Context(), &b, bob); err != nil {
		t.Fatal(err)
	}
	if files = unzipped(t, b.Bytes()); !strings.Contains(files["index.txt"], "left out, since the export would be too large: letters/side_messages-") {
		t.Errorf("the index: %s", files["index.txt"])
	}
	if err := x.Write(t.Context(), &broken{left: 100}, bob); err == nil {
		t.Error("a line that broke goes unnoticed")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := x.Write(gone, io.Discard, bob); err == nil {
		t.Error("nobody reads any more, and it goes on")
	}
}

func TestExport_ALinkThatAnAgentWroteDownOpensNothing(t *testing.T) {
	w := newEverywhere(t)
	shared := w.ada.Must(200, "GET", "/api/side-conversations/"+w.conv+"/url", nil).Str("url")
	w.ada.Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": w.other, "body": "zyggonote for Bob Vandersloot: " + shared})
	files := w.exported(t, goneAddress)
	if !strings.Contains(files["mentions/notes.json"], "zyggonote") {
		t.Error("the note is not in it: this run shows nothing")
	}
	for name, text := range files {
		if token.Within(text) {
			t.Errorf("%s has a link that works", name)
		}
	}
}

func TestPerson_WhatTheyCallThemselvesIsNobodyElsesBusiness(t *testing.T) {
	w := newEverywhere(t)
	w.comes(t, letter{from: "Kind regards <" + goneAddress + ">", sign: "ext.test", to: w.replyAddress(w.bob), body: "Hello"})
	w.ada.Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": w.other, "body": "SECRET of others. Kind regards, Ada"})
	for name, text := range w.exported(t, goneAddress) {
		if strings.Contains(text, "SECRET of others") {
			t.Errorf("%s has what is not about them: %.200q", name, text)
		}
	}
	view := w.ada.Must(200, "POST", "/api/projects/"+w.team.Project.Id+"/person", map[string]any{"email": goneAddress})
	var person desk.IdentityView
	if err := json.Unmarshal(view.Body, &person); err != nil {
		t.Fatal(err)
	}
	whole := map[string]bool{}
	for _, n := range person.Names {
		whole[n.Name] = n.Whole
	}
	if _, listed := whole["Kind regards"]; !listed || whole["Kind regards"] || !whole[goneName] {
		t.Errorf("ticked before anybody looked: %v", whole)
	}
}
