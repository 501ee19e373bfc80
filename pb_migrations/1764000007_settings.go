package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// PocketBase ships with rate limits and batch off. Limits are on here: generous for an agents' inbox behind one office
// address, tight for guessing passwords. Batch is on because integrations use it; every door in it is the same door.
func init() {
	m.Register(func(app core.App) error {
		s := app.Settings()
		s.Meta.AppName = "Aside"
		s.Batch.Enabled = true
		s.RateLimits.Enabled = true
		s.RateLimits.Rules = []core.RateLimitRule{
			{Label: "*:auth", MaxRequests: 30, Duration: 60},
			{Label: "/api/batch", MaxRequests: 10, Duration: 1},
			{Label: "POST /api/feedback/", MaxRequests: 60, Duration: 60, Audience: core.RateLimitRuleAudienceGuest},
			{Label: "/api/", MaxRequests: 1200, Duration: 10},
		}
		return app.Save(s)
	}, nil)
}
