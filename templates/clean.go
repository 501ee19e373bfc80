package templates

import (
	"strings"
	"unicode"
)

// line makes s one clean line: no control or format characters (so no line break forges a header-like line in a text part and no
// bidi override turns a name around), spaces collapsed. ZWJ and ZWNJ stay: Indic scripts and emoji need them.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			return ' '
		case hidden(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// plainText keeps the lines of s and drops what a terminal or a text reader would obey instead of show.
func plainText(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && hidden(r) {
			return -1
		}
		return r
	}, s)
	return strings.Trim(s, "\n")
}

// plainLines is plainText, line by line.
func plainLines(s string) []string {
	if s = plainText(s); s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// quotedText puts "> " before every line, as RFC 3676 section 4.5 has quoting: no space between signs of deeper levels.
func quotedText(s string) string {
	var b strings.Builder
	for _, l := range plainLines(s) {
		b.WriteString(">")
		if l = strings.TrimRight(l, " \t"); l != "" && l[0] != '>' {
			b.WriteString(" ")
		}
		b.WriteString(l + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// hidden tells characters that are obeyed, not seen: controls, and the bidi embeddings, overrides and isolates of UAX 9.
func hidden(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff
}

// tidyText ends a text part well: no spaces at line ends, at most one empty line in a row outside quotes, one final line break.
func tidyText(s string) string {
	var out []string
	for l := range strings.Lines(s) {
		l = strings.TrimRight(l, " \t\r\n")
		if l == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, l)
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n"
}
