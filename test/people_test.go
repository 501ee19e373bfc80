package test

import (
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/pocketbase/dbx"
)

// invited is the secret of the newest letter to an address.
func (a *App) invited(address string, n int) string {
	a.T.Helper()
	letters := a.To(address, n)
	body := text(a.T, letters[len(letters)-1])
	m := regexp.MustCompile(`/app/invite/([a-z2-7]{20,})`).FindStringSubmatch(body)
	if m == nil {
		a.T.Fatalf("no link in the invitation:\n%s", body)
	}
	return m[1]
}

func TestZ12_AnInvitationWorksOnceForItsAddressForAWeek(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	admin, guest := a.As(team.Admin), a.Guest()
	invite := "/api/projects/" + team.Project.Id + "/invitations"
	accept := func(c *Client, want int, token string) *Answer {
		t.Helper()
		return c.Must(want, "POST", "/api/invitations/accept", map[string]any{"token": token, "name": "Nina New", "password": Password})
	}
	res := admin.Must(200, "POST", invite, map[string]any{"email": "nina@acme.test", "role": "member"})
	first := a.invited("nina@acme.test", 1)
	row := a.Find("invitations", res.Str("id"))
	if strings.Contains(string(fields(row)), first) || strings.Contains(string(res.Body), "proof") || row.GetString("proof") == "" {
		t.Fatalf("the secret must be kept as a hash and shown to nobody: %s %s", fields(row), res.Body)
	}
	for name, body := range map[string]map[string]any{
		"an owner by invitation":    {"email": "x@acme.test", "role": "owner"},
		"no role":                   {"email": "x@acme.test"},
		"an address that is none":   {"email": "x at acme", "role": "member"},
		"an address of ours":        {"email": "acme@in.test", "role": "member"},
		"a header in the address":   {"email": "x@acme.test\r\nBcc: y@z.test", "role": "member"},
		"somebody who is in it":     {"email": "MEL@acme.test", "role": "member"},
		"several addresses in one":  {"email": "x@acme.test, y@acme.test", "role": "member"},
		"a superuser by invitation": {"email": "x@acme.test", "role": "superuser"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := admin.Do("POST", invite, body); got.Status != 400 && got.Status != 409 {
				t.Errorf("got %d: %s", got.Status, got.Body)
			}
		})
	}
	for _, guess := range []string{"", "x", strings.Repeat("a", 26), strings.ToUpper(first), row.GetString("proof"), first[:25]} {
		guest.Must(404, "POST", "/api/invitations/open", map[string]any{"token": guess})
		accept(guest, 404, guess)
	}
	second := func() string { // sent again: the old link stops
		admin.Must(200, "POST", "/api/invitations/"+row.Id+"/resend", nil)
		return a.invited("nina@acme.test", 2)
	}()
	accept(guest, 404, first)
	shown := guest.Must(200, "POST", "/api/invitations/open", map[string]any{"token": second})
	if shown.Str("project") != "Acme Hardware" || shown.Str("email") != "nina@acme.test" || shown.Str("role") != "member" || shown.Str("account") != "false" {
		t.Errorf("got %s", shown.Body)
	}
	accept(a.As(team.Stranger), 403, second) // bound to its address
	guest.Must(400, "POST", "/api/invitations/accept", map[string]any{"token": second, "name": "Nina", "password": "short"})
	guest.Must(400, "POST", "/api/invitations/accept", map[string]any{"token": second, "name": " ", "password": Password})
	won := make(chan int, 4)
	var wait sync.WaitGroup
	for range 4 { // single use, also when it is pressed twice
		wait.Go(func() {
			won <- a.Guest().Do("POST", "/api/invitations/accept", map[string]any{"token": second, "name": "Nina New", "password": Password}).Status
		})
	}
	wait.Wait()
	close(won)
	ok := 0
	for s := range won {
		if s == 200 {
			ok++
		}
	}
	if ok != 1 {
		t.Fatalf("%d of 4 at once were taken, want 1", ok)
	}
	accept(guest, 404, second)
	in := guest.Must(200, "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": "nina@acme.test", "password": Password})
	nina := a.Guest()
	nina.token = in.Str("token")
	nina.Must(200, "GET", "/api/items/"+team.Item.Id, nil)
	nina.Must(403, "PATCH", "/api/collections/projects/records/"+team.Project.Id, map[string]any{"name": "x"})
	admin.Must(404, "POST", "/api/invitations/"+row.Id+"/resend", nil)
	admin.Must(409, "POST", invite, map[string]any{"email": "nina@acme.test", "role": "viewer"})
}

