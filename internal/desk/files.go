package desk

import (
	"fmt"
	"mime"
	"path"
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
	r.Set("attachments", uploads)
	r.Set("files", files)
	return nil
}

// Files reads what is attached to a record.
func Files(r *core.Record) []File {
	files := []File{}
	_ = r.UnmarshalJSONField("files", &files) // a record without files has none
	return files
}

// Uploads checks files from a form and reads what they are called.
func Uploads(uploads []*filesystem.File) ([]*filesystem.File, []File, error) {
	if len(uploads) > MaxFiles {
		return nil, nil, Invalidf("attachments", fmt.Sprintf("At most %d files go with one message.", MaxFiles))
	}
	var total int64
	files := make([]File, 0, len(uploads))
	for _, u := range uploads {
		name := OneLine(u.OriginalName, 200)
		total += u.Size
		if u.Size > MaxFileSize || total > MaxLetterSize {
			return nil, nil, &Refusal{Kind: TooLarge, Field: "attachments", Words: fmt.Sprintf("%s is too large: all files of one message together may have %d MB.", Cut(name, 100), MaxLetterSize>>20)}
		}
		files = append(files, File{Name: name, Type: mime.TypeByExtension(strings.ToLower(path.Ext(name))), Size: u.Size})
	}
	return uploads, files, nil
}
