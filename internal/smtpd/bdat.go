package smtpd

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// bdat takes one chunk (RFC 3030). The chunk follows the command whether we like the
// command or not, so it is read before we answer; where its length cannot be believed
// the connection ends, because what follows would be taken for commands.
func (s *session) bdat(arg string) *Reply {
	size, last, sized := parseChunk(arg)
	if !sized {
		return badArgument
	}
	l, refused := s.tx.letter, (*Reply)(nil)
	switch {
	case last == "?":
		refused = badArgument
	case len(s.tx.to) == 0:
		refused = badSequence
	case l == nil:
		l = s.newLetter()
	}
	if refused == nil && int64(len(l.buf))+size > s.srv.limits.MessageBytes {
		refused = tooLarge
		s.reset()
	}
	if refused != nil {
		l = &letter{limits: s.srv.limits, held: s.srv.held, fault: refused}
	}
	if size > s.srv.limits.MessageBytes {
		s.over = true
		return refused
	}
	began := s.tx.began
	if began.IsZero() {
		began = time.Now()
	}
	s.w.letter(began.Add(s.srv.limits.Data))
	if _, err := io.CopyN(l, s.w.in, size); err != nil {
		return s.cut(err)
	}
	switch {
	case refused != nil:
		return refused
	case l.fault != nil || last == "LAST":
		return s.finish(l)
	}
	return chunkOK
}

// parseChunk reads "size" or "size LAST"; last is "?" for any other word.
func parseChunk(arg string) (size int64, last string, ok bool) {
	digits, last, _ := strings.Cut(arg, " ")
	n, err := strconv.ParseUint(digits, 10, 62)
	if err != nil && !errors.Is(err, strconv.ErrRange) || strings.HasPrefix(digits, "+") {
		return 0, "", false
	}
	if last = strings.ToUpper(last); last != "" && last != "LAST" {
		last = "?"
	}
	return int64(n), last, true // out of range comes back as the largest number
}
