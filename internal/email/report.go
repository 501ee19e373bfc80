package email

import "strings"

// readReport reads the machine's parts of a report. Its answer is "" when the letter has none that says of whom it is.
func (m *Message) readReport(leaves []leaf) Kind {
	r := &Report{OriginalMessageID: returnedID(leaves)}
	kind := Kind("")
	for i := range leaves {
		l := &leaves[i]
		switch {
		case l.husk:
		case l.isStatus():
			r.Recipients = append(r.Recipients, deliveryStatus(l.groups())...)
			kind = r.kind()
		case l.media.name == "message/disposition-notification" || l.media.name == "message/global-disposition-notification":
			r.disposition(l.groups())
			kind = KindReceipt
		case l.media.name == "message/feedback-report":
			r.feedback(l.groups())
			kind = KindComplaint
		}
	}
	if kind == "" {
		kind = m.claimedReport()
	}
	if kind != "" {
		m.Report = r
	}
	return kind
}

// isStatus knows message/delivery-status, its RFC 6533 form and the x- names of old mailers.
func (l *leaf) isStatus() bool {
	return strings.HasPrefix(l.media.name, "message/") && strings.HasSuffix(l.media.name, "delivery-status") && !l.husk
}

// claimedReport believes the letter's own Content-Type where the machine's part is missing; a delivery report is left
// to the prose. The second test is Microsoft's complaint, which is older than RFC 5965.
func (m *Message) claimedReport() Kind {
	t := parseMedia(m.Header.Get("Content-Type"))
	kind := strings.ToLower(t.get("report-type"))
	switch {
	case t.name == "multipart/report" && kind == "feedback-report":
		return KindComplaint
	case t.name == "multipart/report" && kind == "disposition-notification":
		return KindReceipt
	case strings.HasPrefix(strings.ToLower(m.Subject), "complaint about message from ") && strings.HasPrefix(strings.ToLower(m.From.Address), "staff@"):
		return KindComplaint
	}
	return ""
}

// groups are the blocks of fields of a report, separated by blank lines (RFC 3464 2.1).
func (l *leaf) groups() []*Header {
	data, _ := decodeTransfer(l.body, l.header.Get("Content-Transfer-Encoding"))
	var all []*Header
	for s := textLines(decodeCharset(data, "")); s != "" && len(all) < maxRecipients; {
		h, used, _, err := looseHeader(s, nil)
		if err != nil || used == 0 {
			break
		}
		s = strings.TrimLeft(s[used:], "\r\n")
		if len(h.fields) > 0 {
			all = append(all, h)
		}
	}
	return all
}

// deliveryStatus reads RFC 3464: one group a recipient. Original-Recipient is the address we wrote to, so it comes first.
func deliveryStatus(groups []*Header) []ReportRecipient {
	var all []ReportRecipient
	for _, h := range groups {
		addr := typedAddress(h.Get("Original-Recipient"))
		if !strings.Contains(addr, "@") {
			addr = firstOf(typedAddress(h.Get("Final-Recipient")), addr)
		}
		action := actionWord(h.Get("Action"))
		status := statusCode(h.Get("Status"))
		if addr == "" && action == "" {
			continue // the group about the whole message
		}
		r := ReportRecipient{Address: addr, Action: action, Status: status, Diagnostic: diagnostic(afterType(h.Get("Diagnostic-Code")))}
		r.complete()
		all = append(all, r)
	}
	return all
}

// actionWord is one of RFC 3464 2.3.3's words, also for those who write "failure" or "Delayed (still trying)".
func actionWord(v string) string {
	v = strings.ToLower(v)
	for _, w := range []struct{ prefix, word string }{{"fail", "failed"}, {"delay", "delayed"}, {"deliver", "delivered"}, {"relay", "relayed"}, {"expand", "expanded"}} {
		if strings.HasPrefix(v, w.prefix) {
			return w.word
		}
	}
	return ""
}

// complete works out what a recipient's fields leave unsaid.
func (r *ReportRecipient) complete() {
	if r.Status == "" || strings.HasSuffix(r.Status, ".0.0") {
		if s := statusCode(r.Diagnostic); s != "" {
			r.Status = s
		}
	}
	if r.Action == "" {
		switch {
		case strings.HasPrefix(r.Status, "4"):
			r.Action = "delayed"
		case strings.HasPrefix(r.Status, "2"):
			r.Action = "delivered"
		default:
			r.Action = "failed"
		}
	}
	r.Hard = r.Action == "failed" && isHard(r.Status, r.Diagnostic)
}

// kind is the worst that the report says of any recipient.
func (r *Report) kind() Kind {
	kind := KindReceipt
	for _, p := range r.Recipients {
		switch p.Action {
		case "failed":
			return KindBounce
		case "delayed":
			kind = KindDelay
		}
	}
	if len(r.Recipients) == 0 {
		return "" // the prose beside it must say
	}
	return kind
}

// disposition reads RFC 8098.
func (r *Report) disposition(groups []*Header) {
	for _, h := range groups {
		if d := h.Get("Disposition"); d != "" {
			_, what, _ := strings.Cut(d, ";")
			r.Recipients = append(r.Recipients, ReportRecipient{
				Address: firstOf(typedAddress(h.Get("Original-Recipient")), typedAddress(h.Get("Final-Recipient"))),
				Action:  strings.ToLower(cleanValue(what)),
			})
			r.OriginalMessageID = firstOf(firstID(h.Get("Original-Message-ID")), r.OriginalMessageID)
		}
	}
}

// feedback reads RFC 5965.
func (r *Report) feedback(groups []*Header) {
	for _, h := range groups {
		for _, v := range append(h.Values("Original-Rcpt-To"), h.Values("Removal-Recipient")...) {
			r.Recipients = append(r.Recipients, ReportRecipient{Address: typedAddress(v), Action: "complained", Diagnostic: diagnostic(h.Get("Feedback-Type")), Hard: true})
		}
	}
}

// returnedID finds the Message-ID in the returned letter or its header.
func returnedID(leaves []leaf) string {
	for i := range leaves {
		switch l := &leaves[i]; l.media.name {
		case "message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "message/global-headers":
			data, _ := decodeTransfer(l.body, l.header.Get("Content-Transfer-Encoding"))
			data = data[:min(len(data), MaxHeaderBytes)]
			if h, _, _, err := looseHeader(strings.TrimLeft(string(data), "\r\n"), nil); err == nil && h.has("Message-ID") {
				return firstID(h.Get("Message-ID"))
			}
		}
	}
	return ""
}

// typedAddress drops the address type: "rfc822; bob@ext.test", also without it and in angle brackets.
func typedAddress(v string) string {
	a := strings.Trim(afterType(v), " \t\"'")
	if i := strings.LastIndexByte(a, '<'); i >= 0 {
		a, _, _ = strings.Cut(a[i+1:], ">")
	}
	return looseSpec(a)
}

func afterType(v string) string {
	if kind, rest, ok := strings.Cut(v, ";"); ok && !strings.ContainsAny(strings.TrimSpace(kind), " @") {
		return strings.TrimSpace(rest)
	}
	return v
}

// diagnostic is a far server's words on one line, cut where they stop being useful (W-06).
func diagnostic(v string) string { return cutRunes(cleanValue(v), maxDiagnostic) }

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
