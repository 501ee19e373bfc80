package hooks

import (
	"io"
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
				if f.Inside && !mayTakeInside(e) {
					return e.ForbiddenError("Only those who write in the project may take this file.", nil)
				}
			}
		}
		fileHeaders(e.Response.Header(), name)
		e.Response.Header().Set("Content-Type", servedType(e.App, e.ServedPath))
		return e.Next()
	})
	a.app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.BindFunc(withoutThumbs)
		return e.Next()
	})
}

// mayTakeInside tells whether whoever asks for a file with somebody's own link in it may write, or is the operator: as for raw letters.
func mayTakeInside(e *core.FileDownloadRequestEvent) bool {
	user, err := e.App.FindAuthRecordByToken(e.Request.URL.Query().Get("token"), core.TokenTypeFile)
	return err == nil && (user.IsSuperuser() || desk.MayWrite(e.App, e.Record.GetString("project"), user) == nil)
}

// withoutThumbs has no file of a stranger decoded here: a picture of a few kilobytes can claim to be of gigabytes (F-06). Who asks for
// a smaller one gets the file itself.
func withoutThumbs(e *core.RequestEvent) error {
	if q := e.Request.URL.Query(); strings.HasPrefix(e.Request.URL.Path, "/api/files/") && q.Has("thumb") {
		q.Del("thumb")
		e.Request.URL.RawQuery = q.Encode()
	}
	return e.Next()
}

// servedType is the type a stored file leaves with: that of a picture when its first bytes and its name agree on it, else nothing that
// a browser would show (F-02).
func servedType(app core.App, path string) string {
	const download = "application/octet-stream"
	t := inlineType(path)
	if t == "" {
		return download
	}
	fsys, err := app.NewFilesystem()
	if err != nil {
		return download
	}
	defer fsys.Close()
	r, err := fsys.GetReader(path)
	if err != nil {
		return download
	}
	defer r.Close()
	head := make([]byte, 512) // all that sniffing looks at
	if n, _ := io.ReadFull(r, head); http.DetectContentType(head[:n]) != t {
		return download
	}
	return t
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
