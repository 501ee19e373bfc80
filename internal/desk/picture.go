package desk

import (
	"bytes"
	"image"
	_ "image/gif"  // their headers alone are read, for the size
	_ "image/jpeg" //
	_ "image/png"  //
	"net/http"
	"slices"

	"github.com/pocketbase/pocketbase/core"
)

// maxPixels is the largest picture that is shown within a letter: three times what phones take. A file of some kilobytes can claim
// billions, and the reader's browser would make room for them all (F-06).
const maxPixels = 40_000_000

// pictures are the raster types a letter may show, and the extension each is stored under.
var pictures = map[string]string{"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif"}

// PictureType tells what a file is by its first bytes (WHATWG MIME Sniffing), when that is a picture that may be shown in its letter;
// else "". What its sender called it counts for nothing: an HTML page named photo.png is no picture (F-02, F-11).
func PictureType(data []byte) string {
	t := http.DetectContentType(data)
	if pictures[t] == "" {
		return ""
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || size.Width <= 0 || size.Height <= 0 || size.Width > maxPixels/size.Height {
		return ""
	}
	return t
}

// PictureExtension is the extension that a picture of a type is stored under.
func PictureExtension(picture string) string { return pictures[picture] }

// PictureOf finds the picture of a message that its HTML calls by its Content-ID. Files of other messages are not looked at.
func PictureOf(message *core.Record, contentID string) (File, bool) {
	files := Files(message)
	i := slices.IndexFunc(files, func(f File) bool { return f.Picture != "" && f.ContentID == contentID })
	if i < 0 || contentID == "" {
		return File{}, false
	}
	return files[i], true
}
