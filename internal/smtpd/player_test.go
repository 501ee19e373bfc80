package smtpd

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// player is the client of a dialog.
type player struct {
	door  *door
	mode  string
	wait  time.Duration
	raw   *net.TCPConn
	conn  net.Conn
	in    *bufio.Reader
	ready bool // greeted, and in mode tls secured
	last  []string
}

func (p *player) connect() error {
	p.close()
	c, err := net.Dial("tcp", p.door.addr)
	if err != nil {
		return err
	}
	p.raw, p.conn, p.ready = c.(*net.TCPConn), c, p.mode != "tls"
	p.in = bufio.NewReader(c)
	return nil
}

func (p *player) close() {
	if p.raw != nil {
		p.raw.Close()
	}
}

func (p *player) play(verb, text string) error {
	p.conn.SetDeadline(time.Now().Add(p.wait))
	switch verb {
	case "c ->":
		return p.send(text + "\r\n")
	case "c =>":
		return p.send(text)
	case "c *":
		n, text, _ := strings.Cut(text, " ")
		times, err := strconv.Atoi(n)
		if err != nil {
			return err
		}
		return p.send(strings.Repeat(text, times))
	case "c drip":
		pause, text, _ := strings.Cut(text, " ")
		return p.drip(pause, text)
	case "c base":
		return p.base()
	case "c pause":
		d, err := time.ParseDuration(text)
		time.Sleep(d)
		return err
	case "c half-close":
		return p.conn.(interface{ CloseWrite() error }).CloseWrite()
	case "c cut":
		return p.raw.CloseWrite()
	case "c reset":
		p.raw.SetLinger(0)
		return p.raw.Close()
	case "c starttls":
		return p.secure()
	case "c open":
		return p.connect()
	case "s <-", "s ~>":
		return p.expect(text, verb == "s ~>")
	case "s has", "s lacks":
		if has := strings.Contains(strings.Join(p.last, "\n"), text); has != (verb == "s has") {
			return fmt.Errorf("reply is %q", p.last)
		}
		return nil
	case "s-raw has":
		return p.rawHas(text)
	case "s closed":
		return p.closed()
	case "log lacks":
		if log := p.door.log.String(); strings.Contains(log, text) {
			return fmt.Errorf("log is %s", log)
		}
		return nil
	}
	return p.stored(verb, text)
}

func (p *player) base() error {
	if err := p.expect("220", false); err != nil {
		return err
	}
	for _, line := range []string{"EHLO t", "MAIL FROM:<bob@ext.test>", "RCPT TO:<reply+good@in.test>"} {
		if err := p.send(line + "\r\n"); err != nil {
			return err
		}
		if err := p.expect("250", false); err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
	}
	return nil
}

func (p *player) send(text string) error {
	if p.mode != "slicer" {
		_, err := io.WriteString(p.conn, text)
		return p.sent(err)
	}
	for i := range len(text) {
		if _, err := p.conn.Write([]byte{text[i]}); err != nil {
			return p.sent(err)
		}
	}
	return nil
}

// sent forgives a server that hung up while we wrote: what it answered is yet to be read.
func (p *player) sent(err error) error {
	var hang net.Error
	if errors.As(err, &hang) && hang.Timeout() {
		return err
	}
	return nil
}

func (p *player) drip(pause, text string) error {
	d, err := time.ParseDuration(pause)
	for i := 0; i < len(text) && err == nil; i++ {
		if _, gone := p.conn.Write([]byte{text[i]}); gone != nil {
			break
		}
		time.Sleep(d)
	}
	return err
}

func (p *player) expect(text string, later bool) error {
	for {
		reply, err := readReply(p.in)
		p.last = reply
		if err != nil {
			return fmt.Errorf("after %q: %w", reply, err)
		}
		if !strings.HasPrefix(reply[len(reply)-1], text) {
			if later {
				continue
			}
			return fmt.Errorf("reply is %q", reply)
		}
		if !p.ready {
			return p.prelude()
		}
		return nil
	}
}

