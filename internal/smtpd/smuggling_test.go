package smtpd

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// endOfData are byte sequences that some server, somewhere, takes for the end of data.
var endOfData = []struct {
	id, bytes string
	text      string // what the letter keeps of it; "" = the letter is refused and the session ended
}{
	{"S-01", "\n.\n", ""}, {"S-02", "\r.\r", ""}, {"S-03", "\r.\n", ""}, {"S-04", "\n.\r", ""}, {"S-05", "\n.\r\n", ""},
	{"S-06", "\r\n.\n", ""}, {"S-07", "\r.\r\n", ""}, {"S-08", "\r\n.\r", ""}, {"S-09", "\r\n\x00.\r\n", ""}, {"S-10", "\r\n.\x00\r\n", ""},
	{"S-11", "\r\n.\r\r\n", ""}, {"S-12", "\r\r\n.\r\n", ""}, {"S-13", "\r\r\n.\r\r\n", ""}, {"S-14", "\n\n.\r\n", ""},
	{"S-15", "\r\n.\t\r\n", "\r\n\t\r\n"}, {"S-16", "\r\n. \r\n", "\r\n \r\n"}, {"S-17", "\r\n..\r\n", "\r\n.\r\n"},
	{"S-18", "\u0085.\u0085", "\u0085.\u0085"}, {"S-19", "\v.\r\n", "\v.\r\n"}, {"S-20", "\f.\r\n", "\f.\r\n"}, {"S-21", "\u2028.\r\n", "\u2028.\r\n"},
}

const smuggled = "MAIL FROM:<ceo@bank.test>\r\nRCPT TO:<reply+good@in.test>\r\nDATA\r\nSubject: s\r\n\r\ny"

func TestS01toS21_Smuggling(t *testing.T) {
	for _, v := range endOfData {
		for _, mode := range modes {
			t.Run(v.id+"/"+mode, func(t *testing.T) {
				t.Parallel()
				door, _ := open(t, nil)
				p := talk(t, door, mode, "c base", "c -> DATA", "s <- 354")
				p.must(t, "c =>", "Subject: a\r\n\r\nx"+v.bytes+smuggled+"\r\n.\r\n")
				if v.text == "" {
					// \r\r\n.\r\n holds a true end of data behind a bare CR: what follows is never read either.
					p.must(t, "s <-", "554 5.6.0 bare CR or malformed line ending")
					p.must(t, "s closed", "")
					p.must(t, "stored 0", "")
					return
				}
				p.must(t, "s <-", "250 2.0.0")
				p.must(t, "c ->", "NOOP")
				p.must(t, "s <-", "250 2.0.0")
				p.must(t, "stored 1", "")
				p.must(t, "stored from", "bob@ext.test")
				p.must(t, "stored is", "Subject: a\r\n\r\nx"+v.text+smuggled+"\r\n")
			})
		}
	}
}

// talk plays lines of a dialog and returns its player.
func talk(t testing.TB, door *door, mode string, lines ...string) *player {
	t.Helper()
	p := &player{door: door, mode: mode, wait: patience}
	if err := p.connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	for _, line := range lines {
		who, rest, _ := strings.Cut(line, " ")
		arrow, text, _ := strings.Cut(rest, " ")
		p.must(t, who+" "+arrow, text)
	}
	return p
}

func (p *player) must(t testing.TB, verb, text string) {
	t.Helper()
	if err := p.play(verb, text); err != nil {
		t.Fatalf("%s %.100q: %v", verb, text, err)
	}
}

const dotted = "Subject: dots\r\n\r\n..\r\n...two\r\nplain\r\n..\r\n"

// S-22: cut anywhere, the same letter.
func TestS22_ChunkSplit(t *testing.T) {
	const wire = dotted + ".\r\n"
	want := "Subject: dots\r\n\r\n.\r\n..two\r\nplain\r\n.\r\n"
	door, _ := open(t, func(s *Server) { s.Limits.Transactions, s.Limits.Commands = 1000, 10000 })
	p := talk(t, door, "plain", "s <- 220", "c -> EHLO t", "s <- 250")
	for at := range len(wire) {
		for _, line := range []string{"MAIL FROM:<bob@ext.test>", "RCPT TO:<reply+good@in.test>", "DATA"} {
			p.must(t, "c ->", line)
			p.must(t, "s ~>", map[bool]string{true: "354", false: "250"}[line == "DATA"])
		}
		p.must(t, "c =>", wire[:at])
		time.Sleep(200 * time.Microsecond)
		p.must(t, "c =>", wire[at:])
		p.must(t, "s <-", "250")
		p.must(t, fmt.Sprintf("stored %d", at+1), "")
		p.must(t, "stored is", want)
	}
	slow := talk(t, door, "slicer", "c base", "c -> DATA", "s <- 354")
	slow.must(t, "c =>", wire)
	slow.must(t, "s <-", "250")
	slow.must(t, "stored is", want)
}

// The reader alone, cut at every place and in two places, also where its buffer ends.
func TestReadDataAcrossBufferEnds(t *testing.T) {
	for pad := range 40 {
		text := strings.Repeat("x", 100) + "\r\n" + strings.Repeat("y", pad) + "\r\n" + dotted
		l := &letter{limits: Limits{}.withDefaults(), held: &budget{limit: HeldBytes}}
		in := bufio.NewReaderSize(strings.NewReader(text+".\r\nQUIT\r\n"), 32)
		if err := readData(in, l); err != nil {
			t.Fatal(pad, err)
		}
		want := strings.ReplaceAll(strings.ReplaceAll(text, "\r\n..", "\r\n."), "\n...", "\n..")
		if string(l.buf) != want {
			t.Fatalf("pad %d: %q, want %q", pad, l.buf, want)
		}
		if rest, _ := io.ReadAll(in); string(rest) != "QUIT\r\n" {
			t.Fatalf("pad %d: left %q", pad, rest)
		}
	}
}
