package smtpd

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
)

func BenchmarkData(b *testing.B) {
	for name, text := range map[string]string{
		"10kB": strings.Repeat(strings.Repeat("x", 76)+"\r\n", 128),
		"1MB":  strings.Repeat(strings.Repeat("x", 76)+"\r\n", 13443),
	} {
		b.Run(name, func(b *testing.B) {
			limits, held := Limits{}.withDefaults(), &budget{limit: HeldBytes}
			source := strings.NewReader("")
			in := bufio.NewReaderSize(source, bufferSize)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				source.Reset(text + ".\r\n")
				in.Reset(source)
				l := &letter{limits: limits, held: held}
				if err := readData(in, l); err != nil || l.normalise() != nil {
					b.Fatal(err)
				}
				l.free()
			}
		})
	}
}

// BenchmarkLetters sends ten letters per connection, to us and to go-smtp, which both
// throw them away: what the session alone costs, the client's own share included.
func BenchmarkLetters(b *testing.B) {
	for _, size := range []struct {
		name  string
		lines int
	}{{"10kB", 128}, {"1MB", 13443}} {
		text := strings.Repeat(strings.Repeat("x", 76)+"\r\n", size.lines) + ".\r\n"
		b.Run(size.name+"/ours", func(b *testing.B) {
			d, _ := open(b, nil)
			sendLetters(b, d, text)
		})
		b.Run(size.name+"/go-smtp", func(b *testing.B) { sendLetters(b, openGoSMTP(b, Limits{}, false), text) })
	}
}

func sendLetters(b *testing.B, d *door, text string) {
	d.drop = true
	b.SetBytes(int64(len(text)))
	b.RunParallel(func(pb *testing.PB) {
		var c net.Conn
		var in *bufio.Reader
		ask := func(line string) {
			io.WriteString(c, line)
			if _, err := readReply(in); err != nil {
				b.Error(err)
			}
		}
		for n := 0; pb.Next(); n++ {
			if n%10 == 0 {
				if c != nil {
					c.Close()
				}
				c, _ = net.Dial("tcp", d.addr)
				in = bufio.NewReader(c)
				ask("")
				ask("EHLO t\r\n")
			}
			io.WriteString(c, "MAIL FROM:<a@b>\r\nRCPT TO:<reply+good@in.test>\r\nDATA\r\n")
			ask("")
			ask("")
			ask("")
			ask(text)
		}
	})
}