func TestZ12_SomebodyWithAnAccountJoinsSignedInAndOldOrWithdrawnLinksAreDead(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	owner, sam := a.As(team.Owner), a.As(team.Stranger)
	invite := "/api/projects/" + team.Project.Id + "/invitations"
	id := owner.Must(200, "POST", invite, map[string]any{"email": "SAM@elsewhere.test", "role": "viewer"}).Str("id")
	token := a.invited("sam@elsewhere.test", 1)
	if shown := a.Guest().Must(200, "POST", "/api/invitations/open", map[string]any{"token": token}); shown.Str("account") != "true" {
		t.Errorf("got %s", shown.Body)
	}
	// a forwarded letter alone opens nobody's account, nor gives it a new password
	a.Guest().Must(409, "POST", "/api/invitations/accept", map[string]any{"token": token, "name": "Eve", "password": "taken-over-1"})
	a.Guest().Must(400, "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": "sam@elsewhere.test", "password": "taken-over-1"})
	sam.Must(404, "GET", "/api/items/"+team.Item.Id, nil)

	if _, err := a.NonconcurrentDB().Update("invitations", dbx.Params{"expires": "2020-01-01 00:00:00.000Z"}, dbx.HashExp{"id": id}).Execute(); err != nil {
		t.Fatal(err)
	}
	sam.Must(404, "POST", "/api/invitations/accept", map[string]any{"token": token})
	owner.Must(200, "POST", invite, map[string]any{"email": "sam@elsewhere.test", "role": "viewer"}) // again: the same invitation, anew
	if n := len(a.All("invitations")); n != 1 {
		t.Errorf("%d invitations of one address", n)
	}
	again := a.invited("sam@elsewhere.test", 2)
	owner.Must(204, "DELETE", "/api/invitations/"+id, nil)
	sam.Must(404, "POST", "/api/invitations/accept", map[string]any{"token": again})

	owner.Must(200, "POST", invite, map[string]any{"email": "sam@elsewhere.test", "role": "viewer"})
	sam.Must(200, "POST", "/api/invitations/accept", map[string]any{"token": a.invited("sam@elsewhere.test", 3)})
	sam.Must(200, "GET", "/api/items/"+team.Item.Id, nil)
	sam.Must(403, "POST", "/api/collections/notes/records", map[string]any{"feedback": team.Item.Id, "body": "a viewer writes"})
}

func TestPeople_OwnershipIsHandedOverAndTheLastOwnerStays(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	owner, admin, viewer := a.As(team.Owner), a.As(team.Admin), a.As(team.Viewer)
	of := map[string]string{}
	for _, m := range a.All("members") {
		of[m.GetString("user")] = "/api/collections/members/records/" + m.Id
	}
	res := owner.Must(409, "DELETE", of[team.Owner.Id], nil)
	if !strings.Contains(res.Str("message"), "needs an owner") {
		t.Errorf("the refusal must say why: %s", res.Body)
	}
	owner.Must(200, "PATCH", of[team.Admin.Id], map[string]any{"role": "owner"})
	owner.Must(200, "PATCH", of[team.Owner.Id], map[string]any{"role": "member"})
	admin.Must(409, "PATCH", of[team.Admin.Id], map[string]any{"role": "viewer"})
	owner.Must(403, "DELETE", of[team.Viewer.Id], nil)  // a member now
	viewer.Must(204, "DELETE", of[team.Viewer.Id], nil) // anybody may leave
	viewer.Must(404, "GET", "/api/items/"+team.Item.Id, nil)

	admin.Must(200, "PATCH", of[team.Owner.Id], map[string]any{"role": "owner"})
	var wait sync.WaitGroup
	for _, leaving := range []struct {
		c    *Client
		path string
	}{{owner, of[team.Owner.Id]}, {admin, of[team.Admin.Id]}} { // two owners leave at the same moment
		wait.Go(func() { leaving.c.Do("DELETE", leaving.path, nil) })
	}
	wait.Wait()
	owners, err := a.CountRecords("members", dbx.HashExp{"project": team.Project.Id, "role": "owner"})
	if err != nil || owners != 1 {
		t.Errorf("%d owners are left, want one (%v)", owners, err)
	}
}
