package hooks

import (
	"net/url"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

// redact takes tokens out of a request once it is answered, so that PocketBase's log, which writes whole addresses down, has none
// (D10, P-04, O-01).
func redact(e *core.RequestEvent) error {
	defer func() {
		e.Request.URL = redacted(e.Request.URL)
		e.Request.Header.Del("Referer")
	}()
	return e.Next()
}

func redacted(u *url.URL) *url.URL {
	clean := *u
	if path := redactPath(u.Path); path != u.Path {
		clean.Path, clean.RawPath = path, ""
	}
	q, changed := u.Query(), false
	for name := range q {
		if isSecretName(name) {
			q.Set(name, "redacted")
			changed = true
		}
	}
	if changed {
		clean.RawQuery = q.Encode()
	}
	return &clean
}

// isSecretName tells of a parameter by its name that its value is nobody's business, however it is spelled.
func isSecretName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"token", "secret", "password", "code", "key", "authorization"}, func(part string) bool { return strings.Contains(name, part) })
}

// secretPaths are addresses whose next part is a secret: portal pages, and the links in letters that set a password or join a team.
var secretPaths = []string{"/c/", "/app/reset/", "/app/invite/"}

// redactPath hides the secret of an address: /c/TOKEN/replies becomes /c/redacted/replies.
func redactPath(path string) string {
	for _, prefix := range secretPaths {
		if rest, ok := strings.CutPrefix(path, prefix); ok {
			_, tail, more := strings.Cut(rest, "/")
			if more {
				tail = "/" + tail
			}
			return prefix + "redacted" + tail
		}
	}
	return path
}
