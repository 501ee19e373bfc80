package hooks

import (
	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/core"
)

// bindPeople guards projects and members. Superusers pass: plans and people are theirs to set in the dashboard (SC-02).
func (a *Aside) bindPeople() {
	a.app.OnRecordCreateRequest("projects").BindFunc(createProject)
	a.app.OnRecordUpdateRequest("projects").BindFunc(updateProject)
	a.app.OnRecordValidate("projects").BindFunc(func(e *core.RecordEvent) error {
		for _, line := range []string{"name", "senderName"} { // they stand in headers of letters (H-01)
			e.Record.Set(line, desk.OneLine(e.Record.GetString(line), 80))
		}
		if err := desk.CheckSlug(e.Record.GetString("slug")); err != nil {
			return err
		}
		return e.Next()
	})
	a.app.OnRecordUpdate("projects").BindFunc(func(e *core.RecordEvent) error {
		desk.ResumeProject(e.Record)
		return e.Next()
	})
	a.app.OnRecordCreateRequest("members").BindFunc(func(e *core.RecordRequestEvent) error { return guardMember(e, "", role(e.Record)) })
	a.app.OnRecordUpdateRequest("members").BindFunc(func(e *core.RecordRequestEvent) error {
		before := e.Record.Original()
		if !e.HasSuperuserAuth() { // a membership is of one person in one project; only the role changes
			e.Record.Set("project", before.GetString("project"))
			e.Record.Set("user", before.GetString("user"))
		}
		return guardMember(e, role(before), role(e.Record))
	})
	a.app.OnRecordDeleteRequest("members").BindFunc(func(e *core.RecordRequestEvent) error { return guardMember(e, role(e.Record), "") })
	a.app.OnRecordDelete("members").BindFunc(endMembership)
	a.bindKeys()
}

// endMembership takes all that hung on a membership with it, whichever door it ends by.
func endMembership(e *core.RecordEvent) error {
	outer := e.App
	defer func() { e.App = outer }()
	return e.App.RunInTransaction(func(tx core.App) error {
		e.App = tx
		if err := e.Next(); err != nil {
			return err
		}
		return desk.Leave(tx, e.Record.GetString("project"), e.Record.GetString("user"))
	})
}

func role(r *core.Record) desk.Role { return desk.Role(r.GetString("role")) }

// guardMember checks and changes in one transaction: two owners who leave at once cannot both go.
func guardMember(e *core.RecordRequestEvent, before, after desk.Role) error {
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	outer := e.App
	defer func() { e.App = outer }()
	return e.App.RunInTransaction(func(tx core.App) error {
		project, user := e.Record.GetString("project"), e.Record.GetString("user")
		err := desk.CheckMemberChange(tx, e.Auth, project, user, before, after)
		if err == nil && before == "" {
			err = desk.CheckColleague(tx, e.Auth.Id, user)
		}
		if err == nil {
			err = desk.CheckPerson(tx, user)
		}
		if err != nil {
			return reply(e.RequestEvent, err)
		}
		e.App = tx
		return e.Next()
	})
}

// createProject makes whoever creates a project its owner, in one transaction.
func createProject(e *core.RecordRequestEvent) error {
	info, err := e.RequestInfo()
	if err != nil {
		return err
	}
	desk.SetUpProject(e.Record, func(field string) bool { _, given := info.Body[field]; return given })
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	if e.Auth.GetBool("machine") {
		return e.ForbiddenError("A key works in its own project; it cannot make others.", nil)
	}
	e.Record.Set("plan", desk.PlanProMax)
	err = e.App.RunInTransaction(func(tx core.App) error {
		if err := tx.Save(e.Record); err != nil {
			return e.BadRequestError("The project could not be created.", err)
		}
		_, err := desk.AddMember(tx, e.Record.Id, e.Auth.Id, desk.Owner)
		return err
	})
	return answer(e, e.Record, err)
}

// updateProject lets admins and owners change a project, but not its plan.
func updateProject(e *core.RecordRequestEvent) error {
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	if err := desk.MayManage(e.App, e.Record.Id, e.Auth); err != nil {
		return reply(e.RequestEvent, err)
	}
	if e.Record.GetString("plan") != e.Record.Original().GetString("plan") {
		return e.ForbiddenError("The plan is set by the operator of this server.", nil)
	}
	return e.Next()
}
