package test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aside/test/fake"

	"github.com/pocketbase/dbx"
)

// What a review with fresh eyes found, each as a test.

func TestReview01_NobodyOutsideSpeaksAsTheTeam(t *testing.T) {
	j := newJob(t, "to", []string{"Bob <bob@vendor.test>", "Kim <kim@vendor.test>"})
	link := portalLink(t, j.ada.Must(200, "GET", "/api/side-conversations/"+j.conv+"/url", nil).Str("url"))
	page := j.Guest().Must(200, "GET", link, nil)
	j.Guest().Must(303, "POST", link+"/replies", url.Values{"nonce": {nonce(t, page.Body)}, "name": {"Ada from Acme Hardware"}, "email": {"x@evil.test"}, "message": {"Pay to IBAN XX99"}})
	bob := j.Vendor("Ada from Acme Hardware <bob@vendor.test>")
	send(t, bob, j.SMTP, bob.Reply(j.letter(), "And I am the team"))
	j.ada.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": j.conv, "body": "Real words"})
	letter := text(t, j.To("kim@vendor.test", 2)[1])
	if !strings.Contains(letter, "x (via shared link, name as given) wrote") {
		t.Errorf("the shared link must be said:\n%s", letter)
	}
	if n := strings.Count(letter, "Ada from Acme Hardware wrote"); n != 1+1 { // the head of this letter, and our own first message
		t.Errorf("%d lines speak as the team, want our two:\n%s", n, letter)
	}
	by := []string{}
	for _, m := range regexp.MustCompile(`<b id="m\d+">(.*?)</b>`).FindAllSubmatch(j.Guest().Must(200, "GET", link, nil).Body, -1) {
		by = append(by, regexp.MustCompile(`<[^>]*>`).ReplaceAllString(string(m[1]), ""))
	}
	if want := []string{"Ada from Acme Hardware", "x (via shared link, name as given)", "Bob", "Ada from Acme Hardware"}; !slices.Equal(by, want) {
		t.Errorf("the portal names %q, want %q", by, want)
	}
}

func TestReview04_WhoBecomesTheCustomerLaterIsAskedAboutAgain(t *testing.T) {
	j := newJob(t)
	j.ada.Must(200, "PATCH", "/api/collections/feedback/records/"+j.team.Item.Id, map[string]any{"submitterEmail": "BOB@vendor.test"})
	follow := map[string]any{"conversation": j.conv, "body": "secret about the customer"}
	res := j.ada.Must(400, "POST", "/api/collections/side_messages/records", follow)
	if res.Str("data.confirmSubmitter.message") == "" {
		t.Fatalf("the question must name its field: %s", res.Body)
	}
	follow["confirmSubmitter"] = true
	j.ada.Must(200, "POST", "/api/collections/side_messages/records", follow)
	if log := strings.Join(j.log(), "\n"); !strings.Contains(log, "confirmed writing to the customer") {
		t.Errorf("the confirmation is not in the activity log:\n%s", log)
	}
	j.ada.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": j.conv, "body": "asked once is enough"})
	secret := 0
	for _, l := range j.To("bob@vendor.test", 3) {
		if slices.Contains(strings.Split(strings.ReplaceAll(text(t, l), "\r", ""), "\n"), "secret about the customer") { // a later letter quotes it, behind a >
			secret++
		}
	}
	if secret != 1 {
		t.Errorf("the words left in %d letters of their own, want one: that which was confirmed", secret)
	}
}

func TestReview05_TheSameKeyAgainIsTheSameMessageByEveryDoor(t *testing.T) {
	j := newJob(t)
	for path, body := range map[string]map[string]any{
		"side_messages":     {"conversation": j.conv, "body": "once"},
		"customer_messages": {"feedback": j.team.Item.Id, "body": "once"},
		"notes":             {"feedback": j.team.Item.Id, "body": "once"},
	} {
		before := len(j.All(path))
		first := j.ada.Must(200, "POST", "/api/collections/"+path+"/records", body, "Idempotency-Key", "k-1")
		again := j.ada.Must(200, "POST", "/api/collections/"+path+"/records", body, "Idempotency-Key", "k-1")
		if first.Str("id") != again.Str("id") || len(j.All(path)) != before+1 {
			t.Errorf("%s: %s and %s, %d records", path, first.Str("id"), again.Str("id"), len(j.All(path))-before)
		}
	}
	j.To("carla@customer.test", 1)
	j.To("bob@vendor.test", 2)
	if n := len(j.MX.Letters()); n > 3 {
		t.Errorf("%d letters left, want Bob's two and Carla's one", n)
	}
}

