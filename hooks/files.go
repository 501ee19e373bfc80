package hooks

import (
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"

	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/core"
)

// pictures are what a browser may show in place: raster images, by the type they are served as (F-02).
var pictures = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// bindFiles changes how PocketBase serves stored files: never cached beyond this reader, never sniffed, never run, under the name
// their sender gave them (F-02, F-09, D10).
func (a *Aside) bindFiles() {
	a.app.OnFileDownloadRequest().BindFunc(func(e *core.FileDownloadRequestEvent) error {
		name := e.ServedName
		for _, f := range desk.Files(e.Record) {
			if f.Stored == e.ServedName {
				name = f.Name
			}
		}
		fileHeaders(e.Response.Header(), name)
		return e.Next()
	})
}

// fileHeaders is what every file leaves with, by whichever door.
func fileHeaders(h http.Header, name string) {
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name})) // RFC 6266; one line by construction
}

// inlineType is the type a picture is shown as, or "" when it is to be downloaded.
func inlineType(name string) string {
	t := mime.TypeByExtension(strings.ToLower(path.Ext(name)))
	if slices.Contains(pictures, t) {
		return t
	}
	return ""
}
