package email

import "strings"

// unflow joins the lines that format=flowed broke (RFC 3676): a line that ends with a space goes on in the next line
// of the same quoting depth, unless it is the signature's "-- ". Quoting marks stay, so that quote can see them (M-12).
func unflow(s string, delSp bool) string {
	var b strings.Builder
	b.Grow(len(s))
	prev, flowing := 0, false
	for s != "" {
		line, rest, nl := strings.Cut(s, "\n")
		s = rest
		depth := 0
		for depth < len(line) && line[depth] == '>' {
			depth++
		}
		text := strings.TrimPrefix(line[depth:], " ") // space-stuffing
		goesOn := strings.HasSuffix(text, " ") && text != "-- " && nl
		if flowing && (depth != prev || text == "-- ") {
			b.WriteByte('\n')
			flowing = false
		}
		if !flowing {
			b.WriteString(line[:depth])
			if depth > 0 && text != "" {
				b.WriteByte(' ')
			}
		}
		if goesOn && delSp {
			text = text[:len(text)-1] // the space was only the mark of a soft break
		}
		b.WriteString(text)
		if prev, flowing = depth, goesOn; !flowing && nl {
			b.WriteByte('\n')
		}
	}
	return b.String()
}
