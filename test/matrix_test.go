package test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// policy is what each role gets, in the order of roles: none viewer member admin owner elsewhere removed superuser. 0 is not asked.
type policy [8]int

// The policies that rows have. ok is the status of those who may.
func readers(ok int) policy     { return policy{401, ok, ok, ok, ok, 404, 404, 403} }
func writers(ok int) policy     { return policy{401, 403, ok, ok, ok, 404, 404, 403} }
func managers(ok int) policy    { return policy{401, 403, 403, ok, ok, 404, 404, 403} }
func byFileToken(ok int) policy { return policy{404, ok, ok, ok, ok, 404, 404, ok} } // an iframe sends no header: a wrong token is nothing there
func signedIn(ok int) policy    { return policy{401, ok, ok, ok, ok, ok, ok, 403} }
func anyone(ok int) policy      { return policy{ok, ok, ok, ok, ok, ok, ok, ok} }
func superuser(ok int) policy   { return policy{401, 403, 403, 403, 403, 403, 403, ok} }
func few(ok int) policy         { return policy{ok, 0, 0, 0, ok, 0, 0, 0} } // doors with a pace: asked by a stranger and a member

func (p policy) outsider() policy { // how the same roles stand towards the other project
	return policy{p[0], p[5], p[5], p[5], p[5], 0, p[5], p[7]}
}

// row is one route of the matrix: how it is asked about a project's records, and what each role gets.
type row struct {
	want policy
	path func(w *realm, s *side) string
	body func(w *realm, s *side) any
	any  bool // the same for every project: asked once
	key  int  // what a key of whichever role gets, where that is not what a person of the role gets
}

func at(path string) func(*realm, *side) string {
	return func(w *realm, s *side) string {
		return strings.NewReplacer("INVITATION", s.invitation, "ITEM", s.item, "CONV", s.conv, "SPARE", s.spare, "PART", s.participant, "OUT", s.out, "IN", s.in, "CUSTOMER", s.customer, "PROJECT", s.project, "SLUG", s.slug,
			"NOTE", s.note, "HELD", s.held, "LINKFILE", s.linkFile, "LINK", s.link, "MEMBER", s.member, "FILE", s.outFile).Replace(path)
	}
}

func start(w *realm, s *side) any {
	return map[string]any{"feedback": s.item, "to": []string{w.once()}, "subject": "Subject", "message": "Message", "includeContext": true}
}

func give(v any) func(*realm, *side) any { return func(*realm, *side) any { return v } }

// elsewhere are routes with a matrix of their own: records and realtime.
var ownMatrix = []string{"GET /api/collections/{collection}/records", "GET /api/collections/{collection}/records/{id}", "POST /api/collections/{collection}/records",
	"PATCH /api/collections/{collection}/records/{id}", "DELETE /api/collections/{collection}/records/{id}", "GET /api/realtime", "POST /api/realtime", "POST /api/batch"}

