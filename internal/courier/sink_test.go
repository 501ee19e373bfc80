package courier

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"aside/test/fake"
)

// sink is startSink, and the folder of what the peer took.
func sink(t testing.TB, args ...string) (*Courier, string) {
	t.Helper()
	dir := t.TempDir()
	return startSink(t, append(args, "-d", filepath.Join(dir, "letter."))...), dir
}

// startSink starts Postfix's smtp-sink, a peer that was not written by us, and returns a
// courier that delivers to it.
func startSink(t testing.TB, args ...string) *Courier {
	t.Helper()
	program, err := exec.LookPath("smtp-sink")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/smtp-sink"); err != nil {
			t.Skip("smtp-sink (Debian's postfix) is not installed")
		}
	}
	port := freePort(t)
	args = append(args, "127.0.0.1:"+port, "100")
	if os.Getuid() == 0 {
		args = append([]string{"-u", "root"}, args...)
	}
	cmd := exec.Command(program, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	awaitPort(t, port)
	dns := fake.NewDNS(t).MX("ext.test", 10, "sink.ext.test").A("sink.ext.test", "127.0.0.1")
	return &Courier{Resolver: dns.Resolver(), MXPort: port, Hello: "out.in.test", Timeouts: quick(),
		MXAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return portOf(l)
}

func awaitPort(t testing.TB, port string) {
	t.Helper()
	for range 200 {
		if conn, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			conn.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("smtp-sink does not listen on %s", port)
}

func taken(t *testing.T, dir string) [][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "letter.*"))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for _, n := range names {
		b, err := os.ReadFile(n)
		if errors.Is(err, fs.ErrNotExist) {
			continue // smtp-sink has begun a letter, and took it away when it was not to be
		}
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("Message-ID: <1@in.test>")) {
			out = append(out, b)
		}
	}
	return out
}

func TestSmtpSinkTakesALetter(t *testing.T) {
	for _, args := range [][]string{{}, {"-p"}, {"-e"}, {"-8"}, {"-P"}} {
		t.Run(fmt.Sprint(args), func(t *testing.T) {
			c, dir := sink(t, args...)
			out := must(t, c, toBob())
			letters := taken(t, dir)
			if len(letters) != 1 || !bytes.Contains(letters[0], []byte("\n.hidden dot\n..\n")) {
				t.Errorf("taken: %q, outcome %+v", letters, out)
			}
		})
	}
}

func TestW08_ARefusalIsReadAtEveryStage(t *testing.T) {
	for _, stage := range []string{"CONNECT", "MAIL", "RCPT", "DATA", "."} {
		for _, reply := range []struct{ flag, say, text, want string }{
			{"-r", "-b", "451 4.7.1 greylisted, come back in an hour", "temporary"},
			{"-f", "-B", "550 5.1.1 no such user", "permanent"},
		} {
			t.Run(reply.flag+" "+stage, func(t *testing.T) {
				c, dir := sink(t, reply.flag, stage, reply.say, reply.text)
				_, f := send(c, toBob())
				wantKind(t, f, reply.want)
				if f == nil || f.Response != reply.text || f.Enhanced != reply.text[4:9] {
					t.Errorf("failure %+v", f)
				}
				// smtp-sink writes the letter it refuses at the dot into its folder too.
				if n := len(taken(t, dir)); n > 0 && stage != "." {
					t.Errorf("%d letters were taken", n)
				}
			})
		}
	}
}

func TestW08_GreylistingEndsWithOneLetter(t *testing.T) {
	_, mx, c := world(t)
	mx.At(fake.Rcpt, fake.Refuse(451, "4.7.1 greylisted").For("<bob@").Times(2))
	ann := toBob()
	ann.To = "ann@ext.test"
	must(t, c, ann)
	for _, want := range []string{"temporary", "temporary", "delivered"} {
		_, f := send(c, toBob())
		wantKind(t, f, want)
	}
	count := map[string]int{}
	for _, l := range mx.Letters() {
		count[l.To[0]]++
	}
	if count["ann@ext.test"] != 1 || count["bob@ext.test"] != 1 {
		t.Errorf("letters came: %v", count)
	}
}

func TestW09_AnAnswerLostAfterTheFinalDotIsUnknown(t *testing.T) {
	c, _ := sink(t, "-q", ".")
	_, f := send(c, toBob())
	wantKind(t, f, "unknown")
	if f.Permanent || f.Code != 0 {
		t.Errorf("%+v", f)
	}
	for _, stage := range []string{"CONNECT", "EHLO", "MAIL", "RCPT", "DATA"} {
		c, _ := sink(t, "-q", stage)
		_, f := send(c, toBob())
		wantKind(t, f, "temporary")
	}
	c, _ = sink(t, "-Q", ".")
	_, f = send(c, toBob())
	wantKind(t, f, "temporary")
	if f.Code != 421 {
		t.Errorf("%+v", f)
	}
}

func TestW09_ARetrySendsTheSameBytes(t *testing.T) {
	for name, c := range map[string]func(*fake.MX, *Courier) *Courier{
		"direct": func(_ *fake.MX, c *Courier) *Courier { return c },
		"relay":  func(mx *fake.MX, _ *Courier) *Courier { return relayTo(mx, "smtp", "", "127.0.0.1") },
	} {
		t.Run(name, func(t *testing.T) {
			_, mx, direct := world(t)
			c := c(mx, direct)
			defer c.Close()
			must(t, c, toBob()) // leaves a kept connection behind where there are such
			mx.At(fake.Dot, fake.Drop().Times(1))
			_, f := send(c, toBob())
			wantKind(t, f, "unknown")
			if n := len(mx.Letters()); n != 2 {
				t.Fatalf("%d letters after a lost answer: the courier sent it again by itself", n)
			}
			must(t, c, toBob())
			if l := mx.Letters(); !bytes.Equal(l[1].Data, l[2].Data) {
				t.Error("the retry had other bytes")
			}
		})
	}
}

func TestASinkThatStopsReadingIsLeft(t *testing.T) {
	c, _ := sink(t, "-A", "0", "-B", "550 5.3.4 enough")
	p := toBob()
	p.Data = append(p.Data, bytes.Repeat([]byte("0123456789abcdef0123456789abcdef\r\n"), 400_000)...)
	began := time.Now()
	_, f := send(c, p)
	if kind(f) == "delivered" || f.Unknown {
		t.Errorf("%s: %v", kind(f), f)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}
