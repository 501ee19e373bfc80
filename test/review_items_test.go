package test

import (
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// The findings of the second review about feedback items.

// meanwhile has something done after the next change of an item was read and before it is stored.
func (p *post) meanwhile(do func()) {
	var done atomic.Bool // not a sync.Once: what is done comes by here too
	p.OnRecordUpdateRequest("feedback").Bind(&hook.Handler[*core.RecordRequestEvent]{Priority: -1, Func: func(e *core.RecordRequestEvent) error {
		if done.CompareAndSwap(false, true) {
			do()
		}
		return e.Next()
	}})
}

func TestReview15_TwoChangesOfOneItemAtOnceBothLast(t *testing.T) {
	p := newPost(t)
	mel := p.As(p.team.Member)
	path := "/api/collections/feedback/records/" + p.team.Item.Id
	p.meanwhile(func() {
		mel.Must(200, "PATCH", path, map[string]any{"assignee": p.team.Member.Id, "followers+": p.team.Member.Id, "submitterName": "Carla C."})
	})
	res := p.ada.Must(200, "PATCH", path, map[string]any{"status": "in_progress", "followers+": []string{p.team.Admin.Id}, "message": "not mine to change", "number": 99, "project": "x"})
	item := p.Find("feedback", p.team.Item.Id)
	if item.GetString("status") != "in_progress" || item.GetString("assignee") != p.team.Member.Id || item.GetString("submitterName") != "Carla C." || len(item.GetStringSlice("followers")) != 2 {
		t.Errorf("a change was lost: %s", fields(item))
	}
	if item.GetString("message") != p.team.Item.GetString("message") || item.GetInt("number") != 1 || item.GetString("project") != p.team.Project.Id {
		t.Errorf("the server's own was changed: %s", fields(item))
	}
	if res.Str("status") != "in_progress" || res.Str("assignee") != p.team.Member.Id || res.Str("submitterName") != "Carla C." {
		t.Errorf("the answer is not what is stored: %s", res.Body)
	}
	if !p.logged("Ada Agent set the status to In progress") || !p.logged("Mel Member assigned this to Mel Member") || strings.Contains(strings.Join(p.log(), "\n"), "assignee off") {
		t.Errorf("the log says %q", p.log())
	}
	p.ada.Must(200, "PATCH", path, map[string]any{"followers-": p.team.Admin.Id})
	p.ada.Must(200, "PATCH", path, NewForm("category", "question", "assignee", ""))
	item = p.Find("feedback", p.team.Item.Id)
	if f := item.GetStringSlice("followers"); len(f) != 1 || f[0] != p.team.Member.Id || item.GetString("category") != "question" || item.GetString("assignee") != "" {
		t.Errorf("taken off: %s", fields(item))
	}
	p.ada.Must(200, "POST", "/api/batch", map[string]any{"requests": []any{map[string]any{"method": "PATCH", "url": path, "body": map[string]any{"status": "resolved"}}}})
	if s := p.Find("feedback", item.Id).GetString("status"); s != "resolved" {
		t.Errorf("in a batch: %s", s)
	}
	p.ada.Must(400, "PATCH", path, map[string]any{"status": "nonsense"})
	p.ada.Must(400, "PATCH", path, map[string]any{"followers+": p.team.Stranger.Id})
	p.As(p.team.Viewer).Must(403, "PATCH", path, map[string]any{"status": "new"})
}

func TestReview16_NoRefusalWritesATokenIntoTheLog(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	tok, jwt := strings.TrimPrefix(c.page, "/c/"), p.ada.token
	g := p.Guest()
	big := url.Values{"message": {strings.Repeat("x", 2<<20)}}
	g.Must(413, "POST", c.page+"/wrong-person", big)
	g.Must(413, "POST", "/api/aside/setup?token="+jwt, map[string]any{"name": strings.Repeat("x", 40<<20)})
	for _, path := range []string{c.page + "/nothing", "/app/c/" + tok, "/nothing/" + tok, "/api/nothing/" + tok, "/app/reset/" + jwt, "/app/invite/" + tok, "/nothing?token=" + jwt, "/nothing?x=1&TOKEN=%zz" + jwt, "/js/" + tok} {
		g.Do("GET", path, nil)
		g.Do("DELETE", path, nil)
	}
	p.ada.Do("GET", "/nothing/last", nil)
	logged := ""
	Eventually(t, "the requests are in the log", func() bool {
		var rows []struct {
			Message string `db:"message"`
			Data    string `db:"data"`
		}
		if err := p.AuxDB().NewQuery("SELECT message, data FROM _logs").All(&rows); err != nil {
			t.Fatal(err)
		}
		logged = fmt.Sprint(rows)
		return strings.Contains(logged, "/nothing/last")
	})
	for name, secret := range map[string]string{"a portal token": tok[:30], "a JWT": jwt[:60]} {
		if i := strings.Index(logged, secret); i >= 0 {
			t.Errorf("%s is in the log: …%s…", name, logged[max(0, i-100):i+30])
		}
	}
	if !strings.Contains(logged, "/c/redacted/wrong-person") {
		t.Error("the refused answer is not in the log at all")
	}
}
