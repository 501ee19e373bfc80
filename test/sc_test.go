package test

import (
	"bytes"
	"fmt"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"aside/test/fake"
)

// job is the main job up to a chosen point: a conversation with Bob, his letter caught.
type job struct {
	*App
	team *Team
	bob  *fake.Vendor
	ada  *Client
	conv string
}

func newJob(t *testing.T, more ...any) *job {
	t.Helper()
	a := NewApp(t)
	j := &job{App: a, team: a.NewTeam(), bob: a.Vendor("Bob Vendor <bob@vendor.test>")}
	j.ada = a.As(j.team.Owner)
	body := map[string]any{"feedback": j.team.Item.Id, "to": []string{"Bob Vendor <bob@vendor.test>"}, "subject": "Hinge screws, batch 44", "message": "Hello Bob, can you send **two M4×12** screws today?"}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i].(string)] = more[i+1]
	}
	j.conv = j.ada.Must(200, "POST", "/api/side-conversations", body).Str("id")
	a.To("bob@vendor.test", 1)
	return j
}

func (j *job) letter() fake.Letter {
	letters := j.To("bob@vendor.test", 1)
	return letters[len(letters)-1]
}

func (j *job) answer(text string) {
	j.T.Helper()
	if err := j.bob.Send(j.SMTP, j.bob.Reply(j.letter(), text)); err != nil {
		j.T.Fatalf("the door refused Bob's answer: %v", err)
	}
}

// in are the inbound messages of the conversation.
func (j *job) in() (list []string) {
	for _, m := range j.All("side_messages") {
		if m.GetString("direction") == "in" {
			list = append(list, m.GetString("body"))
		}
	}
	return list
}

func (j *job) log() (lines []string) {
	for _, r := range j.All("activity") {
		lines = append(lines, r.GetString("text"))
	}
	return lines
}

// text is the plain part of a letter, decoded.
func text(t testing.TB, l fake.Letter) string { return part(t, l, "text/plain") }

func part(t testing.TB, l fake.Letter, want string) string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(l.Data))
	if err != nil {
		t.Fatal(err)
	}
	body, err := findPart(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body, want)
	if err != nil {
		t.Fatalf("no %s in the letter: %v\n%s", want, err, l.Data)
	}
	return body
}

func portalLink(t testing.TB, s string) string {
	t.Helper()
	m := regexp.MustCompile(`http://[^\s"<>]+/c/([a-z2-7]+)`).FindStringSubmatch(s)
	if m == nil {
		t.Fatalf("no portal link in:\n%s", s)
	}
	return "/c/" + m[1]
}

func nonce(t testing.TB, page []byte) string {
	t.Helper()
	m := regexp.MustCompile(`name="nonce"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="nonce"`).FindSubmatch(page)
	if m == nil {
		t.Fatalf("no form nonce in:\n%s", page)
	}
	return string(m[1]) + string(m[2])
}

