package mailauth

import (
	"bytes"
	"crypto/sha256"
	"hash"
)

// appendField writes a field in canonical form, without its CRLF (RFC 6376 3.4.1,
// 3.4.2).
func (f field) appendCanonical(dst []byte, relaxed bool) []byte {
	if !relaxed {
		return append(dst, f.raw...)
	}
	dst = append(append(dst, f.name...), ':')
	return appendRelaxed(dst, f.value(), f.odd)
}

// appendRelaxed unfolds a value, makes every run of white space one space and
// drops it at both ends. A value that is not odd needs only the ends.
func appendRelaxed(dst, value []byte, odd bool) []byte {
	value = bytes.Trim(value, " \t\r\n")
	if !odd {
		return append(dst, value...)
	}
	space := false
	for _, c := range value {
		switch c {
		case '\r', '\n':
		case ' ', '\t':
			space = true
		default:
			if space {
				dst = append(dst, ' ')
				space = false
			}
			dst = append(dst, c)
		}
	}
	return dst
}

// bodyHasher feeds a canonical body to SHA-256, up to a length.
type bodyHasher struct {
	sum  hash.Hash
	buf  []byte
	left int64 // bytes still covered by l=; negative: no limit
	size int64 // bytes of the canonical body, covered or not
}

// hashChunk is how much is gathered before hashing; a page keeps it in the cache.
const hashChunk = 4096

// hashBody gives SHA-256 over the canonical body, and the canonical body's length
// in bytes. With length >= 0 only that many bytes are hashed (l=).
func hashBody(body []byte, relaxed bool, length int64) (sum [sha256.Size]byte, size int64) {
	h := bodyHasher{sum: sha256.New(), buf: make([]byte, 0, hashChunk+512), left: length}
	if relaxed {
		h.relaxed(body)
	} else {
		h.simple(body)
	}
	h.flush()
	h.sum.Sum(sum[:0])
	return sum, h.size
}

// simple drops empty lines at the end; an empty body is one CRLF (RFC 6376 3.4.3).
func (h *bodyHasher) simple(body []byte) {
	for bytes.HasSuffix(body, crlf) {
		body = body[:len(body)-2]
	}
	h.write(body)
	h.write(crlf)
}

var crlf = []byte("\r\n")

// relaxed also makes runs of white space one space and drops them at line ends;
// an empty body stays empty (RFC 6376 3.4.4).
func (h *bodyHasher) relaxed(body []byte) {
	empty := 0 // lines held back: they vanish if nothing follows
	for len(body) > 0 {
		line, rest := body, []byte(nil)
		if i := bytes.Index(body, crlf); i >= 0 {
			line, rest = body[:i], body[i+2:]
		}
		body = rest
		line = bytes.TrimRight(line, " \t")
		if len(line) == 0 {
			empty++
			continue
		}
		for ; empty > 0; empty-- {
			h.write(crlf)
		}
		h.line(line)
		h.write(crlf)
	}
}

// line writes one line with its runs of white space made single spaces.
func (h *bodyHasher) line(line []byte) {
	for len(line) > 0 {
		i := spaceRun(line)
		h.write(line[:i])
		line = line[i:]
		n := 0
		for n < len(line) && (line[n] == ' ' || line[n] == '\t') {
			n++
		}
		if n > 0 {
			h.write(oneSpace)
			line = line[n:]
		}
	}
}

var oneSpace = []byte(" ")

// spaceRun finds the first white space that is not simply one space between words.
func spaceRun(line []byte) int {
	n := len(line)
	if tab := bytes.IndexByte(line, '\t'); tab >= 0 {
		n = tab
	}
	if two := bytes.Index(line[:n], []byte("  ")); two >= 0 {
		return two
	}
	if n < len(line) && n > 0 && line[n-1] == ' ' {
		return n - 1
	}
	return n
}

func (h *bodyHasher) write(b []byte) {
	h.size += int64(len(b))
	if h.left >= 0 {
		if int64(len(b)) > h.left {
			b = b[:h.left]
		}
		h.left -= int64(len(b))
	}
	if len(b) >= hashChunk {
		h.flush()
		h.sum.Write(b)
		return
	}
	if h.buf = append(h.buf, b...); len(h.buf) >= hashChunk {
		h.flush()
	}
}

func (h *bodyHasher) flush() {
	h.sum.Write(h.buf)
	h.buf = h.buf[:0]
}
