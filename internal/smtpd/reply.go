package smtpd

import (
	"errors"
	"fmt"
)

// Reply is an answer for the client: what Known and Receive return to refuse. Code is
// 4xx or 5xx (421 also ends the session), Enhanced the RFC 3463 code of the same class,
// Text one line. Anything else they return is answered 451 4.3.0 and only logged.
type Reply struct {
	Code     int
	Enhanced [3]int
	Text     string
}

// Error is for logs; the client is sent line.
func (r *Reply) Error() string { return r.line() }

// replyText is the most of a handler's text that goes out: with its codes a reply stays
// below the 512 octets of RFC 5321 4.5.3.1.5.
const replyText = 400

// The answers of the session itself. Texts are the same whatever was asked, so that
// they tell a stranger nothing.
var (
	ok             = &Reply{250, [3]int{2, 0, 0}, "OK"}
	senderOK       = &Reply{250, [3]int{2, 1, 0}, "Sender OK"}
	recipientOK    = &Reply{250, [3]int{2, 1, 5}, "Recipient OK"}
	chunkOK        = &Reply{250, [3]int{2, 0, 0}, "Continue"}
	stored         = &Reply{250, [3]int{2, 0, 0}, "Stored"}
	goAhead        = &Reply{354, [3]int{}, "End data with <CR><LF>.<CR><LF>"}
	bye            = &Reply{221, [3]int{2, 0, 0}, "Bye"}
	cannotVerify   = &Reply{252, [3]int{2, 5, 0}, "Send some mail, I will see"}
	startTLS       = &Reply{220, [3]int{2, 0, 0}, "Go ahead"}
	tooManyHere    = &Reply{421, [3]int{4, 7, 0}, "Too many connections from your network, try later"}
	tooManyFaults  = &Reply{421, [3]int{4, 7, 0}, "Too many faults, try later"}
	tooMuch        = &Reply{421, [3]int{4, 7, 0}, "That is enough for one connection"}
	tooBusy        = &Reply{421, [3]int{4, 3, 2}, "Too busy, try later"}
	shuttingDown   = &Reply{421, [3]int{4, 3, 2}, "Shutting down, try later"}
	tooSlow        = &Reply{421, [3]int{4, 4, 2}, "Timed out"}
	internal       = &Reply{451, [3]int{4, 3, 0}, "Something failed here, try later"}
	noMemory       = &Reply{452, [3]int{4, 3, 1}, "No room for this letter now, try later"}
	tooManyTo      = &Reply{452, [3]int{4, 5, 3}, "Too many recipients"}
	badCommand     = &Reply{500, [3]int{5, 5, 2}, "Command not recognised"}
	badLine        = &Reply{500, [3]int{5, 5, 2}, "Line too long, or not ended by CRLF"}
	badBytes       = &Reply{501, [3]int{5, 5, 4}, "Only printable ASCII is allowed here"}
	badArgument    = &Reply{501, [3]int{5, 5, 4}, "Syntax error in the argument"}
	badAddress     = &Reply{501, [3]int{5, 1, 7}, "Address must be <local@domain>"}
	notImplemented = &Reply{502, [3]int{5, 5, 1}, "Command not implemented"}
	notHTTP        = &Reply{502, [3]int{5, 7, 0}, "This is an SMTP server"}
	badSequence    = &Reply{503, [3]int{5, 5, 1}, "Bad sequence of commands"}
	notIdentity    = &Reply{550, [3]int{5, 7, 0}, "Not allowed"}
	unknownAddress = &Reply{550, [3]int{5, 1, 1}, "Address not known here"}
	relayingDenied = &Reply{550, [3]int{5, 7, 1}, "Relaying denied"}
	tooLarge       = &Reply{552, [3]int{5, 3, 4}, "Letter is larger than SIZE"}
	talksTooEarly  = &Reply{554, [3]int{5, 5, 0}, "You did not wait for an answer"}
	badLineEnding  = &Reply{554, [3]int{5, 6, 0}, "bare CR or malformed line ending"}
	longLine       = &Reply{554, [3]int{5, 6, 0}, "Line of the letter is too long"}
	badParameter   = &Reply{555, [3]int{5, 5, 4}, "Parameter not recognised"}
)

// line is the reply as sent, without CRLF.
func (r *Reply) line() string {
	if r.Enhanced == [3]int{} {
		return fmt.Sprintf("%d %s", r.Code, r.Text)
	}
	return fmt.Sprintf("%d %d.%d.%d %s", r.Code, r.Enhanced[0], r.Enhanced[1], r.Enhanced[2], r.Text)
}

// refusal is the only way from a handler's error to the wire. It returns a clean copy
// of a *Reply that refuses; for everything else, told reports false and the reply says
// nothing: not the error's text, not even that it would never work (which would make
// the sender give up a letter because our disk is full).
func refusal(err error) (r *Reply, told bool) {
	var given *Reply
	if !errors.As(err, &given) || given == nil || given.Code < 400 || given.Code > 599 {
		return internal, false
	}
	clean := *given
	e := clean.Enhanced
	if e[0] != clean.Code/100 || e[1] < 0 || e[1] > 999 || e[2] < 0 || e[2] > 999 {
		clean.Enhanced = [3]int{clean.Code / 100, 0, 0}
	}
	clean.Text = printable(clean.Text)
	return &clean, true
}

// printable keeps a handler's text on one line of ASCII.
func printable(text string) string {
	out := []byte(text[:min(len(text), replyText)])
	for i, c := range out {
		if c < ' ' || c > '~' {
			out[i] = '?'
		}
	}
	return string(out)
}
