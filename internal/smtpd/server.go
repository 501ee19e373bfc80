package smtpd

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"
)

// acceptPause is how long accepting rests after an error such as "too many open files".
const acceptPause = 100 * time.Millisecond

// waitingRoom connections at most wait for a place, each waitFor at most.
const (
	waitingRoom = 50
	waitFor     = 500 * time.Millisecond
)

// lastWait is how long Shutdown waits, after its context, for handlers to notice.
const lastWait = 2 * time.Second

// Serve accepts connections from l until Shutdown, and then returns nil. It closes l.
// It may be called for several listeners.
func (s *Server) Serve(l net.Listener) error {
	s.init()
	defer l.Close()
	if !s.listen(l) {
		return net.ErrClosed
	}
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			s.admit(c)
		case s.isStopping():
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		default:
			s.Log.Error("SMTP accept failed", "err", err)
			time.Sleep(acceptPause)
		}
	}
}

// Shutdown stops accepting, tells idle clients 421, lets letters on their way arrive and
// be stored, and returns when all sessions are over. When ctx ends first it cancels the
// handlers, closes every socket and returns ctx's error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.init()
	s.stop()
	over := make(chan struct{})
	go func() {
		s.running.Wait()
		close(over)
	}()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
	}
	s.abandon()
	s.closeSockets()
	select {
	case <-over:
	case <-time.After(lastWait):
	}
	return ctx.Err()
}

// admit starts a session for c, or turns it away, or lets it wait. It does not block.
func (s *Server) admit(c net.Conn) {
	remote := addrPort(c.RemoteAddr())
	refused, why := s.gate.enter(remote.Addr())
	if refused == tooManyHere && s.waiting.Add(1) <= waitingRoom {
		go s.wait(c, remote)
		return
	}
	if refused == tooManyHere {
		s.waiting.Add(-1)
	}
	s.settle(c, remote, refused, why)
}

// wait gives a connection above its address's limit a moment for another one to end: an
// honest sender at the limit opens the next while we still read the QUIT of the last.
func (s *Server) wait(c net.Conn, remote netip.AddrPort) {
	defer s.waiting.Add(-1)
	refused, why := tooManyHere, refusedIP
	for end := time.Now().Add(waitFor); refused == tooManyHere && time.Now().Before(end); {
		time.Sleep(waitFor / 20)
		refused, why = s.gate.enter(remote.Addr())
	}
	s.settle(c, remote, refused, why)
}

// settle starts a session for a connection that was let in, and says no to any other.
func (s *Server) settle(c net.Conn, remote netip.AddrPort, refused *Reply, why counter) {
	s.stats.add(why, 1)
	if refused != nil {
		// One small write into an empty send buffer does not block the accept loop.
		c.SetWriteDeadline(time.Now().Add(acceptPause))
		c.Write([]byte(refused.line() + "\r\n"))
		c.Close()
		return
	}
	session := s.newSession(c, remote)
	if !s.begin(session) {
		s.gate.leave(remote.Addr())
		c.Close()
		return
	}
	go func() {
		defer s.finished(session)
		session.run()
	}()
}

func (s *Server) listen(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners[l] = struct{}{}
	return !s.stopping
}

func (s *Server) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}

func (s *Server) begin(session *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false
	}
	s.sessions[session] = struct{}{}
	s.running.Add(1)
	return true
}

func (s *Server) finished(session *session) {
	s.gate.leave(session.remote.Addr())
	s.mu.Lock()
	delete(s.sessions, session)
	s.mu.Unlock()
	s.running.Done()
}

func (s *Server) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopping = true
	for l := range s.listeners {
		l.Close()
	}
	for session := range s.sessions {
		session.w.stop()
	}
}

func (s *Server) closeSockets() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for session := range s.sessions {
		session.w.raw.Close()
	}
}

// addrPort returns the peer's address, IPv4 as IPv4 also on a dual-stack socket.
func addrPort(a net.Addr) netip.AddrPort {
	if tcp, ok := a.(*net.TCPAddr); ok {
		ap := tcp.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap().WithZone(""), ap.Port())
	}
	return netip.AddrPortFrom(netip.IPv4Unspecified(), 0) // a pipe in a test
}
