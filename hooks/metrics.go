package hooks

import (
	"time"

	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are for the operator: numbers, never an address, a token or a name (threats O-01). They live in a registry of their own, so
// that two servers in one test do not share them.
type metrics struct {
	registry  *prometheus.Registry
	letters   *prometheus.CounterVec
	gathered  prometheus.Histogram
	took      prometheus.Histogram
	failures  prometheus.Counter
	heldLabel *prometheus.Desc
	queue     *prometheus.Desc
	door      *prometheus.Desc
	aside     *Aside
}

func newMetrics(a *Aside) *metrics {
	m := &metrics{aside: a, registry: prometheus.NewRegistry(),
		letters:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aside_letters_total", Help: "Letters that came in whole, by what became of them."}, []string{"outcome"}),
		gathered:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "aside_commit_letters", Help: "Letters in one commit.", Buckets: []float64{1, 2, 4, 8, 16, 32, 64}}),
		took:      prometheus.NewHistogram(prometheus.HistogramOpts{Name: "aside_commit_seconds", Help: "Duration of a commit of letters, its flush included.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14)}),
		failures:  prometheus.NewCounter(prometheus.CounterOpts{Name: "aside_commit_failures_total", Help: "Commits of letters that failed."}),
		heldLabel: prometheus.NewDesc("aside_held_letters", "Letters that wait for a person's decision.", nil, nil),
		queue:     prometheus.NewDesc("aside_deliveries", "Outgoing letters by state.", []string{"state"}, nil),
		door:      prometheus.NewDesc("aside_smtp", "What the SMTP door counted since the start; open and held_bytes are of this moment.", []string{"what"}, nil),
	}
	m.registry.MustRegister(m, m.letters, m.gathered, m.took, m.failures, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Commit and Letter make metrics the observer of intake.
func (m *metrics) Commit(letters int, took time.Duration, err error) {
	m.gathered.Observe(float64(letters))
	m.took.Observe(took.Seconds())
	if err != nil {
		m.failures.Inc()
	}
}

// Letter counts one letter.
func (m *metrics) Letter(outcome string) { m.letters.WithLabelValues(outcome).Inc() }

// Describe and Collect make it a collector of what is asked for only when somebody looks.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.heldLabel
	ch <- m.queue
	ch <- m.door
}

// Collect asks the door and the database.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	if m.aside.door != nil {
		for what, n := range m.aside.door.Stats() {
			ch <- prometheus.MustNewConstMetric(m.door, prometheus.UntypedValue, float64(n), what)
		}
	}
	q, err := desk.Queues(m.aside.app)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(m.queue, err)
		return
	}
	for state, n := range q.Deliveries {
		ch <- prometheus.MustNewConstMetric(m.queue, prometheus.GaugeValue, float64(n), state)
	}
	ch <- prometheus.MustNewConstMetric(m.heldLabel, prometheus.GaugeValue, float64(q.Held))
}

// metricsRoute is the operator's alone: a superuser's token, as Prometheus sends it in its Authorization header.
func (a *Aside) metricsRoute(e *core.ServeEvent) {
	handler := promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2})
	e.Router.GET("/metrics", apis.WrapStdHandler(handler)).Bind(apis.RequireSuperuserAuth(), apis.SkipSuccessActivityLog())
}
