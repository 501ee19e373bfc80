package desk

import (
	"bytes"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"unicode"
)

// Mention finds a person in texts, by their addresses and names, and puts a pseudonym there. It knows words, not meaning: who is spoken of
// without being named is not found.
type Mention struct {
	known []known
	by    string
	cut   [][]rune // of which a text that was cut may hold the beginning
}

// known is one way to write an address or a name, and where it counts as that.
type known struct {
	text []rune
	fits func(in []rune, start, end int) bool
}

// NewMention knows addresses and names, each also as HTML and addresses of the web write it, and names turned around: "Vendor, Bob".
func NewMention(addresses, names []string, by string) *Mention {
	m := &Mention{by: by}
	for _, a := range addresses {
		m.add(a, wholeAddress)
		m.add(strings.Replace(a, "@", "%40", 1), anywhere)
		m.cut = append(m.cut, []rune(a))
	}
	for _, name := range names {
		if name = oneSpaced(name); name == "" {
			continue
		}
		m.add(name, wholeWord)
		if escaped := html.EscapeString(name); escaped != name {
			m.add(escaped, wholeWord)
		}
		for _, escape := range []func(string) string{url.QueryEscape, url.PathEscape} {
			if escaped := escape(name); escaped != name {
				m.add(escaped, anywhere)
			}
		}
		if first, last, two := strings.Cut(name, " "); two && !strings.Contains(last, " ") {
			m.add(last+", "+first, wholeWord)
		}
		m.cut = append(m.cut, []rune(name))
	}
	return m
}

func (m *Mention) add(text string, fits func([]rune, int, int) bool) {
	m.known = append(m.known, known{[]rune(text), fits})
}

func anywhere([]rune, int, int) bool { return true }

func wholeWord(in []rune, start, end int) bool {
	return !goesOn(in, start-1, start) && !goesOn(in, end, end-1)
}

// wholeAddress keeps jimbob@ext.test and bob@ext.test.example, who are others.
func wholeAddress(in []rune, start, end int) bool {
	if start > 0 && isAtom(in[start-1]) && in[start-1] != '.' {
		return false
	}
	if end < len(in) && (in[end] == '-' || unicode.IsLetter(in[end]) || unicode.IsDigit(in[end])) {
		return false
	}
	return end+1 >= len(in) || in[end] != '.' || !unicode.IsLetter(in[end+1]) && !unicode.IsDigit(in[end+1])
}

// isAtom tells the characters that an address may have before its @ and that people write next to one only as a part of it.
func isAtom(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._+-", r)
}

// In tells whether a text names the person.
func (m *Mention) In(text string) bool { return m.Erase(text) != text }

// InMarkup is In for a text that may be HTML, where tags can stand within a name.
func (m *Mention) InMarkup(text string) bool {
	return m.In(text) || strings.Contains(text, "<") && m.In(html.UnescapeString(withoutTags(text)))
}

// Erase puts the pseudonym wherever a text names the person, whatever the case, and however the name is broken across lines.
func (m *Mention) Erase(text string) string {
	for _, k := range m.known {
		text = replaced(text, k.text, m.by, k.fits)
	}
	if rest, cut := strings.CutSuffix(text, "…"); cut {
		text = m.withoutTail(rest) + "…"
	}
	return text
}

// shortestTail is how much of a name or address at the end of a text that was cut is taken for theirs.
const shortestTail = 4

// withoutTail blanks the beginning of a name or address with which a text ends.
func (m *Mention) withoutTail(text string) string {
	in := []rune(text)
	for _, what := range m.cut {
		for n := min(len(what)-1, len(in)); n >= shortestTail; n-- {
			if start := len(in) - n; sameRunes(in[start:], what[:n]) && !goesOn(in, start-1, start) {
				return string(in[:start]) + m.by
			}
		}
	}
	return text
}

// EraseJSON does the same in every text of a JSON value, for facts that are kept as JSON.
func (m *Mention) EraseJSON(raw string) string {
	if raw == "" || raw == "null" {
		return raw
	}
	d := json.NewDecoder(strings.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return m.Erase(raw)
	}
	changed := false
	v = eachText(v, func(s string) string {
		e := m.Erase(s)
		changed = changed || e != s
		return e
	})
	if !changed {
		return raw
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return "null"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func eachText(v any, change func(string) string) any {
	switch v := v.(type) {
	case string:
		return change(v)
	case []any:
		for i := range v {
			v[i] = eachText(v[i], change)
		}
	case map[string]any:
		for key := range v {
			v[key] = eachText(v[key], change)
		}
	}
	return v
}

// EraseHTML does the same in cleaned HTML. Where a name is still there when the tags are taken away, it is spread over them: then the markup
// goes, since the text of a message is kept beside it.
func (m *Mention) EraseHTML(markup string) string {
	if markup = m.Erase(markup); m.In(html.UnescapeString(withoutTags(markup))) {
		return ""
	}
	return markup
}

// withoutTags reads markup of ours, in which < begins a tag and nothing else.
func withoutTags(markup string) string {
	var b strings.Builder
	for markup != "" {
		text, rest, _ := strings.Cut(markup, "<")
		b.WriteString(text)
		_, markup, _ = strings.Cut(rest, ">")
	}
	return b.String()
}

// replaced puts by wherever text says what, in whatever case, and it fits there.
func replaced(text string, what []rune, by string, fits func(in []rune, start, end int) bool) string {
	if len(what) == 0 || !maySay(text, what) {
		return text
	}
	in := []rune(text)
	var b strings.Builder
	kept := 0
	for i := 0; i < len(in); {
		end, same := saysAt(in, i, what)
		if !same || !fits(in, i, end) {
			i++
			continue
		}
		b.WriteString(string(in[kept:i]))
		b.WriteString(by)
		i, kept = end, end
	}
	if kept == 0 {
		return text
	}
	b.WriteString(string(in[kept:]))
	return b.String()
}

// maySay is a quick look that spares nearly all texts the slow one: the longest word of what is ASCII must be somewhere, whatever its
// case. Letters that fold to ASCII from elsewhere (ſ, the Kelvin sign, the Turkish two) are left to the slow look.
func maySay(text string, what []rune) bool {
	longest := ""
	for _, word := range strings.Fields(string(what)) {
		if len(word) > len(longest) && strings.IndexFunc(word, func(r rune) bool { return r > unicode.MaxASCII }) < 0 {
			longest = word
		}
	}
	return strings.Contains(asciiLower(text), asciiLower(longest)) || strings.ContainsAny(text, "ſ\u212aİı")
}

// saysAt tells whether in says what at i, and where that ends. A space stands for any white space, quoting marks after a line's end too.
func saysAt(in []rune, i int, what []rune) (end int, same bool) {
	for _, w := range what {
		if w == ' ' {
			from := i
			for i < len(in) && (unicode.IsSpace(in[i]) || in[i] == '>' && i > from) {
				i++
			}
			if i == from {
				return 0, false
			}
			continue
		}
		if i >= len(in) || in[i] != w && folded(in[i]) != folded(w) {
			return 0, false
		}
		i++
	}
	return i, true
}
