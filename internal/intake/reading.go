package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"aside/internal/desk"
	"aside/internal/email"
	"aside/internal/quote"
	"aside/internal/safehtml"
	"aside/internal/token"

	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// Reading is what a letter says: the new words, the quoted rest, its HTML made safe, its files.
type Reading struct {
	Text          string // the text part, or the HTML as text
	Fresh, Quoted string // the whole, also of a letter that says one thing in text and another in HTML
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
		r.HTML = string(safehtml.Clean(freshHTML, pictures(m)))
	}
	if len(m.Pieces) > 0 {
		r.Text = m.Text
		r.readPieces(m.Pieces, m.HTML, freshHTML, quotedHTML)
	} else if strings.TrimSpace(m.Text) != "" {
		r.Text = m.Text
		r.Fresh, r.Quoted = quote.Text(m.Text)
	} else if m.HTML != "" {
		r.Text = safehtml.Plain(m.HTML)
		if r.Fresh = r.Text; freshHTML != m.HTML { // the same bytes are not read twice
			r.Fresh, r.Quoted = safehtml.Plain(freshHTML), safehtml.Plain(quotedHTML)
		}
	}
	if strings.TrimSpace(r.Fresh) == "" && len(m.Attachments) == 0 {
		r.Fresh, r.Quoted = r.Fresh+r.Quoted, ""
	}
	r.Fresh, r.Quoted = strings.TrimSpace(r.Fresh), strings.Trim(r.Quoted, "\n")
	if m.Security != "" {
		r.Warnings = append(r.Warnings, string(m.Security))
	}
	r.Warnings = append(r.Warnings, m.Defects...)
	if n := len(m.Attachments); n > maxShownFiles {
		r.Warnings = append(r.Warnings, fmt.Sprintf("It has more than %d files (%d). The rest are in its original.", maxShownFiles, n))
	}
	return r
}

// readPieces reads a letter that says one thing in text and another in HTML. What its HTML holds, if that is one piece, was parted already.
func (r *Reading) readPieces(pieces []email.Piece, html, freshHTML, quotedHTML string) {
	var fresh, quoted []string
	for _, p := range pieces {
		newest, old := "", ""
		if p.HTML == "" {
			newest, old = quote.Text(p.Text)
		} else {
			a, b := freshHTML, quotedHTML
			if p.HTML != html {
				a, b = quote.HTML(p.HTML)
			}
			newest, old = safehtml.Plain(a), safehtml.Plain(b)
		}
		fresh, quoted = append(fresh, strings.Trim(newest, "\n")), append(quoted, strings.Trim(old, "\n"))
	}
	join := func(list []string) string {
		return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), "\n\n")
	}
	r.Fresh, r.Quoted = join(fresh), join(quoted)
}

// pictures keeps in a letter's HTML the pictures that the letter brings along (RFC 2392), still by their Content-ID: where they lie is
// for whoever shows them (F-11).
func pictures(m *email.Message) safehtml.CID {
	shown := map[string]bool{}
	for _, a := range m.Attachments[:min(len(m.Attachments), maxShownFiles)] {
		if a.ContentID != "" && desk.PictureType(a.Data) != "" {
			shown[a.ContentID] = true
		}
	}
	return func(id string) (string, bool) { return "cid:" + id, shown[id] }
}

// maxShownFiles is how many attachments become files of a record; a letter with more keeps the rest in its original.
const maxShownFiles = 99

// attachments makes uploads of a letter's files, under names of our own making; what their sender called them stands beside.
func attachments(m *email.Message) (uploads []*filesystem.File, files []desk.File, err error) {
	for _, a := range m.Attachments[:min(len(m.Attachments), maxShownFiles)] {
		name, picture := a.Name, ""
		if a.ContentID != "" {
			picture = desk.PictureType(a.Data)
		}
		if name == "" {
			name = "attachment" + desk.PictureExtension(picture)
		}
		f, err := filesystem.NewFileFromBytes(a.Data, "file"+cmp.Or(desk.PictureExtension(picture), desk.PlainExtension(name)))
		if err != nil {
			continue // an empty part: nothing to store, the original has it
		}
		uploads = append(uploads, f)
		files = append(files, desk.File{Name: name, Type: a.Type, Size: int64(a.Size), Inline: a.Inline, ContentID: a.ContentID, Picture: picture, Inside: a.Says(token.Within)})
	}
	return uploads, files, nil
}

// ofInside says which files outsiders are not shown, and why.
func ofInside(files []desk.File) (words []string) {
	for _, f := range files {
		if f.Inside {
			words = append(words, "“"+desk.Cut(f.Name, 80)+"” may hold somebody’s own link or reply address, so only your team sees it.")
		}
	}
	return words
}

// whole is the letter as desk stores it.
func (l *letter) whole() (desk.Incoming, error) {
	uploads, files, err := attachments(l.message)
	if err != nil {
		return desk.Incoming{}, err
	}
	from := l.header.From()
	return desk.Incoming{ID: desk.NewID(), Channel: "email", FromName: from.Name, FromEmail: from.Address,
		Body: desk.Readable(l.reading.Fresh), HTML: l.reading.HTML, Quoted: desk.Readable(l.reading.Quoted), Kind: string(l.message.Kind), Warnings: slices.Concat(l.reading.Warnings, ofInside(files)),
		MessageID: l.message.MessageID, Dedupe: l.hash, Uploads: uploads, Files: files, Raw: l.envelope.Data}, nil
}
