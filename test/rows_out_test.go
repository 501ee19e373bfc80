package test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aside/internal/config"
	"aside/internal/desk"
	"aside/test/fake"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// set changes fields of a project as the operator does in the dashboard.
func (a *App) set(project *core.Record, values map[string]any) {
	a.T.Helper()
	p := a.Find("projects", project.Id)
	p.Load(values)
	a.save(p)
}

func (a *App) tries(team *Team, by *core.Record, to ...string) *Answer {
	a.T.Helper()
	return a.As(by).Do("POST", "/api/side-conversations", map[string]any{"feedback": team.Item.Id, "to": to, "subject": "Hinge", "message": "Hello"})
}

func addresses(from, to int) (list []string) {
	for i := from; i < to; i++ {
		list = append(list, fmt.Sprintf("p%d@vendor.test", i))
	}
	return list
}

func TestW01_AProjectReachesFiftyNewAddressesADayAndItsOwnersAreTold(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	if res := a.tries(team, team.Member, addresses(0, 50)...); res.Status != 200 {
		t.Fatalf("the first fifty: %d %s", res.Status, res.Body)
	}
	res := a.tries(team, team.Member, "one.more@vendor.test")
	if res.Status != 429 || !strings.Contains(res.Str("message"), "50 new addresses") || !strings.Contains(res.Str("data.to.message"), "operator can raise it") {
		t.Fatalf("got %d %s", res.Status, res.Body)
	}
	if res := a.tries(team, team.Member, "p7@vendor.test"); res.Status != 200 {
		t.Errorf("an address that is known stays open: %d %s", res.Status, res.Body)
	}
	if n := len(a.All("side_conversations")); n != 2 {
		t.Errorf("%d conversations: a refused one leaves nothing", n)
	}
	notice := a.To("ada@acme.test", 1)[0] // Ada owns the project
	if !strings.Contains(text(t, notice), "Sending is limited") || !strings.Contains(text(t, notice), "50 new addresses") {
		t.Errorf("the owner is told:\n%s", text(t, notice))
	}
	a.tries(team, team.Member, "another@vendor.test")
	time.Sleep(100 * time.Millisecond)
	if n := len(a.To("ada@acme.test", 1)); n != 1 {
		t.Errorf("the owner is told %d times a day", n)
	}
	conversation := a.All("side_conversations")[0].Id
	if res := a.As(team.Member).Do("POST", "/api/side-conversations/"+conversation+"/participants", map[string]any{"to": []string{"x@vendor.test"}}); res.Status != 429 && res.Status != 400 {
		t.Errorf("the other door: %d %s", res.Status, res.Body)
	}
	a.set(team.Project, map[string]any{"addressesPerDay": 49}) // other words, so that they are told again
	if res := a.As(team.Member).Do("POST", "/api/side-conversations/"+a.All("side_conversations")[1].Id+"/participants", map[string]any{"to": []string{"x@vendor.test"}}); res.Status != 429 {
		t.Errorf("adding people: %d %s", res.Status, res.Body)
	}
	if notices := a.To("ada@acme.test", 2); !strings.Contains(text(t, notices[1]), "49 new addresses") {
		t.Errorf("the owner is told of people added, too:\n%s", text(t, notices[1]))
	}
	a.set(team.Project, map[string]any{"addressesPerDay": 60})
	if res := a.tries(team, team.Member, "one.more@vendor.test"); res.Status != 200 {
		t.Errorf("the operator has raised it: %d %s", res.Status, res.Body)
	}
	if res := a.As(team.Owner).Do("PATCH", "/api/collections/projects/records/"+team.Project.Id, map[string]any{"addressesPerDay": 9999, "paused": false}); strings.Contains(string(res.Body), "addressesPerDay") || a.Find("projects", team.Project.Id).GetInt("addressesPerDay") != 60 {
		t.Errorf("an owner sets the operator's limit: %d %s", res.Status, res.Body)
	}
}