func TestSC01_AnAdminSwitchesSideConversationsOffAndNoDoorStartsOne(t *testing.T) {
	j := newJob(t)
	admin := j.As(j.team.Admin)
	member := j.As(j.team.Member)
	project := "/api/collections/projects/records/" + j.team.Project.Id
	member.Must(403, "PATCH", project, map[string]any{"sideConversations": false})
	j.As(j.team.Stranger).Must(404, "PATCH", project, map[string]any{"sideConversations": false})
	admin.Must(200, "PATCH", project, map[string]any{"sideConversations": false})

	start := map[string]any{"feedback": j.team.Item.Id, "to": []string{"carl@vendor.test"}, "subject": "s", "message": "m"}
	res := j.ada.Must(403, "POST", "/api/side-conversations", start)
	if !strings.Contains(res.Str("message"), "switched off") {
		t.Fatalf("the refusal must say why: %s", res.Body)
	}
	j.ada.Must(403, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": j.conv, "body": "again"})
	j.ada.Must(403, "POST", "/api/collections/side_conversations/records", map[string]any{"feedback": j.team.Item.Id, "subject": "s"})
	batch := j.ada.Do("POST", "/api/batch", map[string]any{"requests": []any{map[string]any{"method": "POST", "url": "/api/collections/side_messages/records", "body": map[string]any{"conversation": j.conv, "body": "by batch"}}}})
	if batch.Status == 200 {
		t.Fatalf("batch is a door too: %s", batch.Body)
	}
	if n := len(j.All("side_conversations")); n != 1 {
		t.Fatalf("%d conversations, want the one from before", n)
	}
	item := j.ada.Must(200, "GET", "/api/items/"+j.team.Item.Id, nil)
	if len(item.List("conversations")) != 0 || item.Str("project.sideConversations") != "false" {
		t.Fatalf("the section is not hidden: %s", item.Body)
	}

	j.answer("Mail for existing ones is still taken.")
	if got := j.in(); len(got) != 1 {
		t.Fatalf("the answer was not kept: %v", got)
	}
	admin.Must(200, "PATCH", project, map[string]any{"sideConversations": true})
	if item := j.ada.Must(200, "GET", "/api/items/"+j.team.Item.Id, nil); len(item.List("conversations")) != 1 {
		t.Fatalf("switched on again it must show again: %s", item.Body)
	}
}

func TestSC02_ThePlanDecidesAndTheRefusalSaysSo(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	ada := a.As(team.Owner)
	start := map[string]any{"feedback": team.Item.Id, "to": []string{"bob@vendor.test"}, "subject": "s", "message": "m"}
	for _, c := range []struct {
		plan string
		want int
	}{{"free", 403}, {"pro", 200}, {"pro_max", 200}} {
		plan, want := c.plan, c.want
		team.Project.Set("plan", plan)
		if err := a.Save(team.Project); err != nil {
			t.Fatal(err)
		}
		res := ada.Must(want, "POST", "/api/side-conversations", start)
		if want == 403 && !strings.Contains(res.Str("message"), "Pro") {
			t.Errorf("the refusal must name the plans: %s", res.Body)
		}
	}
	ada.Must(403, "PATCH", "/api/collections/projects/records/"+team.Project.Id, map[string]any{"plan": "free"})
	res := ada.Must(200, "POST", "/api/collections/projects/records", map[string]any{"name": "Zweite Firma", "plan": "free"})
	if res.Str("plan") != "pro_max" || res.Str("slug") != "zweite-firma" || res.Str("sideConversations") != "true" {
		t.Errorf("a self-hosted project starts as pro_max, switched on: %s", res.Body)
	}
}

func TestSC03_SeveralConversationsStandOnOneItem(t *testing.T) {
	j := newJob(t)
	j.ada.Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": j.team.Item.Id, "to": []string{"pack@well.test"}, "subject": "Crate", "message": "40 × 30?"})
	list := j.ada.Must(200, "GET", "/api/items/"+j.team.Item.Id, nil).List("conversations")
	if len(list) != 2 || list[0]["subject"] != "Hinge screws, batch 44" || list[1]["subject"] != "Crate" {
		t.Fatalf("got %v", list)
	}
}

func TestSC04_SendQueuesAtOnceToEveryAddressWithFiles(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	ada := a.As(team.Owner)
	form := NewForm("feedback", team.Item.Id, "to", "Bob <bob@vendor.test>", "to", "carl@vendor.test", "subject", "Hinge", "message", "See the *picture*.").File("attachments", "crack é.png", []byte("\x89PNG\r\n\x1a\nnot really"))
	res := ada.Must(200, "POST", "/api/side-conversations", form, "Idempotency-Key", "k1")
	if res.Str("status") != "open" || res.Str("messageCount") != "1" || res.Str("waitingSince") == "" {
		t.Fatalf("got %s", res.Body)
	}
	view := ada.Must(200, "GET", "/api/items/"+team.Item.Id, nil).List("conversations")[0]
	deliveries := view["messages"].([]any)[0].(map[string]any)["deliveries"].([]any)
	if len(deliveries) != 2 {
		t.Fatalf("it must show at once with its delivery state, got %v", view)
	}
	again := ada.Must(200, "POST", "/api/side-conversations", NewForm("feedback", team.Item.Id, "to", "bob@vendor.test", "subject", "Hinge", "message", "x"), "Idempotency-Key", "k1")
	if again.Str("id") != res.Str("id") {
		t.Fatalf("the same key again is the same conversation")
	}
	for _, to := range []string{"bob@vendor.test", "carl@vendor.test"} {
		l := a.To(to, 1)
		if len(l) != 1 {
			t.Fatalf("%d letters to %s", len(l), to)
		}
		if !bytes.Contains(l[0].Data, []byte("not really")) && !strings.Contains(string(l[0].Data), "iVBORw0KGgpub3QgcmVhbGx5") {
			t.Errorf("the file is not in the letter to %s", to)
		}
		if other := map[string]string{"bob@vendor.test": "carl@vendor.test", "carl@vendor.test": "bob@vendor.test"}[to]; bytes.Contains(l[0].Data, []byte(other)) {
			t.Errorf("the letter to %s names %s", to, other)
		}
	}
	Eventually(t, "both deliveries are sent", func() bool {
		for _, d := range a.All("deliveries") {
			if d.GetString("state") != "sent" {
				return false
			}
		}
		return true
	})
	for name, bad := range map[string]map[string]any{
		"no address":              {"feedback": team.Item.Id, "to": []string{}, "subject": "s", "message": "m"},
		"an address that is none": {"feedback": team.Item.Id, "to": []string{"bob at vendor"}, "subject": "s", "message": "m"},
		"no subject":              {"feedback": team.Item.Id, "to": []string{"b@c.test"}, "subject": " \r\n", "message": "m"},
		"no message":              {"feedback": team.Item.Id, "to": []string{"b@c.test"}, "subject": "s", "message": " "},
		"our own address":         {"feedback": team.Item.Id, "to": []string{"acme@in.test"}, "subject": "s", "message": "m"},
	} {
		t.Run(name, func(t *testing.T) {
			res := ada.Must(400, "POST", "/api/side-conversations", bad)
			if name == "an address that is none" && !strings.Contains(res.Str("data.to.message"), "bob at vendor") {
				t.Errorf("the refusal must name the address: %s", res.Body)
			}
		})
	}
	if n := len(a.All("side_conversations")); n != 1 {
		t.Fatalf("%d conversations after refusals, want 1", n)
	}
}

func TestSC05_FeedbackContextIsTheSummaryAndNothingElse(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	ada := a.As(team.Owner)
	ada.Must(200, "POST", "/api/collections/notes/records", map[string]any{"feedback": team.Item.Id, "body": "NOTE-CANARY refund is fine"})
	ada.Must(200, "POST", "/api/collections/customer_messages/records", map[string]any{"feedback": team.Item.Id, "body": "THREAD-CANARY so sorry, Carla"})
	long := strings.Repeat("word ", 100) + "TAIL-CANARY"
	item := ada.Must(200, "POST", "/api/collections/feedback/records", map[string]any{"project": team.Project.Id, "category": "question", "submitterName": "Carla Customer", "submitterEmail": "carla@customer.test", "message": long}).Str("id")
	body := func(item string, hide bool) map[string]any {
		return map[string]any{"feedback": item, "to": []string{"bob@vendor.test"}, "subject": "Hinge", "message": "Hello", "includeContext": true, "hideSubmitter": hide}
	}
	preview := ada.Must(200, "POST", "/api/side-conversations/preview", body(team.Item.Id, false))
	ada.Must(200, "POST", "/api/side-conversations", body(team.Item.Id, false))
	ada.Must(200, "POST", "/api/side-conversations", body(team.Item.Id, true))
	ada.Must(200, "POST", "/api/side-conversations", body(item, false))
	letters := a.To("bob@vendor.test", 3)
	shown, hidden, cut := "", "", ""
	for _, l := range letters {
		s := text(t, l)
		for _, canary := range []string{"NOTE-CANARY", "THREAD-CANARY", "TAIL-CANARY"} {
			if strings.Contains(string(l.Data), canary) || strings.Contains(s, canary) {
				t.Errorf("%s left the house:\n%s", canary, s)
			}
		}
		switch {
		case strings.Contains(s, "word word"):
			cut = s
		case strings.Contains(s, "carla@customer.test"):
			shown = s
		default:
			hidden = s
		}
	}
	for _, want := range []string{"#1", "Carla Customer", "carla@customer.test", "New", "The blue widget arrived cracked"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the context lacks %q:\n%s", want, shown)
		}
	}
	if strings.Contains(hidden, "Carla") || !strings.Contains(hidden, "#1") {
		t.Errorf("the submitter's identity was unticked:\n%s", hidden)
	}
	if got := strings.Count(cut, "word"); got == 0 || got > 56 {
		t.Errorf("the excerpt has %d words of 5 characters, want at most 280 characters", got)
	}
	if preview.Str("text") != shown || preview.Str("subject") != "Hinge" {
		t.Errorf("the preview is not what was sent:\n--- preview\n%s\n--- sent\n%s", preview.Str("text"), shown)
	}
}

