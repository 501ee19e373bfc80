package fake

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// OIDC is another company's sign-in (OpenID Connect Core 1.0, by code): whoever brings a code it has given out is who the code says.
type OIDC struct {
	URL string

	mu     sync.Mutex
	people map[string]Claims // by code, then by access token
}

// Claims are what it says of a person.
type Claims struct {
	Sub      string `json:"sub"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Verified bool   `json:"email_verified"`
}

// NewOIDC starts one on loopback; it stops with the test.
func NewOIDC(t testing.TB) *OIDC {
	o := &OIDC{people: map[string]Claims{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		c, known := o.who(r.FormValue("code"))
		if !known {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		o.set("access-"+c.Sub, c)
		answer(w, map[string]any{"access_token": "access-" + c.Sub, "token_type": "Bearer", "expires_in": 60})
	})
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, r *http.Request) {
		c, known := o.who(r.Header.Get("Authorization")[len("Bearer "):])
		if !known {
			http.Error(w, "who?", http.StatusUnauthorized)
			return
		}
		answer(w, c)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	o.URL = s.URL
	return o
}

// Code is what the browser brings back once c has signed in there.
func (o *OIDC) Code(c Claims) string {
	o.set("code-"+c.Sub, c)
	return "code-" + c.Sub
}

func (o *OIDC) who(key string) (Claims, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c, known := o.people[key]
	return c, known
}

func (o *OIDC) set(key string, c Claims) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.people[key] = c
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the test sees that nothing came
}
