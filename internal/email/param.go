package email

import (
	"slices"
	"strconv"
	"strings"
)

// mediaType is a Content-Type or Content-Disposition: its lower-case word and its parameters.
type mediaType struct {
	name   string
	params []param
}

type param struct{ name, value string } // name in lower case, RFC 2231 stars still on

// parseMedia reads a value as the world writes it: unquoted values with spaces, quotes never closed, doubled or missing
// semicolons, comments. The first of two parameters with one name wins.
func parseMedia(v string) mediaType {
	v = strings.TrimLeft(strings.Trim(v, " \t\r\n"), `"`)
	if n := len("content-type:"); len(v) > n && strings.EqualFold(v[:n], "content-type:") {
		v = strings.TrimLeft(v[n:], " \t") // the field's name, written twice
	}
	i := strings.IndexAny(v, "; \t(,\"")
	if i < 0 {
		return mediaType{name: strings.ToLower(v)}
	}
	m := mediaType{name: v[:i]}
	rest := v[i:]
	// "image / jpeg": white space around the slash
	if t := strings.TrimLeft(rest, " \t"); strings.HasPrefix(t, "/") || strings.HasSuffix(m.name, "/") {
		t = strings.TrimLeft(strings.TrimPrefix(t, "/"), " \t")
		end := strings.IndexAny(t, "; \t(")
		if end < 0 {
			end = len(t)
		}
		m.name, rest = strings.TrimSuffix(m.name, "/")+"/"+t[:end], t[end:]
	}
	m.name = strings.ToLower(m.name)
	for rest != "" && len(m.params) < MaxFields {
		var p param
		if p, rest = nextParam(rest); p.name != "" {
			m.params = append(m.params, p)
		}
	}
	return m
}

// nextParam takes one name=value off s.
func nextParam(s string) (p param, rest string) {
	s = strings.TrimLeft(s, "; \t\r\n")
	if strings.HasPrefix(s, "(") {
		if _, after, ok := strings.Cut(s, ")"); ok {
			return p, after
		}
		return p, ""
	}
	i := strings.IndexAny(s, "=;")
	if i < 0 {
		return p, ""
	}
	if s[i] == ';' {
		return p, s[i+1:]
	}
	name := strings.TrimSpace(s[:i])
	if j := strings.LastIndexAny(name, " \t"); j >= 0 {
		name = name[j+1:] // junk before the name
	}
	p.name = strings.ToLower(name)
	s = strings.TrimLeft(s[i+1:], " \t\r\n")
	if strings.HasPrefix(s, `"`) {
		p.value, rest = quotedParam(s[1:])
		return p, rest
	}
	value, rest, _ := strings.Cut(s, ";")
	if k := nextAssignment(value); k >= 0 {
		value, rest = s[:k], s[k:] // the semicolon was forgotten
	}
	if k := strings.Index(value, " ("); k > 0 && strings.HasSuffix(strings.TrimSpace(value), ")") && !strings.HasPrefix(p.name, "file") {
		value = value[:k]
	}
	p.value = strings.Trim(value, " \t\r\n'\"")
	return p, rest
}

// quotedParam reads up to the closing quotation mark. Only \" and \\ are escapes: Windows paths are not.
func quotedParam(s string) (value, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		case s[i] == '"':
			return b.String(), s[i+1:]
		}
		b.WriteByte(s[i])
	}
	// Never closed: the value ends where the next parameter must have begun.
	value, rest, _ = strings.Cut(s, ";")
	return value, rest
}

// nextAssignment finds " name=" of a known parameter within an unquoted value; -1 when there is none.
func nextAssignment(v string) int {
	v = lowerASCII(v[:min(len(v), maxNameBytes*4)])
	for _, name := range []string{"charset=", "name=", "filename=", "boundary=", "format=", "size="} {
		for _, sep := range []string{" ", "\t"} {
			if k := strings.Index(v, sep+name); k > 0 {
				return k
			}
		}
	}
	return -1
}

// lowerASCII keeps every byte in its place, which strings.ToLower does not where s is not UTF-8.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// get is a parameter as written; use text for what may be RFC 2231.
func (m mediaType) get(name string) string {
	for _, p := range m.params {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

// text is a parameter meant for people: RFC 2231 first (M-06: filename* before filename), then RFC 2047 where it does
// not belong but stands all the same.
func (m mediaType) text(name string) string {
	if v, ok := m.extended(name); ok {
		return v
	}
	v := m.get(name)
	if strings.Contains(v, "=?") {
		v = decodeWords(v)
	}
	return v
}

// piece is one of name*0, name*1*, …
type piece struct {
	n       int
	encoded bool
	value   string
}

// pieces gathers name*, name*0, name*1*, … in the order of their numbers, each number once.
func (m mediaType) pieces(name string) []piece {
	var all []piece
	for _, p := range m.params {
		rest, ok := strings.CutPrefix(p.name, name+"*")
		if !ok {
			continue
		}
		num, encoded := strings.CutSuffix(rest, "*")
		if rest == "" {
			num, encoded = "0", true
		}
		if n, err := strconv.Atoi(num); err == nil && n >= 0 {
			all = append(all, piece{n, encoded, p.value})
		}
	}
	slices.SortStableFunc(all, func(a, b piece) int { return a.n - b.n })
	return slices.CompactFunc(all, func(a, b piece) bool { return a.n == b.n })
}

// extended puts the pieces together (RFC 2231 3 and 4). The charset stands in the first encoded one, wherever that is.
func (m mediaType) extended(name string) (string, bool) {
	pieces := m.pieces(name)
	if len(pieces) == 0 {
		return "", false
	}
	charset, raw, anyEncoded := "", []byte(nil), false
	for _, p := range pieces {
		if !p.encoded {
			raw = append(raw, p.value...)
			continue
		}
		if q := strings.SplitN(p.value, "'", 3); len(q) == 3 && !anyEncoded {
			charset, p.value = q[0], q[2]
		}
		anyEncoded = true
		raw = append(raw, unpercent(p.value)...)
	}
	if s := string(raw); !anyEncoded && strings.Contains(s, "=?") {
		return decodeWords(s), true
	}
	return decodeCharset(raw, charset), true
}

// unpercent is RFC 2231 4; a broken escape stays as it is.
func unpercent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		} else {
			out = append(out, s[i])
		}
	}
	return out
}