func TestSC06_TheSharedPortalLinkOpensAReadOnlyPageWithAForm(t *testing.T) {
	j := newJob(t, "sharePortal", true)
	if html := part(t, j.letter(), "text/html"); !strings.Contains(html, "View conversation") {
		t.Fatalf("no button in:\n%s", html)
	}
	link := portalLink(t, text(t, j.letter()))
	page := j.Guest().Must(200, "GET", link, nil)
	for _, want := range []string{"Hinge screws, batch 44", "<strong>two M4×12</strong>", "Bob Vendor", "<form", "<textarea"} {
		if !strings.Contains(string(page.Body), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, never := range []string{"<script", "ada@acme.test", "carla@customer.test", "Secret shelf code"} {
		if strings.Contains(string(page.Body), never) {
			t.Errorf("the page has %q", never)
		}
	}
	if got := page.Header.Get("Cache-Control"); got != "private, no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	if k := newJob(t); strings.Contains(text(t, k.letter()), "/c/") {
		t.Errorf("the link was not shared, but stands in the letter")
	}
}

func TestSC07_TheConversationURLWorksWhetherOrNotTheLinkWasShared(t *testing.T) {
	j := newJob(t)
	u := j.ada.Must(200, "GET", "/api/side-conversations/"+j.conv+"/url", nil).Str("url")
	link := portalLink(t, u)
	page := j.Guest().Must(200, "GET", link, nil)
	if !strings.Contains(string(page.Body), `name="email"`) {
		t.Errorf("a shared link's form asks for name and email")
	}
	form := url.Values{"nonce": {nonce(t, page.Body)}, "message": {"Carl here, I can help."}, "name": {"Carl"}, "email": {"carl@vendor.test"}}
	j.Guest().Must(303, "POST", link+"/replies", form)
	m := j.All("side_messages")[1]
	if m.GetString("trust") != "shared_link" || !strings.Contains(m.GetString("trustReason"), "name as given") || m.GetString("fromEmail") != "carl@vendor.test" {
		t.Errorf("got %v", m.FieldsData())
	}
	if len(j.All("participants")) != 1 {
		t.Errorf("a shared link adds nobody")
	}
}

func TestSC08_AReplyByEmailLandsInTheSameConversation(t *testing.T) {
	j := newJob(t)
	j.answer("Two screws leave today with DHL.")
	m := j.All("side_messages")[1]
	if m.GetString("body") != "Two screws leave today with DHL." || m.GetString("conversation") != j.conv || m.GetString("trust") != "verified" || m.GetString("channel") != "email" || !m.GetBool("accepted") {
		t.Fatalf("got %v", m.FieldsData())
	}
	if !strings.Contains(m.GetString("trustReason"), "vendor.test") {
		t.Errorf("the verdict is words: %q", m.GetString("trustReason"))
	}
	if !strings.Contains(m.GetString("quoted"), "the letter we got") {
		t.Errorf("the quoted rest is folded, not lost: %q", m.GetString("quoted"))
	}
	c := j.Find("side_conversations", j.conv)
	if c.GetInt("messageCount") != 2 || c.GetDateTime("lastReply").IsZero() || !c.GetDateTime("waitingSince").IsZero() {
		t.Errorf("counters: %v", c.FieldsData())
	}
}

func TestSC09_AReplyOnThePortalLandsInTheSameConversationOnce(t *testing.T) {
	j := newJob(t, "sharePortal", true)
	link := portalLink(t, text(t, j.letter()))
	n := nonce(t, j.Guest().Must(200, "GET", link, nil).Body)
	for range 2 { // a double click
		form := NewForm("nonce", n, "message", "Answered on the page <b>now</b>.").File("attachments", "list.pdf", []byte("%PDF-1.4 x"))
		j.Guest().Must(303, "POST", link+"/replies", form)
	}
	messages := j.All("side_messages")
	if len(messages) != 2 || messages[1].GetString("channel") != "portal" || messages[1].GetString("fromEmail") != "bob@vendor.test" || messages[1].GetString("trust") != "verified" {
		t.Fatalf("got %d messages, last %v", len(messages), messages[len(messages)-1].FieldsData())
	}
	page := j.Guest().Must(200, "GET", link+"?sent=1", nil)
	if !strings.Contains(string(page.Body), "Answered on the page &lt;b&gt;now&lt;/b&gt;.") {
		t.Errorf("the answer is not on the page, escaped:\n%s", page.Body)
	}
	m := regexp.MustCompile(`/c/[a-z2-7]+/files/[a-z0-9]+/[^"]+`).Find(page.Body)
	file := j.Guest().Must(200, "GET", string(m), nil)
	if string(file.Body) != "%PDF-1.4 x" || !strings.Contains(file.Header.Get("Content-Disposition"), "list.pdf") || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file: %v %q", file.Header, file.Body)
	}
}