func TestW01_OnePersonStartsSixtyConversationsAnHour(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	a.set(team.Project, map[string]any{"conversationsPerHour": 3, "conversationsPerAddress": 100})
	for range 3 {
		if res := a.tries(team, team.Member, "bob@vendor.test"); res.Status != 200 {
			t.Fatalf("%d %s", res.Status, res.Body)
		}
	}
	if res := a.tries(team, team.Member, "bob@vendor.test"); res.Status != 429 || !strings.Contains(res.Str("message"), "last hour") {
		t.Errorf("got %d %s", res.Status, res.Body)
	}
	if res := a.tries(team, team.Admin, "bob@vendor.test"); res.Status != 200 {
		t.Errorf("a colleague is somebody else: %d %s", res.Status, res.Body)
	}
	if desk.ConversationsPerHour != 60 || desk.AddressesPerDay != 50 || desk.ConversationsPerAddress != 5 {
		t.Error("the defaults are threats.md's")
	}
}

func TestW02_OneAddressIsAskedIntoFiveConversationsADayByWhomever(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	for i := range 5 {
		if res := a.tries(team, team.Owner, []string{"bob@vendor.test", "BOB@vendor.test"}[i%2]); res.Status != 200 {
			t.Fatalf("%d: %d %s", i, res.Status, res.Body)
		}
	}
	res := a.tries(team, team.Owner, "bob@vendor.test", "carl@vendor.test")
	if res.Status != 429 || !strings.Contains(res.Str("message"), "bob@vendor.test") {
		t.Fatalf("got %d %s", res.Status, res.Body)
	}
	other := a.All("projects")[1]
	item := a.As(team.Stranger).Must(200, "POST", "/api/collections/feedback/records", map[string]any{"project": other.Id, "category": "bug", "message": "x"}).Str("id")
	if res := a.As(team.Stranger).Do("POST", "/api/side-conversations", map[string]any{"feedback": item, "to": []string{"bob@vendor.test"}, "subject": "s", "message": "m"}); res.Status != 429 {
		t.Errorf("a second project is a way round: %d %s", res.Status, res.Body)
	}
	if len(a.All("side_conversations")) != 5 {
		t.Error("a refused conversation was stored")
	}
}

func TestW03_AddressesOfOursAndOfMachinesAreRefused(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	for _, to := range []string{"postmaster@vendor.test", "MAILER-DAEMON@vendor.test", "abuse@vendor.test", "no-reply@vendor.test", "acme@" + MailDomain, "reply+aaaa@" + MailDomain, "bounce+x@IN.test"} {
		if res := a.tries(team, team.Owner, to); res.Status != 400 || res.Str("data.to.message") == "" {
			t.Errorf("%s: %d %s", to, res.Status, res.Body)
		}
	}
	time.Sleep(50 * time.Millisecond)
	if len(a.All("deliveries")) != 0 || len(a.MX.Letters()) != 0 {
		t.Error("something was sent")
	}
}

func TestW08_OnlyTheFailedRecipientIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		stage fake.Stage
		code  int
	}{{fake.Rcpt, 451}, {fake.Mail, 451}, {fake.Data, 451}, {fake.Dot, 451}, {fake.Rcpt, 452}} {
		t.Run(fmt.Sprintf("%d at %s", c.code, c.stage), func(t *testing.T) {
			a := NewApp(t)
			team := a.NewTeam()
			a.MX.At(c.stage, fake.Refuse(c.code, "4.3.0 later").Times(1))
			a.write(team, "bob@vendor.test", "carl@vendor.test", "dora@other.test")
			var d *core.Record
			Eventually(t, "one waits and two are sent", func() bool {
				sent := 0
				for _, r := range a.All("deliveries") {
					switch r.GetString("state") {
					case "sent":
						sent++
					case "delayed":
						d = r
					}
				}
				return sent == 2 && d != nil
			})
			a.due(d)
			a.delivery(d.GetString("recipient"), "sent")
			for _, to := range []string{"bob@vendor.test", "carl@vendor.test", "dora@other.test"} {
				if n := len(a.To(to, 1)); n != 1 {
					t.Errorf("%d letters to %s", n, to)
				}
			}
		})
	}
}

func TestW09_AnAnswerLostAfterTheDotIsTriedAgainWithTheSameBytes(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	a.MX.At(fake.Dot, fake.Drop().Times(1))
	a.write(team, "bob@vendor.test")
	d := a.delivery("bob@vendor.test", "delayed")
	if !strings.Contains(d.GetString("response"), "answer is lost") {
		t.Errorf("it must say that nobody knows: %q", d.GetString("response"))
	}
	a.due(d)
	a.delivery("bob@vendor.test", "sent")
	letters := a.To("bob@vendor.test", 2)
	if len(letters) != 2 || !bytes.Equal(letters[0].Data, letters[1].Data) {
		t.Fatalf("%d letters, the same bytes: %v", len(letters), len(letters) == 2 && bytes.Equal(letters[0].Data, letters[1].Data))
	}
}

