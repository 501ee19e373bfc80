package email

import "strings"

// readReport reads the machine's part of a multipart/report. Its answer is "" when the letter has none.
func (m *Message) readReport(leaves []leaf) Kind {
	for i := range leaves {
		l := &leaves[i]
		if l.husk {
			continue
		}
		switch l.media.name {
		case "message/delivery-status", "message/global-delivery-status":
			m.Report = &Report{Recipients: deliveryStatus(l.groups())}
			m.Report.OriginalMessageID = returnedID(leaves)
			return m.Report.kind()
		case "message/disposition-notification", "message/global-disposition-notification":
			m.Report = disposition(l.groups())
			return KindReceipt
		case "message/feedback-report":
			m.Report = feedback(l.groups())
			m.Report.OriginalMessageID = returnedID(leaves)
			return KindComplaint
		}
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
		action := strings.ToLower(h.Get("Action"))
		if i := strings.IndexAny(action, " (;"); i > 0 {
			action = action[:i]
		}
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
		return KindBounce // a report that says nothing of anyone is not good news
	}
	return kind
}

// disposition reads RFC 8098.
func disposition(groups []*Header) *Report {
	r := &Report{}
	for _, h := range groups {
		if d := h.Get("Disposition"); d != "" {
			_, what, _ := strings.Cut(d, ";")
			r.Recipients = append(r.Recipients, ReportRecipient{
				Address: firstOf(typedAddress(h.Get("Original-Recipient")), typedAddress(h.Get("Final-Recipient"))),
				Action:  strings.ToLower(cleanValue(what)),
			})
			r.OriginalMessageID = firstID(h.Get("Original-Message-ID"))
		}
	}
	return r
}

// feedback reads RFC 5965.
func feedback(groups []*Header) *Report {
	r := &Report{}
	for _, h := range groups {
		for _, v := range append(h.Values("Original-Rcpt-To"), h.Values("Removal-Recipient")...) {
			r.Recipients = append(r.Recipients, ReportRecipient{Address: typedAddress(v), Action: "complained", Diagnostic: diagnostic(h.Get("Feedback-Type")), Hard: true})
		}
	}
	return r
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
