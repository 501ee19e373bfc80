package smtpd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// from connects from another address of the loopback network.
func (d *door) from(t testing.TB, ip string) (net.Conn, *bufio.Reader) {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
	c, err := dialer.Dial("tcp", d.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c, bufio.NewReader(c)
}

func greeting(t testing.TB, in *bufio.Reader) string {
	t.Helper()
	reply, err := readReply(in)
	if err != nil {
		t.Fatal(reply, err)
	}
	return reply[0]
}

func TestS35_ConnectionFlood(t *testing.T) {
	t.Run("600 connections of one address", func(t *testing.T) {
		door, s := open(t, nil)
		var flood []*bufio.Reader
		for range 600 {
			_, in := door.from(t, "127.0.0.5")
			flood = append(flood, in)
			if n := s.Stats()["waiting"]; n > waitingRoom+1 { // one is just being turned away
				t.Fatalf("%d connections wait for a place", n)
			}
		}
		for i, in := range flood {
			got := greeting(t, in)
			if i < PerIP && !strings.HasPrefix(got, "220") || i >= PerIP && !strings.HasPrefix(got, "421 4.7.0") {
				t.Fatalf("connection %d: %s", i+1, got)
			}
			if i >= PerIP {
				if rest, _ := io.ReadAll(in); len(rest) != 0 {
					t.Fatalf("connection %d is not closed: %q", i+1, rest)
				}
			}
		}
		if _, in := door.from(t, "127.0.9.9"); !strings.HasPrefix(greeting(t, in), "220") {
			t.Error("another address is not served")
		}
		if n := s.Stats()["refused_ip"]; n != 600-PerIP {
			t.Errorf("refused_ip = %d", n)
		}
	})
	t.Run("one more waits a moment for another to end", func(t *testing.T) {
		door, _ := open(t, nil)
		var first net.Conn
		for i := range PerIP {
			c, in := door.from(t, "127.0.0.6")
			greeting(t, in)
			if i == 0 {
				first = c
			}
		}
		_, in := door.from(t, "127.0.0.6")
		first.Close()
		if got := greeting(t, in); !strings.HasPrefix(got, "220") {
			t.Error(got)
		}
	})
	t.Run("one network", func(t *testing.T) {
		door, _ := open(t, nil)
		for i := range PerNet {
			_, in := door.from(t, fmt.Sprintf("127.1.1.%d", 1+i%100))
			greeting(t, in)
		}
		if _, in := door.from(t, "127.1.1.200"); !strings.HasPrefix(greeting(t, in), "421 4.7.0") {
			t.Error("a network has more than its share")
		}
		if _, in := door.from(t, "127.1.2.200"); !strings.HasPrefix(greeting(t, in), "220") {
			t.Error("the next network is not served")
		}
	})
	t.Run("600 addresses", func(t *testing.T) {
		door, s := open(t, func(s *Server) {
			s.Trusted = []netip.Prefix{netip.MustParsePrefix("127.9.0.0/16")}
			s.Limits.StressIdle = 300 * time.Millisecond
		})
		honest := talk(t, door, "plain", "c base")
		for i := range 600 {
			_, in := door.from(t, fmt.Sprintf("127.2.%d.1", i%250+1))
			if got := greeting(t, in); i >= Total && !strings.HasPrefix(got, "421 4.3.2") && s.Stats()["open"] >= Total {
				t.Fatalf("connection %d: %s", i+1, got)
			}
		}
		if _, in := door.from(t, "127.9.0.1"); !strings.HasPrefix(greeting(t, in), "220") {
			t.Error("a trusted peer is shut out")
		}
		honest.must(t, "c ->", "DATA")
		honest.must(t, "s <-", "354")
		honest.must(t, "c =>", "x\r\n.\r\n")
		honest.must(t, "s <-", "250")
		// Under stress the idle go soon, and there is room again.
		time.Sleep(time.Second)
		if _, in := door.from(t, "127.3.0.1"); !strings.HasPrefix(greeting(t, in), "220") {
			t.Error("the flood still holds the door")
		}
	})
}

// S-36: who never reads is hung up on. (The limit of commands alone would do for
// strangers, so the peer is a trusted one here.)
func TestS36_NeverReads(t *testing.T) {
	door, s := open(t, func(s *Server) {
		s.Trusted = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		s.Limits.Write = 300 * time.Millisecond
	})
	c, _ := door.from(t, "127.0.0.1")
	c.(*net.TCPConn).SetReadBuffer(4096)
	c.SetDeadline(time.Now().Add(20 * time.Second))
	noops := strings.Repeat("NOOP\r\n", 10000)
	for {
		if _, err := io.WriteString(c, noops); err != nil {
			break
		}
	}
	for end := time.Now().Add(patience); s.Stats()["open"] > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the connection is still held")
		}
	}
}

