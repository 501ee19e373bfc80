package safehtml

import "golang.org/x/net/html"

// The attributes that survive besides href, src and alt, each with its grammar. Numbers are capped in digits: a
// colspan of a million cells is a way to stall a browser.
const (
	maxSpanDigits  = 2
	maxSizeDigits  = 4
	maxStartDigits = 5
)

// attrs are the values of one start tag, in the order they are written.
type attrs struct {
	dir, colspan, rowspan, align, start, width, height string
	href, src, alt                                     []byte
}

func readAttrs(s *shape, z *html.Tokenizer, more bool) (a attrs) {
	for more {
		var key, val []byte
		key, val, more = z.TagAttr()
		switch string(key) {
		case "href":
			a.href = first(a.href, val)
		case "src":
			a.src = first(a.src, val)
		case "alt":
			a.alt = first(a.alt, val)
		default:
			a.set(s, key, val)
		}
	}
	return a
}

// first: of an attribute given twice, browsers take the first.
func first(have, val []byte) []byte {
	if have != nil {
		return have
	}
	return append(make([]byte, 0, len(val)), val...)
}

// set takes over an attribute the list knows; of one given twice, the first that is right.
func (a *attrs) set(s *shape, key, val []byte) {
	to := a.field(s, key)
	if to == nil || *to != "" {
		return
	}
	switch to {
	case &a.dir:
		*to = oneOf(val, "ltr", "rtl", "auto")
	case &a.align:
		*to = oneOf(val, "left", "right", "center")
	case &a.colspan, &a.rowspan:
		*to = digits(val, maxSpanDigits)
	case &a.start:
		*to = digits(val, maxStartDigits)
	default:
		*to = digits(val, maxSizeDigits)
	}
}

// field gives the place of an attribute that the element may have, or nil.
func (a *attrs) field(s *shape, key []byte) *string {
	switch k := string(key); {
	case k == "dir" && s.kind != inline && s.kind != void:
		return &a.dir
	case k == "colspan" && s.kind == cell:
		return &a.colspan
	case k == "rowspan" && s.kind == cell:
		return &a.rowspan
	case k == "align" && s.kind == cell:
		return &a.align
	case k == "start" && s.name == "ol":
		return &a.start
	case k == "width" && s.kind == image:
		return &a.width
	case k == "height" && s.kind == image:
		return &a.height
	}
	return nil
}

func oneOf(val []byte, words ...string) string {
	for _, w := range words {
		if equalFold(val, w) {
			return w
		}
	}
	return ""
}

func equalFold(val []byte, low string) bool {
	if len(val) != len(low) {
		return false
	}
	for i, c := range val {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != low[i] {
			return false
		}
	}
	return true
}

func digits(val []byte, max int) string {
	if len(val) == 0 || len(val) > max {
		return ""
	}
	for _, c := range val {
		if c < '0' || c > '9' {
			return ""
		}
	}
	return string(val)
}
