package desk

import (
	"fmt"

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

// attach puts uploads on a record and writes down what they were called.
func attach(r *core.Record, uploads []*filesystem.File) error {
	if len(uploads) > MaxFiles {
		return Invalidf("attachments", fmt.Sprintf("At most %d files go with one message.", MaxFiles))
	}
	var total int64
	files := make([]File, 0, len(uploads))
	for _, u := range uploads {
		total += u.Size
		if u.Size > MaxFileSize || total > MaxLetterSize {
			return &Refusal{Kind: TooLarge, Field: "attachments", Words: fmt.Sprintf("%s is too large: all files of one message together may have %d MB.", OneLine(u.OriginalName, 100), MaxLetterSize>>20)}
		}
		files = append(files, File{Stored: u.Name, Name: OneLine(u.OriginalName, 200), Size: u.Size})
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