// matrix is every other route. A route the router has and this has not fails the test.
var matrix = map[string]row{
	" /":                                    {want: anyone(404), path: at("/nothing-here"), any: true},
	"GET /{$}":                              {want: anyone(200), path: at("/"), any: true},
	"GET /app/{path...}":                    {want: anyone(200), path: at("/app/items/x"), any: true},
	"GET /js/{path...}":                     {want: anyone(404), path: at("/js/none.js"), any: true},
	"GET /css/{path...}":                    {want: anyone(404), path: at("/css/none.css"), any: true},
	"GET /img/{path...}":                    {want: anyone(404), path: at("/img/none.png"), any: true},
	"GET /lib/{path...}":                    {want: anyone(200), path: at("/lib/none.js"), any: true},
	"GET /favicon.ico":                      {want: anyone(204), path: at("/favicon.ico"), any: true},
	"GET /healthz":                          {want: anyone(200), path: at("/healthz"), any: true},
	"GET /api/health":                       {want: anyone(200), path: at("/api/health"), any: true},
	"GET /api/openapi.json":                 {want: anyone(200), path: at("/api/openapi.json"), any: true},
	"GET /api/aside/status":                 {want: anyone(200), path: at("/api/aside/status"), any: true},
	"GET /api/aside/doctor":                 {want: policy{401, 403, 403, 200, 200, 404, 404, 200}, path: at("/api/aside/doctor?project=PROJECT")},
	"POST /api/aside/setup":                 {want: few(409), path: at("/api/aside/setup"), body: give(map[string]any{"name": "Eve", "email": "eve@evil.test", "password": "long enough", "project": "Mine"}), any: true},
	"GET /_/{path...}":                      {want: anyone(200), path: at("/_/"), any: true}, // the dashboard's page; everything behind it is below
	"GET /_/extensions.js":                  {want: anyone(200), path: at("/_/extensions.js"), any: true},
	"GET /c/{token}":                        {want: anyone(200), path: at("LINK")},
	"GET /c/{token}/files/{message}/{name}": {want: anyone(200), path: at("LINKFILE")},
	"POST /c/{token}/replies":               {want: few(303), path: at("LINK/replies"), body: portalAnswer},
	"POST /c/{token}/wrong-person":          {want: few(303), path: at("LINK/wrong-person"), body: portalAnswer},
	"GET /f/{slug}":                         {want: anyone(200), path: at("/f/SLUG")},
	"POST /f/{slug}":                        {want: few(403), path: at("/f/SLUG"), body: give(map[string]any{"message": "m"})}, // without the page's nonce
	"POST /api/feedback/{slug}":             {want: anyone(200), path: at("/api/feedback/SLUG"), body: give(map[string]any{"message": "m", "category": "bug"})},

	"GET /api/inbox":                                    {want: signedIn(200), path: at("/api/inbox?project=PROJECT")},
	"GET /api/notifications":                            {want: signedIn(200), path: at("/api/notifications"), any: true},
	"POST /api/notifications/read":                      {want: signedIn(204), path: at("/api/notifications/read"), body: func(_ *realm, s *side) any { return map[string]any{"ids": []string{s.notification}} }},
	"GET /api/items/{id}":                               {want: readers(200), path: at("/api/items/ITEM")},
	"GET /api/search-people":                            {want: readers(200), path: at("/api/search-people?project=PROJECT&q=bob")},
	"GET /api/held-mail":                                {want: readers(200), path: at("/api/held-mail?project=PROJECT")},
	"GET /api/side-messages/{id}/trace":                 {want: readers(200).with("superuser", 200), path: at("/api/side-messages/IN/trace")},
	"GET /api/customer-messages/{id}/trace":             {want: readers(200).with("superuser", 200), path: at("/api/customer-messages/CUSTOMER/trace")},
	"GET /api/held-mail/{id}/trace":                     {want: readers(200).with("superuser", 200), path: at("/api/held-mail/HELD/trace")},
	"GET /api/side-messages/{id}/body":                  {want: byFileToken(200), path: at("/api/side-messages/IN/body")},
	"GET /api/side-messages/{id}/raw":                   {want: byFileToken(200).with("viewer", 403), path: at("/api/side-messages/IN/raw")},
	"GET /api/customer-messages/{id}/body":              {want: byFileToken(200), path: at("/api/customer-messages/CUSTOMER/body")},
	"GET /api/customer-messages/{id}/raw":               {want: byFileToken(200).with("viewer", 403), path: at("/api/customer-messages/CUSTOMER/raw")},
	"GET /api/held-mail/{id}/raw":                       {want: byFileToken(200).with("viewer", 403), path: at("/api/held-mail/HELD/raw")},
	"GET /api/files/{collection}/{recordId}/{filename}": {want: policy{404, 404, 404, 404, 404, 404, 404, 404}, path: at("/api/files/side_messages/OUT/FILE")}, // a header does not open files; tokens are in TestF09
	"POST /api/files/token":                             {want: policy{401, 200, 200, 200, 200, 200, 200, 200}, path: at("/api/files/token"), any: true},

	"POST /api/side-conversations":                                    {want: writers(200), path: at("/api/side-conversations"), body: start},
	"POST /api/side-conversations/preview":                            {want: writers(200), path: at("/api/side-conversations/preview"), body: start},
	"POST /api/side-conversations/{id}/preview":                       {want: writers(200), path: at("/api/side-conversations/CONV/preview"), body: give(map[string]any{"message": "m"})},
	"POST /api/side-conversations/{id}/renew-url":                     {want: writers(200), path: at("/api/side-conversations/CONV/renew-url")},
	"GET /api/side-conversations/{id}/url":                            {want: writers(200), path: at("/api/side-conversations/CONV/url")},
	"POST /api/side-conversations/{id}/participants":                  {want: writers(200), path: at("/api/side-conversations/CONV/participants"), body: func(w *realm, _ *side) any { return map[string]any{"to": []string{w.once()}} }},
	"DELETE /api/side-conversations/{id}/participants/{pid}":          {want: writers(204), path: at("/api/side-conversations/CONV/participants/SPARE")},
	"POST /api/side-conversations/{id}/participants/{pid}/renew-link": {want: writers(200), path: at("/api/side-conversations/CONV/participants/SPARE/renew-link")},
	"POST /api/side-messages/{id}/undo":                               {want: policy{401, 403, 403, 403, 409, 404, 404, 403}, path: at("/api/side-messages/OUT/undo"), key: 403}, // only its author, and it has left
	"POST /api/side-messages/{id}/accept":                             {want: writers(200), path: at("/api/side-messages/IN/accept"), body: give(map[string]any{"as": "message"})},
	"POST /api/held-mail/{id}/release":                                {want: writers(200), path: freshHeld("/release"), body: func(_ *realm, s *side) any { return map[string]any{"conversation": s.conv} }},
	"DELETE /api/held-mail/{id}":                                      {want: writers(204), path: freshHeld("")},

	"POST /api/projects/{id}/invitations": {want: managers(200), path: at("/api/projects/PROJECT/invitations"), body: func(w *realm, _ *side) any { return map[string]any{"email": w.once(), "role": "viewer"} }},
	"POST /api/invitations/{id}/resend":   {want: managers(200), path: at("/api/invitations/INVITATION/resend")},
	"DELETE /api/invitations/{id}":        {want: managers(204), path: freshInvitation},
	"POST /api/invitations/open":          {want: few(404), path: at("/api/invitations/open"), body: give(map[string]any{"token": "none"}), any: true}, // their matrix is TestZ12
	"POST /api/invitations/accept":        {want: few(404), path: at("/api/invitations/accept"), body: give(map[string]any{"token": "none", "name": "Eve", "password": Password}), any: true},

	"POST /api/projects/{id}/api-keys": {want: managers(200), path: at("/api/projects/PROJECT/api-keys"), body: give(map[string]any{"name": "Helpdesk", "role": "viewer"}), key: 403},
	"DELETE /api/api-keys/{id}":        {want: managers(204), path: freshKey, key: 403},

	"GET /api/projects/{id}/retention": {want: managers(200).with("superuser", 200), path: at("/api/projects/PROJECT/retention?days=30")},

	"POST /api/projects/{id}/person":        {want: managers(200).with("superuser", 200), path: at("/api/projects/PROJECT/person"), body: someone},
	"POST /api/projects/{id}/person/export": {want: managers(200).with("superuser", 200), path: at("/api/projects/PROJECT/person/export"), body: someone},
	"POST /api/aside/person":                {want: superuser(200), path: at("/api/aside/person"), body: someone, any: true},
	"POST /api/aside/person/erase":          {want: superuser(200), path: at("/api/aside/person/erase"), body: somebodyNew, any: true},
	"POST /api/projects/{id}/person/erase":  {want: managers(200).with("superuser", 200), path: at("/api/projects/PROJECT/person/erase"), body: somebodyNew},

	"GET /metrics":                                    {want: superuser(200), path: at("/metrics"), any: true},
	"GET /api/settings":                               {want: superuser(200), path: at("/api/settings"), any: true},
	"PATCH /api/settings":                             {want: superuser(200), path: at("/api/settings"), body: give(map[string]any{}), any: true},
	"POST /api/settings/test/s3":                      {want: superuser(400), path: at("/api/settings/test/s3"), any: true},
	"POST /api/settings/test/email":                   {want: superuser(400), path: at("/api/settings/test/email"), any: true},
	"POST /api/settings/apple/generate-client-secret": {want: superuser(400), path: at("/api/settings/apple/generate-client-secret"), any: true},
	"GET /api/logs":                                   {want: superuser(200), path: at("/api/logs"), any: true},
	"GET /api/logs/stats":                             {want: superuser(200), path: at("/api/logs/stats"), any: true},
	"GET /api/logs/{id}":                              {want: superuser(404), path: at("/api/logs/none"), any: true},
	"GET /api/crons":                                  {want: superuser(200), path: at("/api/crons"), any: true},
	"POST /api/crons/{id}":                            {want: superuser(404), path: at("/api/crons/none"), any: true},
	"POST /api/sql":                                   {want: superuser(400), path: at("/api/sql"), any: true},
	"GET /api/backups":                                {want: superuser(200), path: at("/api/backups"), any: true},
	"POST /api/backups":                               {want: superuser(400), path: at("/api/backups"), body: give(map[string]any{"name": "../../no"}), any: true},
	"POST /api/backups/upload":                        {want: superuser(400), path: at("/api/backups/upload"), any: true},
	"GET /api/backups/{key}":                          {want: policy{403, 403, 403, 403, 403, 403, 403, 403}, path: at("/api/backups/none.zip"), any: true}, // by a superuser's file token
	"DELETE /api/backups/{key}":                       {want: superuser(400), path: at("/api/backups/none.zip"), any: true},
	"POST /api/backups/{key}/restore":                 {want: superuser(400), path: at("/api/backups/none.zip/restore"), any: true},
	"GET /api/collections":                            {want: superuser(200), path: at("/api/collections"), any: true},
	"POST /api/collections":                           {want: superuser(400), path: at("/api/collections"), body: give(map[string]any{}), any: true},
	"PUT /api/collections/import":                     {want: superuser(400), path: at("/api/collections/import"), body: give(map[string]any{}), any: true},
	"GET /api/collections/meta/scaffolds":             {want: superuser(200), path: at("/api/collections/meta/scaffolds"), any: true},
	"GET /api/collections/meta/oauth2-providers":      {want: superuser(200), path: at("/api/collections/meta/oauth2-providers"), any: true},
	"POST /api/collections/meta/dry-run-view":         {want: superuser(400), path: at("/api/collections/meta/dry-run-view"), body: give(map[string]any{}), any: true},
	"GET /api/collections/{collection}":               {want: superuser(200), path: at("/api/collections/side_messages"), any: true},
	"PATCH /api/collections/{collection}":             {want: superuser(200), path: at("/api/collections/side_messages"), body: give(map[string]any{}), any: true},
	"DELETE /api/collections/{collection}":            {want: superuser(404), path: at("/api/collections/none"), any: true},
	"DELETE /api/collections/{collection}/truncate":   {want: superuser(404), path: at("/api/collections/none/truncate"), any: true},

	"GET /api/collections/{collection}/auth-methods":            {want: anyone(200), path: at("/api/collections/users/auth-methods"), any: true},
	"POST /api/collections/{collection}/auth-refresh":           {want: policy{401, 200, 200, 200, 200, 200, 200, 403}, path: at("/api/collections/users/auth-refresh"), any: true, key: 403},
	"POST /api/collections/{collection}/auth-with-password":     {want: anyone(400), path: at("/api/collections/users/auth-with-password"), body: give(map[string]any{"identity": "ada@acme.test", "password": "wrong-password"}), any: true},
	"POST /api/collections/{collection}/auth-with-oauth2":       {want: anyone(403), path: at("/api/collections/users/auth-with-oauth2"), body: give(map[string]any{}), any: true},
	"POST /api/collections/{collection}/auth-with-otp":          {want: anyone(403), path: at("/api/collections/users/auth-with-otp"), body: give(map[string]any{}), any: true},
	"POST /api/collections/{collection}/request-otp":            {want: anyone(403), path: at("/api/collections/users/request-otp"), body: give(map[string]any{"email": "nobody@x.test"}), any: true},
	"POST /api/collections/{collection}/request-password-reset": {want: anyone(204), path: at("/api/collections/users/request-password-reset"), body: give(map[string]any{"email": "nobody@x.test"}), any: true},
	"POST /api/collections/{collection}/confirm-password-reset": {want: anyone(400), path: at("/api/collections/users/confirm-password-reset"), body: give(map[string]any{"token": "x"}), any: true},
	"POST /api/collections/{collection}/request-verification":   {want: anyone(204), path: at("/api/collections/users/request-verification"), body: give(map[string]any{"email": "nobody@x.test"}), any: true},
	"POST /api/collections/{collection}/confirm-verification":   {want: anyone(400), path: at("/api/collections/users/confirm-verification"), body: give(map[string]any{"token": "x"}), any: true},
	"POST /api/collections/{collection}/request-email-change":   {want: policy{401, 400, 400, 400, 400, 400, 400, 403}, path: at("/api/collections/users/request-email-change"), body: give(map[string]any{"newEmail": "no address"}), any: true},
	"POST /api/collections/{collection}/confirm-email-change":   {want: anyone(400), path: at("/api/collections/users/confirm-email-change"), body: give(map[string]any{"token": "x"}), any: true},
	"POST /api/collections/{collection}/impersonate/{id}":       {want: superuser(404), path: at("/api/collections/users/impersonate/none"), any: true},
	"GET /api/oauth2-redirect":                                  {want: anyone(307), path: at("/api/oauth2-redirect"), any: true},
	"POST /api/oauth2-redirect":                                 {want: anyone(303), path: at("/api/oauth2-redirect"), any: true},
}

