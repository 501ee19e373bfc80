package smtpd

import (
	"slices"
	"strconv"
	"strings"
)

func (s *session) mail(arg string) *Reply {
	if s.helo == "" || s.tx.open {
		return badSequence
	}
	if s.transactions >= s.srv.limits.Transactions && !s.trusted {
		return tooMuch
	}
	path, found := cutFold(arg, "FROM:")
	if !found {
		return badArgument
	}
	mailbox, params, err := cutPath(path)
	if err != nil {
		return badAddress
	}
	tx := transaction{open: true}
	if mailbox != "" { // <> is the null sender of bounces
		local, domain, err := SplitAddress(mailbox)
		if err != nil {
			return badAddress
		}
		tx.from = local + "@" + domain
	}
	if r := tx.parameters(params, s.srv.limits.MessageBytes); r != nil {
		return r
	}
	if tx.size > s.srv.limits.FreeBytes && s.srv.held.used.Load()+tx.size > s.srv.limits.HeldBytes {
		return noMemory // RFC 1870 6.1: better said before the letter is sent
	}
	s.tx = tx
	s.transactions++
	return senderOK
}

// parameters reads what follows the reverse-path: SIZE (RFC 1870) and BODY (RFC 6152).
func (tx *transaction) parameters(params string, limit int64) *Reply {
	seen := map[string]bool{}
	for param := range strings.FieldsSeq(params) {
		key, value, _ := strings.Cut(param, "=")
		key = strings.ToUpper(key)
		if seen[key] {
			return badArgument
		}
		seen[key] = true
		switch key {
		case "SIZE":
			n, err := strconv.ParseUint(value, 10, 63)
			if len(value) > 20 || value == "" || strings.Trim(value, "0123456789") != "" {
				return badArgument
			}
			if err != nil || int64(n) > limit {
				return tooLarge
			}
			tx.size = int64(n)
		case "BODY":
			if v := strings.ToUpper(value); v != "7BIT" && v != "8BITMIME" {
				return badParameter
			}
		default:
			return badParameter
		}
	}
	return nil
}

func (s *session) rcpt(arg string) *Reply {
	l := s.srv.limits
	switch {
	case !s.tx.open || s.tx.letter != nil:
		return badSequence
	case s.bad >= l.BadRecipients && !s.trusted:
		return tooManyFaults
	}
	path, found := cutFold(arg, "TO:")
	if !found {
		return badArgument
	}
	addr, refused := s.recipient(path)
	if refused == nil {
		switch {
		case slices.Contains(s.tx.to, addr):
			return recipientOK
		case len(s.tx.to) >= l.Recipients:
			return tooManyTo
		}
		refused = s.knownReply(addr)
	}
	if refused == nil {
		s.tx.to = append(s.tx.to, addr)
		return recipientOK
	}
	if refused.Code >= 550 && refused != badParameter {
		s.badRecipient()
	}
	return refused
}

// recipient finds the address meant by a forward-path, or why it cannot be one of ours.
func (s *session) recipient(path string) (addr string, refused *Reply) {
	mailbox, params, err := cutPath(path)
	switch {
	case err == errRoute:
		return "", relayingDenied
	case err != nil:
		return "", badAddress
	case strings.TrimSpace(params) != "":
		return "", badParameter
	case strings.EqualFold(mailbox, "postmaster"): // RFC 5321 4.5.1: also without a domain
		return "postmaster@" + s.srv.Domain, nil
	}
	local, domain, err := SplitAddress(mailbox)
	if err != nil {
		// What only our own local parts could tell apart is unknown like any other (T-02).
		if at := strings.LastIndexByte(mailbox, '@'); at >= 0 && lower(strings.TrimSuffix(mailbox[at+1:], ".")) == s.srv.Domain {
			return "", unknownAddress
		}
		return "", badAddress
	}
	if domain != s.srv.Domain || strings.ContainsAny(local, "@%!") { // the old ways to ask for relaying
		return "", relayingDenied
	}
	return local + "@" + domain, nil
}

func (s *session) knownReply(addr string) *Reply {
	err := s.known(addr)
	if err == nil {
		return nil
	}
	r, told := refusal(err)
	if !told {
		s.srv.Log.Error("recipient could not be looked up", "remote", s.remote, "err", err)
	}
	return r
}

func (s *session) badRecipient() {
	s.bad++
	s.srv.stats.add(badRecipients, 1)
	if s.srv.gate.bad(s.remote.Addr()) {
		s.srv.Log.Warn("too many unknown recipients: closed to this network for now", "remote", s.remote)
	}
}

// cutFold takes a keyword off the front, in either case, and the spaces that many
// clients put behind it though RFC 5321 has none there.
func cutFold(s, keyword string) (rest string, found bool) {
	if len(s) < len(keyword) || !strings.EqualFold(s[:len(keyword)], keyword) {
		return "", false
	}
	return strings.TrimLeft(s[len(keyword):], " "), true
}
