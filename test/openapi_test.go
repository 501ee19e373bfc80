package test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"aside/hooks"

	"github.com/getkin/kin-openapi/openapi3"
)

var writeOpenAPI = flag.Bool("openapi", false, "write docs/openapi.json anew")

const openAPIFile = "../docs/openapi.json"

// docs/openapi.json is what the server serves, and is OpenAPI 3.1 to somebody else's library.
func TestOpenAPI_TheDocumentIsGeneratedAndValid(t *testing.T) {
	a := NewApp(t)
	document, err := hooks.OpenAPI(a)
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.MarshalIndent(document, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if *writeOpenAPI {
		if err := os.WriteFile(openAPIFile, append(want, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if file, err := os.ReadFile(openAPIFile); err != nil || !bytes.Equal(bytes.TrimSpace(file), want) {
		t.Errorf("docs/openapi.json is not what the code says: go test ./test -run OpenAPI -openapi (%v)", err)
	}
	served := a.Guest().Must(200, "GET", "/api/openapi.json", nil)
	var compact bytes.Buffer
	if err := json.Compact(&compact, want); err != nil || !bytes.Equal(bytes.TrimSpace(served.Body), compact.Bytes()) {
		t.Errorf("what is served is another document (%v)", err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(served.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Errorf("not valid: %v", err)
	}
	if !doc.IsOpenAPI31OrLater() {
		t.Error("not 3.1")
	}
	for _, field := range []string{"proof", "hash", "tokenKey", "linkVersion", "messageId"} {
		if strings.Contains(string(served.Body), `"`+field+`"`) {
			t.Errorf("the hidden field %s is described", field)
		}
	}
}

// Every route of ours is described, and every operation described is called, by an API key, and answers as described.
func TestOpenAPI_EveryOperationIsCalledAndAnswersAsDescribed(t *testing.T) {
	w := newRealm(t)
	doc, err := openapi3.NewLoader().LoadFromData(w.Guest().Must(200, "GET", "/api/openapi.json", nil).Body)
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]*openapi3.Operation{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			described[method+" "+path] = op
		}
	}
	for route := range matrix {
		_, path, _ := strings.Cut(route, " ")
		if ours(path) && described[route] == nil {
			t.Errorf("%s is described nowhere: add it to hooks/openapi_routes.go", route)
		}
	}
	for _, route := range slices.Sorted(maps.Keys(described)) {
		if strings.Contains(route, "DELETE /api/collections/members") {
			continue // last, below
		}
		w.callDescribed(t, route, described[route])
	}
	w.callDescribed(t, "DELETE /api/collections/members/records/{id}", described["DELETE /api/collections/members/records/{id}"])
	t.Logf("%d operations", len(described))
}

// ours tells Aside's API from PocketBase's, and from pages.
func ours(path string) bool {
	if path == "/healthz" || path == "/metrics" {
		return true
	}
	for _, theirs := range []string{"/api/collections", "/api/settings", "/api/logs", "/api/crons", "/api/backups", "/api/files", "/api/health", "/api/sql", "/api/oauth2-redirect", "/api/realtime", "/api/batch"} {
		if strings.HasPrefix(path, theirs) {
			return false
		}
	}
	return strings.HasPrefix(path, "/api/")
}

func (w *realm) callDescribed(t *testing.T, route string, op *openapi3.Operation) {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	who, body := w.people["key of a owner"], any(nil)
	if r, known := matrix[route]; known {
		path = r.path(w, w.own)
		if r.body != nil {
			body = r.body(w, w.own)
		}
	} else {
		path, body = w.recordCall(t, method, path)
	}
	want := 0
	for status := range op.Responses.Map() {
		if n, err := strconv.Atoi(status); err == nil {
			want = n
		}
	}
	switch op.OperationID { // what only people, the operator or those with a letter do
	case "makeKey", "revokeKey", "viewNotifications", "updateNotifications", "createProjects", "createMembers", "updateUsers":
		who = w.people["owner"]
	case "metrics", "personEverywhere", "erasePersonEverywhere":
		who = w.people["superuser"]
	case "setUp":
		want = 409
	case "undoMessage": // it has left
		who, want = w.people["owner"], 409
	case "openInvitation", "acceptInvitation":
		want = 404
	}
	res := who.Do(method, path, body)
	if res.Status != want {
		t.Errorf("%s: got %d, described is %d: %.200s", route, res.Status, want, res.Body)
		return
	}
	answer := op.Responses.Value(strconv.Itoa(want))
	if answer == nil {
		answer = op.Responses.Default()
	}
	media := answer.Value.Content.Get(strings.Split(res.Header.Get("Content-Type"), ";")[0])
	if media == nil {
		if len(answer.Value.Content) > 0 {
			t.Errorf("%s answers %s, which is not described", route, res.Header.Get("Content-Type"))
		}
		return
	}
	if !strings.Contains(res.Header.Get("Content-Type"), "json") {
		return
	}
	var value any
	if err := json.Unmarshal(res.Body, &value); err != nil {
		t.Errorf("%s: %v", route, err)
	} else if err := media.Schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
		t.Errorf("%s does not answer as described: %.400v", route, err)
	}
}

// recordCall fills a path of the records API and its body from the records matrix.
func (w *realm) recordCall(t *testing.T, method, path string) (string, any) {
	t.Helper()
	collection, _, _ := strings.Cut(strings.TrimPrefix(path, "/api/collections/"), "/")
	r := recordMatrix[collection]
	if r.id == nil {
		t.Fatalf("%s is in no matrix", path)
	}
	path = strings.ReplaceAll(path, "{id}", r.id(w.own))
	switch {
	case method == "POST":
		return path, r.body(w, w.own)
	case method == "PATCH":
		return path, r.patch(w.own)
	}
	return path, nil
}
