package hooks

import (
	"errors"
	"net/http"
	"strings"

	"aside/internal/desk"
	"aside/internal/email"

	"github.com/pocketbase/pocketbase/core"
)

// recipients reads addresses as people type them, one or several to a field, and refuses what is none by its name.
func (a *Aside) recipients(typed []string) (list []desk.Address, err error) {
	seen := map[string]bool{}
	for _, one := range typed {
		address, problem := email.ReadAddress(one)
		if problem != nil {
			err = errors.Join(err, desk.Invalidf("to", "“"+desk.Cut(desk.OneLine(one, 100), 100)+"” is not an address one can write to. "+problem.Error()))
			continue
		}
		if own := desk.NoPerson(address.Address, a.cfg.MailDomain); own != "" {
			return list, desk.Invalidf("to", own)
		}
		if key := strings.ToLower(address.Address); !seen[key] {
			seen[key] = true
			list = append(list, desk.Address{Name: address.Name, Email: address.Address})
		}
	}
	return list, err
}

func (a *Aside) addParticipants(e *core.RequestEvent) error {
	var f startForm
	if err := e.BindBody(&f); err != nil {
		return reply(e, badBody(e, err))
	}
	to, err := a.recipients(f.To)
	if err != nil {
		return reply(e, err)
	}
	var added []*core.Record
	err = e.App.RunInTransaction(func(tx core.App) (err error) {
		added, err = desk.AddParticipants(tx, e.Auth, e.Request.PathValue("id"), to, f.consent())
		return err
	})
	desk.OverLimit(e.App, e.Request.PathValue("id"), err)
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"items": added})
}

func (a *Aside) removeParticipant(e *core.RequestEvent) error {
	err := e.App.RunInTransaction(func(tx core.App) error {
		return desk.RemoveParticipant(tx, e.Auth, e.Request.PathValue("id"), e.Request.PathValue("pid"))
	})
	if err != nil {
		return reply(e, err)
	}
	return e.NoContent(http.StatusNoContent)
}

func (a *Aside) renewLink(e *core.RequestEvent) error {
	var p *core.Record
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		p, err = desk.RenewLink(tx, e.Auth, e.Request.PathValue("id"), e.Request.PathValue("pid"))
		return err
	})
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, p)
}
