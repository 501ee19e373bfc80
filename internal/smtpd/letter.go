package smtpd

import "bytes"

// letter gathers the bytes of one letter within its limits. Once it has a fault it keeps
// no bytes and only counts them, for a client is told of a fault at the end of its data.
type letter struct {
	limits   Limits
	held     *budget
	declared int64 // SIZE=, a hint that is believed when a quarter has come
	buf      []byte
	reserved int64 // of the budget
	dropped  int64 // bytes seen after the fault
	fault    *Reply
}

// firstBuffer fits most letters without attachments; growth doubles from there.
const firstBuffer = 16 << 10

// Write takes p in, or drops it where the letter has a fault. It never fails.
func (l *letter) Write(p []byte) (int, error) {
	if l.fault == nil && int64(len(l.buf)+len(p)) > l.limits.MessageBytes {
		l.fault = tooLarge
	}
	if l.fault == nil {
		l.fault = l.room(len(p))
	}
	if l.fault != nil {
		l.free()
		l.dropped += int64(len(p))
		return len(p), nil
	}
	l.buf = append(l.buf, p...)
	return len(p), nil
}

// room makes place for n more bytes. While the old bytes are copied both copies are
// reserved, because both exist.
func (l *letter) room(n int) *Reply {
	need := int64(len(l.buf) + n)
	if need <= int64(cap(l.buf)) {
		return nil
	}
	size := max(need, 2*int64(cap(l.buf)), firstBuffer)
	if l.declared >= need && l.declared <= 4*size {
		size = l.declared
	}
	size = max(need, min(size, l.limits.MessageBytes))
	reserve := max(0, size-l.limits.FreeBytes)
	if !l.held.take(reserve) {
		return noMemory
	}
	grown := make([]byte, len(l.buf), size)
	copy(grown, l.buf)
	l.held.give(l.reserved)
	l.buf, l.reserved = grown, reserve
	return nil
}

// free lets go of the bytes and of their part in the budget.
func (l *letter) free() {
	l.held.give(l.reserved)
	l.buf, l.reserved = nil, 0
}

// normalise checks the letter's bytes and makes every line end in CRLF. Bare CR and NUL
// are what smuggling is made of and what DKIM verifiers and readers disagree about, so
// they are refused; bare LF comes from honest, careless senders, and is mended here,
// before anyone verifies a signature or parses a header.
func (l *letter) normalise() *Reply {
	if bytes.IndexByte(l.buf, 0) >= 0 {
		return badLineEnding
	}
	if n := len(l.buf); n > 0 && l.buf[n-1] != '\n' { // only BDAT can end so
		if l.fault = l.room(len("\r\n")); l.fault != nil {
			return l.fault
		}
		l.buf = append(l.buf, "\r\n"...) // the end of the last line is ours, not part of the size
	}
	bare := 0
	for rest := l.buf; len(rest) > 0 && l.fault == nil; {
		n := bytes.IndexByte(rest, '\n')
		line := rest[:n]
		if n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		} else {
			bare++
		}
		if bytes.IndexByte(line, '\r') >= 0 {
			return badLineEnding
		}
		if len(line)+len("\r\n") > l.limits.Line {
			l.fault = longLine
		}
		rest = rest[n+1:]
	}
	if bare > 0 && l.fault == nil {
		l.fault = l.mend(bare)
	}
	return l.fault
}

// mend writes CR before each of the bare LFs, from the end, in place.
func (l *letter) mend(bare int) *Reply {
	if int64(len(l.buf)+bare) > l.limits.MessageBytes {
		return tooLarge
	}
	if fault := l.room(bare); fault != nil {
		return fault
	}
	from := len(l.buf)
	l.buf = l.buf[:from+bare]
	for to := len(l.buf); from < to; {
		from, to = from-1, to-1
		l.buf[to] = l.buf[from]
		if l.buf[from] == '\n' && (from == 0 || l.buf[from-1] != '\r') {
			to--
			l.buf[to] = '\r'
		}
	}
	return nil
}