func TestW13_TheKeysAreTheOwnersAloneAndInNoAnswer(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	keys, err := filepath.Glob(filepath.Join(a.Dir(), "keys", "dkim", "*"))
	if err != nil || len(keys) != 3 {
		t.Fatalf("%v %v", keys, err)
	}
	var secrets []string
	for _, path := range keys {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		if data, _ := os.ReadFile(path); strings.HasSuffix(path, ".pem") {
			secrets = append(secrets, strings.Split(string(data), "\n")[1])
		}
	}
	for _, path := range []string{"/api/aside/doctor?project=" + team.Project.Id, "/api/aside/status", "/api/collections/projects/records", "/api/items/" + team.Item.Id} {
		body := string(a.As(team.Owner).Must(200, "GET", path, nil).Body)
		for _, s := range secrets {
			if strings.Contains(body, s) || strings.Contains(body, "PRIVATE KEY") {
				t.Errorf("%s shows a key", path)
			}
		}
	}
}

func TestW14_TheRelaysPasswordIsInNoLog(t *testing.T) {
	a := NewApp(t, WithConfig(func(c *config.Config) {
		u := *c.Relay
		relay, err := config.ParseRelay("smtp://relayuser:hunter2-secret@" + u.Host)
		if err != nil {
			t.Fatal(err)
		}
		c.Relay = relay
	}))
	a.MX.Auth("relayuser", "hunter2-secret", "PLAIN", "LOGIN").At(fake.Auth, fake.Refuse(535, "5.7.8 no").Times(1))
	team := a.NewTeam()
	a.Settings().Logs.MinLevel = -8 // everything, as a curious operator sets it
	a.write(team, "bob@vendor.test")
	a.due(a.delivery("bob@vendor.test", "delayed"))
	a.delivery("bob@vendor.test", "sent")
	time.Sleep(3500 * time.Millisecond) // PocketBase writes its log every three seconds
	var rows []struct {
		Message string `db:"message"`
		Data    string `db:"data"`
	}
	if err := a.AuxDB().NewQuery("SELECT message, data FROM _logs").All(&rows); err != nil {
		t.Fatal(err)
	}
	said := false
	for _, r := range rows {
		line := r.Message + r.Data
		said = said || strings.Contains(line, "letter handed over")
		for _, secret := range []string{"hunter2-secret", "AUTH PLAIN", "aHVudGVyMi1zZWNyZXQ", "AHJlbGF5dXNlcgBodW50ZXIyLXNlY3JldA"} {
			if strings.Contains(line, secret) {
				t.Errorf("W-14: the log has %q: %s", secret, line)
			}
		}
	}
	if !said {
		t.Errorf("the log of %d rows does not even say that a letter was handed over: the test proves nothing", len(rows))
	}
}

func TestW15_AProjectWithTooManyHardBouncesIsPausedUntilTheOperatorResumesIt(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	a.MX.At(fake.Rcpt, fake.Refuse(550, "5.1.1 no such user").For("gone"))
	a.write(team, addresses(0, 19)...)
	for _, to := range addresses(0, 19) {
		a.delivery(to, "sent")
	}
	a.write(team, "gone1@vendor.test")
	a.delivery("gone1@vendor.test", "bounced")
	if a.Find("projects", team.Project.Id).GetBool("paused") {
		t.Fatal("one of twenty is not more than 5 %")
	}
	conversation := a.write(team, "gone2@vendor.test")
	a.delivery("gone2@vendor.test", "bounced")
	Eventually(t, "the project is paused", func() bool { return a.Find("projects", team.Project.Id).GetBool("paused") })
	for what, res := range map[string]*Answer{
		"a new conversation":        a.tries(team, team.Owner, "p1@vendor.test"),
		"a follow-up":               a.As(team.Owner).Do("POST", "/api/collections/side_messages/records", map[string]any{"conversation": conversation, "body": "x", "confirmBounced": true}),
		"an answer to the customer": a.As(team.Owner).Do("POST", "/api/collections/customer_messages/records", map[string]any{"feedback": team.Item.Id, "body": "x"}),
	} {
		if res.Status != 403 || !strings.Contains(res.Str("message"), "Sending is paused") || !strings.Contains(res.Str("message"), "2 of its last 21") {
			t.Errorf("%s: %d %s", what, res.Status, res.Body)
		}
	}
	if res := a.As(team.Owner).Do("PATCH", "/api/collections/projects/records/"+team.Project.Id, map[string]any{"paused": false}); !a.Find("projects", team.Project.Id).GetBool("paused") {
		t.Errorf("an owner resumes what only the operator may: %d", res.Status)
	}
	a.set(team.Project, map[string]any{"paused": false})
	if res := a.tries(team, team.Owner, "p1@vendor.test"); res.Status != 200 {
		t.Errorf("resumed: %d %s", res.Status, res.Body)
	}
	a.write(team, "gone3@vendor.test")
	a.delivery("gone3@vendor.test", "bounced")
	if a.Find("projects", team.Project.Id).GetBool("paused") {
		t.Error("after a resumption bounces count afresh")
	}
}

