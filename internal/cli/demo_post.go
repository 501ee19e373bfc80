package cli

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/emersion/go-smtp"
)

// doorTimeout is one conversation with the door on the same machine; its DNS questions are answered there too.
const doorTimeout = 30 * time.Second

// sentAnswer is an answer that was carried to the door, and what the door said.
type sentAnswer struct {
	At       time.Time
	Mode     answerMode
	From     string
	Text     string
	Raw      []byte
	Response string // "250 2.0.0 …", or the refusal
	Taken    bool
}

// carry hands a posting to the SMTP door as a server on the internet would. The reply is the door's own words, code first; the
// error is for when there was no reply.
func carry(door net.Addr, p posting) (reply string, taken bool, err error) {
	conn, err := dialFrom(p.Source, door)
	if err != nil {
		return "", false, err
	}
	c := smtp.NewClient(conn)
	defer c.Close()
	reply, err = converse(c, p)
	var refusal *smtp.SMTPError
	if errors.As(err, &refusal) {
		return refusalWords(refusal), false, nil
	}
	return reply, err == nil, err
}

// dialFrom sends from a chosen loopback address, so that SPF can tell the domain's own server from a forger's. Systems that have only
// 127.0.0.1 send from there; honest letters are then proved by their signature alone.
func dialFrom(source string, door net.Addr) (net.Conn, error) {
	d := net.Dialer{Timeout: doorTimeout, LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	conn, err := d.Dial(door.Network(), door.String())
	if err != nil {
		conn, err = net.DialTimeout(door.Network(), door.String(), doorTimeout)
	}
	return conn, err
}

func converse(c *smtp.Client, p posting) (string, error) {
	if err := c.Hello(p.Helo); err != nil {
		return "", err
	}
	if err := c.Mail(p.From, nil); err != nil {
		return "", err
	}
	if err := c.Rcpt(p.To, nil); err != nil {
		return "", err
	}
	w, err := c.Data()
	if err != nil {
		return "", err
	}
	if _, err := w.Write(p.Raw); err != nil {
		return "", err
	}
	done, err := w.CloseWithResponse()
	if err != nil {
		return "", err
	}
	_ = c.Quit()
	return "250 " + done.StatusText, nil
}

func refusalWords(e *smtp.SMTPError) string {
	if e.EnhancedCode[0] <= 0 {
		return fmt.Sprintf("%d %s", e.Code, e.Message)
	}
	return fmt.Sprintf("%d %d.%d.%d %s", e.Code, e.EnhancedCode[0], e.EnhancedCode[1], e.EnhancedCode[2], e.Message)
}

// answer writes, signs and carries an answer, and keeps it with its letter.
func (d *Demo) answer(a demoAnswer) (sentAnswer, error) {
	p, err := a.post(time.Now(), d.names.private)
	if err != nil {
		return sentAnswer{}, err
	}
	sent := sentAnswer{At: time.Now(), Mode: a.Mode, From: a.sender().Address, Text: a.Text, Raw: p.Raw}
	if sent.Response, sent.Taken, err = carry(d.SMTPAddr(), p); err != nil {
		return sentAnswer{}, fmt.Errorf("the SMTP door did not answer: %w", err)
	}
	d.catcher.answered(a.Letter.ID, sent)
	return sent, nil
}
