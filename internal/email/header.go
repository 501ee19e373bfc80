package email

import "strings"

// Header is the ordered list of fields of a letter or a part.
type Header struct {
	fields []field
	from   Address

	charset string // of the text below, for what stands in the header raw

	boundary   string // of the multipart declared by the first boundaryOf fields, see opensFirstPart
	boundaryOf int
}

// field is one header field; value is everything after the colon, still folded.
type field struct{ name, value string }

// singletons are the fields RFC 5322 3.6 and RFC 2045 allow once. Twice means that two readers may see two letters (H-06).
var singletons = []string{"Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
	"MIME-Version", "Content-Type", "Content-Transfer-Encoding"}

// From is the one address of the one From field when the header came from ReadHeader, and the best guess when it came from Parse.
func (h *Header) From() Address { return h.from }

// Get returns the first value of a field, unfolded and trimmed but not decoded; "" when there is none.
func (h *Header) Get(name string) string {
	for i := range h.fields {
		if strings.EqualFold(h.fields[i].name, name) {
			return unfold(h.fields[i].value)
		}
	}
	return ""
}

// raw8 is Get with what stands there raw and is not UTF-8 decoded.
func (h *Header) raw8(name string) string { return rawText(h.Get(name), h.charset) }

// Values returns every value of a field in order, unfolded and trimmed but not decoded.
func (h *Header) Values(name string) []string {
	var all []string
	for i := range h.fields {
		if strings.EqualFold(h.fields[i].name, name) {
			all = append(all, unfold(h.fields[i].value))
		}
	}
	return all
}

// Count says how often a field stands in the header.
func (h *Header) Count(name string) int {
	n := 0
	for i := range h.fields {
		if strings.EqualFold(h.fields[i].name, name) {
			n++
		}
	}
	return n
}

// Ambiguous names the fields, other than From, that must stand once and stand more often (H-06). Nil is good news.
func (h *Header) Ambiguous() []string {
	var twice []string
	for _, name := range singletons {
		if h.Count(name) > 1 {
			twice = append(twice, name)
		}
	}
	return twice
}

// has tells a present field from an absent one, whatever its value.
func (h *Header) has(name string) bool { return h.Count(name) > 0 }

// unfold joins the lines of a value (RFC 5322 2.2.3): the line ends go, the white space after them stays.
func unfold(v string) string {
	if strings.ContainsAny(v, "\r\n") {
		v = lineEnds.Replace(v)
	}
	return strings.Trim(v, " \t")
}

var lineEnds = strings.NewReplacer("\r\n", "", "\n", "", "\r", "")
