package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// An erasure is a row of privacy_log and a list of steps. Each step can be done again without harm, in transactions of a page of rows, and
// the row says which one is next: what a crash interrupted goes on after it. While it lasts, the row knows whom it is about; its last act
// is to forget that.

// EraseRequest says whom to erase. Names are those of theirs that are to go from the texts of others too.
type EraseRequest struct {
	Email   string
	Names   []string
	Confirm string // "erase " and the address, in so many words
}

func (r EraseRequest) confirmed() error {
	if asciiLower(strings.TrimSpace(r.Confirm)) != "erase "+asciiLower(strings.TrimSpace(r.Email)) {
		return Invalidf("confirm", "Erasing cannot be undone. To confirm, say: erase "+OneLine(r.Email, 200))
	}
	return nil
}

// erasing is what an erasure must know until it is done.
type erasing struct {
	Addresses []string `json:"addresses"`
	Known     []string `json:"known"`   // every name of theirs: erased where it says who did something
	Names     []string `json:"names"`   // those that are erased in any text
	Account   string   `json:"account"` // of the agent
	StandIn   string   `json:"standIn"` // the user that their work is signed with from now on
	Rounds    int      `json:"rounds"`
}

// RequestErasure writes the order down, and ends at once what they can do in the project. by is the agent who asks, nil for the operator.
func RequestErasure(tx core.App, by *core.Record, project *core.Record, r EraseRequest) (*core.Record, error) {
	if err := r.confirmed(); err != nil {
		return nil, err
	}
	if err := notUnderWay(tx, project.Id, r.Email); err != nil {
		return nil, err
	}
	who, err := FindIdentity(tx, project, r.Email)
	if err != nil {
		return nil, err
	}
	for _, name := range r.Names {
		if !slices.Contains(who.Names, name) || letters(name) < namePart {
			return nil, Invalidf("names", "“"+OneLine(name, 100)+"” is not one of their names.")
		}
	}
	view, err := ViewIdentity(tx, who)
	if err != nil {
		return nil, err
	}
	p, err := newPseudonym(tx, project.Id)
	if err != nil {
		return nil, err
	}
	facts := erasing{Addresses: who.Addresses, Known: who.Names, Names: r.Names}
	if who.Account != nil {
		facts.Account = who.Account.Id
		if facts.StandIn, err = retireAgent(tx, by, who, p); err != nil {
			return nil, err
		}
	}
	return orderErasure(tx, by, project.Id, p.name(), view, facts)
}

// notUnderWay refuses to begin twice.
func notUnderWay(app core.App, project, address string) error {
	n, err := app.CountRecords("privacy_log", dbx.NewExp("project = {:p} AND kind = 'erase' AND state != 'done' AND EXISTS (SELECT 1 FROM json_each(facts, '$.addresses') WHERE value = {:a})",
		dbx.Params{"p": project, "a": asciiLower(strings.TrimSpace(address))}))
	if err == nil && n > 0 {
		err = &Refusal{Kind: Conflict, Field: "email", Words: "This person is being erased already."}
	}
	return err
}

func orderErasure(tx core.App, by *core.Record, project, person string, view *IdentityView, facts erasing) (*core.Record, error) {
	job, err := newRecord(tx, "privacy_log")
	if err != nil {
		return nil, err
	}
	name := operatorName
	if by != nil {
		name = NameOf(by)
		job.Set("by", by.Id)
	}
	job.Load(map[string]any{"project": project, "kind": "erase", "state": "queued", "byName": name, "person": person, "text": name + " had a person erased, who is “" + person + "” now.",
		"counts": view.Counts, "address": facts.Addresses[0], "step": erasureFirst, "facts": facts})
	return job, put(tx, job)
}

const operatorName = "The operator"

// retireAgent ends an agent's membership, and makes the user that stands for them in what they did. An owner is erased by owners, and the
// last one not at all, as with any other way out.
func retireAgent(tx core.App, by *core.Record, who *Identity, p pseudonym) (standIn string, err error) {
	if who.Role != "" {
		if by != nil {
			err = CheckMemberChange(tx, by, who.Project.Id, who.Account.Id, who.Role, "")
		} else if who.Role == Owner {
			err = checkOtherOwner(tx, who.Project.Id)
		}
		if err != nil {
			return "", err
		}
		m, err := tx.FindFirstRecordByFilter("members", "project = {:p} && user = {:u}", dbx.Params{"p": who.Project.Id, "u": who.Account.Id})
		if err != nil {
			return "", err
		}
		if err := tx.Delete(m); err != nil {
			return "", err
		}
	}
	user, err := newMachine(tx, p.name())
	if err != nil {
		return "", err
	}
	return user.Id, nil
}

// Eraser carries erasures out, one after the other.
type Eraser struct {
	App core.App
	// Says tells whether a letter says something that found knows, wherever a reader would see it.
	Says func(raw []byte, found func(text string) bool) bool
	// Elsewhere erases what lies in files beside the database and is not known here; nil for nothing.
	Elsewhere func(m *Mention) error
	// Before is asked before each step, and an error stops there; nil for tests that break nothing.
	Before func(step string) error
	// LogDelay is how long lines of the request log may wait in memory; zero is logDelay.
	LogDelay time.Duration

	working sync.Mutex // one at a time, whoever asks
}

// logDelay is how often PocketBase writes its log lines, and a little more.
const logDelay = 4 * time.Second

// maxRounds is how often an erasure begins again because something of theirs came while it was under way.
const maxRounds = 3

