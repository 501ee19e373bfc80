package smtpd

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"
)

// D6: what go-smtp's Shutdown waits for, and what it leaves alive.
func TestD6_Shutdown(t *testing.T) {
	shut := func(s *Server, patience time.Duration) chan error {
		done := make(chan error, 1)
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		go func() {
			defer cancel()
			done <- s.Shutdown(ctx)
		}()
		return done
	}
	for _, mode := range []string{"plain", "tls"} {
		t.Run("the idle are told at once/"+mode, func(t *testing.T) {
			door, s := open(t, nil)
			idle := talk(t, door, mode, "c base")
			start := time.Now()
			done := shut(s, patience)
			idle.must(t, "s <-", "421 4.3.2")
			idle.must(t, "s closed", "")
			idle.close()
			if err := <-done; err != nil || time.Since(start) > 2*time.Second {
				t.Errorf("Shutdown: %v after %v", err, time.Since(start))
			}
			if _, err := net.Dial("tcp", door.addr); err == nil {
				t.Error("still accepts")
			}
		})
		t.Run("a letter on its way arrives/"+mode, func(t *testing.T) {
			door, s := open(t, nil)
			p := talk(t, door, mode, "c base", "c -> DATA", "s <- 354", "c -> X-Slow: yes")
			done := shut(s, patience)
			time.Sleep(100 * time.Millisecond)
			p.must(t, "c =>", "\r\nlast words\r\n.\r\n")
			p.must(t, "s <-", "250 2.0.0")
			p.must(t, "s <-", "421 4.3.2")
			p.must(t, "s closed", "")
			p.close()
			if err := <-done; err != nil {
				t.Error(err)
			}
			p.must(t, "stored has", "last words")
		})
	}
	t.Run("a letter being stored is answered", func(t *testing.T) {
		door, s := open(t, nil)
		p := talk(t, door, "plain", "c base", "c -> DATA", "s <- 354")
		p.must(t, "c =>", "X-Slow: yes\r\n.\r\n")
		time.Sleep(50 * time.Millisecond)
		done := shut(s, patience)
		p.must(t, "s <-", "250 2.0.0")
		p.must(t, "s <-", "421 4.3.2")
		p.close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Run("patience ends, and then nothing is alive", func(t *testing.T) {
		door, s := open(t, nil)
		p := talk(t, door, "plain", "c base", "c -> DATA", "s <- 354", "c -> never ends")
		if err := <-shut(s, 200*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v", err)
		}
		p.must(t, "s closed", "")
		p.must(t, "stored 0", "")
		if n := s.Stats()["open"]; n != 0 {
			t.Errorf("%d connections are alive", n)
		}
	})
	t.Run("twice, and before Serve", func(t *testing.T) {
		s := &Server{Domain: "in.test"}
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		l, _ := net.Listen("tcp", "127.0.0.1:0")
		if err := s.Serve(l); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Serve after Shutdown: %v", err)
		}
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// A panic in the session itself ends that session alone.
func TestPanicStopsOneSession(t *testing.T) {
	door, s := open(t, func(s *Server) { s.Now = nil })
	verbs["XPANIC"] = func(*session, string) *Reply { panic(leak) }
	defer delete(verbs, "XPANIC")
	other := talk(t, door, "plain", "c base")
	talk(t, door, "plain", "s <- 220", "c -> XPANIC", "s <- 421 4.3.0", "s closed")
	other.must(t, "c ->", "NOOP")
	other.must(t, "s <-", "250")
	if s.Stats()["panics"] != 1 {
		t.Error("the panic is not counted")
	}
}

// The zero value of everything that may be left out refuses and stores nothing.
func TestServerWithoutHandlers(t *testing.T) {
	door, _ := open(t, func(s *Server) { s.Known, s.Receive, s.TLS = nil, nil, nil })
	talk(t, door, "plain", "s <- 220", "c -> EHLO t", "s <- 250", "s lacks STARTTLS", "c -> STARTTLS", "s <- 502",
		"c -> MAIL FROM:<a@b>", "s <- 250", "c -> RCPT TO:<x@in.test>", "s <- 550 5.1.1")
	door, _ = open(t, func(s *Server) { s.Receive = nil })
	talk(t, door, "plain", "c base", "c -> DATA", "s <- 354", "c -> x", "c -> .", "s <- 451 4.3.0")
}
