package email

import "strings"

// looseHeader reads a header block as the world writes them, from the start of s to the blank line or the line at which
// the body must have begun. It returns what it used of s, and whether junk was met. stop tells a boundary line, which
// ends any header; nil means there is none. The error is *TooComplex.
func looseHeader(s string, stop func(line string) bool) (h *Header, used int, junk bool, err error) {
	h = &Header{}
	start, lastField, pos := 0, -1, 0
	for pos < len(s) {
		line, next := cutLine(s, pos)
		if line == "" {
			pos = next
			break
		}
		if stop != nil && stop(line) {
			break
		}
		if next > MaxHeaderBytes || len(h.fields) == MaxFields && !isSpace(line[0]) {
			return nil, 0, junk, &TooComplex{"The header of this message is too large."}
		}
		end := pos + len(line)
		if name, skip, ok := looseName(line); ok {
			start = pos + skip
			h.fields = append(h.fields, field{name, s[start:end]})
		} else if isSpace(line[0]) && len(h.fields) > 0 {
			h.fields[len(h.fields)-1].value = s[start:end]
		} else if pos > 0 || !isFromLine(line) { // an mbox separator is no defect
			if strings.HasPrefix(line, "--") && h.opensFirstPart(line) {
				break
			}
			junk = true
			if lastField < 0 {
				lastField = lastKnownField(s, next, stop)
			}
			if lastField <= pos {
				break // nothing below is a header any more: the blank line was forgotten
			}
			if len(h.fields) > 0 && wantsMore(h.fields[len(h.fields)-1].value) {
				h.fields[len(h.fields)-1].value = s[start:end] // wrapped without its indentation
			}
		}
		pos = next
	}
	return h, pos, junk, nil
}

// opensFirstPart says that a line is the boundary this very header declares: its blank line was forgotten. The boundary
// is worked out once for the fields there are, however many lines ask.
func (h *Header) opensFirstPart(line string) bool {
	if h.boundaryOf != len(h.fields) {
		h.boundaryOf, h.boundary = len(h.fields), parseMedia(h.Get("Content-Type")).get("boundary")
	}
	return h.boundary != "" && strings.TrimRight(line[2:], " \t") == h.boundary
}

// looseName reads "Name:" and "Name :"; skip is where the value begins.
func looseName(line string) (name string, skip int, ok bool) {
	colon := strings.IndexByte(line, ':')
	if colon <= 0 {
		return "", 0, false
	}
	name = strings.TrimRight(line[:colon], " \t")
	return name, colon + 1, isLooseName(name)
}

// isLooseName also takes letters above ASCII: some mailers write field names in their own language.
func isLooseName(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] == 127 {
			return false
		}
	}
	return s != ""
}

// lastKnownField says where, between from and the blank line, the last line stands that is a header field beyond
// doubt; 0 when there is none. It looks at most one header's length ahead and is asked once per header.
func lastKnownField(s string, from int, stop func(string) bool) int {
	last, limit := 0, from+MaxHeaderBytes
	for pos := from; pos < len(s) && pos < limit; {
		line, next := cutLine(s, pos)
		if line == "" || stop != nil && stop(line) {
			break
		}
		if name, _, ok := looseName(line); ok && isKnownField(name) {
			last = pos
		}
		pos = next
	}
	return last
}

// isKnownField holds the names that prose does not begin a line with.
func isKnownField(name string) bool {
	switch n := strings.ToLower(name); n {
	case "from", "to", "cc", "subject", "date", "message-id", "mime-version", "received", "return-path", "reply-to", "sender",
		"references", "in-reply-to", "dkim-signature", "delivered-to", "auto-submitted", "precedence", "authentication-results":
		return true
	default:
		return strings.HasPrefix(n, "content-") || strings.HasPrefix(n, "x-") || strings.HasPrefix(n, "list-") || strings.HasPrefix(n, "arc-")
	}
}

// wantsMore says that a value is visibly unfinished: an open quotation mark, or a list that goes on.
func wantsMore(value string) bool {
	if len(value) > maxValueBytes {
		return false
	}
	v := strings.TrimRight(value, " \t\r\n")
	return strings.HasSuffix(v, ";") || strings.HasSuffix(v, ",") || strings.Count(v, `"`)%2 == 1
}

// isFromLine knows the separator of mbox files, also as some relays quote it.
func isFromLine(line string) bool {
	return strings.HasPrefix(line, "From ") || strings.HasPrefix(line, ">From ")
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }
