package email

import (
	"errors"
	"strings"
	"unicode/utf8"
)

var (
	errNoAddress  = errors.New("it holds no address")
	errManyOrNone = errors.New("it holds more than one address, or a group")
	errGrammar    = errors.New("it is not written as an address")
)

// oneAddress reads one RFC 5322 mailbox and nothing else. Groups, routes, lists, addresses inside encoded words and
// text after the address are errors, because readers disagree about them.
func oneAddress(s string) (Address, error) {
	if !utf8.ValidString(s) {
		return Address{}, errors.New("it is not valid UTF-8")
	}
	open := angle(s)
	if open < 0 {
		bare, comment, err := stripComments(s)
		if err != nil {
			return Address{}, err
		}
		spec, err := addrSpec(bare)
		return Address{Name: decodeValue(comment), Address: spec}, err
	}
	inner, after, ok := strings.Cut(s[open+1:], ">")
	if after, _, err := stripComments(after); !ok || err != nil || after != "" {
		return Address{}, errManyOrNone
	}
	spec, err := addrSpec(strings.Trim(inner, " \t"))
	if err != nil {
		return Address{}, err
	}
	name, err := phrase(s[:open], spec)
	return Address{Name: name, Address: spec}, err
}

// angle finds the first < outside quoted strings and comments; -1 when there is none.
func angle(s string) int {
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && (quoted || depth > 0):
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
		case c == '(' && !quoted:
			depth++
		case c == ')' && !quoted && depth > 0:
			depth--
		case c == '<' && !quoted && depth == 0:
			return i
		}
	}
	return -1
}

// stripComments removes RFC 5322 comments and the white space around them; the last one is often a name.
func stripComments(s string) (bare, comment string, err error) {
	var b, c strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		ch := s[i]
		switch {
		case ch == '\\' && (quoted || depth > 0) && i+1 < len(s):
			if i++; depth > 0 {
				c.WriteByte(s[i])
			} else {
				b.WriteString(s[i-1 : i+1])
			}
			continue
		case ch == '"' && depth == 0:
			quoted = !quoted
		case ch == '(' && !quoted:
			if depth++; depth == 1 {
				c.Reset()
				continue
			}
		case ch == ')' && !quoted:
			if depth--; depth < 0 {
				return "", "", errGrammar
			}
			if depth == 0 {
				continue
			}
		}
		if depth > 0 {
			c.WriteByte(ch)
		} else {
			b.WriteByte(ch)
		}
	}
	if quoted || depth != 0 {
		return "", "", errGrammar
	}
	return strings.Trim(b.String(), " \t"), c.String(), nil
}

// addrSpec is local "@" domain without white space. An address literal is refused: no person writes from one, and
// the public suffix list would take its last numbers for an organisation (D8, A-07).
func addrSpec(s string) (string, error) {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return "", errNoAddress
	}
	local, domain := s[:at], s[at+1:]
	if local == "" || domain == "" || strings.ContainsAny(domain, " \t[]\"\\(),:;<>") {
		return "", errGrammar
	}
	if local[0] == '"' {
		if !isQuotedString(local) || strings.ContainsAny(local, "<>") { // legal, and written by nobody but those who try readers out
			return "", errGrammar
		}
	} else if strings.ContainsAny(local, "@,:;<>") {
		return "", errManyOrNone
	} else if !isWideDotAtom(local) {
		return "", errGrammar
	}
	ascii, err := asciiDomain(strings.TrimSuffix(domain, "."))
	if err != nil || !isLDH(ascii) {
		return "", errors.New("its domain is not a domain name")
	}
	return local + "@" + ascii, nil
}

// phrase is the display name. An unquoted address in it is forgiven only when it is the very one that follows.
func phrase(s, spec string) (string, error) {
	if p := strings.Trim(s, " \t"); strings.EqualFold(p, spec) {
		return cleanValue(p), nil
	}
	bare, _, err := stripComments(s)
	if err != nil {
		return "", err
	}
	quoted := false
	for i := 0; i < len(bare); i++ {
		if strings.HasPrefix(bare[i:], "=?") && !quoted {
			if _, n, ok := readWord(bare[i:]); ok && !strings.ContainsAny(bare[i:i+n], "@<>") {
				i += n - 1 // sloppy mailers leave commas and colons in encoded words
				continue
			}
		}
		switch c := bare[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && strings.IndexByte(",;:@<>", c) >= 0:
			return "", errManyOrNone
		}
	}
	return displayName(bare), nil
}

// isWideDotAtom is a dot-atom that may hold letters above ASCII (RFC 6532), but no control or bidi character.
func isWideDotAtom(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isAtext(c) && (c != '.' || i == 0 || i == len(s)-1 || s[i-1] == '.') {
			return false
		}
	}
	return cleanValue(s) == s
}

// isQuotedString is RFC 5322 3.2.4, printable ASCII only.
func isQuotedString(s string) bool {
	if len(s) < 2 || s[len(s)-1] != '"' || !isPlain(s) {
		return false
	}
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '"' {
			return false
		}
		if s[i] == '\\' {
			if i++; i == len(s)-1 {
				return false
			}
		}
	}
	return true
}

// isLDH is a domain of letters, digits, hyphens and, since RFC 5322 lets them stand, underscores. One label is enough
// here: localhost writes letters too, it just never aligns with anything.
func isLDH(d string) bool {
	d = strings.ReplaceAll(d, "_", "x")
	return isHostName(d) || !strings.Contains(d, ".") && isHostName(d+".x")
}
