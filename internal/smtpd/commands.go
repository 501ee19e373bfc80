package smtpd

import (
	"fmt"
	"strconv"
)

// verbs are the commands we know.
var verbs = map[string]func(*session, string) *Reply{
	"HELO": (*session).hello, "EHLO": (*session).ehlo,
	"MAIL": (*session).mail, "RCPT": (*session).rcpt,
	"DATA": (*session).data, "BDAT": (*session).bdat,
	"STARTTLS": (*session).startTLS,
	"RSET":     (*session).rset, "NOOP": (*session).noop, "QUIT": (*session).quit,
	"VRFY": always(cannotVerify), "EXPN": always(notImplemented), "HELP": always(notImplemented),
	"AUTH": always(notImplemented), "ETRN": always(notImplemented), "TURN": always(notImplemented),
	"XCLIENT": always(notIdentity), "XFORWARD": always(notIdentity),
}

// foreignVerbs belong to protocols that a browser or a proxy could be made to speak to
// us. The first of them ends the session, before the "commands" in its body are reached.
var foreignVerbs = map[string]bool{
	"GET": true, "POST": true, "HEAD": true, "PUT": true, "DELETE": true, "OPTIONS": true,
	"CONNECT": true, "PATCH": true, "TRACE": true, "PRI": true, "PROXY": true,
}

func always(r *Reply) func(*session, string) *Reply {
	return func(*session, string) *Reply { return r }
}

func (s *session) hello(arg string) *Reply {
	if r := s.introduce(arg); r != nil {
		return r
	}
	return &Reply{Code: 250, Text: s.srv.Domain}
}

// ehlo lists what we offer. Not offered, because it would widen the grammar or the
// promises and no answer to our mail needs it: AUTH, SMTPUTF8, BINARYMIME, DSN.
func (s *session) ehlo(arg string) *Reply {
	if r := s.introduce(arg); r != nil {
		return r
	}
	l := s.srv.limits
	lines := []string{s.srv.Domain, "PIPELINING", "SIZE " + strconv.FormatInt(l.MessageBytes, 10), "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING"}
	if s.srv.tls != nil && !s.secure {
		lines = append(lines, "STARTTLS")
	}
	for _, line := range lines {
		fmt.Fprintf(s.w.out, "250-%s\r\n", line)
	}
	return &Reply{Code: 250, Text: fmt.Sprintf("LIMITS MAILMAX=%d RCPTMAX=%d", l.Transactions, l.Recipients)} // RFC 9422
}

// introduce is what HELO and EHLO share. EHLO ends a pipelined group (RFC 2920 3.1), and
// a client cannot know that it may pipeline before our answer.
func (s *session) introduce(arg string) *Reply {
	switch {
	case !isHelo(arg):
		return badArgument
	case s.w.pending():
		return s.earlyTalk()
	}
	s.reset()
	s.helo = arg
	return nil
}

func (s *session) startTLS(arg string) *Reply {
	switch {
	case arg != "":
		return badArgument
	case s.secure:
		return badSequence
	case s.srv.tls == nil:
		return notImplemented
	case s.w.pending(): // an injection, or a client that would be deaf to our answer
		return s.earlyTalk()
	}
	s.answer(startTLS)
	if err := s.w.upgrade(s.srv.base, s.srv.tls); err != nil {
		// Nothing may be said in clear any more: the client awaits TLS, a man in the middle does not.
		s.srv.stats.add(tlsFailed, 1)
		s.srv.Log.Debug("TLS handshake failed", "remote", s.remote, "err", err)
		s.w.raw.Close()
		s.over = true
		return nil
	}
	s.srv.stats.add(tlsStarted, 1)
	s.reset()
	s.helo, s.secure = "", true // RFC 3207 4.2: what was said before does not count
	return nil
}

func (s *session) rset(arg string) *Reply {
	if arg != "" {
		return badArgument
	}
	s.reset()
	return ok
}

func (s *session) noop(string) *Reply { return ok }

func (s *session) quit(arg string) *Reply {
	if arg != "" {
		return badArgument
	}
	s.over = true
	return bye
}
