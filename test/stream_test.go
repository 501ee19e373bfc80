package test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// stream is one open inbox: a realtime connection with everything it was told.
type stream struct {
	t      testing.TB
	client *Client
	id     string

	mu     sync.Mutex
	events []event
}

type event struct{ topic, data string }

// Listen opens a realtime connection; it ends with the test.
func (c *Client) Listen() *stream {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/api/realtime", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	s := &stream{t: c.t, client: c}
	go s.read(res)
	Eventually(c.t, "the stream opens", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.id != "" })
	return s
}

func (s *stream) read(res *http.Response) {
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	var e event
	for lines.Scan() {
		switch key, value, _ := strings.Cut(lines.Text(), ":"); key {
		case "event":
			e.topic = value
		case "data":
			e.data = value
		case "":
			s.mu.Lock()
			if e.topic == "PB_CONNECT" {
				var hello struct{ ClientID string }
				_ = json.Unmarshal([]byte(e.data), &hello)
				s.id = hello.ClientID
			} else if e.topic != "" {
				s.events = append(s.events, e)
			}
			s.mu.Unlock()
			e = event{}
		}
	}
}

// Subscribe asks for topics and gives the answer's status.
func (s *stream) Subscribe(topics ...string) int {
	s.t.Helper()
	return s.client.Do("POST", "/api/realtime", map[string]any{"clientId": s.id, "subscriptions": topics}).Status
}

// Topics are the topics told so far, and all of what was said.
func (s *stream) Heard() (topics []string, said string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		topics = append(topics, e.topic)
		said += e.data + "\n"
	}
	return topics, said
}

// Forget starts anew.
func (s *stream) Forget() { s.mu.Lock(); defer s.mu.Unlock(); s.events = nil }

// Silence fails when anything is told within a moment in which a member's own stream has long been told.
func (s *stream) Silence(why string) {
	s.t.Helper()
	time.Sleep(250 * time.Millisecond)
	if topics, said := s.Heard(); len(topics) > 0 {
		s.t.Errorf("%s: still told on %v: %s", why, topics, said)
	}
}
