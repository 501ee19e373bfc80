package courier

import (
	"bufio"
	"errors"
	"strings"
	"testing"
	"time"

	"aside/test/fake"
)

func TestW06_AHostileServerGetsNowhere(t *testing.T) {
	stages := []fake.Stage{fake.Connect, fake.Helo, fake.Mail, fake.Rcpt, fake.Data, fake.Dot}
	for _, tc := range []struct {
		name  string
		fault fake.Fault
	}{
		{"an endless line", fake.Flood(strings.Repeat("x", 4096))},
		{"an endless line that begins well", fake.Flood("220 " + strings.Repeat("x", 4096))},
		{"endless 250- lines", fake.Flood("250-more\r\n")},
		{"endless NULs", fake.Flood(strings.Repeat("\x00", 4096))},
		{"no answer at all", fake.Slow(3 * patience)},
		{"words that are not SMTP", fake.Say("HTTP/1.1 400 Bad Request\r\n\r\n")},
		{"half an answer, then a hang-up", fake.Say("250-half").ThenDrop()},
		{"a code out of range", fake.Say("999 ha\r\n")},
		{"a 1yz code", fake.Say("150 ha\r\n")},
		{"a 3yz code out of place", fake.Say("334 ha\r\n")},
	} {
		for _, stage := range stages {
			t.Run(tc.name+" at "+string(stage), func(t *testing.T) {
				t.Parallel()
				_, mx, c := world(t)
				mx.At(stage, tc.fault)
				began := time.Now()
				_, f := send(c, toBob())
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("took %v", took)
				}
				want := "temporary"
				if stage == fake.Dot {
					want = "unknown"
				}
				wantKind(t, f, want)
				if f != nil && (len(f.Error()) > 2*maxResponse || strings.Contains(f.Error(), "127.0.0.1")) {
					t.Errorf("a failure of %d octets: %v", len(f.Error()), f)
				}
			})
		}
	}
}

func TestW06_AnAnswerHasItsLimits(t *testing.T) {
	for _, tc := range []struct {
		name, raw string
		want      error
	}{
		{"a line as long as may be", "250 " + strings.Repeat("x", maxReplyLine-6) + "\r\n", nil},
		{"a line too long", "250 " + strings.Repeat("x", maxReplyLine) + "\r\n", errReplyLine},
		{"as many lines as may be", strings.Repeat("250-x\r\n", maxReplyLines-1) + "250 x\r\n", nil},
		{"too many lines", strings.Repeat("250-x\r\n", maxReplyLines) + "250 x\r\n", errReplyLines},
		{"not SMTP", "hello\r\n", errNotSMTP},
	} {
		_, err := readReply(bufio.NewReaderSize(strings.NewReader(tc.raw), maxReplyLine))
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestW06_AByteAMinuteIsNotAnAnswer(t *testing.T) {
	_, mx, c := world(t)
	mx.At(fake.Connect, fake.Drip("220 "+strings.Repeat("x", 500)+"\r\n", 50*time.Millisecond))
	began := time.Now()
	_, f := send(c, toBob())
	wantKind(t, f, "temporary")
	if took := time.Since(began); took > 4*patience {
		t.Errorf("took %v, the limit is %v for the whole answer", took, patience)
	}
}

func TestW06_WhatAServerSaysIsKeptShortAndHarmless(t *testing.T) {
	_, mx, c := world(t)
	long := "550-5.1.1 \x1b[31mred\x07 \u202eevil\u2028 \xff\xfe\rCR\r\n" + strings.Repeat("550-"+strings.Repeat("é", 500)+"\r\n", 20) + "550 5.1.1 end\r\n"
	mx.At(fake.Rcpt, fake.Say(long))
	_, f := send(c, toBob())
	wantKind(t, f, "permanent")
	if len(f.Response) > maxResponse || f.Code != 550 || f.Enhanced != "5.1.1" {
		t.Errorf("%d octets, code %d, status %q", len(f.Response), f.Code, f.Enhanced)
	}
	for _, bad := range []string{"\x1b", "\x07", "\u202e", "\u2028", "\xff", "\r", "\n"} {
		if strings.Contains(f.Response, bad) {
			t.Errorf("the response has %q in it: %q", bad, f.Response)
		}
	}
	if !strings.HasPrefix(f.Response, `550 5.1.1 \x1b[31mred\a \u202eevil\u2028 \xff\xfe\rCR é`) {
		t.Errorf("response %q", f.Response[:80])
	}
}

func TestW06_354ThenAHangUpIsNotUnknown(t *testing.T) {
	_, mx, c := world(t)
	mx.At(fake.Data, fake.Say("354 go\r\n").ThenDrop())
	p := toBob()
	p.Data = append(p.Data, strings.Repeat(strings.Repeat("y", 70)+"\r\n", 100_000)...)
	_, f := send(c, p)
	wantKind(t, f, "temporary")
	none(t, mx)
}

func TestW06_421EachTimeIsTemporary(t *testing.T) {
	for _, stage := range []fake.Stage{fake.Connect, fake.Helo, fake.Mail, fake.Rcpt, fake.Data, fake.Dot} {
		_, mx, c := world(t)
		mx.At(stage, fake.Refuse(421, "4.3.2 closing").ThenDrop())
		_, f := send(c, toBob())
		wantKind(t, f, "temporary")
		if f == nil || f.Code != 421 || f.Enhanced != "4.3.2" {
			t.Errorf("%s: %+v", stage, f)
		}
		none(t, mx)
	}
}

func TestARefusalInTheMiddleOfALargeLetterIsHeard(t *testing.T) {
	_, mx, c := world(t)
	mx.At(fake.Data, fake.Say("354 go\r\n552 5.3.4 too big\r\n").ThenDrop())
	p := toBob()
	p.Data = append(p.Data, strings.Repeat(strings.Repeat("y", 70)+"\r\n", 200_000)...)
	_, f := send(c, p)
	wantKind(t, f, "permanent")
	wantSays(t, f, "552 5.3.4 too big")
}

func TestARefusedRecipientWithA354GetsNoEmptyLetter(t *testing.T) {
	_, mx, c := world(t)
	// The fake keeps the first RCPT, so that its DATA goes ahead although it said 550.
	mx.At(fake.Rcpt, fake.Refuse(550, "5.1.1 nobody")).At(fake.Data, fake.Say("354 go\r\n"))
	_, f := send(c, toBob())
	wantKind(t, f, "permanent")
	for _, cmd := range mx.Commands() {
		if strings.HasPrefix(cmd, ".") || strings.HasPrefix(cmd, "From:") {
			t.Errorf("said %q after the refusal", cmd)
		}
	}
}
