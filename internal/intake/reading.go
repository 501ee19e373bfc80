package intake

import (
	"path"
	"strings"

	"aside/internal/desk"
	"aside/internal/email"
	"aside/internal/quote"
	"aside/internal/safehtml"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// Reading is what a letter says: the new words, the quoted rest, its HTML made safe, its files.
type Reading struct {
	Text          string // the whole: the text part, or the HTML as text
	Fresh, Quoted string
	HTML          string
	Warnings      []string
}

// read trims first, then cleans only what is new; the quoted rest is text.
func (l *letter) read() { l.reading = Read(l.message) }

// Read tells what was written from what was quoted. The text part speaks when there is one (M-08); HTML that has no text part is
// read as text. When nothing new is found, everything is shown.
func Read(m *email.Message) (r Reading) {
	freshHTML, quotedHTML := "", ""
	if m.HTML != "" {
		freshHTML, quotedHTML = quote.HTML(m.HTML)
		r.HTML = string(safehtml.Clean(freshHTML, nil))
	}
	if strings.TrimSpace(m.Text) != "" {
		r.Text = m.Text
		r.Fresh, r.Quoted = quote.Text(m.Text)
	} else if m.HTML != "" {
		r.Text, r.Fresh, r.Quoted = safehtml.Plain(m.HTML), safehtml.Plain(freshHTML), safehtml.Plain(quotedHTML)
	}
	if strings.TrimSpace(r.Fresh) == "" && len(m.Attachments) == 0 {
		r.Fresh, r.Quoted = r.Fresh+r.Quoted, ""
	}
	r.Fresh, r.Quoted = strings.TrimSpace(r.Fresh), strings.Trim(r.Quoted, "\n")
	if m.Security != "" {
		r.Warnings = append(r.Warnings, string(m.Security))
	}
	r.Warnings = append(r.Warnings, m.Defects...)
	return r
}

// maxShownFiles is how many attachments become files of a record; a letter with more keeps the rest in its original.
const maxShownFiles = 99

// attachments makes uploads of a letter's files, under names of our own making; what their sender called them stands beside.
func attachments(m *email.Message) (uploads []*filesystem.File, files []desk.File, err error) {
	for _, a := range m.Attachments[:min(len(m.Attachments), maxShownFiles)] {
		name := a.Name
		if name == "" {
			name = "attachment"
		}
		f, err := filesystem.NewFileFromBytes(a.Data, safeName(name))
		if err != nil {
			continue // an empty part: nothing to store, the original has it
		}
		uploads = append(uploads, f)
		files = append(files, desk.File{Name: name, Type: a.Type, Size: int64(a.Size), Inline: a.Inline, ContentID: a.ContentID})
	}
	return uploads, files, nil
}

// safeName is what storage sees of a stranger's name: its extension, if it is a plain one.
func safeName(name string) string {
	ext := strings.ToLower(path.Ext(name))
	if len(ext) < 2 || len(ext) > 9 || strings.Trim(ext[1:], "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		ext = ".bin"
	}
	return "file" + ext
}

// incoming is the letter as desk stores it.
func (l *letter) incoming() (desk.Incoming, error) {
	uploads, files, err := attachments(l.message)
	if err != nil {
		return desk.Incoming{}, err
	}
	from := l.header.From()
	return desk.Incoming{ID: core.GenerateDefaultRandomId(), Channel: "email", FromName: from.Name, FromEmail: from.Address,
		Body: l.reading.Fresh, HTML: l.reading.HTML, Quoted: l.reading.Quoted, Kind: string(l.message.Kind), Warnings: l.reading.Warnings,
		MessageID: l.message.MessageID, Dedupe: l.hash, Uploads: uploads, Files: files, Raw: l.envelope.Data}, nil
}
