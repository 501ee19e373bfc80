package email

import (
	"strings"
)

// evidence is what speaks for a letter having been written by a mail system.
type evidence struct {
	daemon   bool // the sender is a mail system by name
	null     bool // the envelope sender was empty
	subject  bool // the subject is one that mail systems use
	threaded bool // it calls itself an answer or a forwarded letter
	answers  bool // it names a letter it answers
	failed   bool // X-Failed-Recipients, which only Exim and Google write
	report   bool // it is a multipart/report, or holds a delivery status, that says of nobody
	said     bool // its words say that something was not delivered
	shape    bool // its body has a shape only machines give
}

// suspect is the quick look, ahead of any reading of the body.
func (e evidence) suspect() bool { return e.daemon || e.null || e.subject || e.failed || e.report }

// convincing asks for the sender's and the words' witness, or the subject's and the words': a person may quote a bounce
// in an answer, or write about parcels, and that stays a person's letter.
func (e evidence) convincing() bool {
	switch {
	case e.failed, e.report:
		return true
	case e.daemon:
		return e.subject || e.said
	case e.threaded:
		return false
	case e.null:
		return e.said
	}
	return e.subject && e.said && e.shape && !e.answers
}

// readWildBounce recognises the reports of mail systems that write prose: Postfix, qmail, Exim, sendmail, Exchange,
// Notes, Yahoo and many others. It says "" when the letter is no bounce.
func (m *Message) readWildBounce(leaves []leaf) Kind {
	e := m.evidence(leaves)
	if !e.suspect() {
		return ""
	}
	words, original := splitReturned(m.reportText())
	e.said, e.shape = saysUndelivered(words), isMachineMade(words, original, leaves)
	if !e.convincing() {
		return ""
	}
	if kind := m.readWrapped(leaves); kind != "" {
		return kind
	}
	kind, action := KindBounce, "failed"
	if saysDelayed(m.Subject + "\n" + words) {
		kind, action = KindDelay, "delayed"
	}
	m.Report = &Report{OriginalMessageID: firstOf(returnedID(leaves), idIn(original))}
	for _, r := range m.failedAddresses(m.Header.Get("X-Failed-Recipients"), words, original) {
		r.Action = action
		r.complete()
		m.Report.Recipients = append(m.Report.Recipients, r)
	}
	return kind
}

func (m *Message) evidence(leaves []leaf) (e evidence) {
	subject := strings.ToLower(m.Subject)
	path := strings.ToLower(m.path)
	e.threaded, e.answers = isThreaded(subject), !m.isUnthreaded()
	e.daemon = isDaemon(m.From)
	if local, _, _ := strings.Cut(strings.ToLower(m.From.Address), "@"); local == "postmaster" && e.threaded {
		e.daemon = false // postmasters are people too, and answer
	}
	e.null = path == "<>" || strings.HasPrefix(path, "<mailer-daemon") || m.From.Address == "" && strings.Contains(m.Header.Get("From"), "<>")
	e.subject = !e.threaded && (e.daemon && containsAny(subject, bounceSubjects) || opensLikeBounce(subject))
	e.failed = m.Header.has("X-Failed-Recipients")
	e.report = hasStatus(leaves) || m.isReport() && (e.daemon || e.null || e.subject)
	return e
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
		if leaves[i].isStatus() {
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

// isThreaded knows the prefixes of answers and forwarded letters.
func isThreaded(lower string) bool {
	return startsWithAny(lower, []string{"re:", "re :", "re[", "aw:", "sv:", "antw:", "odp:", "vs:", "ynt:", "fw:", "fwd:", "wg:", "tr:", "rv:", "回复:", "回复：", "答复:", "答复：", "回覆:"})
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
