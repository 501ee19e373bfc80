package email

import (
	"errors"
	"strings"
)

// CheckAddress is the grammar for addresses we write to: one dot-atom, one @, one host name of two or more labels. No
// quoted local part, literal, comment, list or parameter passes, so nothing can ride along into an SMTP command or a
// header (threats D9, H-01, H-02). It returns the address with its domain in lower-case ASCII, or an error whose text
// is a sentence for the person who typed it.
func CheckAddress(s string) (string, error) {
	s = strings.Trim(s, " ")
	local, domain, ok := strings.Cut(s, "@")
	switch {
	case s == "":
		return "", errors.New("Please give an email address.")
	case !ok || local == "" || domain == "":
		return "", errors.New("An email address looks like name@example.com.")
	case len(local) > 64: // RFC 5321 4.5.3.1.1
		return "", errors.New("The part before the @ is too long for an email address.")
	case !isDotAtom(local):
		return "", errors.New("The part before the @ has a character that an email address cannot have.")
	}
	domain, err := asciiDomain(domain)
	if err != nil || !isHostName(domain) {
		return "", errors.New("The part after the @ is not the name of a mail domain.")
	}
	if len(local)+1+len(domain) > 254 { // RFC 5321 4.5.3.1.3, without the angle brackets
		return "", errors.New("The email address is too long.")
	}
	return local + "@" + domain, nil
}

// ReadAddress reads what a person types into a To field, `a@b` or `Name <a@b>`, by the grammar of CheckAddress.
func ReadAddress(s string) (Address, error) {
	s = strings.TrimSpace(s)
	open := strings.LastIndexByte(s, '<')
	if open < 0 || !strings.HasSuffix(s, ">") {
		addr, err := CheckAddress(s)
		return Address{Address: addr}, err
	}
	addr, err := CheckAddress(s[open+1 : len(s)-1])
	if err != nil {
		return Address{}, err
	}
	name := strings.TrimSpace(s[:open])
	if n := len(name); n >= 2 && name[0] == '"' && name[n-1] == '"' {
		name = unquotePairs(name[1 : n-1])
	}
	if strings.ContainsAny(name, "<>\r\n\x00") {
		return Address{}, errors.New("Please give one email address at a time.")
	}
	return Address{Name: cleanValue(name), Address: addr}, nil
}

// isDotAtom is RFC 5322 3.2.3 in ASCII.
func isDotAtom(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 128 || !isAtext(c) && (c != '.' || i == 0 || i == len(s)-1 || s[i-1] == '.') {
			return false
		}
	}
	return s != ""
}

// isAtext counts every byte above ASCII as a letter, as RFC 6532 does.
func isAtext(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 128 || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// isHostName is RFC 1123 2.1 with at least two labels, the last of which is not a number.
func isHostName(d string) bool {
	labels := strings.Split(d, ".")
	if len(d) > 253 || len(labels) < 2 || strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || strings.Trim(strings.ToLower(l), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}