// erasureStep does a part of it and says in words what it must wait for; empty when it is done.
type erasureStep struct {
	name string
	do   func(r *erasure) (waitFor string, err error)
}

// erasureFirst is the step to begin with.
const erasureFirst = "stop"

// erasureSteps in their order: first what could bring more, then what is theirs, then where others name them, then the traces.
var erasureSteps = []erasureStep{
	{erasureFirst, (*erasure).stop}, {"queue", (*erasure).queue}, {"messages", (*erasure).messages}, {"items", (*erasure).items}, {"held", (*erasure).held}, {"agent", (*erasure).agent}, {"account", (*erasure).account},
	{"said", (*erasure).said}, {"mentions", (*erasure).mentions}, {"letters", (*erasure).letters}, {"lists", (*erasure).lists}, {"logs", (*erasure).logs},
	{"again", (*erasure).again}, {"fact", (*erasure).fact}, {"forget", (*erasure).forget}, {"scour", (*erasure).scour},
}

// erasure is one that is being carried out.
type erasure struct {
	*Eraser
	ctx     context.Context
	app     core.App
	job     *core.Record
	project string
	facts   erasing
	by      pseudonym
	m       *Mention
	next    string // another step than the one that follows
}

// Work carries out every erasure that is due, until ctx ends; one that must wait is tried again the next time.
func (e *Eraser) Work(ctx context.Context) error {
	e.working.Lock()
	defer e.working.Unlock()
	ids, err := columnOf(e.App.DB().NewQuery(`SELECT id FROM privacy_log WHERE state != 'done' AND kind = 'erase' ORDER BY created, rowid`))
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := e.Advance(ctx, id); err != nil {
			return fmt.Errorf("erasure %s: %w", id, err)
		}
	}
	return nil
}

// Advance carries one erasure on until it is done or must wait.
func (e *Eraser) Advance(ctx context.Context, id string) error {
	for ctx.Err() == nil {
		r, err := e.open(ctx, id)
		if err != nil || r.job.GetString("state") == "done" {
			return err
		}
		at := slices.IndexFunc(erasureSteps, func(s erasureStep) bool { return s.name == r.job.GetString("step") })
		if at < 0 {
			return fmt.Errorf("there is no step %q", r.job.GetString("step"))
		}
		if e.Before != nil {
			if err := e.Before(erasureSteps[at].name); err != nil {
				return err
			}
		}
		wait, err := erasureSteps[at].do(r)
		if err != nil {
			return fmt.Errorf("%s: %w", erasureSteps[at].name, err)
		}
		if err := r.step(at, wait); err != nil || wait != "" {
			return err
		}
	}
	return nil
}

func (e *Eraser) open(ctx context.Context, id string) (*erasure, error) {
	job, err := find(e.App, "privacy_log", id)
	if err != nil {
		return nil, err
	}
	r := &erasure{Eraser: e, ctx: ctx, app: e.App, job: job, project: job.GetString("project"), by: readPseudonym(job.GetString("person"))}
	_ = job.UnmarshalJSONField("facts", &r.facts) // forgotten ones are empty, for the last steps
	r.m = NewMention(r.facts.Addresses, r.facts.Names, r.by.name())
	return r, nil
}

// step writes down that a step is done, or what it waits for.
func (r *erasure) step(at int, wait string) error {
	return r.app.RunInTransaction(func(tx core.App) error {
		job, err := find(tx, "privacy_log", r.job.Id)
		if err != nil {
			return err
		}
		job.Load(map[string]any{"state": "running", "waiting": Cut(wait, 500)})
		switch {
		case wait != "":
			job.Set("state", "waiting")
		case r.next != "":
			data, err := json.Marshal(r.facts)
			if err != nil {
				return err
			}
			job.Load(map[string]any{"step": r.next, "facts": string(data)})
		case at+1 < len(erasureSteps):
			job.Set("step", erasureSteps[at+1].name)
		default:
			job.Load(map[string]any{"state": "done", "step": "", "finished": now()})
		}
		return put(tx, job)
	})
}

// erasePage is how many rows one transaction changes.
const erasePage = 100

// each calls do for every row of a table that a condition holds for, in transactions of a page. {:project} is the erasure's, {:a} the
// person's addresses, {:erased} matches the addresses that stand for theirs.
func (r *erasure) each(table, condition string, do func(tx core.App, row *core.Record) error) error {
	return r.eachOf(r.project, table, condition, do)
}

// eachOf is each for the rows of another project, or of none.
func (r *erasure) eachOf(project, table, condition string, do func(tx core.App, row *core.Record) error) error {
	for after := ""; ; {
		params := r.params()
		params["after"], params["n"], params["of"] = after, erasePage, project
		ids, err := columnOf(r.app.DB().NewQuery(`SELECT t.id FROM ` + table + ` t WHERE t.id > {:after} AND t.project = {:of} AND (` + condition + `) ORDER BY t.id LIMIT {:n}`).Bind(params))
		if err != nil || len(ids) == 0 {
			return err
		}
		err = r.app.RunInTransaction(func(tx core.App) error {
			for _, id := range ids {
				row, err := find(tx, table, id)
				if IsKind(err, NotFound) {
					continue // deleted meanwhile
				}
				if err == nil {
					err = do(tx, row)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		after = ids[len(ids)-1]
	}
}

func (r *erasure) params() dbx.Params {
	return dbx.Params{"project": r.project, "a": addressList(r.facts.Addresses), "erased": "erased-" + r.by.code + "[.@]*", "name": r.by.name(), "account": r.facts.Account, "standIn": r.facts.StandIn}
}
