package test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"aside/internal/token"
	"aside/test/fake"
)

// maxSteps is more writes than any action has: an action that never gets through fails the test.
const maxSteps = 200

// fallible makes every write to the database one step of a count, and the step whose number is in fault.at fail as a full disk would.
func (a *App) fallible() {
	a.T.Helper()
	a.exec("CREATE TABLE fault (n INTEGER, at INTEGER)")
	a.exec("INSERT INTO fault VALUES (0, 0)")
	for _, table := range a.tables() {
		for _, op := range []string{"INSERT", "UPDATE", "DELETE"} {
			a.exec(fmt.Sprintf("CREATE TRIGGER `fault_%s_%s` BEFORE %s ON `%s` BEGIN UPDATE fault SET n = n + 1; SELECT RAISE(ABORT, 'no room for this step') FROM fault WHERE n = at; END", table, op, op, table))
		}
	}
}

func (a *App) failAt(step int) {
	a.T.Helper()
	a.exec(fmt.Sprintf("UPDATE fault SET n = 0, at = %d", step))
}

func (a *App) exec(query string) {
	a.T.Helper()
	if _, err := a.NonconcurrentDB().NewQuery(query).Execute(); err != nil {
		a.T.Fatalf("%s: %v", query, err)
	}
}

// tables are those that hold rows of their own: no views, and not what the search index keeps of others.
func (a *App) tables() (names []string) {
	a.T.Helper()
	var all []string
	if err := a.DB().NewQuery("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name != 'fault' ORDER BY name").Column(&all); err != nil {
		a.T.Fatal(err)
	}
	for _, name := range all {
		if !strings.Contains(name, "search_") {
			names = append(names, name)
		}
	}
	return names
}

// snapshot is all that is stored, by table, once nothing changes it any more.
func (a *App) snapshot() map[string]string {
	a.T.Helper()
	var before, now map[string]string
	Eventually(a.T, "the database comes to rest", func() bool {
		var waiting int // what the worker is still to do changes rows
		err := a.DB().NewQuery("SELECT (SELECT count(*) FROM deliveries WHERE state IN ('queued', 'sending')) + (SELECT count(*) FROM notifications WHERE mailed = FALSE)").Row(&waiting)
		if err != nil || waiting > 0 {
			return false
		}
		before, now = now, map[string]string{}
		for _, table := range a.tables() {
			rows, err := a.DB().NewQuery("SELECT * FROM `" + table + "` ORDER BY 1, 2").Rows()
			if err != nil {
				a.T.Fatal(table, err)
			}
			columns, _ := rows.Columns()
			values, at := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				at[i] = &values[i]
			}
			sum, n := sha256.New(), 0
			for rows.Next() {
				if err := rows.Scan(at...); err != nil {
					a.T.Fatal(err)
				}
				fmt.Fprintf(sum, "%v\n", values)
				n++
			}
			if err := rows.Err(); err != nil {
				a.T.Fatal(err)
			}
			_ = rows.Close()
			now[table] = fmt.Sprintf("%d rows %x", n, sum.Sum(nil)[:6])
		}
		return before != nil && len(changed(before, now)) == 0
	})
	return now
}

func changed(before, now map[string]string) (tables []string) {
	for name, was := range before {
		if now[name] != was {
			tables = append(tables, name)
		}
	}
	slices.Sort(tables)
	return tables
}

// action is something somebody does: made ready for each try, since much can be done once only, then done.
type action struct {
	name  string
	ready func(w *realm) (do func() (status int, said string))
}

// asked is an action that is one request.
func asked(name, who, method string, path func(*realm, *side) string, body func(*realm, *side) any) action {
	return action{name, func(w *realm) func() (int, string) {
		p, b := path(w, w.own), any(nil)
		if body != nil {
			b = body(w, w.own)
		}
		return func() (int, string) {
			res := w.people[who].Do(method, p, b)
			return res.Status, string(res.Body)
		}
	}}
}

