// Package templates turns plain structs into everything strangers read: the portal's pages, the hosted feedback form, and the
// letters, each letter as plain text and as HTML.
//
// Its rules:
//   - One struct a page or letter; what is not a field cannot be disclosed. No maps, no records, no ids.
//   - Pure: no clock, no database, no request. The same struct gives the same bytes.
//   - Everything is escaped by html/template. The one type that passes as HTML is safehtml.HTML, and only here.
//   - Pages carry no script, no outside asset and one constant <style>, so their CSP can be [PortalCSP].
//   - The text part of a letter is written first and must read well by itself.
//
// It is not a place for rules about who may see what: the flows decide that and fill the structs accordingly.
package templates

import (
	"bytes"
	"embed"
	"fmt"
	html "html/template"
	"strings"
	text "text/template"

	"aside/internal/safehtml"
)

//go:embed portal/*.html portal/portal.css mail/*.txt mail/*.html
var files embed.FS

// portalStyle is the one stylesheet of all pages, byte for byte what stands between <style> and </style>.
var portalStyle = strings.TrimSpace(mustRead("portal/portal.css"))

var (
	pages   = parsePages()
	letters = html.Must(html.New("mail").Funcs(htmlFuncs()).ParseFS(files, "mail/*.html"))
	texts   = text.Must(text.New("mail").Funcs(textFuncs()).ParseFS(files, "mail/*.txt"))
)

func parsePages() *html.Template {
	return html.Must(html.New("portal").Funcs(htmlFuncs()).ParseFS(files, "portal/*.html"))
}

// mustRead reads an embedded file; a missing one would not have compiled.
func mustRead(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// htmlFuncs are the words templates may use; each takes and gives plain values, except safe and style.
func htmlFuncs() html.FuncMap {
	return html.FuncMap{
		"safe":  func(h safehtml.HTML) html.HTML { return html.HTML(h) },
		"style": func() html.CSS { return html.CSS(portalStyle) },
		"size":  sizeWords, "when": when, "stamp": stamp, "zone": zoneWords,
		"names": nameList, "status": statusWords, "line": line, "lines": plainLines,
	}
}

// textFuncs are the same words for text/template, where nothing is escaped and so everything is made one clean line or clean lines.
func textFuncs() text.FuncMap {
	return text.FuncMap{
		"size": sizeWords, "stamp": stamp, "names": nameList, "status": statusWords,
		"line": line, "text": plainText, "quoted": quotedText,
	}
}

// page renders one page of portal/.
func page(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// letter renders a pair of mail/: name.txt and name.html.
func letter(name string, data any) (string, string, error) {
	var t, h strings.Builder
	if err := texts.ExecuteTemplate(&t, name+".txt", data); err != nil {
		return "", "", fmt.Errorf("letter %s, text: %w", name, err)
	}
	if err := letters.ExecuteTemplate(&h, name+".html", data); err != nil {
		return "", "", fmt.Errorf("letter %s, HTML: %w", name, err)
	}
	return tidyText(t.String()), strings.TrimSpace(h.String()) + "\n", nil
}