func TestReview06_AnotherTextOnAnOldPageIsAnotherAnswer(t *testing.T) {
	j := newJob(t, "sharePortal", true)
	link := portalLink(t, text(t, j.letter()))
	n := nonce(t, j.Guest().Must(200, "GET", link, nil).Body)
	for _, words := range []string{"first answer", "first answer", "CORRECTION: the price is 900"} {
		j.Guest().Must(303, "POST", link+"/replies", url.Values{"nonce": {n}, "message": {words}})
	}
	if got := strings.Join(j.in(), "|"); got != "first answer|CORRECTION: the price is 900" {
		t.Errorf("got %s", got)
	}
	form := j.Guest().Must(200, "GET", "/f/acme", nil)
	items := len(j.All("feedback"))
	for _, words := range []string{"It squeaks", "It squeaks", "And it smells"} {
		j.Guest().Must(303, "POST", "/f/acme", url.Values{"nonce": {nonce(t, form.Body)}, "message": {words}, "category": {"bug"}})
	}
	if got := len(j.All("feedback")) - items; got != 2 {
		t.Errorf("%d items, want 2", got)
	}
}

func TestReview07_TheConversationURLCanBeRenewed(t *testing.T) {
	j := newJob(t)
	old := portalLink(t, j.ada.Must(200, "GET", "/api/side-conversations/"+j.conv+"/url", nil).Str("url"))
	j.As(j.team.Viewer).Must(403, "POST", "/api/side-conversations/"+j.conv+"/renew-url", nil)
	fresh := portalLink(t, j.ada.Must(200, "POST", "/api/side-conversations/"+j.conv+"/renew-url", nil).Str("url"))
	j.Guest().Must(404, "GET", old, nil)
	j.Guest().Must(200, "GET", fresh, nil)
}

func TestReview_WhoTakesTheConversationURLIsWrittenDownOnceAnHour(t *testing.T) {
	j := newJob(t)
	url := "/api/side-conversations/" + j.conv + "/url"
	j.As(j.team.Viewer).Must(403, "GET", url, nil)
	for range 3 {
		j.ada.Must(200, "GET", url, nil)
	}
	j.As(j.team.Member).Must(200, "GET", url, nil)
	lines := []string{}
	for _, l := range j.log() {
		if strings.Contains(l, "copied the conversation URL") {
			lines = append(lines, l)
		}
	}
	if want := []string{"Ada Agent copied the conversation URL", "Mel Member copied the conversation URL"}; !slices.Equal(lines, want) {
		t.Errorf("the log says %q", lines)
	}
	if _, err := j.NonconcurrentDB().Update("activity", dbx.Params{"created": "2026-01-01 00:00:00.000Z"}, nil).Execute(); err != nil {
		t.Fatal(err)
	}
	j.ada.Must(200, "GET", url, nil)
	if n := strings.Count(strings.Join(j.log(), "\n"), "Ada Agent copied"); n != 2 {
		t.Errorf("%d lines after the hour, want two", n)
	}
}

