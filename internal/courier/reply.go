package courier

import (
	"bufio"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reply is one answer of a server, all its lines.
type reply struct {
	code  int
	lines []string // what stands behind the code, as sent
}

// The ways a server's answer is no answer. Each ends the connection.
var (
	errReplyLine  = fmt.Errorf("an answer with a line over %d octets", maxReplyLine)
	errReplyLines = fmt.Errorf("an answer of more than %d lines", maxReplyLines)
	errNotSMTP    = errors.New("an answer that is not SMTP")
)

// readReply reads one answer (RFC 5321 4.2.1). r's buffer is the line limit.
func readReply(r *bufio.Reader) (reply, error) {
	var rep reply
	for range maxReplyLines {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return reply{}, errReplyLine
		}
		if err != nil {
			return reply{}, err
		}
		text := strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")
		code, more, ok := parseCode(text)
		if !ok {
			return reply{}, fmt.Errorf("%w: %s", errNotSMTP, escape(text, 80))
		}
		// Should the codes of the lines differ, the last one counts, as it does for Postfix.
		rep.code = code
		rep.lines = append(rep.lines, text[min(4, len(text)):])
		if !more {
			return rep, nil
		}
	}
	return reply{}, errReplyLines
}

// parseCode reads "250-" (more lines follow), "250 " or "250".
func parseCode(line string) (code int, more, ok bool) {
	if len(line) < 3 || (len(line) > 3 && line[3] != ' ' && line[3] != '-') {
		return 0, false, false
	}
	for _, c := range line[:3] {
		if c < '0' || c > '9' {
			return 0, false, false
		}
	}
	code, err := strconv.Atoi(line[:3])
	return code, len(line) > 3 && line[3] == '-', err == nil && code >= 200 && code < 600
}

// String is the answer on one line, fit to be stored and shown.
func (r reply) String() string {
	return escape(strconv.Itoa(r.code)+" "+strings.Join(r.lines, " "), maxResponse)
}

// enhanced is the RFC 3463 status of the answer's first line that has one; "" where none
// has, or one of another class than the code (RFC 2034 4).
func (r reply) enhanced() string {
	for _, line := range r.lines {
		status, _, _ := strings.Cut(line, " ")
		if isStatus(status) && status[0] == strconv.Itoa(r.code)[0] {
			return status
		}
	}
	return ""
}

// isStatus: class.subject.detail, the latter two of up to three digits (RFC 3463 2).
func isStatus(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return false
	}
	for _, p := range parts {
		if p == "" || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return len(parts[0]) == 1
}

// escape makes a stranger's text harmless: what does not print (control bytes, bidi
// controls, line separators, broken UTF-8) becomes \x.. or \u...., and no more than max
// octets are kept.
func escape(s string, max int) string {
	var b strings.Builder
	for i, width := 0, 0; i < len(s); i += width {
		var r rune
		r, width = utf8.DecodeRuneInString(s[i:])
		piece := s[i : i+width]
		switch {
		case r == utf8.RuneError && width == 1:
			piece = fmt.Sprintf(`\x%02x`, s[i])
		case !unicode.IsPrint(r):
			piece = strings.Trim(strconv.QuoteRuneToASCII(r), "'")
		}
		if b.Len()+len(piece) > max {
			break
		}
		b.WriteString(piece)
	}
	return b.String()
}
