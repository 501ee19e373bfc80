package courier

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

// conn is one SMTP connection, used by one goroutine at a time.
type conn struct {
	net  net.Conn
	r    *bufio.Reader
	w    *bufio.Writer
	t    Timeouts
	host string // the server's name, as MX or relay gives it
	addr netip.AddrPort

	name     string            // what the server calls itself
	exts     map[string]string // EHLO keyword, upper case -> parameters
	tls      string            // "TLS 1.3"
	verified bool

	letters int  // handed over so far
	dirty   bool // a transaction was begun and not ended: RSET before the next
	broken  bool // of no further use
}

// bind makes raw the connection's carrier: the TCP connection first, TLS over it later.
// What was buffered of the old one is forgotten, so nothing said in clear counts as
// said in TLS.
func (cn *conn) bind(raw net.Conn) {
	cn.net = raw
	cn.r = bufio.NewReaderSize(raw, maxReplyLine)
	cn.w = bufio.NewWriterSize(deadlineWriter{raw, cn.t.dataBlock()}, chunk/2)
}

// deadlineWriter gives every 64 KB a deadline of its own (RFC 5321 4.5.3.2.5).
type deadlineWriter struct {
	net.Conn
	wait time.Duration
}

func (d deadlineWriter) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		var m int
		if err = d.SetWriteDeadline(time.Now().Add(d.wait)); err == nil {
			m, err = d.Conn.Write(p[:min(chunk, len(p))])
		}
		n, p = n+m, p[m:]
	}
	return n, err
}

// watch cuts the connection when ctx ends; the returned function stops watching.
func (cn *conn) watch(ctx context.Context) (stop func() bool) {
	raw := cn.net
	if t, ok := raw.(*tls.Conn); ok {
		raw = t.NetConn()
	}
	return context.AfterFunc(ctx, func() { raw.Close() })
}

// write sends command lines, each of which the caller made of checked parts.
func (cn *conn) write(lines ...string) error {
	for _, l := range lines {
		cn.w.WriteString(l)
		cn.w.WriteString("\r\n")
	}
	return cn.w.Flush()
}

// read reads one answer; wait is for all of it.
func (cn *conn) read(wait time.Duration) (reply, error) {
	cn.net.SetReadDeadline(time.Now().Add(wait))
	rep, err := readReply(cn.r)
	if err != nil || rep.code == 421 { // RFC 5321 3.8: it closes after 421
		cn.broken = true
	}
	return rep, err
}

// ask sends one line and returns the answer, whatever it is.
func (cn *conn) ask(doing, line string, wait time.Duration) (reply, *Failure) {
	if err := cn.write(line); err != nil {
		return reply{}, cn.lost(doing, err)
	}
	return cn.hear(doing, wait)
}

// hear reads the answer to what was sent before.
func (cn *conn) hear(doing string, wait time.Duration) (reply, *Failure) {
	rep, err := cn.read(wait)
	if err != nil {
		return reply{}, cn.lost(doing, err)
	}
	return rep, nil
}

// lost is the failure of a connection that brought no answer.
func (cn *conn) lost(doing string, err error) *Failure {
	cn.broken = true
	return later("4.4.2", "%s: %w", doing, network(err)).at(cn.host)
}

// refused is the failure that an answer spells out: 4yz passes, 5yz stays, anything else
// was not an answer to what was asked.
func (cn *conn) refused(doing string, rep reply) *Failure {
	f := &Failure{Code: rep.code, Enhanced: rep.enhanced(), Response: rep.String(), Remote: cn.host,
		Permanent: rep.code >= 500, Err: fmt.Errorf("%s was refused", doing)}
	if rep.code < 400 {
		cn.broken = true
		f.Err = fmt.Errorf("%s got an answer that makes no sense", doing)
	}
	return f
}

// hello is EHLO, or HELO for a server that does not know it (RFC 5321 3.2).
func (cn *conn) hello(name string) *Failure {
	name = helloName(name, cn.net.LocalAddr())
	rep, f := cn.ask("EHLO", "EHLO "+name, cn.t.greeting())
	if f == nil && rep.code >= 500 && !cn.broken {
		rep, f = cn.ask("HELO", "HELO "+name, cn.t.greeting())
		rep.lines = rep.lines[:min(1, len(rep.lines))]
	}
	if f != nil {
		return f
	}
	if rep.code != 250 {
		return cn.refused("EHLO", rep)
	}
	cn.name, _, _ = strings.Cut(strings.ToLower(rep.lines[0]), " ")
	cn.exts = map[string]string{}
	for _, line := range rep.lines[1:] {
		// "AUTH=PLAIN" is how some servers spelled it before RFC 2554.
		word, params, _ := strings.Cut(strings.Replace(line, "AUTH=", "AUTH ", 1), " ")
		cn.exts[strings.ToUpper(word)] = strings.TrimSpace(params)
	}
	return nil
}

// helloName is name if it is a domain, else our address as a literal (RFC 5321 4.1.4).
func helloName(name string, local net.Addr) string {
	if d, err := parseDomain(name); err == nil {
		return d
	}
	ap, err := netip.ParseAddrPort(local.String())
	if err != nil {
		return "[127.0.0.1]"
	}
	if ip := ap.Addr().Unmap().WithZone(""); ip.Is6() {
		return "[IPv6:" + ip.String() + "]"
	} else {
		return "[" + ip.String() + "]"
	}
}

func (cn *conn) has(extension string) bool {
	_, ok := cn.exts[extension]
	return ok
}

// quit says goodbye and closes. What the server thinks of it no longer matters.
func (cn *conn) quit() {
	if !cn.broken {
		cn.net.SetWriteDeadline(time.Now().Add(cn.t.quit()))
		if _, err := cn.net.Write([]byte("QUIT\r\n")); err == nil {
			cn.read(cn.t.quit())
		}
	}
	cn.net.Close()
}