func (p policy) with(role string, status int) policy {
	p[slices.Index(roles, role)] = status
	return p
}

// freshHeld makes a held letter for each asking, since releasing and deleting use it up.
func freshHeld(tail string) func(*realm, *side) string {
	return func(w *realm, s *side) string { return "/api/held-mail/" + w.hold(s, "held") + tail }
}

func freshKey(w *realm, s *side) string {
	w.key(s.project, w.Find("users", s.user), "viewer")
	keys := w.All("api_keys")
	return "/api/api-keys/" + keys[len(keys)-1].Id
}

func freshInvitation(w *realm, s *side) string {
	return "/api/invitations/" + w.New("invitations", map[string]any{"project": s.project, "email": w.once(), "role": "viewer", "proof": w.once(), "expires": "2099-01-01 00:00:00.000Z"}).Id
}

func someone(w *realm, s *side) any {
	return map[string]any{"email": w.Find("participants", s.participant).GetString("email")}
}

// somebodyNew is a customer nobody has erased yet.
func somebodyNew(w *realm, s *side) any {
	address := w.once()
	item := w.New("feedback", map[string]any{"project": s.project, "number": 10_000 + w.n, "message": "m", "category": "bug", "status": "new", "submitterEmail": address})
	return map[string]any{"email": item.GetString("submitterEmail"), "confirm": "erase " + address}
}

