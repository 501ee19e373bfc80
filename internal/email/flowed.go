package email

import "strings"

// unflow joins the lines that format=flowed broke (RFC 3676): a line that ends with a space goes on in the next one,
// unless it is the signature's "-- ". Quoted lines stay as they came, so that quote sees what every other mailer sends (M-12).
func unflow(s string, delSp bool) string {
	var b strings.Builder
	b.Grow(len(s))
	for flowing := false; s != ""; {
		line, rest, nl := strings.Cut(s, "\n")
		s = rest
		quoted := strings.HasPrefix(line, ">")
		text := line
		if !quoted {
			text = strings.TrimPrefix(line, " ") // space-stuffing
		}
		if flowing && (quoted || text == "-- ") {
			b.WriteByte('\n')
		}
		if flowing = nl && !quoted && text != "-- " && strings.HasSuffix(text, " "); flowing && delSp {
			text = text[:len(text)-1] // the space was only the mark of a soft break
		}
		if b.WriteString(text); nl && !flowing {
			b.WriteByte('\n')
		}
	}
	return b.String()
}