func TestSC10_ThoseConcernedAreToldInTheAppAndByMailUnlessTheyTurnedItOff(t *testing.T) {
	j := newJob(t)
	follower, muted := j.team.Member, j.team.Admin
	muted.Set("muteEmail", true)
	j.save(muted)
	j.ada.Must(200, "PATCH", "/api/collections/feedback/records/"+j.team.Item.Id, map[string]any{"assignee": j.team.Admin.Id, "followers": []string{follower.Id}})
	j.answer("It leaves today.")
	for _, who := range []string{j.team.Owner.Email(), follower.Email()} {
		letter := j.To(who, 1)[0]
		body := text(t, letter)
		if !strings.Contains(body, "It leaves today.") || !strings.Contains(string(letter.Data), "Auto-Submitted: auto-generated") || strings.Contains(string(letter.Data), "reply+") {
			t.Errorf("the notice to %s:\n%s", who, letter.Data)
		}
	}
	told := map[string]int{}
	for _, n := range j.All("notifications") {
		told[n.GetString("user")]++
	}
	if told[j.team.Owner.Id] != 1 || told[follower.Id] != 1 || told[muted.Id] != 1 || told[j.team.Viewer.Id] != 0 {
		t.Errorf("told: %v", told)
	}
	for _, l := range j.MX.Letters() {
		if l.To[0] == muted.Email() {
			t.Errorf("mail to somebody who turned it off")
		}
	}
	list := j.As(follower).Must(200, "GET", "/api/notifications?unread=1", nil)
	if list.Str("unread") != "1" {
		t.Fatalf("got %s", list.Body)
	}
	j.As(follower).Must(204, "POST", "/api/notifications/read", map[string]any{"feedback": j.team.Item.Id})
	if list := j.As(follower).Must(200, "GET", "/api/notifications?unread=1", nil); list.Str("unread") != "0" {
		t.Errorf("still unread: %s", list.Body)
	}
}

