package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"aside/test/fake"

	"github.com/pocketbase/pocketbase/core"
)

// Password is everybody's.
const Password = "correct-horse-battery"

// Client speaks HTTP as one person, or as nobody.
type Client struct {
	t     testing.TB
	base  string
	token string
	User  *core.Record
	http  *http.Client
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	JSON   map[string]any
}

// Str reads a value by path: "data.to.message".
func (a *Answer) Str(path string) string {
	var v any = a.JSON
	for _, key := range strings.Split(path, ".") {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// List reads a list of objects.
func (a *Answer) List(key string) []map[string]any {
	items, _ := a.JSON[key].([]any)
	list := make([]map[string]any, 0, len(items))
	for _, item := range items {
		m, _ := item.(map[string]any)
		list = append(list, m)
	}
	return list
}

// Guest is a client that is not signed in and does not follow redirects.
func (a *App) Guest() *Client {
	return &Client{t: a.T, base: a.URL, http: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// As is a client signed in as a user.
func (a *App) As(user *core.Record) *Client {
	a.T.Helper()
	c := a.Guest()
	token, err := user.NewAuthToken()
	if err != nil {
		a.T.Fatal(err)
	}
	c.token, c.User = token, user
	return c
}

// Do sends a request; body is a url.Values, an io.Reader with its content type, or anything JSON can hold.
func (c *Client) Do(method, path string, body any, header ...string) *Answer {
	c.t.Helper()
	var r io.Reader
	contentType := ""
	switch b := body.(type) {
	case nil:
	case url.Values:
		r, contentType = strings.NewReader(b.Encode()), "application/x-www-form-urlencoded"
	case *Form:
		r, contentType = b.close(), b.w.FormDataContentType()
	default:
		data, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		r, contentType = bytes.NewReader(data), "application/json"
	}
	req, err := http.NewRequest(method, c.base+path, r)
	if err != nil {
		c.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if c.token != "" {
		req.Header.Set("Authorization", c.token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	a := &Answer{Status: res.StatusCode, Header: res.Header}
	if a.Body, err = io.ReadAll(res.Body); err != nil {
		c.t.Fatal(err)
	}
	_ = json.Unmarshal(a.Body, &a.JSON) // a page is no JSON
	return a
}

// Must is Do that fails the test unless the status is as said.
func (c *Client) Must(status int, method, path string, body any, header ...string) *Answer {
	c.t.Helper()
	a := c.Do(method, path, body, header...)
	if a.Status != status {
		c.t.Fatalf("%s %s: got %d, want %d: %s", method, path, a.Status, status, a.Body)
	}
	return a
}

// Form is a multipart body.
type Form struct {
	buf bytes.Buffer
	w   *multipart.Writer
}

// NewForm starts one with fields in pairs.
func NewForm(fields ...string) *Form {
	f := &Form{}
	f.w = multipart.NewWriter(&f.buf)
	for i := 0; i+1 < len(fields); i += 2 {
		_ = f.w.WriteField(fields[i], fields[i+1])
	}
	return f
}

// File adds a file.
func (f *Form) File(field, name string, data []byte) *Form {
	w, _ := f.w.CreateFormFile(field, name)
	_, _ = w.Write(data)
	return f
}

func (f *Form) close() io.Reader {
	_ = f.w.Close()
	return &f.buf
}

// NewUser makes an agent.
func (a *App) NewUser(name, email string) *core.Record {
	a.T.Helper()
	c, err := a.FindCollectionByNameOrId("users")
	if err != nil {
		a.T.Fatal(err)
	}
	u := core.NewRecord(c)
	u.Set("name", name)
	u.SetEmail(email)
	u.SetPassword(Password)
	u.SetVerified(true)
	return a.save(u)
}

func (a *App) save(r *core.Record) *core.Record {
	a.T.Helper()
	if err := a.Save(r); err != nil {
		a.T.Fatalf("saving a record of %s: %v", r.Collection().Name, err)
	}
	return r
}

// New makes a record of any collection.
func (a *App) New(collection string, values map[string]any) *core.Record {
	a.T.Helper()
	c, err := a.FindCollectionByNameOrId(collection)
	if err != nil {
		a.T.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(values)
	return a.save(r)
}

// Team is a project with one person of each role, and an item of a customer.
type Team struct {
	Project, Item                *core.Record
	Owner, Admin, Member, Viewer *core.Record
	Stranger                     *core.Record // an agent of another project
}

// NewTeam makes the usual cast: Acme Hardware, Ada and colleagues, and Carla's cracked widget.
func (a *App) NewTeam() *Team {
	a.T.Helper()
	t := &Team{Owner: a.NewUser("Ada Agent", "ada@acme.test"), Admin: a.NewUser("Adam Admin", "adam@acme.test"), Member: a.NewUser("Mel Member", "mel@acme.test"),
		Viewer: a.NewUser("Vic Viewer", "vic@acme.test"), Stranger: a.NewUser("Sam Stranger", "sam@elsewhere.test")}
	t.Project = a.New("projects", map[string]any{"name": "Acme Hardware", "slug": "acme", "plan": "pro_max", "sideConversations": true, "reopenOnReply": true, "unverifiedReplies": "accept"})
	for role, user := range map[string]*core.Record{"owner": t.Owner, "admin": t.Admin, "member": t.Member, "viewer": t.Viewer} {
		a.New("members", map[string]any{"project": t.Project.Id, "user": user.Id, "role": role})
	}
	other := a.New("projects", map[string]any{"name": "Elsewhere", "slug": "elsewhere", "plan": "pro_max", "sideConversations": true, "unverifiedReplies": "accept"})
	a.New("members", map[string]any{"project": other.Id, "user": t.Stranger.Id, "role": "owner"})
	res := a.As(t.Owner).Must(200, "POST", "/api/collections/feedback/records", map[string]any{"project": t.Project.Id, "category": "bug", "submitterName": "Carla Customer", "submitterEmail": "carla@customer.test",
		"message": "The blue widget arrived cracked and the hinge is missing two screws. Secret shelf code 7719."})
	t.Item = a.Find("feedback", res.Str("id"))
	return t
}

// Find reads a record afresh.
func (a *App) Find(collection, id string) *core.Record {
	a.T.Helper()
	r, err := a.FindRecordById(collection, id)
	if err != nil {
		a.T.Fatalf("%s %s: %v", collection, id, err)
	}
	return r
}

// All reads all records of a collection, oldest first.
func (a *App) All(collection string) []*core.Record {
	a.T.Helper()
	records := []*core.Record{}
	if err := a.RecordQuery(collection).OrderBy("created", "rowid").All(&records); err != nil {
		a.T.Fatal(err)
	}
	return records
}

// Vendor is an outsider with signed mail.
func (a *App) Vendor(who string) *fake.Vendor { return fake.NewVendor(a.T, a.DNS, who) }

// To are the caught letters to one address, after at least n have come.
func (a *App) To(address string, n int) (letters []fake.Letter) {
	a.T.Helper()
	Eventually(a.T, fmt.Sprintf("%d letters to %s", n, address), func() bool {
		letters = nil
		for _, l := range a.MX.Letters() {
			if len(l.To) == 1 && strings.EqualFold(l.To[0], address) {
				letters = append(letters, l)
			}
		}
		return len(letters) >= n
	})
	return letters
}