// actions are every route of the matrix that changes something, what is done through the records doors, and letters that arrive.
func actions() (list []action) {
	var erasure action // the very last: it is carried out behind its answer, and changes rows for seconds
	for route, r := range matrix {
		method, path, _ := strings.Cut(route, " ")
		theirs := slices.ContainsFunc([]string{"/api/collections/", "/api/settings", "/api/backups", "/api/files/", "/api/oauth2", "/api/crons", "/api/logs"}, func(p string) bool { return strings.HasPrefix(path, p) })
		reads := method == http.MethodGet && !strings.HasSuffix(path, "/url") || strings.HasSuffix(path, "/preview") || strings.HasSuffix(path, "/person")
		if ok := r.want[4]; reads || theirs || ok >= 400 || ok == 0 || strings.HasPrefix(path, "/c/") {
			continue
		}
		if strings.HasSuffix(path, "/erase") {
			erasure = asked(route, "owner", method, r.path, r.body)
			continue
		}
		list = append(list, asked(route, "owner", method, r.path, r.body))
	}
	records := func(name, method, path string, body map[string]any) {
		list = append(list, asked(name, "owner", method, at("/api/collections/"+path), func(w *realm, s *side) any {
			filled := map[string]any{}
			for k, v := range body {
				if text, is := v.(string); is {
					v = strings.NewReplacer("ONCE", w.once()).Replace(at(text)(w, s))
				}
				filled[k] = v
			}
			return filled
		}))
	}
	records("new item", "POST", "feedback/records", map[string]any{"project": "PROJECT", "category": "bug", "message": "m", "submitterName": "C", "submitterEmail": "ONCE"})
	records("status of an item", "PATCH", "feedback/records/ITEM", map[string]any{"status": "resolved"})
	records("note", "POST", "notes/records", map[string]any{"feedback": "ITEM", "body": "A note"})
	records("answer to the customer", "POST", "customer_messages/records", map[string]any{"feedback": "ITEM", "body": "An answer"})
	records("follow-up", "POST", "side_messages/records", map[string]any{"conversation": "CONV", "body": "A follow-up"})
	records("close", "PATCH", "side_conversations/records/CONV", map[string]any{"status": "closed"})
	records("reopen", "PATCH", "side_conversations/records/CONV", map[string]any{"status": "open"})
	records("new project", "POST", "projects/records", map[string]any{"name": "Third", "slug": "third"})
	records("project settings", "PATCH", "projects/records/PROJECT", map[string]any{"senderName": "The Team", "retentionDays": 400})
	records("role of a member", "PATCH", "members/records/MEMBER", map[string]any{"role": "member"})
	records("handing over", "PATCH", "members/records/MEMBER", map[string]any{"role": "owner"})
	records("removal of a member", "DELETE", "members/records/MEMBER", nil)
	// Last, since each try adds somebody to the conversation, and every follow-up would be a letter more.
	return append(list, onThePortal("/replies"), onThePortal("/wrong-person"), hostedForm, joining, letterFromOutside, letterFromTheCustomer, bounceOfALetter, erasure)
}

// onThePortal is an answer on a participant's page; each page has a pace, so each try has a new one.
func onThePortal(tail string) action {
	return action{"portal" + tail, func(w *realm) func() (int, string) {
		p := w.New("participants", map[string]any{"project": w.own.project, "conversation": w.own.conv, "email": w.once(), "state": "active", "replyVersion": 1, "linkVersion": 1, "linkSince": time.Now().UTC()})
		link := strings.TrimPrefix(w.Aside.Outbox().PortalURL(p), w.Aside.Outbox().BaseURL())
		form := map[string]any{"message": "From the portal", "nonce": nonce(w.T, w.Guest().Must(200, "GET", link, nil).Body)}
		return func() (int, string) {
			res := w.Guest().Do("POST", link+tail, form)
			return res.Status, string(res.Body)
		}
	}}
}

var hostedForm = action{"hosted form", func(w *realm) func() (int, string) {
	page := w.Guest().Must(200, "GET", "/f/"+w.own.slug, nil)
	form := NewForm("nonce", nonce(w.T, page.Body), "message", "It squeaks", "category", "bug", "email", w.once()).File("attachments", "a.txt", []byte("a file"))
	return func() (int, string) {
		res := w.Guest().Do("POST", "/f/"+w.own.slug, form)
		return res.Status, string(res.Body)
	}
}}

