package courier

import (
	"net/netip"
	"strings"
	"testing"

	"aside/test/fake"
)

func TestALetterArrivesByteForByte(t *testing.T) {
	bodies := map[string]string{
		"dots at line starts":                   sample,
		"a line of a single dot in the middle":  "A: b\r\n\r\n.\r\nMAIL FROM:<x@y>\r\n.\r\n",
		"a letter that starts with a dot":       ".A: b\r\n\r\nx\r\n",
		"more than one chunk, dots everywhere":  "A: b\r\n\r\n" + strings.Repeat("..x\r\n.\r\n", 40_000),
		"a line of 998 octets":                  "A: b\r\n\r\n" + strings.Repeat("x", 998) + "\r\n",
		"a chunk that ends between CR and LF":   "A: b\r\n\r\n" + strings.Repeat("1234567\r\n", 8000) + ".\r\n",
		"8-bit text, announced":                 "A: b\r\n\r\ngrüße\r\n",
		"a header field beyond ASCII announced": "Subject: grüße\r\n\r\nx\r\n",
	}
	for _, exts := range [][]string{{"PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 26214400"}, {"8BITMIME", "SMTPUTF8"}} {
		_, mx, c := world(t)
		mx.Extensions(exts...)
		for name, body := range bodies {
			t.Run(name+", "+exts[0], func(t *testing.T) {
				p := toBob()
				p.Data = []byte(body)
				out := must(t, c, p)
				letters := mx.Letters()
				got := letters[len(letters)-1]
				if string(got.Data) != body {
					t.Errorf("%d octets came, %d were sent", len(got.Data), len(body))
				}
				if got.From != p.From || strings.Join(got.To, " ") != p.To || got.Helo != "out.in.test" {
					t.Errorf("envelope %q %q helo %q", got.From, got.To, got.Helo)
				}
				if out.Remote != "mx.ext.test" || out.Response != "250 2.0.0 kept" || out.Addr.Addr() != netip.MustParseAddr("127.0.0.1") {
					t.Errorf("outcome %+v", out)
				}
				if has := strings.Contains(got.Params, "SMTPUTF8"); has != strings.Contains(name, "header field") {
					t.Errorf("parameters %q", got.Params)
				}
			})
		}
	}
}

func TestALetterWithoutALastLineEndGetsOne(t *testing.T) {
	_, mx, c := world(t)
	p := toBob()
	p.From, p.Data = "", []byte("A: b\r\n\r\nx")
	must(t, c, p)
	if got := mx.Letters()[0]; string(got.Data) != "A: b\r\n\r\nx\r\n" || got.From != "" {
		t.Errorf("came as %q from %q", got.Data, got.From)
	}
}

func TestH01_BytesThatCouldBeTwoLettersNeverLeave(t *testing.T) {
	_, mx, c := world(t)
	for name, body := range map[string]string{
		"bare CR":              "A: b\r\n\r\nx\ry\r\n",
		"bare LF":              "A: b\r\n\r\nx\ny\r\n",
		"LF.LF":                "A: b\r\n\r\nx\n.\nMAIL FROM:<a@b>\r\n",
		"LF.CRLF":              "A: b\r\n\r\nx\n.\r\nMAIL FROM:<a@b>\r\n",
		"CR.CRLF":              "A: b\r\n\r\nx\r.\r\nMAIL FROM:<a@b>\r\n",
		"CRLF.CR":              "A: b\r\n\r\nx\r\n.\rMAIL FROM:<a@b>\r\n",
		"CRCRLF":               "A: b\r\n\r\nx\r\r\n.\r\r\n",
		"bare CR at the end":   "A: b\r\n\r\nx\r",
		"bare LF at the start": "\nA: b\r\n\r\nx\r\n",
		"NUL":                  "A: b\r\n\r\nx\x00y\r\n",
		"999 octets in a line": "A: " + strings.Repeat("x", 996) + "\r\n\r\n",
		"nothing":              "",
	} {
		t.Run(name, func(t *testing.T) {
			p := toBob()
			p.Data = []byte(body)
			_, f := send(c, p)
			wantKind(t, f, "permanent")
		})
	}
	if mx.Sessions() != 0 {
		t.Errorf("%d connections were made for letters that cannot be sent", mx.Sessions())
	}
}

