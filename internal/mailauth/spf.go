package mailauth

import (
	"context"
	"errors"
	"strings"

	"blitiri.com.ar/go/spf"
)

// maxSender bounds an envelope sender in bytes: 64 + "@" + 255 (RFC 5321 4.5.3.1).
// Macros multiply it, so it is checked before any record is read.
const maxSender = 320

// checkSPF evaluates the envelope sender, or HELO for a bounce (RFC 7208 2.4).
func checkSPF(ctx context.Context, r *budget, l Letter) SPF {
	if l.Remote == nil {
		return SPF{Result: none, Reason: "the sending machine is not known"}
	}
	sender, domain, ok := spfSender(l.MailFrom, l.Helo)
	if !ok { // RFC 7208 4.3
		return SPF{Result: none, Reason: "the envelope names no domain"}
	}
	guard := &spfGuard{r, l.Remote}
	result, err := spf.CheckHostWithSender(l.Remote, l.Helo, sender, spf.WithContext(ctx), spf.WithResolver(guard))
	found := SPF{Result: string(result), Domain: domain}
	if found.Result == temperror && r.used.Load() {
		found.Result = permerror // RFC 7208 4.6.4: over the limits, not out of luck
	}
	found.everyone = found.Result == pass && errors.Is(err, spf.ErrMatchedAll)
	found.Reason = spfReason(found)
	return found
}

// spfSender gives the identity to check and its domain. The domain is what follows
// the last "@"; the library cuts at the first, so no other may be left (threats
// H-10: <any@legit.test(a@attack.test>).
func spfSender(mailFrom, helo string) (sender, domain string, ok bool) {
	at := strings.LastIndexByte(mailFrom, '@')
	local, name := "postmaster", helo // RFC 7208 2.4, 4.3
	if at >= 0 {
		name = mailFrom[at+1:]
	}
	if at > 0 {
		local = strings.ReplaceAll(mailFrom[:at], "@", "_")
	}
	domain, ok = cleanDomain(name)
	if !ok || len(mailFrom) > maxSender || len(helo) > maxDomain || mailFrom != "" && at < 0 {
		return "", "", false
	}
	return local + "@" + strings.TrimSuffix(name, "."), domain, true
}

func spfReason(s SPF) string {
	switch {
	case s.everyone:
		return s.Domain + " lets every machine send for it, which proves nothing"
	case s.Result == pass:
		return "sent from a machine of " + s.Domain
	case s.Result == fail:
		return s.Domain + " says this machine may not send for it"
	case s.Result == softfail:
		return s.Domain + " says this machine should not send for it"
	case s.Result == neutral:
		return s.Domain + " says nothing about this machine"
	case s.Result == temperror:
		return s.Domain + " could not be asked just now"
	case s.Result == permerror:
		return "the SPF record of " + s.Domain + " cannot be followed"
	}
	return s.Domain + " does not say which machines are its own"
}