// readReply reads one reply, all its lines, and checks its form (RFC 5321 4.2).
func readReply(in *bufio.Reader) (lines []string, err error) {
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return append(lines, line), err
		}
		if err := wellFormed(line, lines); err != nil {
			return append(lines, line), err
		}
		line = strings.TrimSuffix(line, "\r\n")
		if lines = append(lines, line); line[3] == ' ' {
			return lines, nil
		}
	}
}

func wellFormed(line string, before []string) error {
	body, crlf := strings.CutSuffix(line, "\r\n")
	switch {
	case !crlf || len(line) > 512:
		return fmt.Errorf("reply line %q is too long or not ended by CRLF", line)
	case len(body) < 4 || body[0] < '2' || body[0] > '5' || body[1] < '0' || body[1] > '5' || body[2] < '0' || body[2] > '9':
		return fmt.Errorf("reply line %q has no code", line)
	case body[3] != ' ' && body[3] != '-':
		return fmt.Errorf("reply line %q is not well formed", line)
	case len(before) > 0 && before[0][:3] != body[:3]:
		return fmt.Errorf("reply changes its code: %q, %q", before, line)
	}
	for i := range len(body) {
		if body[i] < ' ' || body[i] > '~' {
			return fmt.Errorf("reply line %q has odd bytes", line)
		}
	}
	for _, word := range []string{"SQL", "database", "locked", "goroutine", "panic", "EOF", "i/o", ".go:", "runtime", "context"} {
		if strings.Contains(body, word) {
			return fmt.Errorf("reply %q tells what goes on inside (%s)", body, word)
		}
	}
	return nil
}

// prelude puts the rest of the dialog under TLS.
func (p *player) prelude() error {
	p.ready = true
	greeting := p.last
	for _, step := range [][2]string{{"EHLO t", "250"}, {"STARTTLS", "220"}} {
		if err := p.send(step[0] + "\r\n"); err != nil {
			return err
		}
		if err := p.expect(step[1], false); err != nil {
			return err
		}
	}
	p.last = greeting
	return p.secure()
}

func (p *player) secure() error {
	c := tls.Client(p.raw, &tls.Config{InsecureSkipVerify: true})
	if err := c.Handshake(); err != nil {
		return err
	}
	p.conn, p.in = c, bufio.NewReader(c)
	return nil
}

func (p *player) rawHas(text string) error {
	for !strings.Contains(strings.Join(p.last, "\n"), text) {
		line, err := p.in.ReadString('\n')
		if err != nil {
			return err
		}
		p.last = append(p.last, line)
	}
	return nil
}

func (p *player) closed() error {
	rest, err := io.ReadAll(p.in)
	var hang net.Error
	switch {
	case errors.As(err, &hang) && hang.Timeout():
		return fmt.Errorf("still open, said %q", rest)
	case len(rest) > 0:
		return fmt.Errorf("said %q first", rest)
	}
	return nil
}

func (p *player) stored(verb, text string) error {
	got := p.door.stored()
	if n, err := strconv.Atoi(strings.TrimPrefix(verb, "stored ")); err == nil {
		for end := time.Now().Add(p.wait); len(got) < n && time.Now().Before(end); got = p.door.stored() {
			time.Sleep(time.Millisecond)
		}
		if len(got) != n {
			return fmt.Errorf("%d are", len(got))
		}
		return nil
	}
	holds := slices.ContainsFunc(got, func(e *Envelope) bool { return bytes.Contains(e.Data, []byte(text)) || e.From == text })
	if verb == "stored lacks" {
		if holds {
			return errors.New("one has it")
		}
		return nil
	}
	if len(got) == 0 {
		return errors.New("none is")
	}
	e, ok := got[len(got)-1], false
	switch verb {
	case "stored has":
		ok = holds
	case "stored is":
		ok = string(e.Data) == text
	case "stored from":
		ok = e.From == text
	case "stored to":
		ok = strings.Join(e.To, " ") == text
	}
	if !ok {
		return fmt.Errorf("it is %q from %q to %q", e.Data[:min(len(e.Data), 500)], e.From, e.To)
	}
	return nil
}