func TestH02_NoAddressBecomesACommand(t *testing.T) {
	_, mx, c := world(t)
	for _, bad := range []string{
		"a@b.test> NOTIFY=NEVER X=<", "a@b.test> SIZE=1", `"a b"@c.test`, "a@[1.2.3.4]", "a@b.test,c@d.test", "a@b.test (x)",
		"a@b.test\r\nRCPT TO:<e@x.test>", "a@b.test\n", "a\x00@b.test", "<a@b.test>", "a b@c.test", "@b.test", "a@", "a",
		"a@b", "a@1.2.3.4", "a@-b.test", "a@b..test", "a..b@c.test", ".a@c.test", "a.@c.test", "a@b.test.", "a\u2028@b.test",
		"a\u202e@b.test", "a\u00a0b@c.test", "a@b.test\u2028", "a@b_c.test", "a\xff@b.test", strings.Repeat("a", 65) + "@b.test",
		"a@" + strings.Repeat("b.", 130) + "test", "a@" + strings.Repeat("b", 64) + ".test", "@x.test:a@b.test", "a%b@c@d.test",
	} {
		for _, p := range []Parcel{{From: "x@in.test", To: bad}, {From: bad, To: "bob@ext.test"}} {
			p.Data = []byte(sample)
			if _, f := send(c, p); kind(f) != "permanent" {
				t.Errorf("%q: %s", bad, kind(f))
			}
		}
	}
	if mx.Sessions() != 0 {
		t.Errorf("%d connections were made for addresses that are none", mx.Sessions())
	}
}

func TestAnInternationalAddressNeedsAServerThatKnowsIt(t *testing.T) {
	dns, mx, c := world(t)
	dns.MX("xn--bcher-kva.test", 10, "mx.ext.test")
	p := toBob()
	p.To = "bob@Bücher.test"
	must(t, c, p)
	if got := mx.Letters()[0]; got.To[0] != "bob@xn--bcher-kva.test" || strings.Contains(got.Params, "SMTPUTF8") {
		t.Errorf("an IDN domain went as %q %q", got.To, got.Params)
	}
	p.To = "jürgen@ext.test"
	must(t, c, p)
	if got := mx.Letters()[1]; got.To[0] != p.To || !strings.Contains(got.Params, "SMTPUTF8") {
		t.Errorf("went as %q %q", got.To, got.Params)
	}
	mx.Extensions("8BITMIME")
	_, f := send(c, p)
	wantKind(t, f, "permanent")
	if f.Enhanced != "5.6.7" || len(mx.Letters()) != 2 {
		t.Errorf("status %s, %d letters", f.Enhanced, len(mx.Letters()))
	}
}

func TestSignedBytesAreNotConvertedForA7BitServer(t *testing.T) {
	_, mx, c := world(t)
	mx.Extensions("SMTPUTF8")
	p := toBob()
	p.Data = []byte("A: b\r\n\r\ngrüße\r\n")
	_, f := send(c, p)
	wantKind(t, f, "permanent")
	if f.Enhanced != "5.6.3" {
		t.Errorf("status %s", f.Enhanced)
	}
	none(t, mx)
}

func TestALetterTooLargeForTheServerIsNotSentInVain(t *testing.T) {
	_, mx, c := world(t)
	mx.Extensions("SIZE 100")
	_, f := send(c, toBob())
	wantKind(t, f, "permanent")
	if f.Enhanced != "5.3.4" {
		t.Errorf("status %s", f.Enhanced)
	}
	for _, cmd := range mx.Commands() {
		if strings.HasPrefix(cmd, "MAIL") {
			t.Errorf("said %q", cmd)
		}
	}
}

func TestAServerFromBeforeESMTPIsGreetedWithHELO(t *testing.T) {
	_, mx, c := world(t)
	mx.At(fake.Helo, fake.Refuse(502, "what").For("EHLO"))
	must(t, c, toBob())
	if got := mx.Letters()[0]; got.Params != "" || got.Helo != "out.in.test" {
		t.Errorf("helo %q parameters %q", got.Helo, got.Params)
	}
}

func TestACourierWithoutANameGivesItsAddress(t *testing.T) {
	_, mx, c := world(t)
	for _, name := range []string{"", "localhost", "x\r\nMAIL", "[::1]"} {
		c.Hello = name
		must(t, c, toBob())
	}
	for _, l := range mx.Letters() {
		if l.Helo != "[127.0.0.1]" {
			t.Errorf("said EHLO %q", l.Helo)
		}
	}
}
