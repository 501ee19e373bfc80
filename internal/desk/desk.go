// Package desk is the domain: typed rules over Aside's records, one file a noun (project, member, feedback, note,
// conversation, participant, message, delivery, activity, notification). Flows reach records only through it.
//
// It knows records and who may do what. It has never heard of MIME, of tokens or of HTTP: letters come in already read and
// go out already composed, and its errors are sentences that each door turns into its own replies.
//
// Functions that change something take the app of a running transaction as tx; using an outer app in there would wait for
// itself for ever, since PocketBase has one writing connection.
package desk

import (
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Limits of what people may give, beside those of the columns.
const (
	MaxSubject      = 250       // one line of a mail client, and well under the 998 octets of RFC 5322 2.1.1 when encoded
	MaxMessage      = 60_000    // characters of Markdown: goldmark is quadratic on hostile input above 64 KiB
	MaxRecipients   = 50        // addresses of one side conversation; more is a mailing, not a conversation
	MaxFiles        = 20        // attachments of one message
	MaxFileSize     = 25 << 20  // bytes of one attachment
	MaxLetterSize   = 25 << 20  // bytes of all attachments of one message together: what other servers take
	ExcerptLength   = 280       // characters of the original message in the feedback context (SC-05)
	snippetLength   = 160       // characters of a message shown in a collapsed conversation
	maxStoredBody   = 900_000   // bytes of readable text kept in the record; the letter itself is kept whole
	maxStoredMarkup = 1_900_000 // bytes of cleaned HTML kept in the record
)

// now is the server's time as records keep it.
func now() types.DateTime { return types.NowDateTime() }

func at(t time.Time) types.DateTime {
	d, _ := types.ParseDateTime(t.UTC())
	return d
}

// newRecord makes an empty record of a collection that the migrations made; a missing one is a fault of the build.
func newRecord(app core.App, collection string) (*core.Record, error) {
	c, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	return core.NewRecord(c), nil
}

// find reads one record by id; what is not there is ErrNotFound, like what may not be seen. A database that fails is not: a letter is
// never refused for good because of us.
func find(app core.App, collection, id string) (*core.Record, error) {
	if id == "" {
		return nil, ErrNotFound
	}
	read := load
	if b, ok := app.(*Batch); ok {
		read = b.find
	}
	r, err := read(app, collection, id)
	return r, orNotFound(err)
}

// orNotFound turns "no rows" into the answer for what is not there.
func orNotFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// where reads records by equal fields, oldest first.
func where(app core.App, collection string, equal dbx.HashExp) ([]*core.Record, error) {
	records := []*core.Record{}
	err := app.RecordQuery(collection).AndWhere(equal).OrderBy("created", "rowid").All(&records)
	return records, err
}

// OneLine takes control characters and doubled spaces out of what people type into a single line (H-01).
func OneLine(s string, max int) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == '\u2028' || r == '\u2029' || r == ' ' || isBidiControl(r)
	}), " ")
	return Cut(s, max)
}

// isBidiControl names the characters that reorder what follows them (RFC 9839, threats A-23): harmless in text, a disguise in a name.
func isBidiControl(r rune) bool {
	return (r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069') || r == '\u200e' || r == '\u200f' || r == '\ufeff'
}

// Cut shortens to max characters, with an ellipsis as the last when something was taken.
func Cut(s string, max int) string {
	runes := []rune(s)
	if len(runes) <= max {
		return s
	}
	return strings.TrimRight(string(runes[:max-1]), " \n") + "…"
}

// cutBytes shortens at a character border to at most max bytes.
func cutBytes(s string, max int) string {
	if len(s) <= max {
		return s
	}
	return strings.ToValidUTF8(s[:max], "")
}

// Readable is as much of a text as a record keeps, without holding on to the rest.
func Readable(s string) string {
	if len(s) <= maxStoredBody {
		return s
	}
	return strings.Clone(cutBytes(s, maxStoredBody))
}

// Headline is the first line of a text that says something, for lists and subjects.
func Headline(text string, max int) string {
	for line := range strings.Lines(text) {
		if line = OneLine(line, max); line != "" {
			return line
		}
	}
	return ""
}

// snippet is the beginning of a message on one line.
func snippet(body string) string { return OneLine(cutBytes(body, 8*snippetLength), snippetLength) }
