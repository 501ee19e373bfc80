package email

import "strings"

// addressList reads To, Cc and the like as forgivingly as it can: groups are opened, comments are names, what cannot
// be an address is kept as a name. One pass, no recursion (M-15).
func addressList(s string) []Address {
	var list []Address
	var m mailbox
	unclosed := len(s)
	for i := 0; i < len(s) && len(list) < maxAddresses; i++ {
		switch c := s[i]; c {
		case '"':
			if i >= unclosed {
				m.words.WriteByte(c)
			} else if end := m.quoted(s, i); end > i {
				i = end
			} else {
				unclosed = i // nothing behind it closes either: ask once only
			}
		case '(':
			i = m.commented(s, i)
		case '<':
			i = m.angled(s, i)
		case '=': // a comma or colon within an encoded word is part of it
			i = m.encoded(s, i)
		case '>':
			if !m.angle {
				m.words.WriteByte(c)
			}
		case ',', ';':
			list = m.flush(list)
		case ':':
			if m.spec == "" && !m.at {
				m = mailbox{} // the name of a group
			} else {
				m.words.WriteByte(c)
			}
		default:
			m.at = m.at || c == '@'
			m.words.WriteByte(c)
		}
	}
	return m.flush(list)
}

// mailbox gathers one address of a list.
type mailbox struct {
	words         strings.Builder // the display name, or the bare address
	comment, spec string
	angle, at     bool // an angle address, a bare @ was seen
}

// quoted takes the quoted string at i and returns where it ends. Without an end, the quotation mark is a letter.
func (m *mailbox) quoted(s string, i int) int {
	for j := i + 1; j < len(s); j++ {
		if s[j] == '\\' {
			j++
		} else if s[j] == '"' {
			m.words.WriteString(s[i : j+1])
			return j
		}
	}
	return i
}

// encoded takes the encoded word at i as it is, or only the = when there is none.
func (m *mailbox) encoded(s string, i int) int {
	used := 1
	if strings.HasPrefix(s[i:], "=?") {
		if _, n, ok := readWord(s[i:]); ok {
			used = n
		}
	}
	m.words.WriteString(s[i : i+used])
	return i + used - 1
}

// commented takes the nested comment at i; without an end, the rest is comment.
func (m *mailbox) commented(s string, i int) int {
	depth, j := 0, i
	for ; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			break
		}
	}
	m.comment = unquotePairs(strings.Trim(s[i+1:max(i+1, min(j, len(s)))], " "))
	return j
}

// angled takes <...> at i. A second < before the > begins anew: "<<a@b>>" and "<a <b@c>" hold one address.
func (m *mailbox) angled(s string, i int) int {
	end := strings.IndexAny(s[i+1:], "<>")
	if end >= 0 && s[i+1+end] == '<' {
		return i
	}
	if end < 0 {
		if end = strings.IndexAny(s[i+1:], ",;"); end < 0 {
			end = len(s) - i - 1
		}
		end-- // the comma itself ends the mailbox
		m.setSpec(s[i+1 : i+2+end])
		return i + 1 + end
	}
	m.setSpec(s[i+1 : i+1+end])
	return i + 1 + end
}

func (m *mailbox) setSpec(s string) {
	if !m.angle {
		m.angle, m.spec = true, looseSpec(s)
	}
}

// flush adds what was gathered to the list and begins anew.
func (m *mailbox) flush(list []Address) []Address {
	words := strings.Trim(m.words.String(), " \t")
	a := Address{Address: m.spec}
	if m.angle {
		a.Name = displayName(words)
	} else {
		a.Name, a.Address = bareAddress(words)
	}
	if a.Name == "" && m.comment != "" {
		a.Name = decodeValue(m.comment)
	}
	*m = mailbox{}
	if a == (Address{}) {
		return list
	}
	return append(list, a)
}

// displayName undoes quoted strings and encoded words.
func displayName(s string) string {
	if !strings.Contains(s, `"`) {
		return decodeValue(s)
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			continue
		}
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return decodeValue(b.String())
}

// bareAddress finds the address in words without angle brackets; the other words are its name.
func bareAddress(words string) (name, spec string) {
	if words == "" {
		return "", ""
	}
	if !strings.Contains(words, "@") {
		if strings.ContainsAny(words, " \"=") {
			return displayName(words), ""
		}
		return "", looseSpec(words) // a local user
	}
	if words[0] == '"' && strings.Contains(words, `"@`) {
		return "", looseSpec(words)
	}
	var rest []string
	for _, w := range joinSpec(strings.Fields(words)) {
		if spec == "" && strings.Contains(w, "@") && !strings.HasPrefix(w, "=?") {
			spec = looseSpec(strings.Trim(w, `"'[]`))
		} else {
			rest = append(rest, w)
		}
	}
	return displayName(strings.Join(rest, " ")), spec
}

// joinSpec undoes the white space that RFC 5322 4.4 once allowed around the dots and the @ of an address.
func joinSpec(words []string) []string {
	var out []string
	for i, w := range words {
		if i > 0 && (strings.IndexByte(".@", w[0]) >= 0 || strings.HasSuffix(words[i-1], "@") || strings.HasSuffix(words[i-1], ".") && strings.Contains(out[len(out)-1], "@")) {
			out[len(out)-1] += w
		} else {
			out = append(out, w)
		}
	}
	return out
}

// looseSpec cleans an addr-spec: the route and a mailto: go, white space goes, the domain becomes lower-case ASCII.
func looseSpec(s string) string {
	s = strings.Trim(s, " \t'")
	if strings.HasPrefix(s, "@") { // RFC 5322 4.4 obs-route
		if _, after, ok := strings.Cut(s, ":"); ok {
			s = after
		}
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if strings.IndexByte(s, '"') != 0 {
		if bare, _, err := stripComments(s); err == nil {
			s = strings.Join(strings.Fields(bare), "")
		}
	}
	s = cleanValue(s)
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return s
	}
	if d, err := asciiDomain(s[at+1:]); err == nil {
		return s[:at+1] + d
	}
	return s
}
