package test

import (
	"strings"
	"testing"
)

// The operator's dashboard: projects, plans, people and conversations are theirs; what was said, sent and done is locked, in words.
func TestOperator_TheDashboardChangesWhatItMayAndIsToldWhyNot(t *testing.T) {
	w := newRealm(t)
	op, s := w.people["superuser"], w.own
	before := everything(w.App)
	for collection, id := range map[string]string{"side_messages": s.out, "customer_messages": s.customer, "notes": s.note, "participants": s.participant, "deliveries": s.delivery, "activity": s.activity,
		"held_mail": s.held, "notifications": s.notification, "invitations": s.invitation, "api_keys": s.apiKey} {
		t.Run(collection, func(t *testing.T) {
			path := "/api/collections/" + collection + "/records"
			record := op.Must(200, "GET", path+"/"+id, nil).JSON
			for door, res := range map[string]*Answer{"create": op.Do("POST", path, record), "update": op.Do("PATCH", path+"/"+id, map[string]any{"body": "forged", "text": "forged", "state": "sent", "email": "x@y.test", "reason": "x"})} {
				if res.Status != 403 || len(res.Str("message")) < 20 {
					t.Errorf("%s: got %d, want 403 in words: %s", door, res.Status, res.Body)
				}
			}
			if collection == "deliveries" || collection == "activity" {
				op.Must(403, "DELETE", path+"/"+id, nil)
			}
			batch := op.Do("POST", "/api/batch", map[string]any{"requests": []any{map[string]any{"method": "PATCH", "url": path + "/" + id, "body": map[string]any{"body": "forged"}}}})
			if batch.Status == 200 {
				t.Errorf("batch is a door too: %s", batch.Body)
			}
		})
	}
	if after := everything(w.App); after != before {
		t.Errorf("something was changed:\n%s\nbefore\n%s", after, before)
	}
	op.Must(200, "PATCH", "/api/collections/projects/records/"+s.project, map[string]any{"plan": "pro"})
	op.Must(200, "PATCH", "/api/collections/side_conversations/records/"+s.conv, map[string]any{"status": "closed", "subject": "forged"})
	c := w.Find("side_conversations", s.conv)
	lines := w.All("activity")
	if c.GetString("status") != "closed" || c.GetString("subject") == "forged" || lines[len(lines)-1].GetString("text") != "The operator closed a side conversation" {
		t.Errorf("got %v, last line %q", c.FieldsData(), lines[len(lines)-1].GetString("text"))
	}
	user := op.Must(200, "POST", "/api/collections/users/records", map[string]any{"name": "New", "email": "new@acme.test", "password": Password, "passwordConfirm": Password, "verified": true}).Str("id")
	m := op.Must(200, "POST", "/api/collections/members/records", map[string]any{"project": s.project, "user": user, "role": "owner"}).Str("id")
	op.Must(200, "PATCH", "/api/collections/members/records/"+m, map[string]any{"role": "viewer"})
	op.Must(204, "DELETE", "/api/collections/members/records/"+m, nil)
	op.Must(200, "POST", "/api/collections/projects/records", map[string]any{"name": "By the operator"})
}

func TestOperator_FieldsCarryHelpAndRecordsAName(t *testing.T) {
	a := NewApp(t)
	res := a.superuser().Must(200, "GET", "/api/collections?perPage=100", nil)
	for _, c := range res.List("items") {
		name, presentable, help := c["name"].(string), false, false
		for _, f := range c["fields"].([]any) {
			field := f.(map[string]any)
			presentable = presentable || field["presentable"] == true
			help = help || field["help"] != nil && field["help"] != ""
		}
		if !strings.HasPrefix(name, "_") && name != "suppressions" && (!presentable || !help) {
			t.Errorf("%s: a name where it is linked: %v, help: %v", name, presentable, help)
		}
	}
}
