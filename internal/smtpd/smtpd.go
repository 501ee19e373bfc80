// Package smtpd is the SMTP door: it speaks with a stranger until it holds one
// whole letter, hands that on as an Envelope, and answers what it is told to.
//
// It is not a mail system. It relays nothing, offers no AUTH, queues nothing and
// knows no record: Server.Known says which recipients exist, Server.Receive says
// when a letter is safe. It does not look into letters beyond their line ends.
//
// What it promises to those behind it: Receive is called at most once per legal end
// of data, with a letter that arrived whole, whose every line ends in CRLF and which
// holds no bare CR, no NUL and no line above Limits.Line; no fault but a *Reply ever
// shows a stranger its text.
//
// Goroutines: one per Serve, which owns its listener, and one per connection, which
// alone reads and writes that connection's session. Shutdown reaches a session only
// through its wire (deadline and state under one mutex) and its socket's Close.
//
// The session loop is our own. Why it is not go-smtp's is told in gosmtp_test.go,
// which runs the dialogs of testdata against that library.
package smtpd

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Envelope is one letter as it came over the wire.
type Envelope struct {
	Remote   netip.AddrPort // the socket's other end; nothing a client says changes it
	Helo     string         // the name given in EHLO or HELO: printable ASCII, not verified
	TLS      bool
	From     string   // reverse-path, domain in lower case; "" for the null sender
	To       []string // accepted recipients, as Known was asked for them
	Data     []byte   // whole letter, CRLF line ends, dots unstuffed; the receiver may keep it
	Received time.Time
}

// Server is a listener's configuration and state. Set the fields before Serve.
type Server struct {
	Domain  string         // the mail domain: our name in the greeting and the only one we accept for
	TLS     *tls.Config    // STARTTLS is offered when set; GetCertificate is asked per handshake
	Trusted []netip.Prefix // peers free of what is counted per address and network, and of commands, transactions and bad recipients
	Log     *slog.Logger   // nil = slog.Default
	Limits  Limits         // zero fields = the defaults below
	Now     func() time.Time

	// Known is asked at RCPT for every address of our own domain: nil accepts it. The
	// domain is in lower case and without a trailing dot, the local part as given, but
	// out of quotes where it needs none. A nil Known knows nobody.
	Known func(ctx context.Context, addr string) error

	// Receive is asked after the end of data; nil means stored for good, and answers 250.
	Receive func(ctx context.Context, e *Envelope) error

	once    sync.Once
	limits  Limits
	tls     *tls.Config
	gate    *gate
	held    *budget
	stats   stats
	waiting atomic.Int32
	base    context.Context // ends when Shutdown loses patience
	abandon context.CancelFunc

	mu        sync.Mutex
	stopping  bool
	listeners map[closer]struct{}
	sessions  map[*session]struct{}
	running   sync.WaitGroup
}

type closer interface{ Close() error }

// init settles the defaults, once, whichever method comes first.
func (s *Server) init() {
	s.once.Do(func() {
		s.limits = s.Limits.withDefaults()
		if s.Log == nil {
			s.Log = slog.Default()
		}
		if s.Now == nil {
			s.Now = time.Now
		}
		if s.TLS != nil {
			s.tls = s.TLS.Clone()
			// TLS 1.0 and 1.1 protect nothing; a peer without 1.2 falls back to plaintext by itself.
			s.tls.MinVersion = max(s.tls.MinVersion, tls.VersionTLS12)
		}
		s.Domain = lower(s.Domain)
		s.gate = newGate(s.limits, s.Trusted, s.Now)
		s.held = &budget{limit: s.limits.HeldBytes}
		s.base, s.abandon = context.WithCancel(context.Background())
		s.listeners, s.sessions = map[closer]struct{}{}, map[*session]struct{}{}
	})
}
