package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strings"
	"sync"
)

// ContentHash is the identity of a letter for R-3: hex SHA-256 over Message-ID, From, Date, Subject and the body in
// relaxed canonical form (RFC 6376 3.4.4). Trace headers, line ends and trailing blank lines do not change it.
func ContentHash(m *Message, raw []byte) string {
	h := sha256.New()
	for _, name := range []string{"Message-ID", "From", "Date", "Subject"} {
		for _, v := range m.Header.Values(name) {
			h.Write([]byte(strings.Join(strings.Fields(v), " ")))
			h.Write([]byte{1})
		}
		h.Write([]byte{0}) // a value cannot move into the next field
	}
	raw = oneLineEnd(raw)
	hashBody(h, raw[bodyStart(raw):])
	return hex.EncodeToString(h.Sum(nil))
}

// bodyStart is where the first empty line ends.
func bodyStart(raw []byte) int {
	for pos := 0; pos < len(raw); {
		i := bytes.IndexByte(raw[pos:], '\n')
		if i < 0 {
			return len(raw)
		}
		if i == 0 || i == 1 && raw[pos] == '\r' {
			return pos + i + 1
		}
		pos += i + 1
	}
	return len(raw)
}

// hashBuffer is how many bytes are gathered for one step of the hash.
const hashBuffer = 16 << 10

var hashBuffers = sync.Pool{New: func() any { return new([hashBuffer]byte) }}

// hashBody writes the relaxed lines; empty ones wait until something follows them.
func hashBody(h hash.Hash, body []byte) {
	block := hashBuffers.Get().(*[hashBuffer]byte)
	defer hashBuffers.Put(block)
	empty, buf := 0, block[:0]
	for len(body) > 0 {
		var line []byte
		line, _, body = cutEOL(body)
		if line = bytes.TrimRight(line, " \t\r"); len(line) == 0 {
			empty++
			continue
		}
		for ; empty > 0; empty-- {
			buf = flush(h, append(buf, '\r', '\n'))
		}
		buf = flush(h, append(relax(buf, line), '\r', '\n'))
	}
	h.Write(buf)
}

// flush hashes what has been gathered once it is enough.
func flush(h hash.Hash, buf []byte) []byte {
	if len(buf) < hashBuffer-hashBuffer/4 {
		return buf
	}
	h.Write(buf)
	return buf[:0]
}

// relax appends line with every run of white space as one space.
func relax(buf, line []byte) []byte {
	if bytes.IndexByte(line, '\t') < 0 && !bytes.Contains(line, []byte("  ")) { // most lines, and all of a file's
		return append(buf, line...)
	}
	for i, c := range line {
		if c == '\t' {
			c = ' '
		}
		if c == ' ' && i > 0 && (line[i-1] == ' ' || line[i-1] == '\t') {
			continue
		}
		buf = append(buf, c)
	}
	return buf
}
