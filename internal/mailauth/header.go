package mailauth

import (
	"bytes"
	"errors"
)

// Bounds of a header, those of threats 2.0: above them no honest letter is lost
// and every loop below stays short.
const (
	maxHeaderBytes = 256 << 10
	maxFields      = 500
)

var errHeader = errors.New("the header can be read in more than one way")

// field is one header field as it came.
type field struct {
	name string // lower case
	raw  []byte // "Name: value", folding kept, the last CRLF left off
	odd  bool   // holds a TAB, a double space or a fold: relaxed needs the slow path
}

// value is what follows the colon, folding kept.
func (f field) value() []byte { return f.raw[len(f.name)+1:] }

// splitLetter cuts a letter into its fields and body. It is strict where readers
// of mail disagree (threats D7, H-07): bare CR or LF, NUL, a space before the
// colon, a line without a colon, a continuation with nothing to continue. A
// letter refused here can have no signature that counts.
func splitLetter(raw []byte) (fields []field, body []byte, err error) {
	fields = make([]field, 0, 32)
	start := 0 // of the field being read
	for at := 0; ; {
		if at > maxHeaderBytes || len(fields) > maxFields {
			return nil, nil, errHeader
		}
		line, next, ok := cutLine(raw, at)
		if !ok {
			return nil, nil, errHeader
		}
		if !isFold(line) {
			if fields, err = appendField(fields, raw, start, at); err != nil {
				return nil, nil, err
			}
			start = at
		} else if at == 0 {
			return nil, nil, errHeader
		}
		if len(line) == 0 {
			return fields, raw[next:], nil
		}
		at = next
	}
}

// cutLine gives the line at a position without its CRLF, and where the next one
// starts. At the end of the letter the line is empty: a letter may lack a body.
func cutLine(raw []byte, at int) (line []byte, next int, ok bool) {
	rest := raw[at:]
	i := bytes.IndexByte(rest, '\n')
	if i < 0 {
		return nil, len(raw), len(rest) == 0
	}
	if i == 0 || rest[i-1] != '\r' {
		return nil, 0, false
	}
	line = rest[:i-1]
	if bytes.IndexByte(line, '\r') >= 0 || bytes.IndexByte(line, 0) >= 0 {
		return nil, 0, false
	}
	return line, at + i + 1, true
}

func isFold(line []byte) bool { return len(line) > 0 && (line[0] == ' ' || line[0] == '\t') }

// appendField adds the field in raw[start:end], which ends in CRLF. Nothing
// there (the first line, or a letter that starts with its blank line) is no field.
func appendField(fields []field, raw []byte, start, end int) ([]field, error) {
	if start == end {
		return fields, nil
	}
	b := raw[start : end-2 : end-2]
	n := bytes.IndexByte(b, ':')
	if n < 1 {
		return nil, errHeader
	}
	for _, c := range b[:n] {
		if c <= ' ' || c >= 0x7f { // RFC 5322 3.6.8 ftext
			return nil, errHeader
		}
	}
	return append(fields, field{lowerName(b[:n]), b, isOdd(b[n+1:])}), nil
}

// isOdd says whether relaxed canonicalization would change more than the ends.
func isOdd(value []byte) bool {
	for i, c := range value {
		if c == '\t' || c == '\r' || c == ' ' && i > 0 && value[i-1] == ' ' {
			return true
		}
	}
	return false
}

// lowerName is ASCII lower case, without an allocation for the names every
// letter has.
func lowerName(name []byte) string {
	if s, ok := knownNames[string(name)]; ok {
		return s
	}
	return string(bytes.ToLower(name))
}

var knownNames = map[string]string{
	"From": "from", "To": "to", "Cc": "cc", "Subject": "subject", "Date": "date",
	"Message-ID": "message-id", "Message-Id": "message-id", "Received": "received", "DKIM-Signature": "dkim-signature",
	"MIME-Version": "mime-version", "Content-Type": "content-type", "Content-Transfer-Encoding": "content-transfer-encoding",
	"Reply-To": "reply-to", "In-Reply-To": "in-reply-to", "References": "references", "Return-Path": "return-path",
}

// count says how many fields have this (lower case) name.
func count(fields []field, name string) (n int) {
	for i := range fields {
		if fields[i].name == name {
			n++
		}
	}
	return n
}