func TestSC11_FollowUpsCarryFilesAndStayInTheThread(t *testing.T) {
	j := newJob(t)
	first := j.letter()
	j.answer("Which colour?")
	j.ada.Must(200, "POST", "/api/collections/side_messages/records", NewForm("conversation", j.conv, "body", "Blue, see the list.").File("attachments", "colours.csv", []byte("blue;44")))
	second := j.To("bob@vendor.test", 2)[1]
	m1, _ := mail.ReadMessage(bytes.NewReader(first.Data))
	m2, _ := mail.ReadMessage(bytes.NewReader(second.Data))
	if m2.Header.Get("Subject") != "Re: "+m1.Header.Get("Subject") {
		t.Errorf("subject %q", m2.Header.Get("Subject"))
	}
	refs := m2.Header.Get("References")
	if !strings.HasPrefix(refs, m1.Header.Get("Message-Id")) || m2.Header.Get("In-Reply-To") == "" || !strings.HasSuffix(refs, m2.Header.Get("In-Reply-To")) {
		t.Errorf("References %q after Message-ID %q, In-Reply-To %q", refs, m1.Header.Get("Message-Id"), m2.Header.Get("In-Reply-To"))
	}
	if body := text(t, second); !strings.Contains(body, "Blue, see the list.") || !strings.Contains(body, "> Which colour?") {
		t.Errorf("the previous message stands below:\n%s", body)
	}
	if !strings.Contains(string(second.Data), "colours.csv") {
		t.Errorf("the file is missing")
	}
	list := j.ada.Must(200, "GET", "/api/collections/side_messages/records?filter=conversation='"+j.conv+"'", nil)
	if list.Str("totalItems") != "3" {
		t.Errorf("got %s", list.Body)
	}
}

