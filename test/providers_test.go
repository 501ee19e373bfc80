package test

import (
	"regexp"
	"strings"
	"testing"

	"aside/test/fake"

	"github.com/pocketbase/pocketbase/core"
)

// withProvider sets another company's sign-in up, as the operator does in the dashboard.
func (a *App) withProvider() *fake.OIDC {
	a.T.Helper()
	o := fake.NewOIDC(a.T)
	users, err := a.FindCollectionByNameOrId("users")
	if err != nil {
		a.T.Fatal(err)
	}
	users.OAuth2.Enabled = true
	users.OAuth2.Providers = []core.OAuth2ProviderConfig{{Name: "oidc", ClientId: "aside", ClientSecret: "secret", DisplayName: "Company",
		AuthURL: o.URL + "/authorize", TokenURL: o.URL + "/token", UserInfoURL: o.URL + "/userinfo"}}
	if err := a.Save(users); err != nil {
		a.T.Fatal(err)
	}
	return o
}

func TestPeople_NoOtherWayInIsOfferedUntilItIsSetUp(t *testing.T) {
	a := NewApp(t)
	methods := a.Guest().Must(200, "GET", "/api/collections/users/auth-methods", nil)
	if string(methods.Body) == "" || strings.Contains(string(methods.Body), "authURL") {
		t.Errorf("offered: %s", methods.Body)
	}
	a.withProvider()
	if methods := a.Guest().Must(200, "GET", "/api/collections/users/auth-methods", nil); !strings.Contains(string(methods.Body), "/authorize?client_id=aside") {
		t.Errorf("not offered: %s", methods.Body)
	}
}

func TestPeople_AnotherCompanysAccountOpensWhatItsVerifiedAddressMay(t *testing.T) {
	a := NewApp(t)
	team, o := a.NewTeam(), a.withProvider()
	invite := func(address string) string {
		a.As(team.Admin).Must(200, "POST", "/api/projects/"+team.Project.Id+"/invitations", map[string]any{"email": address, "role": "member"})
		return a.invited(address, 1)
	}
	ninas, others := invite("nina@acme.test"), invite("other@acme.test")
	come := func(who fake.Claims, invitation string, more ...any) *Answer {
		data := map[string]any{"invitation": invitation, "email": "ada@acme.test", "verified": true, "machine": true, "password": Password, "passwordConfirm": Password}
		return a.Guest().Do("POST", "/api/collections/users/auth-with-oauth2", map[string]any{"provider": "oidc", "code": o.Code(who), "codeVerifier": "v", "redirectURL": a.URL + "/api/oauth2-redirect", "createData": data})
	}
	nina := fake.Claims{Sub: "n1", Name: "Nina\r\nNew\u202e", Email: "Nina@acme.test", Verified: true}
	count := len(a.All("users"))
	for name, c := range map[string]struct {
		who        fake.Claims
		invitation string
		status     int
		words      string
	}{
		"a stranger":                              {fake.Claims{Sub: "s", Email: "eve@evil.test", Verified: true}, "", 403, "Ask a colleague"},
		"a stranger with somebody's invitation":   {fake.Claims{Sub: "s", Email: "eve@evil.test", Verified: true}, ninas, 403, "This invitation is for nina@acme.test"},
		"an address that is not verified":         {fake.Claims{Sub: "s", Email: "nina@acme.test"}, ninas, 403, "no verified address"},
		"a colleague's address, not verified":     {fake.Claims{Sub: "s", Email: "mel@acme.test"}, "", 403, "no verified address"},
		"the right person by another invitation":  {nina, others, 403, "This invitation is for other@acme.test"},
		"the right person by a link that is none": {nina, "abcdefghijklmnopqrstuvwxyz", 404, "not valid any more"},
		"the right person without the link":       {nina, "", 403, "Ask a colleague"},
	} {
		t.Run(name, func(t *testing.T) {
			if res := come(c.who, c.invitation); res.Status != c.status || !strings.Contains(res.Str("message"), c.words) || res.Str("token") != "" {
				t.Errorf("got %d: %s", res.Status, res.Body)
			}
			if n := len(a.All("users")); n != count {
				t.Errorf("%d people, want %d", n, count)
			}
		})
	}
	if n := len(a.All(core.CollectionNameExternalAuths)); n != 0 {
		t.Errorf("%d links to other accounts were left", n)
	}

	res := come(nina, ninas)
	if res.Status != 200 || res.Str("record.email") != "nina@acme.test" || res.Str("record.name") != "Nina New" || res.Str("record.verified") != "true" {
		t.Fatalf("got %d: %s", res.Status, res.Body)
	}
	if u := a.Find("users", res.Str("record.id")); u.GetBool("machine") || u.ValidatePassword(Password) {
		t.Errorf("what came along with the code was believed: %s", fields(u))
	}
	c := a.Guest()
	c.token = res.Str("token")
	c.Must(404, "GET", "/api/items/"+team.Item.Id, nil)
	c.Must(200, "POST", "/api/invitations/accept", map[string]any{"token": ninas})
	c.Must(200, "GET", "/api/items/"+team.Item.Id, nil)
	if again := come(nina, ""); again.Status != 200 || again.Str("record.id") != res.Str("record.id") {
		t.Errorf("the second time: %d %s", again.Status, again.Body)
	}

	mel := come(fake.Claims{Sub: "m1", Email: "MEL@acme.test", Verified: true}, "")
	if mel.Status != 200 || mel.Str("record.id") != team.Member.Id {
		t.Errorf("a colleague with a verified address: %d %s", mel.Status, mel.Body)
	}
	key := a.As(team.Owner).Must(200, "POST", "/api/projects/"+team.Project.Id+"/api-keys", map[string]any{"name": "bot", "role": "owner"}).Str("key")
	links, bot := len(a.All(core.CollectionNameExternalAuths)), a.Guest()
	bot.token = "Bearer " + key
	got := bot.Do("POST", "/api/collections/users/auth-with-oauth2", map[string]any{"provider": "oidc", "code": o.Code(fake.Claims{Sub: "e1", Email: "eve@evil.test", Verified: true}), "codeVerifier": "v", "redirectURL": a.URL + "/api/oauth2-redirect"})
	if got.Status != 403 || got.Str("token") != "" || len(a.All(core.CollectionNameExternalAuths)) != links {
		t.Errorf("a key was given another account to come in by: %d %s", got.Status, got.Body)
	}
	if bad := a.Guest().Do("POST", "/api/collections/users/auth-with-oauth2", map[string]any{"provider": "oidc", "code": "made up", "redirectURL": a.URL}); bad.Status != 400 {
		t.Errorf("a code that is none: %d %s", bad.Status, bad.Body)
	}
}

