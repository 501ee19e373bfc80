package courier

import (
	"context"
	"strconv"
	"time"

	"aside/internal/crash"
)

// answerGrace is how long we listen for a server's last words after it stopped taking
// the letter half-way.
const answerGrace = 2 * time.Second

// send is one mail transaction: MAIL, RCPT, DATA, the letter (RFC 5321 3.3).
func (cn *conn) send(l *letter) (Outcome, *Failure) {
	if f := cn.reset(); f != nil {
		return Outcome{}, f
	}
	mail, f := cn.mailCommand(l)
	if f != nil {
		return Outcome{}, f
	}
	cn.dirty = true
	if f := cn.envelope(mail, "RCPT TO:<"+l.to.String()+">"); f != nil {
		return Outcome{}, f
	}
	crash.Point("s4")
	rep, f := cn.data(l.data)
	if f != nil {
		return Outcome{}, f
	}
	cn.letters++
	return Outcome{Remote: cn.host, Addr: cn.addr, Response: rep.String(), TLS: cn.tls, Verified: cn.verified}, nil
}

// reset takes back a transaction that was refused half-way on this connection.
func (cn *conn) reset() *Failure {
	if !cn.dirty {
		return nil
	}
	rep, f := cn.ask("RSET", "RSET", cn.t.greeting())
	if f == nil && rep.code != 250 {
		cn.broken = true
		f = later("4.5.0", "RSET was refused").at(cn.host)
	}
	cn.dirty = f != nil
	return f
}

// alive asks a kept connection whether the server is still there and ready (RFC 5321
// 4.1.1.5). One that is not is closed.
func (cn *conn) alive(ctx context.Context) bool {
	stop := cn.watch(ctx)
	rep, f := cn.ask("RSET", "RSET", min(probeTime, cn.t.greeting()))
	if !stop() || f != nil || rep.code != 250 || cn.r.Buffered() > 0 {
		cn.broken = true
		cn.quit()
		return false
	}
	return true
}

// mailCommand is MAIL with the parameters this letter wants from this server, or why it
// cannot take the letter. The bytes are signed, so converting them is no way out.
func (cn *conn) mailCommand(l *letter) (string, *Failure) {
	line := "MAIL FROM:<" + l.from.String() + ">"
	if params, ok := cn.exts["SIZE"]; ok { // RFC 1870
		limit, err := strconv.ParseUint(params, 10, 63)
		if err == nil && limit > 0 && uint64(len(l.data)) > limit {
			return "", final(never("5.3.4", "the letter has %d octets, the server takes %d", len(l.data), limit).at(cn.host))
		}
		line += " SIZE=" + strconv.Itoa(len(l.data))
	}
	if l.eight { // RFC 6152
		if !cn.has("8BITMIME") {
			return "", final(never("5.6.3", "the letter has 8-bit text, the server takes only 7").at(cn.host))
		}
		line += " BODY=8BITMIME"
	}
	if l.utf8 { // RFC 6531 3.5
		if !cn.has("SMTPUTF8") {
			return "", final(never("5.6.7", "the server does not take addresses with letters beyond ASCII").at(cn.host))
		}
		line += " SMTPUTF8"
	}
	return line, nil
}

// command is what it is about, for people; a line; the code its answer should have, and how long that may take.
type command struct {
	doing, line string
	want        int
	wait        time.Duration
}

// envelope sends MAIL, RCPT and DATA: in one packet where the server allows it (RFC 2920).
func (cn *conn) envelope(mail, rcpt string) *Failure {
	commands := [3]command{
		{"the sender", mail, 250, cn.t.mail()},
		{"the recipient", rcpt, 250, cn.t.rcpt()},
		{"the letter", "DATA", 354, cn.t.dataStart()},
	}
	pipelined := cn.has("PIPELINING")
	if pipelined {
		if err := cn.write(mail, rcpt, "DATA"); err != nil {
			return cn.lost("the sender", err)
		}
	}
	var fail *Failure
	for _, c := range commands {
		if !pipelined {
			if err := cn.write(c.line); err != nil {
				return cn.lost(c.doing, err)
			}
		}
		rep, f := cn.answer(c)
		if fail == nil {
			fail = f
		}
		if fail != nil && rep.code == 354 {
			// It waits for a letter to nobody (RFC 2920 3.1). It gets none.
			cn.broken = true
		}
		if fail != nil && (!pipelined || cn.broken) {
			return fail
		}
	}
	return fail
}

// answer hears the answer to c and judges it. A 5yz here is the server's last word on
// the letter: no other server of the domain is asked.
func (cn *conn) answer(c command) (reply, *Failure) {
	rep, f := cn.hear(c.doing, c.wait)
	if f != nil {
		return rep, f
	}
	ok := rep.code == c.want || (c.want == 250 && (rep.code == 251 || rep.code == 252))
	if ok {
		return rep, nil
	}
	f = cn.refused(c.doing, rep)
	f.final = f.Permanent
	return rep, f
}

// data sends the letter and the final dot. Up to the dot nothing has happened; after it,
// without an answer, anything may have.
func (cn *conn) data(data []byte) (reply, *Failure) {
	if err := writeStuffed(cn.w, data); err != nil {
		return reply{}, cn.interrupted(err)
	}
	crash.Point("s5")
	cn.w.WriteString(".\r\n")
	if err := cn.w.Flush(); err != nil {
		f := final(cn.interrupted(err))
		f.Unknown = f.Code == 0
		return reply{}, f
	}
	crash.Point("s6")
	rep, err := cn.read(cn.t.dataEnd())
	if err != nil {
		f := final(cn.lost("the letter was sent, but its answer is lost", err))
		f.Unknown = true
		return reply{}, f
	}
	cn.dirty = false
	if rep.code/100 == 2 {
		return rep, nil
	}
	f := final(cn.refused("the letter", rep))
	f.Unknown = rep.code < 400
	return rep, f
}

// interrupted is the failure of a letter the server stopped taking. Often it says why
// before it hangs up ("552 too big"), and that is worth more than the write error.
func (cn *conn) interrupted(err error) *Failure {
	rep, readErr := cn.read(answerGrace)
	cn.broken = true
	if readErr == nil && rep.code >= 400 {
		return final(cn.refused("the letter", rep))
	}
	return cn.lost("sending the letter, which the server stopped taking", err)
}
