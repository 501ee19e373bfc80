package smtpd

import (
	"bufio"
	"errors"
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
	s.answer(goAhead)
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

// newLetter belongs to the transaction, whose end gives its memory back whatever happens.
func (s *session) newLetter() *letter {
	s.tx.began = time.Now()
	s.tx.letter = &letter{limits: s.srv.limits, held: s.srv.held, declared: s.tx.size}
	return s.tx.letter
}
