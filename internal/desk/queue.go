package desk

import (
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Due is a delivery that may be tried now.
type Due struct {
	ID      string         `db:"id"`
	Lane    string         `db:"lane"`
	Since   types.DateTime `db:"nextAttempt"`
	Created types.DateTime `db:"created"`
	Size    int64          `db:"size"` // bytes of its letter
}

// Project is whose letter it is; empty for the instance's own.
func (d Due) Project() string { project, _, _ := strings.Cut(d.Lane, " "); return project }

// Domain is where it goes, in lower case.
func (d Due) Domain() string { _, domain, _ := strings.Cut(d.Lane, " "); return domain }

// lane is a project's road to one domain.
func lane(project, recipient string) string {
	_, domain, _ := strings.Cut(recipient, "@")
	return project + " " + strings.ToLower(domain)
}

// DueLimit is how many deliveries one look at the queue sees: enough for every lane of a busy server to show its oldest.
const DueLimit = 1000

// DueDeliveries lists what is due at t, the oldest perLane of each lane. It hops from lane to lane along the index: its cost grows
// with lanes, not with what waits in them.
func DueDeliveries(app core.App, t time.Time, perLane int) ([]Due, error) {
	due := []Due{}
	err := app.DB().NewQuery(`WITH RECURSIVE lanes(lane) AS (
			SELECT min(lane) FROM deliveries WHERE (state = 'queued' OR state = 'delayed')
			UNION ALL
			SELECT (SELECT min(n.lane) FROM deliveries n WHERE (n.state = 'queued' OR n.state = 'delayed') AND n.lane > lanes.lane) FROM lanes WHERE lane IS NOT NULL)
		SELECT d.id, d.lane, d.nextAttempt, d.created, coalesce((SELECT length(raw) FROM letters l WHERE l.id = d.id), 0) AS size
		FROM lanes JOIN deliveries d ON d.id IN (
			SELECT w.id FROM deliveries w WHERE (w.state = 'queued' OR w.state = 'delayed') AND w.lane = lanes.lane AND w.nextAttempt <= {:now} ORDER BY w.nextAttempt LIMIT {:per})
		UNION ALL
		SELECT x.id, x.lane, x.lease, x.created, coalesce((SELECT length(raw) FROM letters l WHERE l.id = x.id), 0) FROM deliveries x WHERE x.state = 'sending' AND x.lease <= {:now}
		LIMIT {:limit}`).Bind(dbx.Params{"now": at(t).String(), "per": perLane, "limit": DueLimit}).All(&due)
	return due, err
}

// Claimed is a delivery this process may now send, until its lease ends.
type Claimed struct {
	ID        string         `db:"id"`
	Recipient string         `db:"recipient"`
	Sender    string         `db:"sender"`
	Attempts  int            `db:"attempts"`
	Lane      string         `db:"lane"`
	Created   types.DateTime `db:"created"`
}

// ClaimDeliveries leases those of ids that are still due at t.
func ClaimDeliveries(tx core.App, t time.Time, lease time.Duration, ids []string) ([]Claimed, error) {
	claimed := []Claimed{}
	if len(ids) == 0 {
		return claimed, nil
	}
	err := tx.NonconcurrentDB().NewQuery(`UPDATE deliveries SET state = 'sending', attempts = attempts + 1, lease = {:lease}, updated = {:now}
		WHERE id IN (SELECT value FROM json_each({:ids}))
			AND ((state = 'queued' OR state = 'delayed') AND nextAttempt <= {:now} OR state = 'sending' AND lease <= {:now})
		RETURNING id, recipient, sender, attempts, lane, created`).
		Bind(dbx.Params{"lease": at(t.Add(lease)).String(), "now": at(t).String(), "ids": list(ids)}).All(&claimed)
	return claimed, err
}

// RenewLeases keeps what is still under way from being taken up by anybody else.
func RenewLeases(tx core.App, until time.Time, ids []string) error {
	_, err := tx.NonconcurrentDB().NewQuery(`UPDATE deliveries SET lease = {:until} WHERE id IN (SELECT value FROM json_each({:ids})) AND state = 'sending'`).
		Bind(dbx.Params{"until": at(until).String(), "ids": list(ids)}).Execute()
	return err
}

// list is ids, which have no character that JSON would quote, as an array.
func list(ids []string) string { return `["` + strings.Join(ids, `","`) + `"]` }

// NextDue says when the next delivery that is not due yet wants attention; zero when there is none.
func NextDue(app core.App, t time.Time) (time.Time, error) {
	var due string
	err := app.DB().NewQuery(`SELECT coalesce(min(t), '') FROM (
		SELECT min(nextAttempt) AS t FROM deliveries WHERE (state = 'queued' OR state = 'delayed') AND nextAttempt > {:now}
		UNION ALL SELECT min(lease) FROM deliveries WHERE state = 'sending' AND lease > {:now}) WHERE t != ''`).
		Bind(dbx.Params{"now": at(t).String()}).Row(&due)
	if err != nil || due == "" {
		return time.Time{}, err
	}
	d, err := types.ParseDateTime(due)
	return d.Time(), err
}