func portalAnswer(w *realm, s *side) any {
	page := w.Guest().Must(200, "GET", s.link, nil)
	w.n++
	return map[string]any{"message": fmt.Sprint("Portal answer ", w.n), "nonce": nonce(w.T, page.Body)}
}

// Z-01, Z-05, Z-09, Z-10, Z-13: every route the router has, as everybody, towards one's own project and another.
func TestMatrix_EveryRouteAnswersEveryRoleAsItShould(t *testing.T) {
	w := newRealm(t)
	reported := w.routes()
	for _, route := range reported {
		if _, known := matrix[route]; !known && !slices.Contains(ownMatrix, route) {
			t.Errorf("%s is not in the matrix: say there who may what", route)
		}
	}
	for route := range matrix {
		if !slices.Contains(reported, route) {
			t.Errorf("%s is in the matrix, but the router has no such route", route)
		}
	}
	asked := 0
	for _, route := range reported {
		r, known := matrix[route]
		if !known {
			continue
		}
		method, _, _ := strings.Cut(route, " ")
		if method == "" {
			method = http.MethodGet
		}
		for i, role := range roles {
			asked += w.ask(t, method, route, role, r, w.own, r.want[i])
			if !r.any {
				asked += w.ask(t, method, route, role, r, w.other, r.want.outsider()[i])
			}
		}
	}
	for i, role := range roles[1:5] { // an API key is what a person of its role is, but for what only people do
		for _, route := range reported {
			r, known := matrix[route]
			method, _, _ := strings.Cut(route, " ")
			if !known || method == "" || r.want[1] == 0 && r.want[4] != 0 {
				continue
			}
			want := cmp.Or(r.key, r.want[i+1])
			asked += w.ask(t, method, route, "key of a "+role, r, w.own, want)
			if !r.any {
				asked += w.ask(t, method, route, "key of a "+role, r, w.other, r.want.outsider()[i+1])
			}
		}
	}
	t.Logf("%d routes, %d askings", len(matrix), asked)
}

// ask asks one route as one role about one project and looks at the status, and that nothing of the other project is in the answer.
func (w *realm) ask(t *testing.T, method, route, role string, r row, s *side, want int) int {
	if want == 0 || raceDetector && want == 200 && route == "PATCH /api/settings" {
		return 0
	}
	var body any
	if r.body != nil {
		body = r.body(w, s)
	}
	path := r.path(w, s)
	began := time.Now()
	res := w.people[role].Do(method, path, body)
	if d := time.Since(began); d > 300*time.Millisecond {
		t.Log(route, role, d)
	}
	towards, foreign := "own", "SECRET-other"
	if s == w.other {
		towards = "other"
	}
	if role == "elsewhere" {
		foreign = "SECRET-own"
	}
	if res.Status != want {
		t.Errorf("%s as %s towards the %s project: got %d, want %d: %.120q", route, role, towards, res.Status, want, res.Body)
	}
	if strings.Contains(string(res.Body), foreign) && role != "superuser" && !strings.HasPrefix(path, "/c/") {
		t.Errorf("%s as %s towards the %s project shows another project's text: %.300q", route, role, towards, res.Body)
	}
	return 1
}
