package desk

import (
	"cmp"
	"encoding/json"
	"fmt"
	"mime"
	"path"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// File is one attachment of a message. PocketBase stores it under a name of its own making; Name is what its sender called it.
type File struct {
	Stored    string `json:"file"`
	Name      string `json:"name"`
	Type      string `json:"type"`
	Size      int64  `json:"size"`
	Inline    bool   `json:"inline,omitempty"`
	ContentID string `json:"cid,omitempty"`
	Picture   string `json:"picture,omitempty"` // what it truly is, when the letter may show it in place
	Inside    bool   `json:"inside,omitempty"`  // it holds somebody's own link or reply address, so outsiders are neither shown nor given it
}

// attach checks uploads and puts them on a record with what they were called.
func attach(r *core.Record, uploads []*filesystem.File) error {
	uploads, files, err := Uploads(uploads)
	if err != nil {
		return err
	}
	return AttachNamed(r, uploads, files)
}

// AttachNamed puts uploads on a record with what is already known of each; Stored is filled in here.
func AttachNamed(r *core.Record, uploads []*filesystem.File, files []File) error {
	if len(uploads) == 0 {
		return nil
	}
	for i := range files {
		files[i].Stored = uploads[i].Name
	}
	boundFacts(files)
	r.Set("attachments", uploads)
	r.Set("files", files)
	return nil
}

// maxFacts is how much is kept of what files are called, in bytes of JSON; shortFacts of each fit beside it into the column, which takes 200 000.
const (
	maxFacts   = 120_000
	shortFacts = 40 // bytes of a name; honest ones never come to it: 99 files with names of 1200 bytes each
)

// boundFacts shortens what a stranger says of files once it is too much: else their message is stored and can never be accepted or changed.
func boundFacts(files []File) {
	room := maxFacts
	for i := range files {
		f := &files[i]
		data, err := json.Marshal(f)
		if room -= len(data); err == nil && room >= 0 {
			continue
		}
		f.Name = cutBytes(f.Name, shortFacts) + PlainExtension(f.Name)
		f.Type, f.ContentID = "application/octet-stream", ""
	}
}

// attachKept is AttachNamed for uploads that KeepFiles has written already.
func attachKept(r *core.Record, uploads []*filesystem.File, files []File) error {
	names := make([]string, len(uploads))
	for i, u := range uploads {
		names[i] = u.Name
	}
	err := AttachNamed(r, uploads, files)
	r.SetRaw("attachments", names)
	return err
}

// Files reads what is attached to a record.
func Files(r *core.Record) []File {
	files := []File{}
	_ = r.UnmarshalJSONField("files", &files) // a record without files has none
	return files
}

// maxFanOut is what one message may put into the queue: every recipient's copy carries the files, and all are written in one
// transaction, during which nobody else writes.
const maxFanOut = 200 << 20

// checkFanOut refuses many files to many people at once.
func checkFanOut(recipients int, files []*filesystem.File) error {
	var total int64
	for _, f := range files {
		total += f.Size
	}
	if total*int64(recipients) > maxFanOut {
		return &Refusal{Kind: TooLarge, Field: "attachments", Words: fmt.Sprintf("These files to %d people at once are too much (%d MB altogether at most). Send smaller files, or put them where a link can lead.", recipients, maxFanOut>>20)}
	}
	return nil
}

// ShownFiles are the files of a message that everybody on the conversation may have, the outsiders too.
func ShownFiles(r *core.Record) []File {
	return slices.DeleteFunc(Files(r), func(f File) bool { return f.Inside })
}

// Uploads checks files from a form and reads what they are called.
func Uploads(uploads []*filesystem.File) ([]*filesystem.File, []File, error) {
	if len(uploads) > MaxFiles {
		return nil, nil, Invalidf("attachments", fmt.Sprintf("At most %d files go with one message.", MaxFiles))
	}
	var total int64
	files := make([]File, 0, len(uploads))
	for _, u := range uploads {
		name := fileName(u.OriginalName)
		total += u.Size
		if u.Size > MaxFileSize || total > MaxLetterSize {
			return nil, nil, &Refusal{Kind: TooLarge, Field: "attachments", Words: fmt.Sprintf("%s is too large: all files of one message together may have %d MB.", Cut(name, 100), MaxLetterSize>>20)}
		}
		// PocketBase would make the stored name of theirs, and cuts a long one within a character, which its storage then refuses.
		u.Name, u.OriginalName = "file_"+core.GenerateDefaultRandomId()+PlainExtension(name), name
		files = append(files, File{Name: name, Type: mime.TypeByExtension(strings.ToLower(path.Ext(name))), Size: u.Size})
	}
	return uploads, files, nil
}

// fileName is what an upload is called: without the folders that some browsers tell, and without what a file system refuses (F-03).
func fileName(s string) string {
	s = OneLine(s[strings.LastIndexAny(s, `/\`)+1:], len(s)+1)
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, s)
	s = strings.Trim(s, " .")
	if ext := path.Ext(s); len(s) > maxFileName && len(ext) < 20 { // its true end stays (F-04)
		s = cutBytes(s, maxFileName-len(ext)) + ext
	}
	return cmp.Or(cutBytes(s, maxFileName), "attachment")
}

// PlainExtension is all that storage sees of a stranger's name: its end, if it is a plain one (F-03).
func PlainExtension(name string) string {
	ext := strings.ToLower(path.Ext(name))
	if len(ext) < 2 || len(ext) > 9 || strings.Trim(ext[1:], "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return ".bin"
	}
	return ext
}

// maxFileName is in bytes, what file systems take.
const maxFileName = 255