func TestT05_BruteForce(t *testing.T) {
	door, s := open(t, nil)
	guesses := 0
	for range 40 {
		c, in := door.from(t, "127.0.0.7")
		if strings.HasPrefix(greeting(t, in), "421 4.7.0") {
			break
		}
		fmt.Fprintf(c, "EHLO t\r\n")
		readReply(in)
		fmt.Fprintf(c, "MAIL FROM:<>\r\n%s", strings.Repeat("RCPT TO:<reply+guess@in.test>\r\n", 10))
		readReply(in)
		for {
			reply, err := readReply(in)
			if err != nil {
				t.Fatal("no 421 after the guesses", err)
			}
			if strings.HasPrefix(reply[0], "421 4.7.0") {
				break
			}
			if reply[0] != "550 5.1.1 Address not known here" {
				t.Fatal(reply)
			}
			guesses++
		}
	}
	if guesses != BadPerIP {
		t.Errorf("%d guesses before the door was shut, want %d", guesses, BadPerIP)
	}
	if n := strings.Count(door.log.String(), "too many unknown recipients"); n != 1 {
		t.Errorf("%d alerts", n)
	}
	if strings.Contains(door.log.String(), "guess") {
		t.Error("guessed addresses are logged")
	}
	if s.Stats()["bad_recipients"] != BadPerIP || s.Stats()["refused_penalty"] == 0 {
		t.Errorf("stats: %v", s.Stats())
	}
	talk(t, door, "plain", "c base", "c -> DATA", "s <- 354", "c -> x", "c -> .", "s <- 250")
}

// The penalty is the address's, then its network's, and ends.
func TestGatePenalty(t *testing.T) {
	now := time.Unix(1e9, 0)
	g := newGate(Limits{}.withDefaults(), nil, func() time.Time { return now })
	in := func(ip string) *Reply { r, _ := g.enter(netip.MustParseAddr(ip)); return r }
	for i := range BadPerNet {
		g.bad(netip.MustParseAddr(fmt.Sprintf("192.0.2.%d", i/(BadPerIP-1))))
	}
	if in("192.0.2.77") != tooManyFaults {
		t.Error("the network is not shut")
	}
	if in("198.51.100.1") != nil {
		t.Error("another network is")
	}
	now = now.Add(PenaltyWindow + time.Second)
	if in("192.0.2.77") != nil {
		t.Error("the penalty does not end")
	}
	for range BadPerIP {
		g.bad(netip.MustParseAddr("2001:db8::1"))
	}
	if in("2001:db8::1") != tooManyFaults || in("2001:db8::2") != nil {
		t.Error("IPv6 addresses are not told apart")
	}
	for range 4 {
		g.good(netip.MustParseAddr("2001:db8::1"))
	}
	if in("2001:db8::1") != nil {
		t.Error("letters that were welcome count for nothing")
	}
}

// IPv6: the /64 is what one customer has, so it is what counts as a network.
func TestGateNetworkOfIPv6(t *testing.T) {
	g := newGate(Limits{}.withDefaults(), nil, time.Now)
	for i := range PerNet {
		if r, _ := g.enter(netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i+1))); r != nil {
			t.Fatal(i, r)
		}
	}
	if r, _ := g.enter(netip.MustParseAddr("2001:db8::ffff")); r != tooManyHere {
		t.Error("a /64 has more than its share")
	}
	if r, _ := g.enter(netip.MustParseAddr("2001:db8:0:1::1")); r != nil {
		t.Error("the next /64 is not served")
	}
}

func TestGateIsBounded(t *testing.T) {
	g := newGate(Limits{}.withDefaults(), nil, time.Now)
	held := netip.MustParseAddr("203.0.113.1")
	g.enter(held)
	for i := range 3 * maxPeers {
		g.bad(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	if len(g.peers) > maxPeers {
		t.Errorf("%d peers are remembered", len(g.peers))
	}
	g.leave(held)
	if g.openNow() != 0 || g.peers[keys(held)[0]] != nil {
		t.Error("a connection was forgotten while open")
	}
}

// 10,000 bad recipients in one pipeline cost five questions and no memory.
func TestBadRecipientsCostNothing(t *testing.T) {
	asked := 0
	door, s := open(t, func(s *Server) {
		s.Known = func(context.Context, string) error { asked++; return unknownAddress }
	})
	c, in := door.from(t, "127.0.0.8")
	greeting(t, in)
	io.WriteString(c, "EHLO t\r\n")
	readReply(in)
	go io.WriteString(c, "MAIL FROM:<>\r\n"+strings.Repeat("RCPT TO:<reply+x@in.test>\r\n", 10000))
	io.Copy(io.Discard, in)
	c.Close()
	for s.Stats()["open"] > 0 {
		time.Sleep(time.Millisecond)
	}
	if asked != BadRecipients {
		t.Errorf("asked %d times", asked)
	}
}
