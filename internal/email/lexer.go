package email

import (
	"fmt"
	"strings"
)

// ReadHeader lexes the header of a whole letter by the letter of RFC 5322 and refuses what two readers could see
// differently: a name followed by space, a line without a colon, NUL, a bare CR, more than one From, or a From that is
// not exactly one address (threats D7, H-06, H-07, A-08). Line ends are CRLF or LF. The error is always a *Malformed.
func ReadHeader(raw []byte) (*Header, error) {
	h, err := lexHeader(raw)
	if err != nil {
		return nil, err
	}
	return h, h.readFrom()
}

// ReadReportHeader is ReadHeader for a letter with an empty envelope sender that came to an address made for reports alone. Its From may
// be missing, empty or a bare name, as the reports of many mail systems have it; then From() is the zero Address, so that nothing can
// be authenticated by it. Two From fields are refused all the same.
func ReadReportHeader(raw []byte) (*Header, error) {
	h, err := lexHeader(raw)
	if err != nil {
		return nil, err
	}
	if h.Count("From") > 1 {
		return nil, &Malformed{"This message has more than one From field."}
	}
	if h.readFrom() != nil {
		h.from = Address{}
	}
	return h, nil
}

func lexHeader(raw []byte) (*Header, error) {
	s := headerBlock(raw)
	h, start := &Header{}, 0
	for pos := 0; pos < len(s); {
		line, next := cutLine(s, pos)
		if line == "" {
			return h, nil
		}
		if next > MaxHeaderBytes {
			return nil, &Malformed{"The header of this message is too large."}
		}
		if strings.ContainsAny(line, "\x00\r") {
			return nil, &Malformed{"The header of this message contains a NUL or a bare carriage return."}
		}
		if end := pos + len(line); line[0] != ' ' && line[0] != '\t' {
			name, err := fieldName(line, len(h.fields))
			if err != nil {
				return nil, err
			}
			start = pos + len(name) + 1
			h.fields = append(h.fields, field{name, s[start:end]})
		} else if len(h.fields) > 0 {
			h.fields[len(h.fields)-1].value = s[start:end]
		} else {
			return nil, &Malformed{"The header of this message begins with a space."}
		}
		pos = next
	}
	return h, nil
}

// fieldName returns the name of the n-th field, which must touch its colon.
func fieldName(line string, n int) (string, error) {
	if n == MaxFields {
		return "", &Malformed{"The header of this message has too many fields."}
	}
	if name, _, ok := strings.Cut(line, ":"); ok && isFieldName(name) {
		return name, nil
	}
	return "", &Malformed{fmt.Sprintf("Field %d of the header of this message is malformed.", n+1)}
}

// readFrom demands one From with one address; Sender and Resent-From never stand in for it.
func (h *Header) readFrom() error {
	switch n := h.Count("From"); {
	case n == 0:
		return &Malformed{"This message has no From address."}
	case n > 1:
		return &Malformed{"This message has more than one From field."}
	}
	a, err := oneAddress(h.Get("From"))
	if err != nil {
		return &Malformed{"The From field of this message is not exactly one address: " + err.Error() + "."}
	}
	h.from = a
	return nil
}

// cutLine returns the line at pos without its LF or CRLF, and where the next one begins.
func cutLine(s string, pos int) (line string, next int) {
	i := strings.IndexByte(s[pos:], '\n')
	if i < 0 {
		return s[pos:], len(s)
	}
	return strings.TrimSuffix(s[pos:pos+i], "\r"), pos + i + 1
}

// isFieldName is RFC 5322 3.6.8: printable ASCII without colon and without space.
func isFieldName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 127 || c == ':' {
			return false
		}
	}
	return s != ""
}
