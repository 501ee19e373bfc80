package email

import (
	"strings"
)

// evidence is what speaks for a letter having been written by a mail system. A single word of it is never enough.
type evidence struct {
	daemon  bool // the sender is a mail system by name
	null    bool // the envelope sender was empty
	subject bool // the subject is one that mail systems use
	threads bool // the subject is an answer's or a forwarded one
}

// readWildBounce recognises the reports of mail systems that write prose: Postfix, qmail, Exim, sendmail, Exchange,
// Notes, Yahoo and many others. It says "" unless both the sender and the words, or the subject and the words, are a
// machine's: a person may quote a bounce in an answer, and that stays an answer.
func (m *Message) readWildBounce(leaves []leaf) Kind {
	failed := m.Header.Get("X-Failed-Recipients")
	e := m.evidence()
	if !e.daemon && !e.null && !e.subject && failed == "" && !hasStatus(leaves) {
		return ""
	}
	if e.threads && failed == "" && !e.daemon {
		return ""
	}
	words, original := splitReturned(m.reportText())
	said := saysUndelivered(words)
	mixed := hasStatus(leaves) || m.isReport() && (e.daemon || e.null || e.subject)
	if !(said && (e.daemon || e.subject || e.null && !e.threads) || e.daemon && e.subject || failed != "" || mixed) {
		return ""
	}
	if !e.daemon && !e.null && failed == "" && !mixed && (!m.isUnthreaded() || !isMachineMade(words, original, leaves)) {
		return "" // parcels are undelivered, too
	}
	if kind := m.readWrapped(leaves); kind != "" {
		return kind
	}
	r := &Report{OriginalMessageID: firstOf(returnedID(leaves), idIn(original))}
	delayed := saysDelayed(m.Subject + "\n" + words)
	for _, f := range m.failedAddresses(failed, words, original) {
		f.Action = "failed"
		if delayed {
			f.Action = "delayed"
		}
		f.complete()
		r.Recipients = append(r.Recipients, f)
	}
	if len(r.Recipients) == 0 && !said && !e.subject && !mixed {
		return ""
	}
	m.Report = r
	if delayed {
		return KindDelay
	}
	return KindBounce
}

// isMachineMade asks for a shape that only a machine gives a letter: the returned letter, a reply code, or an address
// alone on its line.
func isMachineMade(words, original string, leaves []leaf) bool {
	if original != "" || enhancedCode.MatchString(words) || replyCode.MatchString(words) {
		return true
	}
	for i := range leaves {
		if leaves[i].media.name == "message/rfc822" || leaves[i].media.name == "text/rfc822-headers" {
			return true
		}
	}
	for _, line := range strings.Split(words, "\n") {
		if a := anyAddress.FindString(line); a != "" && opensLine(line, a) || strings.Contains(line, "RCPT T") {
			return true
		}
	}
	return false
}

// hasStatus finds a delivery status, be it one that readReport could not use.
func hasStatus(leaves []leaf) bool {
	for i := range leaves {
		if leaves[i].media.name == "message/delivery-status" && !leaves[i].husk {
			return true
		}
	}
	return false
}

// readWrapped looks one level into a report that a gateway wrapped whole into another letter.
func (m *Message) readWrapped(leaves []leaf) Kind {
	for i := range leaves {
		l := &leaves[i]
		if l.media.name != "message/rfc822" {
			continue
		}
		data, _ := decodeTransfer(l.body, l.header.Get("Content-Transfer-Encoding"))
		inner := &walker{raw: data}
		h, err := inner.walk()
		if err != nil || !strings.HasPrefix(parseMedia(h.Get("Content-Type")).name, "multipart/report") {
			return "" // the first letter inside decides: the next would be the one returned
		}
		return m.readReport(inner.leaves)
	}
	return ""
}

func (m *Message) isReport() bool {
	t := parseMedia(m.Header.Get("Content-Type"))
	return t.name == "multipart/report" && (t.get("report-type") == "" || strings.EqualFold(t.get("report-type"), "delivery-status"))
}

func (m *Message) evidence() (e evidence) {
	e.daemon = isDaemon(m.From)
	subject := strings.ToLower(m.Subject)
	e.threads = isThreaded(subject)
	e.subject = !e.threads && (e.daemon && containsAny(subject, bounceSubjects) || opensLikeBounce(subject))
	path := strings.ToLower(m.Header.Get("Return-Path"))
	e.null = path == "<>" || strings.HasPrefix(path, "<mailer-daemon") || m.From.Address == "" && strings.Contains(m.Header.Get("From"), "<>")
	if local, _, _ := strings.Cut(strings.ToLower(m.From.Address), "@"); local == "postmaster" && e.threads {
		e.daemon = false // postmasters are people too, and answer
	}
	return e
}

// isThreaded knows the prefixes of answers and forwarded letters.
func isThreaded(lower string) bool {
	for _, p := range []string{"re:", "re :", "re[", "aw:", "sv:", "antw:", "odp:", "vs:", "ynt:", "fw:", "fwd:", "wg:", "tr:", "rv:", "回复:", "回复：", "答复:", "答复：", "回覆:"} {
		if strings.HasPrefix(lower, p) {
			return true
		}
	}
	return false
}

var daemons = map[string]bool{"mailer-daemon": true, "mailerdaemon": true, "mail-daemon": true, "maildaemon": true, "mdaemon": true, "postmaster": true,
	"mail.delivery.system": true, "mail-delivery-system": true, "mailsubsystem": true, "system administrator": true, "mmdf": true,
	"microsoftexchange": true, "double-bounce": true, "smtp-daemon": true, "bounce-daemon": true}

var daemonNames = []string{"mail delivery system", "mail delivery subsystem", "mail delivery service", "internet mail delivery", "delivery subsystem",
	"mail administrator", "mailer-daemon", "mail system", "microsoft outlook"}

func isDaemon(a Address) bool {
	local, _, _ := strings.Cut(strings.ToLower(a.Address), "@")
	local = strings.Trim(local, `"\`)
	if daemons[local] || strings.HasPrefix(local, "microsoftexchange") || strings.HasPrefix(local, "mailer-daemon") {
		return true
	}
	name := strings.ToLower(a.Name)
	for _, d := range daemonNames {
		if strings.HasPrefix(name, d) {
			return true
		}
	}
	return false
}

// reportText is the text to search: the plain one, or what is readable of the HTML; a report's words stand at its top.
func (m *Message) reportText() string {
	t := m.Text
	if strings.TrimSpace(t) == "" {
		t = bareText(m.HTML[:min(len(m.HTML), 4*maxSniff)])
	}
	return t[:min(len(t), maxSniff)]
}

// bareText drops tags, so that addresses and phrases can be found. It is for searching, never for showing.
func bareText(html string) string {
	var b strings.Builder
	for html != "" {
		i := strings.IndexByte(html, '<')
		if i < 0 {
			b.WriteString(html)
			break
		}
		b.WriteString(html[:i])
		j := strings.IndexByte(html[i:], '>')
		if j < 0 {
			break
		}
		tag := strings.ToLower(html[i+1 : i+j])
		if strings.HasPrefix(tag, "br") || strings.HasPrefix(tag, "/p") || strings.HasPrefix(tag, "/div") || strings.HasPrefix(tag, "/tr") || strings.HasPrefix(tag, "/h") || strings.HasPrefix(tag, "/li") {
			b.WriteByte('\n')
		}
		html = html[i+j+1:]
	}
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&nbsp;", " ", "&#64;", "@", "&quot;", `"`, "&amp;", "&").Replace(b.String())
}
