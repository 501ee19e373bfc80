package email

import (
	"strings"
	"unicode/utf8"
)

// cleanFilename makes a claimed file name fit to be shown and offered: no path, no control or bidi characters, no
// leading or trailing dots and spaces, at most maxNameBytes with the extension kept (F-03, F-04, H-04). "" stays "".
func cleanFilename(name string) string {
	name = cleanValue(name)
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*`, r) {
			return '_' // Windows would refuse them or read a stream's name
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	if isDevice(name) {
		name = "_" + name
	}
	return shorten(name, maxNameBytes)
}

// isDevice knows the names that are devices in every folder of Windows, whatever the extension: CON, nul.txt, COM1.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch base = strings.TrimRight(base, " "); {
	case base == "CON", base == "PRN", base == "AUX", base == "NUL":
		return true
	case len(base) == 4 && (strings.HasPrefix(base, "COM") || strings.HasPrefix(base, "LPT")):
		return base[3] >= '0' && base[3] <= '9'
	}
	return false
}

// shorten cuts the middle out, at rune ends, so that the extension stays the true one.
func shorten(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	ext := ""
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 32 {
		name, ext = name[:i], name[i:]
	}
	return cutRunes(name, limit-len(ext)) + ext
}

// cutRunes keeps at most n bytes of s without splitting a character.
func cutRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Label is what to call an attachment: its name, or what it is when the letter gives it none.
func (a Attachment) Label() string {
	switch {
	case strings.EqualFold(a.Name, "winmail.dat") || a.Type == "application/ms-tnef":
		return "Outlook (winmail.dat)" // M-10: kept whole, never decoded
	case a.Name != "":
		return a.Name
	case a.Type == "message/rfc822":
		return "forwarded letter.eml"
	case a.Type == "text/calendar":
		return "invitation.ics"
	case a.Type == "message/delivery-status":
		return "delivery report.txt"
	case a.Type == "application/pgp-signature":
		return "signature.asc"
	case a.Type == "text/html":
		return "page.html"
	}
	if kind, sub, ok := strings.Cut(a.Type, "/"); ok && kind == "image" {
		return "image." + strings.TrimPrefix(sub, "x-")
	}
	return "unnamed file"
}