var joining = action{"joining by an invitation", func(w *realm) func() (int, string) {
	address := w.once()
	w.people["owner"].Must(200, "POST", "/api/projects/"+w.own.project+"/invitations", map[string]any{"email": address, "role": "member"})
	token := w.invited(address, 1)
	return func() (int, string) {
		res := w.Guest().Do("POST", "/api/invitations/accept", map[string]any{"token": token, "name": "Nina", "password": Password})
		return res.Status, string(res.Body)
	}
}}

var letterFromOutside = action{"an answer by email", func(w *realm) func() (int, string) {
	p := w.New("participants", map[string]any{"project": w.own.project, "conversation": w.own.conv, "email": w.once(), "state": "active", "replyVersion": 1, "linkVersion": 1, "linkSince": time.Now().UTC()})
	vendor := w.Vendor("Vera <" + p.GetString("email") + ">")
	to := "reply+" + w.Aside.Tokens().Make(token.Reply, p.Id, 1) + "@" + MailDomain
	raw := vendor.Bytes(fake.Answer{To: to, Subject: "Re: it", Text: "By email."})
	return func() (int, string) { return handed(fake.Deliver(w.SMTP, "h.test", vendor.Address, to, raw)) }
}}

var letterFromTheCustomer = action{"a new customer by email", func(w *realm) func() (int, string) {
	customer := w.Vendor("Cora <" + w.once() + ">")
	raw := customer.Bytes(fake.Answer{To: w.own.slug + "@" + MailDomain, Subject: "A question", Text: "How does it open?"})
	return func() (int, string) {
		return handed(fake.Deliver(w.SMTP, "h.test", customer.Address, w.own.slug+"@"+MailDomain, raw))
	}
}}

var bounceOfALetter = action{"a bounce", func(w *realm) func() (int, string) {
	address := w.once()
	w.people["owner"].Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": w.own.item, "to": []string{address}, "subject": "Subject", "message": "Message"})
	to := w.To(address, 1)[0].From
	raw := []byte("From: MAILER-DAEMON@far.test\r\nTo: " + to + "\r\nSubject: Undelivered\r\nMessage-ID: <" + address + "-bounce@far.test>\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nNo such person.\r\n" +
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; far.test\r\n\r\nFinal-Recipient: rfc822; " + address + "\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n")
	return func() (int, string) { return handed(fake.Deliver(w.SMTP, "h.test", "", to, raw)) }
}}

// handed says an answer of the door as HTTP would.
func handed(err error) (int, string) {
	if err == nil {
		return http.StatusOK, ""
	}
	if strings.Contains(err.Error(), "error 451") {
		return http.StatusServiceUnavailable, err.Error()
	}
	return http.StatusTeapot, err.Error()
}

// TestSteps_AnActionThatFailsAtAnyStepDidNothing does every action again and again, failing at its first write, then at its second,
// and so on, until it gets through: each time before, the answer is an error that gives nothing away, no row has changed and no
// letter has left (issue 7: nothing half-done; R-2).
func TestSteps_AnActionThatFailsAtAnyStepDidNothing(t *testing.T) {
	w := newRealm(t)
	w.fallible()
	steps := []string{}
	for _, a := range actions() {
		steps = append(steps, fmt.Sprint(a.name, ": ", w.failEachStep(t, a)))
	}
	slices.Sort(steps)
	t.Log(strings.Join(steps, "\n"))
}

func (w *realm) failEachStep(t *testing.T, a action) int {
	t.Helper()
	for step := 1; step < maxSteps; step++ {
		do := a.ready(w)
		before, letters := w.snapshot(), len(w.MX.Letters())
		w.failAt(step)
		status, said := do()
		w.failAt(0)
		if status < 400 {
			if step == 1 {
				t.Errorf("%s: %d though its first step failed", a.name, status)
			}
			return step - 1
		}
		if status != 500 && status != 400 && status != 503 || strings.Contains(said, "no room for this step") {
			t.Errorf("%s failing at step %d: %d %.200s", a.name, step, status, said)
			return step
		}
		if tables := changed(before, w.snapshot()); len(tables) > 0 {
			t.Errorf("%s failing at step %d changed %v", a.name, step, tables)
		}
		if n := len(w.MX.Letters()); n != letters {
			t.Errorf("%s failing at step %d let %d letters out", a.name, step, n-letters)
		}
	}
	t.Errorf("%s never gets through", a.name)
	return maxSteps
}