func TestReview08_NoDeadLinkIsHandedOut(t *testing.T) {
	j := newJob(t, "sharePortal", true)
	j.ada.Must(200, "PATCH", "/api/collections/projects/records/"+j.team.Project.Id, map[string]any{"linkDays": 7})
	for _, table := range []string{"participants", "side_conversations"} {
		field := map[string]string{"participants": "linkSince", "side_conversations": "sharedSince"}[table]
		if _, err := j.NonconcurrentDB().Update(table, dbx.Params{field: "2020-01-01 00:00:00.000Z"}, nil).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	j.Guest().Must(404, "GET", portalLink(t, text(t, j.letter())), nil)
	j.Guest().Must(200, "GET", portalLink(t, j.ada.Must(200, "GET", "/api/side-conversations/"+j.conv+"/url", nil).Str("url")), nil)
	j.ada.Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": j.conv, "body": "again"})
	j.Guest().Must(200, "GET", portalLink(t, text(t, j.To("bob@vendor.test", 2)[1])), nil)
}

func TestReview09_WhoIsRemovedGetsNothingThatStillWaits(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	ada := a.As(team.Owner)
	a.MX.At(fake.Mail, fake.Refuse(451, "4.3.0 down"))
	conv := ada.Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": team.Item.Id, "to": []string{"wrong@vendor.test"}, "subject": "s", "message": "confidential"}).Str("id")
	d := a.delivery("wrong@vendor.test", "delayed")
	ada.Must(204, "DELETE", "/api/side-conversations/"+conv+"/participants/"+a.All("participants")[0].Id, nil)
	a.MX.Behave()
	a.due(d)
	if d = a.Find("deliveries", d.Id); d.GetString("state") != "failed" || !strings.Contains(d.GetString("response"), "removed") {
		t.Errorf("got %v", d.FieldsData())
	}
	for _, l := range a.MX.Letters() {
		if l.To[0] == "wrong@vendor.test" {
			t.Errorf("it was delivered all the same")
		}
	}
}

func TestReview10_NobodyTakesTheAddressesThatProveADomain(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	for _, slug := range []string{"hostmaster", "admin", "webmaster", "administrator", "root", "security"} {
		a.As(team.Viewer).Must(400, "POST", "/api/collections/projects/records", map[string]any{"name": "x", "slug": slug})
	}
}

func TestReview11_UnusualSendersOpenItemsToo(t *testing.T) {
	a := NewApp(t)
	a.NewTeam()
	items := len(a.All("feedback"))
	for from, opens := range map[string]bool{`"john doe"@ext.test`: true, "bob@localhost": true, "bob@[192.0.2.1]": false} {
		raw := "From: John <" + from + ">\r\nTo: acme@in.test\r\nSubject: " + from[:4] + "\r\nMessage-ID: <" + from[1:4] + "@x.test>\r\nDate: Tue, 01 Sep 2026 10:00:00 +0000\r\n\r\nIt squeaks.\r\n"
		err := fake.Deliver(a.SMTP, "h.test", "bounce@ext.test", "acme@in.test", []byte(raw))
		if err != nil && !opens && strings.Contains(err.Error(), "550") {
			continue
		}
		if items++; err != nil || len(a.All("feedback")) != items || a.All("feedback")[items-1].GetString("submitterName") != "John "+from { // not an address to write to, and still who it was
			t.Errorf("%s: %v, %d items", from, err, len(a.All("feedback")))
		}
	}
}

func TestReview12_AnAddressThatCannotBeWrittenToIsSaidInWords(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	ada := a.As(team.Owner)
	team.Item.Set("submitterEmail", "jürgen@customer.test")
	if err := a.SaveNoValidate(team.Item); err != nil {
		t.Fatal(err)
	}
	res := ada.Must(400, "POST", "/api/collections/customer_messages/records", map[string]any{"feedback": team.Item.Id, "body": "Hello"})
	if !strings.Contains(res.Str("message"), "jürgen@customer.test") {
		t.Errorf("got %s", res.Body)
	}
	ada.Must(200, "PATCH", "/api/collections/projects/records/"+team.Project.Id, map[string]any{"name": "Ev\r\nil", "senderName": "a\r\nb"})
	ada.Must(200, "POST", "/api/side-conversations", map[string]any{"feedback": team.Item.Id, "to": []string{"bob@vendor.test"}, "subject": "s", "message": "m"})
}

func TestReview14_ManyFilesToManyPeopleAtOnceAreRefusedInWords(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	form := NewForm("feedback", team.Item.Id, "subject", "s", "message", "m").File("attachments", "big.bin", make([]byte, 20<<20))
	for i := range 20 {
		_ = form.w.WriteField("to", string(rune('a'+i))+"@vendor.test")
	}
	a.As(team.Owner).Must(413, "POST", "/api/side-conversations", form)
}

func TestReview18_TheSamePersonByAnotherCaseIsTheSamePerson(t *testing.T) {
	j := newJob(t)
	j.ada.Must(200, "POST", "/api/side-conversations/"+j.conv+"/participants", map[string]any{"to": []string{"BOB@vendor.test"}})
	if n := len(j.All("participants")); n != 1 {
		t.Errorf("%d participants", n)
	}
}
