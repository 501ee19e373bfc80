package smtpd

import (
	"bufio"
	"context"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A hundred letters of the largest size at once: memory stays bounded, who is turned
// away is told to come again, and an ordinary letter gets through meanwhile.
func TestHeldBytes_ManyLargeLettersAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 400 MiB")
	}
	const many = 100
	door, s := open(t, func(s *Server) {
		s.Limits.PerIP = many + 10
		s.Limits.PerNet = many + 10
		s.Receive = func(ctx context.Context, e *Envelope) error { return nil }
	})
	line := strings.Repeat("x", 1022) + "\r\n"
	block := strings.Repeat(line, 64)
	answers := make(chan string, many)
	hold := make(chan struct{})
	for range many {
		go func() {
			c, err := net.Dial("tcp", door.addr)
			if err != nil {
				answers <- err.Error()
				return
			}
			defer c.Close()
			in := bufio.NewReader(c)
			for _, say := range []string{"", "EHLO t\r\n", "MAIL FROM:<a@b>\r\n", "RCPT TO:<reply+good@in.test>\r\n", "DATA\r\n"} {
				io.WriteString(c, say)
				readReply(in)
			}
			for range 4 << 20 / len(block) {
				io.WriteString(c, block)
			}
			<-hold
			io.WriteString(c, ".\r\n")
			reply, _ := readReply(in)
			answers <- strings.Join(reply, "")
		}()
	}
	peak, most := uint64(0), int64(0)
	for range 30 {
		time.Sleep(50 * time.Millisecond)
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak, most = max(peak, m.HeapAlloc), max(most, s.Stats()["held_bytes"])
	}
	talk(t, door, "plain", "c base", "c -> DATA", "s <- 354", "c -> x", "c -> .", "s <- 250")
	close(hold)
	told := map[string]int{}
	for range many {
		told[(<-answers + "?????????")[:9]]++
	}
	t.Logf("answers %v; heap at most %d MiB, held at most %d MiB", told, peak>>20, most>>20)
	if told["250 2.0.0"] == 0 || told["452 4.3.1"] == 0 || told["250 2.0.0"]+told["452 4.3.1"] != many {
		t.Errorf("answers: %v", told)
	}
	if most > HeldBytes {
		t.Errorf("held %d bytes, beyond %d", most, int64(HeldBytes))
	}
	if left := s.Stats()["held_bytes"]; left != 0 {
		t.Errorf("%d bytes are still counted as held", left)
	}
}

// However a letter ends, its part of the budget comes back.
func TestHeldBytes_AreGivenBack(t *testing.T) {
	big := strings.Repeat(strings.Repeat("x", 998)+"\r\n", 300)
	for name, lines := range map[string][]string{
		"stored":             {"c -> DATA", "s <- 354", "c => BIG.\r\n", "s <- 250"},
		"refused":            {"c -> DATA", "s <- 354", "c => X-Fail: policy\r\nBIG.\r\n", "s <- 550"},
		"failed":             {"c -> DATA", "s <- 354", "c => X-Fail: panic\r\nBIG.\r\n", "s <- 451"},
		"malformed":          {"c -> DATA", "s <- 354", "c => BIG\rx\r\n.\r\n", "s <- 554"},
		"a dot beside LF":    {"c -> DATA", "s <- 354", "c => BIG.\n", "s <- 554"},
		"cut":                {"c -> DATA", "s <- 354", "c => BIG", "c half-close", "s closed"},
		"reset":              {"c -> DATA", "s <- 354", "c => BIG", "c reset"},
		"too large":          {"c -> DATA", "s <- 354", "c => BIGBIG.\r\n", "s <- 552"},
		"chunks, then RSET":  {"c => BDAT 300000\r\nBIG", "s <- 250", "c -> RSET", "s <- 250"},
		"chunks, then QUIT":  {"c => BDAT 300000\r\nBIG", "s <- 250", "c -> QUIT", "s <- 221"},
		"chunks, then gone":  {"c => BDAT 300000\r\nBIG", "s <- 250", "c reset"},
		"chunks, then large": {"c => BDAT 300000\r\nBIG", "s <- 250", "c => BDAT 300000 LAST\r\nBIG", "s <- 552"},
		"chunks, then EHLO":  {"c => BDAT 300000\r\nBIG", "s <- 250", "c -> EHLO t", "s <- 250"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			door, s := open(t, func(s *Server) { s.Limits.MessageBytes = 500_000 })
			p := talk(t, door, "plain", "c base")
			for _, line := range lines {
				who, rest, _ := strings.Cut(line, " ")
				arrow, text, _ := strings.Cut(rest, " ")
				p.must(t, who+" "+arrow, strings.ReplaceAll(text, "BIG", big))
			}
			for end := time.Now().Add(patience); s.Stats()["held_bytes"] != 0; time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("%d bytes are still held", s.Stats()["held_bytes"])
				}
			}
		})
	}
}
