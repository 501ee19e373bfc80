package safehtml

import "strings"

// strict reads cleaned HTML back and says whether it is nothing but escaped text and the tags this package
// writes, letter for letter. It shares no code with the writer: what both agree on is safe.
func strict(s string) bool {
	for {
		at := strings.IndexAny(s, "<>")
		if at < 0 {
			return true
		}
		if s[at] == '>' {
			return false
		}
		s = s[at+1:]
		end := strings.IndexByte(s, '>')
		if end < 0 || strings.IndexByte(s[:end], '<') >= 0 || !strictTag(s[:end]) {
			return false
		}
		s = s[end+1:]
	}
}

// strictNames are the elements that may be written without a second look at their attributes.
var strictNames = func() map[string]bool {
	m := map[string]bool{}
	for n := range strings.FieldsSeq("p div blockquote pre hr br h1 h2 h3 h4 h5 h6 ul ol dl li dt dd table caption thead tbody tfoot tr td th " +
		"b strong i em u s del ins sub sup small mark q cite abbr code kbd samp var") {
		m[n] = true
	}
	return m
}()

func strictTag(t string) bool {
	if name, ok := strings.CutPrefix(t, "/"); ok {
		return name == "a" || strictNames[name]
	}
	name, rest, has := strings.Cut(t, " ")
	if !has {
		return strictNames[name]
	}
	switch name {
	case "a":
		return strictLink(rest)
	case "img":
		return strictImage(rest)
	}
	return strictNames[name] && strictAttrs(rest)
}

func strictLink(rest string) bool {
	rest, ok := strings.CutPrefix(rest, "href=\"")
	if !ok {
		return false
	}
	href, rest, ok := strings.Cut(rest, "\"")
	return ok && rest == " target=\"_blank\" rel=\"noopener noreferrer nofollow\"" &&
		(strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "http://") || strings.HasPrefix(href, "mailto:"))
}

// strictImage: the address is the caller's own; only its quoting is checked.
func strictImage(rest string) bool {
	rest, ok := strings.CutPrefix(rest, "src=\"")
	if !ok {
		return false
	}
	_, rest, ok = strings.Cut(rest, "\" alt=\"")
	if !ok {
		return false
	}
	_, rest, ok = strings.Cut(rest, "\"")
	return ok && (rest == "" || rest[0] == ' ' && strictAttrs(rest[1:]))
}

func strictAttrs(rest string) bool {
	for {
		key, after, ok := strings.Cut(rest, "=\"")
		if !ok {
			return false
		}
		val, after, ok := strings.Cut(after, "\"")
		if !ok || val == "" || strings.Trim(val, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return false
		}
		switch key {
		case "dir", "colspan", "rowspan", "align", "start", "width", "height":
		default:
			return false
		}
		if after == "" {
			return true
		}
		if after[0] != ' ' {
			return false
		}
		rest = after[1:]
	}
}