// withCode has users prove themselves by a code from their mail, as the whole way in or, with two, as its second half.
func (a *App) withCode(two bool) {
	a.T.Helper()
	users, err := a.FindCollectionByNameOrId("users")
	if err != nil {
		a.T.Fatal(err)
	}
	users.OTP.Enabled, users.MFA.Enabled = true, two
	if err := a.Save(users); err != nil {
		a.T.Fatal(err)
	}
}

// code asks for a code and reads it in the mail.
func (a *App) code(address string, n int) (id, code string) {
	a.T.Helper()
	id = a.Guest().Must(200, "POST", "/api/collections/users/request-otp", map[string]any{"email": address}).Str("otpId")
	letter := a.To(address, n)[n-1]
	m := regexp.MustCompile(`\b\d{8}\b`).FindString(text(a.T, letter))
	if m == "" {
		a.T.Fatalf("no code in the letter:\n%s", text(a.T, letter))
	}
	return id, m
}

func TestPeople_ACodeFromTheMailOpensTheInboxOnceSetUp(t *testing.T) {
	a := NewApp(t)
	a.Settings().RateLimits.Enabled = false
	team := a.NewTeam()
	come := func(id, code string) *Answer {
		return a.Guest().Do("POST", "/api/collections/users/auth-with-otp", map[string]any{"otpId": id, "password": code})
	}
	a.Guest().Must(403, "POST", "/api/collections/users/request-otp", map[string]any{"email": "mel@acme.test"})
	a.withCode(false)
	if id := a.Guest().Must(200, "POST", "/api/collections/users/request-otp", map[string]any{"email": "nobody@acme.test"}).Str("otpId"); id == "" {
		t.Error("that nobody has an address must not show")
	}
	id, code := a.code("mel@acme.test", 1)
	if res := come(id, "00000000"); res.Status != 400 {
		t.Errorf("a wrong code: %d", res.Status)
	}
	res := come(id, code)
	if res.Status != 200 || res.Str("record.id") != team.Member.Id {
		t.Fatalf("%d %s", res.Status, res.Body)
	}
	if res := come(id, code); res.Status != 400 {
		t.Errorf("the same code again: %d", res.Status)
	}
	for _, l := range a.MX.Letters() {
		if l.To[0] == "nobody@acme.test" {
			t.Error("a code was sent to nobody")
		}
	}
}

func TestPeople_WhereTwoProofsAreAskedOneIsNotEnough(t *testing.T) {
	a := NewApp(t)
	team := a.NewTeam()
	a.withCode(true)
	half := a.Guest().Must(401, "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": "mel@acme.test", "password": Password})
	mfa := half.Str("mfaId")
	if mfa == "" || half.Str("token") != "" {
		t.Fatalf("half way in: %s", half.Body)
	}
	again := a.Guest().Must(400, "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": "mel@acme.test", "password": Password, "mfaId": mfa})
	if again.Str("token") != "" {
		t.Errorf("the same proof twice is two: %s", again.Body)
	}
	id, code := a.code("mel@acme.test", 1)
	res := a.Guest().Must(200, "POST", "/api/collections/users/auth-with-otp", map[string]any{"otpId": id, "password": code, "mfaId": mfa})
	if res.Str("record.id") != team.Member.Id || res.Str("token") == "" {
		t.Errorf("with both: %s", res.Body)
	}
}
