package desk

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// How much may be sent, so that nobody uses a project to write to the world (threats W-01, W-02, W-15). The operator overrides the first
// three per project, in the dashboard: addressesPerDay, conversationsPerHour, conversationsPerAddress.
const (
	AddressesPerDay         = 50 // addresses a project never wrote to before; a busy team meets a dozen
	ConversationsPerHour    = 60 // started by one person: one a minute is a script
	ConversationsPerAddress = 5  // started with one address a day, by all projects together: more is a mail bomb
	BouncePercent           = 5  // of a week's letters refused for good: then the addresses are not those of people who were asked
	bounceMinimum           = 20 // letters; under that a share says nothing
	bounceWindow            = 7 * 24 * time.Hour
	day                     = 24 * time.Hour
)

// limit is a project's own number, or the default.
func limit(project *core.Record, field string, standard int) int {
	if n := project.GetInt(field); n > 0 {
		return n
	}
	return standard
}

// Paused says in words why a project may not send now; empty when it may.
func Paused(project *core.Record) string {
	if !project.GetBool("paused") {
		return ""
	}
	why := project.GetString("pausedWhy")
	if why == "" {
		why = "The operator of this server has paused it."
	}
	return "Sending is paused for this project. " + why + " Only the operator can resume it."
}

// mayReach refuses one address too many. It is asked in the transaction that added the participant, which it counts.
func mayReach(tx core.App, project *core.Record, address string) error {
	var fresh int
	since := at(time.Now().Add(-day)).String()
	err := tx.DB().NewQuery(`SELECT count(DISTINCT p.email) FROM participants p WHERE p.project = {:p} AND p.created > {:since}
		AND NOT EXISTS (SELECT 1 FROM participants o WHERE o.project = p.project AND o.email = p.email AND o.created <= {:since})`).
		Bind(dbx.Params{"p": project.Id, "since": since}).Row(&fresh)
	if err != nil {
		return err
	}
	if most := limit(project, "addressesPerDay", AddressesPerDay); fresh > most {
		return &Refusal{Kind: TooMany, Field: "to", Words: fmt.Sprintf("This project has written to %d new addresses in the last 24 hours, which is its limit. The operator can raise it.", most)}
	}
	var asked int
	err = tx.DB().NewQuery(`SELECT count(*) FROM participants WHERE email = {:a} COLLATE NOCASE AND created > {:since}`).Bind(dbx.Params{"a": address, "since": since}).Row(&asked)
	if err != nil {
		return err
	}
	if most := limit(project, "conversationsPerAddress", ConversationsPerAddress); asked > most {
		return &Refusal{Kind: TooMany, Field: "to", Words: fmt.Sprintf("%s has been asked into %d conversations in the last 24 hours. Write in one of those, or tomorrow.", address, most)}
	}
	return nil
}

// maySpeed refuses one conversation too many of one person. It is asked in the transaction that added it.
func maySpeed(tx core.App, project, agent *core.Record) error {
	var started int
	err := tx.DB().NewQuery(`SELECT count(*) FROM side_conversations WHERE startedBy = {:u} AND created > {:since}`).
		Bind(dbx.Params{"u": agent.Id, "since": at(time.Now().Add(-time.Hour)).String()}).Row(&started)
	if err != nil {
		return err
	}
	if most := limit(project, "conversationsPerHour", ConversationsPerHour); started > most {
		return &Refusal{Kind: TooMany, Words: fmt.Sprintf("You have started %d side conversations in the last hour, which is the limit.", most)}
	}
	return nil
}

// watchBounces pauses a project of whose letters too many were refused for good (W-15), and tells its owners.
func watchBounces(tx core.App, delivery *core.Record) error {
	project, err := Project(tx, delivery.GetString("project"))
	if err != nil || project.GetBool("paused") {
		return nil // the instance's own mail has no project
	}
	since := at(time.Now().Add(-bounceWindow))
	if from := project.GetDateTime("bouncesSince"); from.Time().After(since.Time()) {
		since = from
	}
	var count struct {
		All     int `db:"n"`
		Bounced int `db:"bounced"`
	}
	err = tx.DB().NewQuery(`SELECT count(*) AS n, coalesce(sum(state = 'bounced'), 0) AS bounced FROM deliveries
		WHERE project = {:p} AND created > {:since} AND (state = 'sent' OR state = 'bounced' OR state = 'failed')`).Bind(dbx.Params{"p": project.Id, "since": since.String()}).One(&count)
	if err != nil || count.All < bounceMinimum || count.Bounced*100 <= count.All*BouncePercent {
		return err
	}
	project.Set("paused", true)
	project.Set("pausedWhy", fmt.Sprintf("%d of its last %d letters were refused for good, which makes other servers distrust all of ours.", count.Bounced, count.All))
	if err := tx.Save(project); err != nil {
		return err
	}
	item, err := itemOf(tx, delivery)
	if err != nil {
		return nil // nothing an owner could be led to; the pause says itself
	}
	return TellOwners(tx, item, Paused(project))
}

// ResumeProject begins to count bounces afresh, when the operator has taken a pause back.
func ResumeProject(project *core.Record) {
	if project.Original().GetBool("paused") && !project.GetBool("paused") {
		project.Set("bouncesSince", now())
		project.Set("pausedWhy", "")
	}
}

// itemOf is the item that a delivery is about.
func itemOf(app core.App, delivery *core.Record) (*core.Record, error) {
	if m, err := find(app, "side_messages", delivery.GetString("message")); err == nil {
		t, err := Conversation(app, m.GetString("conversation"))
		if err != nil {
			return nil, err
		}
		return t.Item, nil
	}
	m, err := find(app, "customer_messages", delivery.GetString("customerMessage"))
	if err != nil {
		return nil, err
	}
	return Feedback(app, m.GetString("feedback"))
}

// OverLimit tells a project's owners of a limit that an action met (W-01): what was refused was rolled back, this is not. where is the
// id of the item, side conversation or message it was about.
func OverLimit(app core.App, where string, err error) {
	if !IsKind(err, TooMany) {
		return
	}
	told := app.RunInTransaction(func(tx core.App) error {
		if _, item := WhereIs(tx, where, where); item != "" {
			where = item
		}
		item, lost := Feedback(tx, where)
		if lost != nil {
			return lost
		}
		return TellOwners(tx, item, err.Error())
	})
	if told != nil {
		app.Logger().Warn("the owners could not be told of a limit", "error", told)
	}
}

// TellOwners tells a project's owners that its sending met a limit; the same words once a day.
func TellOwners(tx core.App, item *core.Record, words string) error {
	var told int
	err := tx.DB().NewQuery(`SELECT count(*) FROM activity WHERE project = {:p} AND event = {:e} AND text = {:t} AND created > {:since}`).
		Bind(dbx.Params{"p": item.GetString("project"), "e": SendingLimited, "t": Cut(OneLine(words, 900), 900), "since": at(time.Now().Add(-day)).String()}).Row(&told)
	if err != nil || told > 0 {
		return err
	}
	owners, err := columnOf(tx.DB().Select("user").From("members").Where(dbx.HashExp{"project": item.GetString("project"), "role": string(Owner)}))
	if err != nil {
		return err
	}
	if err := record(tx, Event{Item: item, Name: SendingLimited, ActorName: "Aside", Text: words}); err != nil {
		return err
	}
	return tell(tx, owners, notice{Project: item.GetString("project"), Item: item.Id, Event: SendingLimited, Text: words})
}