func TestOut_AnAddressThatBouncedAsksFirstAndIsOnTheOperatorsList(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	a.MX.At(fake.Rcpt, fake.Refuse(550, "5.1.1 no such user").For("bob").Times(1))
	conversation := a.write(team, "bob@vendor.test", "carl@vendor.test")
	d := a.delivery("bob@vendor.test", "bounced")
	a.delivery("carl@vendor.test", "sent")
	if p := a.Find("participants", d.GetString("participant")); p.GetString("state") != "bounced" {
		t.Fatalf("the participant is %s", p.GetString("state"))
	}
	list := a.All("suppressions")
	if len(list) != 1 || list[0].GetString("address") != "bob@vendor.test" || list[0].GetString("reason") != "bounce" || !strings.Contains(list[0].GetString("words"), "no such user") {
		t.Fatalf("the list: %v", list)
	}
	follow := func(more map[string]any) *Answer {
		body := map[string]any{"conversation": conversation, "body": "And now?"}
		for k, v := range more {
			body[k] = v
		}
		return a.As(team.Owner).Do("POST", "/api/collections/side_messages/records", body)
	}
	for what, res := range map[string]*Answer{"a follow-up": follow(nil), "a new conversation": a.tries(team, team.Owner, "Bob@vendor.test")} {
		if res.Status != 400 || !strings.Contains(strings.ToLower(res.Str("data.confirmBounced.message")), "bob@vendor.test") || !strings.Contains(res.Str("message"), "no such user") {
			t.Errorf("%s: %d %s", what, res.Status, res.Body)
		}
	}
	if n := len(a.All("side_messages")); n != 1 {
		t.Fatalf("%d messages: what was only asked is not stored", n)
	}
	if res := follow(map[string]any{"confirmBounced": true}); res.Status != 200 {
		t.Fatalf("confirmed: %d %s", res.Status, res.Body)
	}
	a.To("bob@vendor.test", 1)
	if len(a.All("suppressions")) != 0 || a.Find("participants", d.GetString("participant")).GetString("state") != "active" {
		t.Error("who can be reached again is on no list")
	}
}

func TestOut_ACustomersAddressThatBouncedIsToldAndAsksFirst(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	carla := team.Item.GetString("submitterEmail")
	a.MX.At(fake.Rcpt, fake.Refuse(550, "5.1.1 no such user").For("carla").Times(1))
	answer := func(more map[string]any) *Answer {
		body := map[string]any{"feedback": team.Item.Id, "body": "A hinge is on its way."}
		maps.Copy(body, more)
		return a.As(team.Member).Do("POST", "/api/collections/customer_messages/records", body)
	}
	if res := answer(nil); res.Status != 200 {
		t.Fatalf("%d %s", res.Status, res.Body)
	}
	a.delivery(carla, "bounced")
	notice := a.To(team.Member.Email(), 1)[0] // who wrote it
	if said := text(t, notice); !strings.Contains(said, "could not be delivered") || !strings.Contains(said, "no such user") || !strings.Contains(said, carla) {
		t.Errorf("the notice says:\n%s", said)
	}
	if lines := a.All("activity"); lines[len(lines)-1].GetString("event") != "customer.delivery_failed" || lines[len(lines)-1].GetString("conversation") != "" {
		t.Errorf("the log: %v", fields(lines[len(lines)-1]))
	}
	if list := a.All("suppressions"); len(list) != 1 || list[0].GetString("address") != carla || list[0].GetString("reason") != "bounce" {
		t.Fatalf("the list: %v", facts(list))
	}
	trouble := func() any { return a.As(team.Owner).Must(200, "GET", "/api/inbox", nil).List("items")[0]["trouble"] }
	if said := trouble(); said != "Could not be delivered to "+carla {
		t.Errorf("the list shows %q", said)
	}
	res := answer(nil)
	if res.Status != 400 || !strings.Contains(res.Str("data.confirmBounced.message"), carla) || !strings.Contains(res.Str("message"), "no such user") {
		t.Errorf("a further answer asks first: %d %s", res.Status, res.Body)
	}
	if n := len(a.All("customer_messages")); n != 1 {
		t.Fatalf("%d messages: what was only asked is not stored", n)
	}
	if res := answer(map[string]any{"confirmBounced": true}); res.Status != 200 {
		t.Fatalf("confirmed: %d %s", res.Status, res.Body)
	}
	a.To(carla, 1)
	if said := trouble(); len(a.All("suppressions")) != 0 || said != "" {
		t.Errorf("who can be reached again is on no list; %q", said)
	}
}

