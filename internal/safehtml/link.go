package safehtml

import (
	"bytes"
	"net/url"
	"strings"

	"golang.org/x/net/html/atom"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// maxURL is the longest address that stays a link, in bytes. Tracking links reach 2 kB.
const maxURL = 8192

// A target is where a link leads: its address as written, and what to show of it when its text says otherwise.
type target struct{ href, shown string }

// startLink opens a link; false when the address is none we follow.
func (w *writer) startLink(href []byte) bool {
	t, ok := readURL(string(href))
	if !ok || !w.roomForLink() {
		return false
	}
	w.target, w.linkText = t, w.linkText[:0]
	w.out = escape(append(w.out, "<a href=\""...), []byte(t.href), true, true)
	w.out = append(w.out, "\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">"...)
	w.open = append(w.open, shapeA)
	return true
}

// roomForLink closes an open link; links do not nest, and one outside the cell we are in we cannot close.
func (w *writer) roomForLink() bool {
	if w.target.shown != "" {
		w.end(atom.A)
	}
	return w.target.shown == "" && len(w.open) < maxDepth
}

// showTarget writes the real host when the text of the link pretends another.
func (w *writer) showTarget() {
	t := w.target
	w.target = target{}
	if bytes.IndexByte(w.linkText, '.') < 0 && !strings.Contains(t.shown, "xn--") && !bytes.ContainsAny(w.linkText, "。．｡") {
		return
	}
	text := strings.TrimSpace(string(w.linkText))
	mark := "[" + t.shown + "]"
	if strings.HasSuffix(text, mark) || !pretends(text, t.shown) {
		return
	}
	w.out = escape(append(w.out, ' '), []byte(mark), true, false)
}

// pretends says whether text names a host other than shown, or shown is one that imitates Latin letters.
func pretends(text, shown string) bool {
	if strings.Contains(shown, "xn--") {
		return true
	}
	if len(text) > 2*maxURL {
		text = text[:2*maxURL]
	}
	host := shown[strings.LastIndexByte(shown, '@')+1:]
	for word := range strings.FieldsSeq(strings.ReplaceAll(text, "&amp;", "&")) {
		if said := hostIn(word); said != "" && said != host && !strings.HasSuffix(host, "."+said) {
			return true
		}
	}
	return false
}

var dots = strings.NewReplacer("。", ".", "．", ".", "｡", ".")

// hostIn gives the host a word of text names ("https://www.bank.example/x", "bank.example"), or "".
func hostIn(word string) string {
	if strings.IndexByte(word, '.') < 0 && !strings.ContainsAny(word, "。．｡") {
		return ""
	}
	if strings.ContainsAny(word, "。．｡") {
		word = dots.Replace(word) // browsers read them as dots
	}
	if at := strings.Index(word, "://"); at >= 0 {
		word = word[at+3:]
	}
	if at := strings.IndexAny(word, "/?#\\"); at >= 0 {
		word = word[:at]
	}
	word = word[strings.LastIndexByte(word, '@')+1:]
	if at := strings.IndexByte(word, ':'); at >= 0 {
		word = word[:at]
	}
	word = strings.Trim(word, ".,;:!?()[]{}<>\"'“”‘’«»*_")
	ascii, ok := asciiHost(word)
	if !ok || strings.IndexByte(ascii, '.') < 0 {
		return ""
	}
	if _, icann := publicsuffix.PublicSuffix(ascii); !icann && !isIPv4(ascii) {
		return "" // report.pdf is a file
	}
	return strings.TrimPrefix(ascii, "www.")
}

func isIPv4(s string) bool { return strings.Trim(s, "0123456789.") == "" && strings.Count(s, ".") == 3 }

// readURL accepts absolute http, https and mailto addresses and gives them in their one spelling.
func readURL(s string) (target, bool) {
	if len(s) > maxURL {
		return target{}, false
	}
	if host, ok := plainURL(s); ok {
		return target{s, strings.TrimPrefix(host, "www.")}, true
	}
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	s = lineless.Replace(s)
	scheme, rest, ok := strings.Cut(s, ":")
	switch {
	case !ok:
		return target{}, false
	case strings.EqualFold(scheme, "mailto"):
		return mailto(rest)
	case strings.EqualFold(scheme, "http"), strings.EqualFold(scheme, "https"):
		return webURL(s)
	}
	return target{}, false
}

// lineless: browsers take these out of an address before they read it.
var lineless = strings.NewReplacer("\t", "", "\n", "", "\r", "")

// plainURL is the common case: lower-case scheme and host, and nothing in the rest that wants escaping. It is also
// what webURL makes of the others, so that reading twice is reading once.
func plainURL(s string) (host string, ok bool) {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(s, "http://"); !ok {
			return "", false
		}
	}
	end := 0
	for end < len(rest) && hostByte(rest[end]) {
		end++
	}
	host = rest[:end]
	if !hostShape(host) {
		return "", false
	}
	if end < len(rest) && rest[end] == ':' {
		for end++; end < len(rest) && rest[end] >= '0' && rest[end] <= '9'; end++ {
		}
	}
	if end < len(rest) && rest[end] != '/' && rest[end] != '?' && rest[end] != '#' {
		return "", false
	}
	if strings.HasSuffix(rest, "#") {
		return "", false // an empty fragment: the long way takes it off
	}
	for _, c := range []byte(rest[end:]) {
		if !urlByte(c) {
			return "", false
		}
	}
	return host, true
}

func hostByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_'
}

func hostShape(h string) bool {
	return h != "" && len(h) <= 253 && h[0] != '.' && h[0] != '-' && !strings.Contains(h, "..")
}

// urlByte: printable ASCII without what a browser or a template might read another way.
func urlByte(c byte) bool {
	return c > ' ' && c < 0x7F && strings.IndexByte("\"'<>\\^`{|}", c) < 0
}

func webURL(s string) (target, bool) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || strings.Contains(u.Host, "\\") {
		return target{}, false
	}
	host, ok := asciiHost(u.Hostname())
	if !ok {
		return target{}, false
	}
	u.User = nil // "https://bank.example@evil.example" leads to evil.example
	u.Host = host
	if p := u.Port(); p != "" {
		u.Host += ":" + p
	}
	clean := escapeURL(u.String())
	if _, ok := plainURL(clean); !ok {
		return target{}, false
	}
	return target{clean, strings.TrimPrefix(host, "www.")}, true
}

// mailto keeps the address and drops what would fill in the letter for the reader.
func mailto(rest string) (target, bool) {
	addr, _, _ := strings.Cut(rest, "?")
	addr = escapeURL(strings.Trim(addr, "/ "))
	if strings.IndexByte(addr, '@') <= 0 || strings.IndexByte(addr, ':') >= 0 {
		return target{}, false
	}
	return target{"mailto:" + addr, strings.ToLower(addr)}, true
}

// asciiHost gives a host in lower-case ASCII (IDNA).
func asciiHost(h string) (string, bool) {
	h = strings.TrimSuffix(h, ".")
	plain := true
	for i := 0; i < len(h) && plain; i++ {
		plain = hostByte(h[i])
	}
	if !plain {
		var err error
		if len(h) > 253 {
			return "", false
		}
		if h, err = idna.Lookup.ToASCII(h); err != nil {
			return "", false
		}
	}
	for i := range len(h) {
		if !hostByte(h[i]) {
			return "", false
		}
	}
	return h, hostShape(h)
}

// escapeURL percent-encodes what must not stand in an address.
func escapeURL(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; urlByte(c) {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

func unescapeID(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}
