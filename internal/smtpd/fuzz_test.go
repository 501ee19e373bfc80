package smtpd

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// FuzzSession feeds a client's bytes to one session, in pieces, and reads what comes.
// Whatever they are: the session ends, its replies are well formed, and there is at most
// one letter per legal end of data, each with the line ends that are promised.
func FuzzSession(f *testing.F) {
	const base = "EHLO t\r\nMAIL FROM:<bob@ext.test>\r\nRCPT TO:<reply+good@in.test>\r\n"
	f.Add([]byte(base+"DATA\r\nSubject: x\r\n\r\n..\r\n.\r\nQUIT\r\n"), byte(1))
	f.Add([]byte(base+"BDAT 5\r\nabcdeBDAT 3 LAST\r\nf\ngMAIL FROM:<>\r\n"), byte(9))
	f.Add([]byte(base+"BDAT 4294967295 LAST\r\n"), byte(1))
	f.Add([]byte("HELO t\r\nSTARTTLS\r\n\x16\x03\x01"), byte(3))
	f.Add([]byte("\r\n\r\n\x00\r\nQUIT\nRSET x\r\nNOOP\r\nMAIL FROM:<a@b> SIZE=9 SIZE=9\r\n"), byte(1))
	for _, v := range endOfData {
		f.Add([]byte(base+"DATA\r\nSubject: a\r\n\r\nx"+v.bytes+smuggled+"\r\n.\r\n"), byte(1))
	}
	f.Fuzz(func(t *testing.T, sent []byte, step byte) {
		door := &door{}
		s := &Server{Domain: "in.test", Known: door.known, Receive: door.receive, Log: slog.New(slog.DiscardHandler)}
		s.Limits = Limits{Greeting: -1, MessageBytes: 1 << 16}
		s.init()
		c := &script{sent: sent, step: int(step)}
		over := make(chan struct{})
		go func() {
			defer close(over)
			s.newSession(c, netip.AddrPort{}).run()
		}()
		select {
		case <-over:
		case <-time.After(patience):
			t.Fatalf("the session hangs after %q", sent)
		}
		check(t, c.heard.Bytes())
		ends := bytes.Count(sent, []byte("\r\n.\r\n")) + bytes.Count(bytes.ToUpper(sent), []byte("LAST"))
		if got := door.stored(); len(got) > ends {
			t.Fatalf("%d letters of %d ends of data", len(got), ends)
		}
		for _, e := range door.stored() {
			whole(t, e)
		}
	})
}

// script is a connection whose client has said all it will say. It gives step bytes at
// a time, or, where step is odd, not beyond a line: a client that waits for its answers.
type script struct {
	sent  []byte
	step  int
	heard bytes.Buffer
}

func (c *script) Read(p []byte) (int, error) {
	n := min(len(p), len(c.sent))
	if n == 0 {
		return 0, io.EOF
	}
	if c.step > 1 {
		n = min(n, c.step)
	}
	if lf := bytes.IndexByte(c.sent[:n], '\n'); c.step%2 == 1 && lf >= 0 {
		n = lf + 1
	}
	copy(p, c.sent[:n])
	c.sent = c.sent[n:]
	return n, nil
}

func (c *script) Write(p []byte) (int, error)      { return c.heard.Write(p) }
func (c *script) Close() error                     { return nil }
func (c *script) LocalAddr() net.Addr              { return nil }
func (c *script) RemoteAddr() net.Addr             { return nil }
func (c *script) SetDeadline(time.Time) error      { return nil }
func (c *script) SetReadDeadline(time.Time) error  { return nil }
func (c *script) SetWriteDeadline(time.Time) error { return nil }

func check(t *testing.T, heard []byte) {
	t.Helper()
	in := bufio.NewReader(bytes.NewReader(heard))
	for {
		reply, err := readReply(in)
		if err == io.EOF && strings.Join(reply, "") == "" {
			return
		}
		if err != nil {
			t.Fatalf("%v in %q", err, heard)
		}
	}
}

func whole(t *testing.T, e *Envelope) {
	t.Helper()
	bare := bytes.ReplaceAll(e.Data, []byte("\r\n"), nil)
	if bytes.ContainsAny(bare, "\r\n\x00") || len(e.Data) > 0 && !bytes.HasSuffix(e.Data, []byte("\r\n")) {
		t.Fatalf("letter has odd line ends: %q", e.Data)
	}
	if len(e.To) == 0 || len(e.To) > Recipients {
		t.Fatalf("letter to %q", e.To)
	}
}

func FuzzNormalise(f *testing.F) {
	f.Add([]byte("a\nb\r\n\n\n.\nc"))
	f.Add([]byte("a\r"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l := &letter{limits: Limits{MessageBytes: 1 << 12, Line: 100}.withDefaults(), held: &budget{limit: 1 << 20}}
		l.Write(raw)
		if l.fault != nil || l.normalise() != nil {
			return
		}
		want := strings.ReplaceAll(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n", "\r\n")
		if want != "" && !strings.HasSuffix(want, "\n") {
			want += "\r\n"
		}
		if string(l.buf) != want {
			t.Fatalf("%q became %q", raw, l.buf)
		}
		if len(l.buf) > 1<<12 {
			t.Fatal("mending went beyond the limit")
		}
	})
}
