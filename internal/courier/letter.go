package courier

import (
	"bufio"
	"bytes"
	"fmt"
	"unicode/utf8"
)

// letter is a parcel that has been checked: nothing in it can be read as two letters or
// as a command.
type letter struct {
	from, to address
	more     bool   // others wait that could go the same road
	data     []byte // as given: dots not stuffed
	eight    bool   // has bytes beyond ASCII: wants 8BITMIME
	utf8     bool   // has them in its header or addresses: wants SMTPUTF8
}

// check is the last look at a parcel before it can reach a socket.
func check(p Parcel) (*letter, *Failure) {
	l := &letter{data: p.Data, more: p.More}
	var err error
	if p.From != "" {
		if l.from, err = parseAddress(p.From); err != nil {
			return nil, never("5.1.7", "sender %q: %w", p.From, err)
		}
	}
	if l.to, err = parseAddress(p.To); err != nil {
		return nil, never("5.1.3", "recipient %q: %w", p.To, err)
	}
	if err := checkBytes(p.Data); err != nil {
		return nil, never("5.6.0", "the letter cannot be sent: %w", err)
	}
	l.eight = !ascii7(p.Data)
	header, _, _ := bytes.Cut(p.Data, []byte("\r\n\r\n"))
	l.utf8 = l.from.international() || l.to.international() || (l.eight && !ascii7(header))
	return l, nil
}

// checkBytes asserts what every SMTP server may rely on (RFC 5321 2.3.8, 4.5.3.1.6): CR
// and LF only as CRLF, no NUL, no line over 998. A bare one is how a letter is smuggled
// inside another.
func checkBytes(data []byte) error {
	if len(data) == 0 {
		return fmt.Errorf("it is empty")
	}
	for n := 1; len(data) > 0; n++ {
		line := data
		if lf := bytes.IndexByte(data, '\n'); lf < 0 {
			data = nil
		} else if lf == 0 || data[lf-1] != '\r' {
			return fmt.Errorf("bare LF in line %d", n)
		} else {
			line, data = data[:lf-1], data[lf+1:]
		}
		switch {
		case bytes.IndexByte(line, '\r') >= 0:
			return fmt.Errorf("bare CR in line %d", n)
		case bytes.IndexByte(line, 0) >= 0:
			return fmt.Errorf("NUL in line %d", n)
		case len(line) > maxLine:
			return fmt.Errorf("line %d has %d octets, more than %d", n, len(line), maxLine)
		}
	}
	return nil
}

// writeStuffed writes data as DATA wants it, without the final dot: another dot before a
// line's first one, CRLF at the very end (RFC 5321 4.5.2).
func writeStuffed(w *bufio.Writer, data []byte) error {
	if data[0] == '.' {
		w.WriteByte('.')
	}
	for rest := data; ; {
		i := bytes.Index(rest, []byte("\r\n."))
		if i < 0 {
			w.Write(rest)
			break
		}
		w.Write(rest[:i+len("\r\n.")])
		w.WriteByte('.')
		rest = rest[i+len("\r\n."):]
	}
	if !bytes.HasSuffix(data, []byte("\r\n")) {
		w.WriteString("\r\n")
	}
	// A bufio.Writer remembers its first error and writes nothing after it.
	_, err := w.Write(nil)
	return err
}

func ascii7(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
