package smtpd

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

const (
	// bufferSize holds one TLS record, and with it most commands of a pipeline at once.
	bufferSize = 16 << 10
	// lingerFor and lingerBytes bound what is still read from a client we hang up on: closing
	// a socket with unread bytes resets it, and the reset may overtake our last answer.
	lingerFor   = 500 * time.Millisecond
	lingerBytes = 1 << 20
)

var (
	errBadLine  = errors.New("command line too long or not ended by CRLF")
	errStopping = errors.New("server is stopping")
)

// wire is a connection with its clocks. Every read has a deadline that was fixed when
// the thing being read began, so that dripping bytes buys no time.
type wire struct {
	raw    net.Conn
	conn   net.Conn // raw, or TLS over it
	in     *bufio.Reader
	out    *bufio.Writer
	limits Limits
	end    time.Time // of the session

	mu       sync.Mutex
	stopping bool      // Shutdown was called
	busy     bool      // a letter is on its way: Shutdown lets it finish
	until    time.Time // when what is being read must be complete
	began    time.Time // when the bytes counted in got began to flow, if busy
	got      int
}

func newWire(c net.Conn, l Limits) *wire {
	w := &wire{raw: c, conn: c, limits: l, end: time.Now().Add(l.Session)}
	w.in, w.out = bufio.NewReaderSize(w, bufferSize), bufio.NewWriter(w)
	return w
}

// Read is for in alone. Answers that wait are sent first: now the client's turn begins.
func (w *wire) Read(p []byte) (int, error) {
	if err := w.out.Flush(); err != nil {
		return 0, err
	}
	if err := w.arm(); err != nil {
		return 0, err
	}
	n, err := w.conn.Read(p)
	if w.stopped() && errors.Is(err, errTimeout) {
		err = errStopping
	}
	w.got += n
	return n, err
}

// Write is for out alone.
func (w *wire) Write(p []byte) (int, error) {
	w.raw.SetWriteDeadline(time.Now().Add(w.limits.Write))
	return w.conn.Write(p)
}

// arm sets the deadline of the next read. It holds the lock over the call, so that
// Shutdown's own deadline is never overwritten by one computed before it.
func (w *wire) arm() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopping && !w.busy {
		return errStopping
	}
	until := earlier(w.until, w.end)
	if w.busy {
		paid := time.Duration(w.got) * time.Second / time.Duration(w.limits.Rate)
		until = earlier(until, w.began.Add(w.limits.DataGrace+paid))
	}
	return w.raw.SetReadDeadline(until)
}

// expect starts the clock of one command or handshake.
func (w *wire) expect(within time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy, w.until = false, time.Now().Add(within)
}

// letter starts the clock of a letter's bytes, which must all have come by until.
func (w *wire) letter(until time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy, w.until, w.began, w.got = true, until, time.Now(), 0
}

// stop makes the session end at its next read, at once if it sits in one.
func (w *wire) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopping = true
	if !w.busy {
		w.raw.SetReadDeadline(time.Unix(1, 0))
	}
}

func (w *wire) stopped() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stopping && !w.busy
}

// line reads one command without its CRLF. The bytes are valid until the next read.
// A line that did not arrive whole is never returned.
func (w *wire) line(within time.Duration) ([]byte, error) {
	w.expect(within)
	b, err := w.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, errBadLine
	case err != nil:
		return nil, err
	case len(b) > CommandLine || !bytes.HasSuffix(b, []byte("\r\n")):
		return nil, errBadLine
	}
	return b[:len(b)-2], nil
}

// pending reports that the client has sent more than we asked for.
func (w *wire) pending() bool { return w.in.Buffered() > 0 }

// upgrade turns to TLS. What was read in clear before is dropped: none of it may be
// taken for something said under TLS (RFC 3207 section 4.2).
func (w *wire) upgrade(ctx context.Context, config *tls.Config) error {
	if err := w.out.Flush(); err != nil {
		return err
	}
	w.expect(w.limits.Handshake)
	if err := w.arm(); err != nil {
		return err
	}
	w.raw.SetWriteDeadline(time.Now().Add(w.limits.Handshake))
	c := tls.Server(w.raw, config)
	if err := c.HandshakeContext(ctx); err != nil {
		return err
	}
	w.conn = c
	w.in.Reset(w)
	w.out.Reset(w)
	return nil
}

// hangUp says what is left to say and closes, in a way that lets it be heard.
func (w *wire) hangUp() {
	defer w.raw.Close()
	if w.out.Flush() != nil {
		return
	}
	if c, ok := w.conn.(*tls.Conn); ok {
		c.CloseWrite()
	}
	if c, ok := w.raw.(*net.TCPConn); ok && c.CloseWrite() == nil {
		w.raw.SetReadDeadline(time.Now().Add(lingerFor))
		io.CopyN(io.Discard, w.raw, lingerBytes)
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
