package smtpd

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// errLineEnding says that someone may read an end of data here where we read none.
var errLineEnding = errors.New("dot beside a bare LF")

// errFlood says that a letter already refused goes on and on.
var errFlood = errors.New("letter goes on after its fault")

func (s *session) data(arg string) *Reply {
	switch {
	case arg != "":
		return badArgument
	case len(s.tx.to) == 0 || s.tx.letter != nil:
		return badSequence
	case s.w.pending():
		// DATA ends a group of pipelined commands (RFC 2920 3.1): who sends the letter before
		// 354 does not read our answers.
		return s.earlyTalk()
	}
	l := s.newLetter()
	s.w.letter(s.tx.began.Add(s.srv.limits.Data))
	if !s.say(goAhead) {
		return nil
	}
	if err := readData(s.w.in, l); err != nil {
		return s.cut(err)
	}
	return s.finish(l)
}

// readData reads a letter up to <CRLF>.<CRLF>, exactly that and nothing like it, and
// takes off the dots that were put before lines that begin with one (RFC 5321 4.5.2).
// It looks for LF a buffer at a time, where go-smtp takes byte after byte.
func readData(in *bufio.Reader, l *letter) error {
	const (
		afterCRLF = iota
		afterLF
		within // a line longer than the buffer
	)
	at, last := afterCRLF, byte(0)
	for l.dropped <= l.limits.MessageBytes {
		part, err := in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		dot := at != within && part[0] == '.'
		switch {
		case dot && at == afterCRLF && string(part) == ".\r\n":
			return nil
		case dot && (string(part) == ".\n" || at == afterLF && string(part) == ".\r\n"):
			return errLineEnding
		}
		cr := last == '\r'
		if n := len(part); n > 1 {
			cr = part[n-2] == '\r'
		}
		last = part[len(part)-1]
		if dot && at == afterCRLF {
			part = part[1:]
		}
		l.Write(part)
		switch {
		case err != nil:
			at = within
		case cr:
			at, last = afterCRLF, 0
		default:
			at, last = afterLF, 0
		}
	}
	return errFlood
}

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
		s.tx.letter = l
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

func (s *session) newLetter() *letter {
	s.tx.began = time.Now()
	return &letter{limits: s.srv.limits, held: s.srv.held, declared: s.tx.size}
}

// finish hands a whole letter on and turns what comes back into the answer.
func (s *session) finish(l *letter) *Reply {
	s.tx.letter = l
	defer s.reset()
	fault := l.fault
	if fault == nil {
		fault = l.normalise()
	}
	if fault != nil {
		s.srv.stats.add(refusedFor(fault), 1)
		s.over = s.over || fault == badLineEnding
		return fault
	}
	err := s.receive(&Envelope{
		Remote: s.remote, Helo: s.helo, TLS: s.secure, From: s.tx.from, To: s.tx.to,
		Data: l.buf, Received: s.srv.Now(),
	})
	if err == nil {
		s.srv.stats.add(letters, 1)
		s.srv.stats.add(bytesIn, int64(len(l.buf)))
		s.srv.gate.good(s.remote.Addr())
		return stored
	}
	r, told := refusal(err)
	if !told {
		s.srv.stats.add(lettersFailed, 1)
		s.srv.Log.Error("letter not stored", "remote", s.remote, "bytes", len(l.buf), "err", err)
		return r
	}
	s.srv.stats.add(lettersRefused, 1)
	return r
}

// cut ends a session whose letter did not come whole. The connection never goes on:
// what comes next on it is the rest of a letter, written by who knows whom.
func (s *session) cut(err error) *Reply {
	s.srv.stats.add(lettersCut, 1)
	s.over = true
	switch {
	case errors.Is(err, errLineEnding):
		return badLineEnding
	case errors.Is(err, errFlood):
		return tooLarge
	}
	return s.lost(err)
}

func refusedFor(fault *Reply) counter {
	if fault == noMemory {
		return lettersNoRoom
	}
	return lettersRefused
}

// hasControl reports bytes that belong in no command; eight reports bytes beyond ASCII.
func hasControl(line []byte) (control, eight bool) {
	for _, c := range line {
		control = control || c < ' ' || c == 0x7F
		eight = eight || c > 0x7F
	}
	return control, eight && !bytes.Equal(line, nil)
}
