package hooks

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// redact takes tokens out of a request once it is answered, so that PocketBase's log, which writes whole addresses down, has none
// (D10, P-04, O-01). It stands just inside of the log: whatever further in refuses a request, the log sees it through here.
func redact() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{Id: "asideRedact", Priority: apis.DefaultActivityLoggerMiddlewarePriority + 1, Func: func(e *core.RequestEvent) error {
		defer func() {
			e.Request.URL = redacted(e.Request.URL)
			e.Request.Header.Del("Referer")
		}()
		return e.Next()
	}}
}

func redacted(u *url.URL) *url.URL {
	clean := *u
	if path := redactPath(u.Path); path != u.Path {
		clean.Path, clean.RawPath = path, ""
	}
	clean.RawQuery = redactQuery(u.RawQuery)
	return &clean
}

const hidden = "redacted"

// redactQuery goes by the text, as url.ParseQuery passes over what is malformed and the log does not.
func redactQuery(query string) string {
	pairs := strings.Split(strings.ReplaceAll(query, ";", "&"), "&")
	for i, pair := range pairs {
		name, _, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(pair)
		plainName, _, _ := strings.Cut(plain, "=")
		switch {
		case isSecretName(name) || isSecretName(plainName):
			pairs[i] = "token=" + hidden
			if isPlainName.MatchString(name) {
				pairs[i] = name + "=" + hidden
			}
		case isSecret(pair) || err == nil && isSecret(plain):
			pairs[i] = hidden
		}
	}
	return strings.Join(pairs, "&")
}

var isPlainName = regexp.MustCompile(`^[A-Za-z_]{1,20}$`)

// isSecretName tells of a parameter by its name that its value is nobody's business, however it is spelled.
func isSecretName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"token", "secret", "password", "code", "key", "authorization"}, func(part string) bool { return strings.Contains(name, part) })
}

// secretPaths are addresses whose next part is a secret: portal pages, and the links in letters that set a password or join a team.
var secretPaths = []string{"/c/", "/app/reset/", "/app/invite/"}

// redactPath hides the secret of an address: /c/TOKEN/replies becomes /c/redacted/replies. What looks like a secret is hidden anywhere.
func redactPath(path string) string {
	for _, prefix := range secretPaths {
		if rest, ok := strings.CutPrefix(path, prefix); ok {
			_, tail, more := strings.Cut(rest, "/")
			if more {
				tail = "/" + redactParts(tail)
			}
			return prefix + hidden + tail
		}
	}
	return redactParts(path)
}

func redactParts(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if isSecret(part) {
			parts[i] = hidden
		}
	}
	return strings.Join(parts, "/")
}

// secretShape is a token of ours, also one that was cut by a few characters or has something glued to it, or a JWT.
var secretShape = regexp.MustCompile(`(?i)[a-z2-7]{47,}|eyJ[\w-]+\.[\w-]+\.?`)

func isSecret(s string) bool { return secretShape.MatchString(s) }