func TestOut_AnAddressThatComplainedIsTheOperatorsToClear(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	conversation := a.write(team, "bob@vendor.test")
	d := a.delivery("bob@vendor.test", "sent")
	if err := a.RunInTransaction(func(tx core.App) error { return desk.Complaint(tx, d.Id) }); err != nil {
		t.Fatal(err)
	}
	for what, res := range map[string]*Answer{
		"a follow-up":        a.As(team.Owner).Do("POST", "/api/collections/side_messages/records", map[string]any{"conversation": conversation, "body": "x", "confirmBounced": true}),
		"a new conversation": a.As(team.Owner).Do("POST", "/api/side-conversations", map[string]any{"feedback": team.Item.Id, "to": []string{"bob@vendor.test"}, "subject": "s", "message": "m", "confirmBounced": true}),
	} {
		if res.Status != 400 || !strings.Contains(res.Str("data.to.message"), "spam") {
			t.Errorf("%s: %d %s", what, res.Status, res.Body)
		}
	}
	if notice := a.To("ada@acme.test", 1)[0]; !strings.Contains(text(t, notice), "reported as spam") || strings.Contains(text(t, notice), "could not be delivered") {
		t.Errorf("the starter is told:\n%s", text(t, notice))
	}
	if res := a.As(team.Owner).Do("GET", "/api/collections/suppressions/records", nil); res.Status == 200 {
		t.Errorf("the list is the operator's: %s", res.Body)
	}
	if _, err := a.NonconcurrentDB().Delete("suppressions", dbx.HashExp{"address": "bob@vendor.test"}).Execute(); err != nil {
		t.Fatal(err)
	}
	a.As(team.Owner).Must(200, "POST", "/api/collections/side_messages/records", map[string]any{"conversation": conversation, "body": "x"})
}

// TestOut_AnIndependentVerifierAgreesWithOurSignatures takes a letter as it left the whole program.
func TestOut_AnIndependentVerifierAgreesWithOurSignatures(t *testing.T) {
	if _, err := exec.LookPath("/usr/bin/python3"); err != nil || exec.Command("/usr/bin/python3", "-c", "import dkim").Run() != nil {
		t.Skip("needs python3-dkim")
	}
	a := NewApp(t)
	team := a.NewTeam()
	a.write(team, "bob@vendor.test")
	l := a.To("bob@vendor.test", 1)[0]
	zone := ""
	for name, value := range a.Aside.Outbox().Signer.Records() {
		zone += fmt.Sprintf("zone[%q] = %q\n", name, value)
	}
	script := "import dkim, sys\nzone = {}\n" + zone + `
raw = open(sys.argv[1], "rb").read()
def txt(name, timeout=5):
    name = name.decode() if isinstance(name, bytes) else name
    return zone.get(name, "").encode()
d = dkim.DKIM(raw)
print([d.verify(i, dnsfunc=txt) for i in (0, 1)])
`
	dir := t.TempDir()
	letter, py := filepath.Join(dir, "letter.eml"), filepath.Join(dir, "check.py")
	if err := os.WriteFile(letter, l.Data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(py, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("/usr/bin/python3", py, letter).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "[True, True]" {
		t.Errorf("%v %s", err, out)
	}
}
