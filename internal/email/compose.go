package email

import (
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"
)

const (
	wantLine = 78  // RFC 5322 2.1.1: should
	maxLine  = 900 // must stay under 998; the name of the field comes on top
)

// field writes one folded field. Lines are broken at spaces only, so nothing but white space is added (RFC 5322 2.2.3).
func (w *composer) field(name, value string) {
	w.out.WriteString(name + ":")
	column := len(name) + 1
	for i, word := range strings.Split(value, " ") {
		if i > 0 && word != "" && column+1+len(word) > wantLine && column > len(name)+2 {
			w.out.WriteString("\r\n")
			column = 0
		}
		w.out.WriteString(" " + word)
		column += 1 + len(word)
	}
	w.out.WriteString("\r\n")
}

// body chooses the shape: text, text and HTML as alternatives, inline images related to the HTML, files mixed in around.
func (w *composer) body(d Draft) {
	var inline, files []Attachment
	for _, a := range d.Attachments {
		if a.Inline && a.ContentID != "" && d.HTML != "" {
			inline = append(inline, a)
		} else {
			files = append(files, a)
		}
	}
	content := func() { w.alternatives(d, inline) }
	if len(files) == 0 {
		content()
		return
	}
	b := w.open("mixed")
	w.part(b, content)
	for _, a := range files {
		w.part(b, func() { w.file(a, "attachment") })
	}
	w.close(b)
}

func (w *composer) alternatives(d Draft, inline []Attachment) {
	if d.HTML == "" {
		w.text("plain", d.Text)
		return
	}
	html := func() { w.text("html", d.HTML) }
	if len(inline) > 0 {
		html = func() { w.related(d.HTML, inline) }
	}
	if d.Text == "" {
		html()
		return
	}
	b := w.open("alternative")
	w.part(b, func() { w.text("plain", d.Text) })
	w.part(b, html)
	w.close(b)
}

func (w *composer) related(html string, inline []Attachment) {
	b := w.open("related")
	w.part(b, func() { w.text("html", html) })
	for _, a := range inline {
		w.part(b, func() { w.file(a, "inline") })
	}
	w.close(b)
}

// open begins a multipart. "=_" stands in neither quoted-printable nor base64, so no content can hold the boundary
// (RFC 2045 6.7).
func (w *composer) open(subtype string) (boundary string) {
	w.boundaries++
	boundary = fmt.Sprintf("=_%s_%d", w.salt, w.boundaries)
	w.out.WriteString("Content-Type: multipart/" + subtype + ";\r\n boundary=\"" + boundary + "\"\r\n\r\n")
	return boundary
}

func (w *composer) part(boundary string, write func()) {
	w.out.WriteString("--" + boundary + "\r\n")
	write()
	w.out.WriteString("\r\n")
}

func (w *composer) close(boundary string) { w.out.WriteString("--" + boundary + "--\r\n") }

// text writes a text part: quoted-printable while most of it is ASCII, else base64.
func (w *composer) text(subtype, s string) {
	s = wireText(s)
	w.out.WriteString("Content-Type: text/" + subtype + "; charset=utf-8\r\n")
	if high := len(s) - utf8.RuneCountInString(s); high*4 > len(s) {
		w.base64([]byte(strings.ReplaceAll(s, "\n", "\r\n")))
		return
	}
	w.out.WriteString("Content-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(&w.out)
	_, _ = q.Write([]byte(s)) // a bytes.Buffer does not fail
	_ = q.Close()
}

// wireText is valid UTF-8 with LF line ends and no NUL, ending in a line end.
func wireText(s string) string {
	s = textLines(strings.ToValidUTF8(s, "\uFFFD"))
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return s
}

// file writes an attachment. Its name goes out twice: as RFC 2231 for those who read it, in ASCII for those who do not.
func (w *composer) file(a Attachment, disposition string) {
	kind := strings.ToLower(a.Type)
	if major, minor, ok := strings.Cut(kind, "/"); !ok || !isToken(major) || !isToken(minor) || major == "multipart" || major == "message" {
		kind = "application/octet-stream" // a multipart would be read, and message/* must not be base64 (RFC 2046 5.2.1)
	}
	w.out.WriteString("Content-Type: " + kind + "\r\nContent-Disposition: " + disposition)
	if name := cleanFilename(a.Name); name != "" {
		w.out.WriteString(";\r\n filename=\"" + shorten(asciiName(name), 60) + "\"")
		if !isPlain(name) || len(name) > 60 {
			w.extended(name)
		}
	}
	w.out.WriteString("\r\n")
	if id := cleanValue(a.ContentID); id != "" && isPlain(id) && !strings.ContainsAny(id, " <>") && len(id) < maxLine {
		w.out.WriteString("Content-ID: <" + id + ">\r\n")
	}
	w.base64(a.Data)
}

// extended writes filename*0*, filename*1*, … in pieces that fit a line (RFC 2231 3).
func (w *composer) extended(name string) {
	var enc strings.Builder
	n := 0
	flush := func() {
		charset := ""
		if n == 0 {
			charset = "utf-8''"
		}
		fmt.Fprintf(&w.out, ";\r\n filename*%d*=%s%s", n, charset, enc.String())
		n++
		enc.Reset()
	}
	for i := 0; i < len(name); i++ {
		if c := name[i]; c < 128 && isAtext(c) && !strings.ContainsRune("*'%", rune(c)) || c == '.' {
			enc.WriteByte(c)
		} else {
			fmt.Fprintf(&enc, "%%%02X", c)
		}
		if enc.Len() > 50 {
			flush()
		}
	}
	if enc.Len() > 0 || n == 0 {
		flush()
	}
}

// asciiName is the name with _ for what ASCII lacks; quotation mark and backslash cannot occur in a clean name.
func asciiName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '_'
		}
		return r
	}, name)
}

func isToken(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-+._") == ""
}

// base64 writes lines of 76 characters (RFC 2045 6.8), with the header's end before them.
func (w *composer) base64(data []byte) {
	w.out.WriteString("Content-Transfer-Encoding: base64\r\n\r\n")
	const raw = 57 // bytes that make 76 characters
	var line [76]byte
	for len(data) > 0 {
		n := min(raw, len(data))
		base64.StdEncoding.Encode(line[:], data[:n])
		w.out.Write(line[:base64.StdEncoding.EncodedLen(n)])
		w.out.WriteString("\r\n")
		data = data[n:]
	}
}
