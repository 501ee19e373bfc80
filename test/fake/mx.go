package fake

import (
	"crypto/tls"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// MX is a mail server on 127.0.0.1 that keeps every letter it accepts and can be told,
// stage by stage, how to misbehave. It is written out by hand, not on go-smtp: a far
// server must be able to refuse DATA before its 354, to answer garbage, and to keep the
// very bytes that came, bare CRs and all; go-smtp as a server does none of these.
//
// Set it up before the first connection, or at any time between two.
type MX struct {
	t        testing.TB
	listener net.Listener

	mu       sync.Mutex
	name     string
	cert     *tls.Certificate
	wrap     bool
	mechs    []string
	user     string
	pass     string
	exts     []string
	faults   []*fault
	letters  []Letter
	commands []string
	sessions int
	open     map[net.Conn]struct{}
	changed  chan struct{}
	closed   bool
}

// Letter is one that the server accepted: it said 250, or dropped the line instead of
// saying so, which is the same to whoever reads it.
type Letter struct {
	Remote  netip.AddrPort
	Session int    // 1 for the first connection
	Helo    string // the name the client gave
	TLS     bool   // came over TLS
	SNI     string // the server name the client asked TLS for
	User    string // who logged in, "" for nobody
	From    string // without <>
	To      []string
	Params  string // what stood behind MAIL FROM:<…>, as sent
	Data    []byte // the bytes as sent, dots unstuffed, without the final dot
	At      time.Time
}

// NewMX starts a mail server that stops with the test. It offers PIPELINING, 8BITMIME,
// SMTPUTF8, ENHANCEDSTATUSCODES and SIZE, neither TLS nor a login.
func NewMX(t testing.TB) *MX {
	t.Helper()
	return NewMXAt(t, "127.0.0.1:0")
}

// NewMXAt is NewMX on a given address: "127.0.0.2:"+other.Port() makes a second server of
// one domain, as all of them listen on the same port.
func NewMXAt(t testing.TB, addr string) *MX {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatalf("fake MX: %v", err)
	}
	m := &MX{t: t, listener: l, name: "mx.fake.test", open: map[net.Conn]struct{}{}, changed: make(chan struct{}),
		exts: []string{"PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "SIZE 26214400"}}
	go m.accept()
	t.Cleanup(m.Close)
	return m
}

// Addr is the server's host:port.
func (m *MX) Addr() string { return m.listener.Addr().String() }

// Port is the port alone, as MXPort wants it.
func (m *MX) Port() string {
	_, port, _ := net.SplitHostPort(m.Addr())
	return port
}

// Close stops listening and cuts every connection.
func (m *MX) Close() {
	m.listener.Close()
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.Hangup()
}

// Hangup cuts every open connection; new ones are still taken.
func (m *MX) Hangup() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for c := range m.open {
		c.Close()
	}
}

// Name is what the server calls itself in its banner and in EHLO.
func (m *MX) Name(name string) *MX { return m.set(func() { m.name = name }) }

// StartTLS makes the server offer STARTTLS with cert (see [CA.Cert], [SelfSigned]).
func (m *MX) StartTLS(cert tls.Certificate) *MX {
	return m.set(func() { m.cert, m.wrap = &cert, false })
}

// ImplicitTLS makes every connection begin with TLS, as on port 465.
func (m *MX) ImplicitTLS(cert tls.Certificate) *MX {
	return m.set(func() { m.cert, m.wrap = &cert, true })
}

// Auth makes the server offer a login by the mechanisms given (PLAIN, LOGIN, CRAM-MD5)
// and demand it before MAIL.
func (m *MX) Auth(user, pass string, mechanisms ...string) *MX {
	return m.set(func() { m.user, m.pass, m.mechs = user, pass, mechanisms })
}

// Extensions replaces the EHLO lines other than STARTTLS and AUTH; none makes a server
// as plain as they were in 1995.
func (m *MX) Extensions(lines ...string) *MX { return m.set(func() { m.exts = lines }) }

// Letters are those accepted so far, oldest first.
func (m *MX) Letters() []Letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Letter(nil), m.letters...)
}

// Commands are the lines clients sent so far outside DATA, logins included: what a test
// looks through for things that must not have been said.
func (m *MX) Commands() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.commands...)
}

// Sessions counts the connections so far.
func (m *MX) Sessions() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sessions
}

// waitLimit is how long Wait has patience: far more than loopback needs, even on a
// machine busy with other tests.
const waitLimit = 20 * time.Second

// Wait waits until n letters have come and returns all there are; it fails the test
// after 20 seconds.
func (m *MX) Wait(t testing.TB, n int) []Letter {
	t.Helper()
	deadline := time.After(waitLimit)
	for {
		m.mu.Lock()
		letters, changed := append([]Letter(nil), m.letters...), m.changed
		m.mu.Unlock()
		if len(letters) >= n {
			return letters
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("fake MX: %d letters came, not %d; commands:\n%s", len(letters), n, strings.Join(m.Commands(), "\n"))
		}
	}
}

func (m *MX) set(change func()) *MX {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
	return m
}

func (m *MX) keep(l Letter) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.letters = append(m.letters, l)
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *MX) accept() {
	for {
		conn, err := m.listener.Accept()
		if err != nil {
			return
		}
		m.mu.Lock()
		if m.closed {
			m.mu.Unlock()
			conn.Close()
			return
		}
		m.sessions++
		m.open[conn] = struct{}{}
		s := &session{mx: m, conn: conn, number: m.sessions, name: m.name, cert: m.cert, wrap: m.wrap,
			mechs: m.mechs, user: m.user, pass: m.pass, exts: m.exts}
		m.mu.Unlock()
		go func() {
			defer func() {
				conn.Close()
				m.mu.Lock()
				delete(m.open, conn)
				m.mu.Unlock()
			}()
			s.serve()
		}()
	}
}
