package hooks

import (
	"net/url"
	"strings"
	"testing"
)

func TestReview16_AnAddressInTheLogHasNoToken(t *testing.T) {
	tok, jwt := strings.Repeat("abcdef7", 8), "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IjEifQ.c2lnbmF0dXJl"
	for address, want := range map[string]string{
		"/c/" + tok:                              "/c/redacted",
		"/c/short/files/m/x.png":                 "/c/redacted/files/m/x.png",
		"/c//" + tok + "/replies":                "/c/redacted/redacted/replies",
		"/C/" + strings.ToUpper(tok):             "/C/redacted",
		"/app/c/" + tok:                          "/app/c/redacted",
		"/app/c/" + tok[:47] + "/x":              "/app/c/redacted/x",
		"/app/reset/" + jwt:                      "/app/reset/redacted",
		"/app/invite/abcdefghijklmnopqrstuvwxyz": "/app/invite/redacted",
		"/elsewhere/" + jwt:                      "/elsewhere/redacted",
		"/%252Fc%252F" + tok:                     "/redacted",
		"/reply+" + tok + "@in.test":             "/redacted",
		"/app/items/abcdefghij12345":             "/app/items/abcdefghij12345",
		"/f/acme?sent=1":                         "/f/acme?sent=1",
		"/x?token=" + jwt + "&page=2":            "/x?token=redacted&page=2",
		"/x?a=1&Token=%zz" + tok:                 "/x?a=1&Token=redacted",
		"/x?%74oken=abc":                         "/x?token=redacted",
		"/x?a=1;token=abc":                       "/x?a=1&token=redacted",
		"/x?next=%2Fc%2F" + tok:                  "/x?redacted",
		"/x?" + tok:                              "/x?redacted",
		"/x?filter=a%20=%20b&sort=-created":      "/x?filter=a%20=%20b&sort=-created",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(address, err)
		}
		if got := redacted(u).RequestURI(); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}
