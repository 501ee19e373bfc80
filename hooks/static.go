package hooks

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

// asset is one file of the inbox, read once: the binary's files do not change while it runs.
type asset struct {
	data  []byte
	etag  string
	media string
}

// ErrNoLib is a binary built without its browser modules.
var ErrNoLib = errors.New("this binary was built without the inbox's browser modules (pb_public/lib): run `make build`, which puts them there")

// Check refuses a binary whose inbox would not start.
func (p Public) Check() error {
	if matches, err := fs.Glob(p.FS, "lib/*"); err != nil || len(matches) == 0 {
		return ErrNoLib
	}
	return nil
}

// load reads all files. Embedded files have no time of change, so an ETag of their content stands in for one.
func (p Public) load() (map[string]asset, error) {
	assets := map[string]asset{}
	err := fs.WalkDir(p.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		data, err := fs.ReadFile(p.FS, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		assets[name] = asset{data: data, etag: `"` + hex.EncodeToString(sum[:12]) + `"`, media: typeOf(name)}
		return nil
	})
	return assets, err
}

func typeOf(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// staticRoutes serves the inbox. index.html answers for / and for addresses under /app/, which are the inbox's own; everything
// else that is not there is 404, so that a wrong address is never a page.
func (a *Aside) staticRoutes(e *core.ServeEvent) {
	assets, err := a.public.load()
	if err != nil {
		e.App.Logger().Error("the inbox's files could not be read", "error", err)
		return
	}
	csp := inboxCSP(string(assets["index.html"].data))
	index := func(e *core.RequestEvent) error {
		e.Response.Header().Set("Content-Security-Policy", csp)
		return serveAsset(e, assets["index.html"])
	}
	e.Router.GET("/{$}", index)
	e.Router.GET("/favicon.ico", func(e *core.RequestEvent) error { return e.NoContent(http.StatusNoContent) }) // pages without an icon: browsers ask all the same
	e.Router.GET("/app/{path...}", index)
	for _, dir := range []string{"js", "css", "lib", "img"} {
		e.Router.GET("/"+dir+"/{path...}", func(e *core.RequestEvent) error {
			f, known := assets[dir+"/"+e.Request.PathValue("path")]
			if !known {
				return e.NotFoundError("", nil)
			}
			return serveAsset(e, f)
		})
	}
	for name, f := range assets {
		if !strings.Contains(name, "/") && name != "index.html" {
			e.Router.GET("/"+name, func(e *core.RequestEvent) error { return serveAsset(e, f) })
		}
	}
}

// inboxCSP lets the inbox load its own files and run its own modules; the import map, the one inline script, by its hash.
func inboxCSP(index string) string {
	script := "'self'"
	if _, rest, ok := strings.Cut(index, `<script type="importmap">`); ok {
		inline, _, _ := strings.Cut(rest, "</script>")
		script += " 'sha256-" + hashOf(inline) + "'"
	}
	return "default-src 'none'; script-src " + script + "; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}

func serveAsset(e *core.RequestEvent, f asset) error {
	h := e.Response.Header()
	h.Set("ETag", f.etag)
	h.Set("Cache-Control", "no-cache") // ask each time: an answer of 304 is cheap, an inbox of two versions is not
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	if match := e.Request.Header.Get("If-None-Match"); match != "" && strings.Contains(match, f.etag) {
		return e.NoContent(http.StatusNotModified)
	}
	return e.Stream(http.StatusOK, f.media, bytes.NewReader(f.data))
}
