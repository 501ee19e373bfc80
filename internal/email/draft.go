package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Draft is a letter going out.
type Draft struct {
	From, ReplyTo        Address // ReplyTo may be empty
	To                   []Address
	Subject              string
	MessageID, InReplyTo string   // without <>
	References           []string // without <>
	Date                 time.Time
	Text, HTML           string // either may be empty
	Attachments          []Attachment
	Extra                [][2]string // further header fields, in order: name, value
}

// Bytes is the letter as it goes over the wire: CRLF, 7-bit, lines of at most 78 where words allow and never over 998,
// no bare CR or LF, no NUL. The same draft gives the same bytes. A control character in a header value, an address
// outside CheckAddress's grammar or a missing From, To, Date or Message-ID is an error (threats D9, H-01, H-03).
func (d Draft) Bytes() ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	w := &composer{salt: d.salt()}
	w.field("Date", d.Date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	w.field("Message-ID", "<"+d.MessageID+">")
	w.field("From", d.From.String())
	w.field("To", addressLine(d.To))
	if d.ReplyTo.Address != "" {
		w.field("Reply-To", d.ReplyTo.String())
	}
	w.field("Subject", textValue(d.Subject))
	if d.InReplyTo != "" {
		w.field("In-Reply-To", "<"+d.InReplyTo+">")
	}
	if refs := lastIDs(d.References); len(refs) > 0 {
		w.field("References", "<"+strings.Join(refs, "> <")+">")
	}
	for _, f := range d.Extra {
		w.field(f[0], textValue(f[1]))
	}
	w.field("MIME-Version", "1.0")
	w.body(d)
	return w.out.Bytes(), nil
}

// composer writes one letter.
type composer struct {
	out        bytes.Buffer
	salt       string
	boundaries int
}

// check refuses what could become another header, another recipient or another letter.
func (d Draft) check() error {
	if len(d.To) == 0 || d.Date.IsZero() {
		return errors.New("a letter needs a recipient and a date")
	}
	for _, a := range append([]Address{d.From, d.ReplyTo}, d.To...) {
		if a == (Address{}) && d.From != a {
			continue // no Reply-To
		}
		if got, err := CheckAddress(a.Address); err != nil || !strings.EqualFold(got, a.Address) {
			return fmt.Errorf("address %q cannot be written to", a.Address)
		}
		if hasControl(a.Name) {
			return errors.New("a name holds a control character")
		}
	}
	if hasControl(d.Subject) {
		return errors.New("the subject holds a control character")
	}
	for _, id := range append([]string{d.MessageID, d.InReplyTo}, d.References...) {
		if !isPlain(id) || strings.ContainsAny(id, " <>") || len(id) > 900 {
			return fmt.Errorf("message id %q is malformed", id)
		}
	}
	if !strings.Contains(d.MessageID, "@") {
		return errors.New("a letter needs a Message-ID")
	}
	return d.checkExtra()
}

// checkExtra also keeps further fields from repeating one that Bytes writes itself.
func (d Draft) checkExtra() error {
	for _, f := range d.Extra {
		if !isFieldName(f[0]) || hasControl(f[1]) {
			return fmt.Errorf("header field %q is malformed", f[0])
		}
		for _, own := range append([]string{"From", "Bcc"}, singletons...) {
			if strings.EqualFold(own, f[0]) && !strings.EqualFold(own, "Sender") && !strings.EqualFold(own, "Cc") {
				return fmt.Errorf("header field %q is not an extra one", f[0])
			}
		}
	}
	return nil
}

// hasControl also counts the Unicode line separators, which some readers take for line ends.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == 0x2028 || r == 0x2029 })
}

// salt makes boundaries that are the letter's own and the same at every call.
func (d Draft) salt() string {
	sum := sha256.Sum256([]byte(d.MessageID + "\x00" + d.Text))
	return hex.EncodeToString(sum[:9])
}

func addressLine(list []Address) string {
	var all []string
	for _, a := range list {
		all = append(all, a.String())
	}
	return strings.Join(all, ", ")
}

// textValue is a value in ASCII; what looks like an encoded word is encoded, so that it is read as it was written (H-03).
func textValue(s string) string {
	if isPlain(s) && !strings.Contains(s, "=?") && longestWord(s) <= maxLine {
		return s
	}
	return encodeWords(strings.ToValidUTF8(s, "\uFFFD"))
}

func longestWord(s string) int {
	longest := 0
	for _, w := range strings.Split(s, " ") {
		longest = max(longest, len(w))
	}
	return longest
}
