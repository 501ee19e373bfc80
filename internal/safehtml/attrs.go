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
	some                                               bool // a plain one is set
	dir, colspan, rowspan, align, start, width, height string
	href, src, alt                                     []byte
}

// noAttrs is what most tags have. It is never written to.
var noAttrs = &attrs{}

// readAttrs reads the attributes of the tag z stands at. The result, and the slices in it, hold until the next token.
func (w *writer) readAttrs(s *shape, z *html.Tokenizer) *attrs {
	if s.kind == inline || s.kind == void || s.kind < cell && s.name != "ol" && !mentionsDir(z.Raw()) {
		return noAttrs // reading costs a copy of every value, and mail has a style on every tag
	}
	w.read = attrs{}
	a := &w.read
	for more := true; more; {
		var key, val []byte
		key, val, more = z.TagAttr()
		switch string(key) { // of an attribute given twice, browsers take the first
		case "href":
			if a.href == nil {
				a.href = val
			}
		case "src":
			if a.src == nil {
				a.src = val
			}
		case "alt":
			if a.alt == nil {
				a.alt = val
			}
		default:
			a.set(s, key, val)
		}
	}
	return a
}

func mentionsDir(raw []byte) bool {
	for i := 0; i+2 < len(raw); i++ {
		if raw[i]|0x20 == 'd' && raw[i+1]|0x20 == 'i' && raw[i+2]|0x20 == 'r' {
			return true
		}
	}
	return false
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
	a.some = a.some || *to != ""
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
