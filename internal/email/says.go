package email

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// The bounds of looking into a file. Over them nobody knows what it says, so it counts as saying it.
const (
	MaxSaid   = 8 << 20 // bytes of a text or letter: a long thread with its pictures
	maxWithin = 5       // letters within letters
)

// legibleEnds are the ends of names whose files are texts or letters, whatever type they claim.
var legibleEnds = strings.Fields(".eml .emlx .msg .mbox .mht .mhtml .txt .text .md .htm .html .xhtml .csv .ics .vcf .xml .json .log .rtf")

// Says tells whether a text in a file is one that found knows, as somebody who opens the file would read it: without the soft line
// breaks, base64 and wide characters of letters, and in the letters within it. A text too large or too deep to be read says it too.
func (a Attachment) Says(found func(text string) bool) bool { return a.says(found, maxWithin) }

func (a Attachment) says(found func(text string) bool, depth int) bool {
	sure := a.legible()
	switch {
	case !sure && (len(a.Data) > MaxSaid || bytes.IndexByte(a.Data[:min(len(a.Data), 512)], 0) >= 0):
		return false // a picture, an archive, a document: opened by other programs, and rarely made of letters
	case len(a.Data) > MaxSaid || depth == 0:
		return true
	case found(string(a.Data)) || found(string(bytes.ReplaceAll(a.Data, []byte{0}, nil))): // UTF-16 of ASCII is ASCII between zeros
		return true
	}
	if soft, _ := decodeQP(a.Data); found(string(soft)) {
		return true
	}
	m, err := Parse(a.Data)
	if err != nil || found(m.Text) || found(m.HTML) || m.headerSays(found) {
		return true
	}
	return slices.ContainsFunc(m.Attachments, func(b Attachment) bool { return b.says(found, depth-1) })
}

// legible tells files that people read as they are.
func (a Attachment) legible() bool {
	return strings.HasPrefix(a.Type, "text/") || strings.HasPrefix(a.Type, "message/") || a.Type == "application/vnd.ms-outlook" ||
		slices.Contains(legibleEnds, strings.ToLower(path.Ext(a.Name)))
}

// LetterSays tells whether a letter says something that found knows, wherever a reader would see it: in its header, its texts, the names of
// its files, and the texts and letters among them.
func LetterSays(raw []byte, found func(text string) bool) bool {
	m, err := Parse(raw)
	if err != nil {
		return found(string(raw)) // too complex for any reader
	}
	return m.headerSays(found) || found(m.Text) || found(m.HTML) || slices.ContainsFunc(m.Attachments, func(a Attachment) bool { return found(a.Name) || a.Says(found) })
}

// headerSays looks at the fields as people read them.
func (m *Message) headerSays(found func(text string) bool) bool {
	return slices.ContainsFunc(m.Header.fields, func(f field) bool { return found(decodeValue(unfold(f.value))) })
}