func TestSC12_CloseHidesTheFormAndALateVerifiedAnswerReopens(t *testing.T) {
	j := newJob(t, "sharePortal", true)
	link := portalLink(t, text(t, j.letter()))
	old := nonce(t, j.Guest().Must(200, "GET", link, nil).Body)
	status := "/api/collections/side_conversations/records/" + j.conv
	j.ada.Must(200, "PATCH", status, map[string]any{"status": "closed"})
	page := j.Guest().Must(200, "GET", link, nil)
	if strings.Contains(string(page.Body), "<textarea") || !strings.Contains(string(page.Body), "two M4×12") {
		t.Errorf("closed: readable, without a form:\n%s", page.Body)
	}
	lost := j.Guest().Must(409, "POST", link+"/replies", url.Values{"nonce": {old}, "message": {"typed while it was closed"}})
	if !strings.Contains(string(lost.Body), "typed while it was closed") {
		t.Errorf("P-08: the text must be shown back")
	}
	j.ada.Must(409, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": j.conv, "body": "x"})
	j.ada.Must(200, "PATCH", status, map[string]any{"status": "open"})
	j.ada.Must(200, "PATCH", status, map[string]any{"status": "closed"})

	forged := j.bob.Bytes(j.bob.Reply(j.letter(), "open up"))
	j.DNS.TXT("_dmarc.vendor.test", "v=DMARC1; p=none")
	j.DNS.TXT("vendor.test", "v=spf1 -all")
	time.Sleep(1100 * time.Millisecond) // the TTL of the records before
	if err := fake.Deliver(j.SMTP, "liar.test", "x@liar.test", j.bob.Reply(j.letter(), "").To, forged); err != nil {
		t.Fatal(err)
	}
	if c := j.Find("side_conversations", j.conv); c.GetString("status") != "closed" {
		t.Errorf("an unverified answer must not reopen")
	}
	j.answer("Sorry, late.")
	if c := j.Find("side_conversations", j.conv); c.GetString("status") != "open" {
		t.Errorf("a verified late answer reopens")
	}
	last := j.All("side_messages")
	if !last[len(last)-1].GetBool("late") {
		t.Errorf("it is marked as late")
	}
}

func TestSC13_TheActivityLogSaysItWordForWord(t *testing.T) {
	j := newJob(t)
	j.ada.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": j.conv, "body": "One more thing."})
	j.answer("Fine.")
	status := "/api/collections/side_conversations/records/" + j.conv
	j.ada.Must(200, "PATCH", status, map[string]any{"status": "closed"})
	j.ada.Must(200, "PATCH", status, map[string]any{"status": "closed"}) // once is once
	j.As(j.team.Member).Must(200, "PATCH", status, map[string]any{"status": "open"})
	want := []string{"Ada Agent opened this item", "Ada Agent started a side conversation with Bob Vendor", "Ada Agent replied in a side conversation", "Bob Vendor replied in a side conversation",
		"Ada Agent closed a side conversation", "Mel Member reopened a side conversation"}
	if got := j.log(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSC14_ViewersReadAndNothingElseByEveryDoor(t *testing.T) {
	j := newJob(t)
	viewer := j.As(j.team.Viewer)
	viewer.Must(200, "GET", "/api/items/"+j.team.Item.Id, nil)
	viewer.Must(200, "GET", "/api/collections/side_messages/records", nil)
	conv := "/api/collections/side_conversations/records/" + j.conv
	for _, door := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/api/side-conversations", map[string]any{"feedback": j.team.Item.Id, "to": []string{"x@y.test"}, "subject": "s", "message": "m"}},
		{"POST", "/api/side-conversations/preview", map[string]any{"feedback": j.team.Item.Id, "to": []string{"x@y.test"}, "subject": "s", "message": "m"}},
		{"POST", "/api/collections/side_messages/records", map[string]any{"conversation": j.conv, "body": "x"}},
		{"POST", "/api/collections/side_conversations/records", map[string]any{"feedback": j.team.Item.Id, "subject": "x"}},
		{"PATCH", conv, map[string]any{"status": "closed"}},
		{"DELETE", conv, nil},
		{"GET", "/api/side-conversations/" + j.conv + "/url", nil},
		{"POST", "/api/side-conversations/" + j.conv + "/participants", map[string]any{"to": []string{"x@y.test"}}},
		{"DELETE", "/api/side-conversations/" + j.conv + "/participants/" + j.All("participants")[0].Id, nil},
		{"POST", "/api/side-conversations/" + j.conv + "/participants/" + j.All("participants")[0].Id + "/renew-link", nil},
		{"POST", "/api/side-messages/" + j.All("side_messages")[0].Id + "/accept", map[string]any{"as": "message"}},
		{"POST", "/api/collections/notes/records", map[string]any{"feedback": j.team.Item.Id, "body": "x"}},
		{"POST", "/api/collections/customer_messages/records", map[string]any{"feedback": j.team.Item.Id, "body": "x"}},
		{"PATCH", "/api/collections/feedback/records/" + j.team.Item.Id, map[string]any{"status": "resolved"}},
	} {
		t.Run(door.method+" "+strings.NewReplacer(j.conv, "ID", j.team.Item.Id, "ITEM").Replace(door.path), func(t *testing.T) { viewer.Must(403, door.method, door.path, door.body) })
	}
	if len(j.All("side_messages")) != 1 || j.Find("side_conversations", j.conv).GetString("status") != "open" {
		t.Fatal("a viewer changed something")
	}
	for _, role := range []string{"Owner", "Admin", "Member"} {
		c := map[string]*Client{"Owner": j.As(j.team.Owner), "Admin": j.As(j.team.Admin), "Member": j.As(j.team.Member)}[role]
		c.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": j.conv, "body": role})
		c.Must(200, "PATCH", conv, map[string]any{"status": "closed"})
		c.Must(200, "PATCH", conv, map[string]any{"status": "open"})
	}
}

func TestSC15_NothingIsVisibleOutsideTheProject(t *testing.T) {
	j := newJob(t)
	j.answer("Secret answer.")
	for who, c := range map[string]*Client{"a stranger": j.As(j.team.Stranger), "nobody": j.Guest()} {
		for _, collection := range []string{"feedback", "customer_messages", "notes", "side_conversations", "participants", "side_messages", "deliveries", "held_mail", "activity", "notifications"} {
			if res := c.Do("GET", "/api/collections/"+collection+"/records", nil); res.Status == 200 && len(res.List("items")) != 0 {
				t.Errorf("%s lists %s: %s", who, collection, res.Body)
			}
			for _, r := range j.All(collection) {
				if res := c.Do("GET", "/api/collections/"+collection+"/records/"+r.Id, nil); res.Status != 404 {
					t.Errorf("%s views %s: %d %s", who, collection, res.Status, res.Body)
				}
			}
		}
	}
	sam := j.As(j.team.Stranger)
	missing := sam.Must(404, "GET", "/api/items/aaaaaaaaaaaaaaa", nil)
	if got := sam.Must(404, "GET", "/api/items/"+j.team.Item.Id, nil); string(got.Body) != string(missing.Body) {
		t.Errorf("not there and not yours must look alike: %s / %s", got.Body, missing.Body)
	}
	sam.Must(404, "POST", "/api/side-conversations", map[string]any{"feedback": j.team.Item.Id, "to": []string{"x@y.test"}, "subject": "s", "message": "m"})
	sam.Must(404, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": j.conv, "body": "x"})
	sam.Must(404, "PATCH", "/api/collections/side_conversations/records/"+j.conv, map[string]any{"status": "closed"})
	sam.Must(404, "GET", "/api/side-conversations/"+j.conv+"/url", nil)
	if list := sam.Must(200, "GET", "/api/inbox", nil); len(list.List("items")) != 0 {
		t.Errorf("the stranger's inbox: %s", list.Body)
	}
}

// findPart walks a letter's parts for one of a type.
func findPart(contentType, encoding string, body interface{ Read([]byte) (int, error) }, want string) (string, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", err
	}
	if media == want {
		return decode(encoding, body)
	}
	if !strings.HasPrefix(media, "multipart/") {
		return "", fmt.Errorf("it is %s", media)
	}
	r := multipart.NewReader(body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err != nil {
			return "", err
		}
		if s, err := findPart(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p, want); err == nil {
			return s, nil
		}
	}
}
