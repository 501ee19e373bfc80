package intake

import (
	"strings"

	"aside/internal/desk"
	"aside/internal/token"
)

// mask takes tokens out of what is shown: mail programs quote the address they answer to, and what one outsider quotes is read by
// others (T-09). The letter itself is kept as it came.
func mask(s string) string { return token.Mask(s) }

func (l *letter) subject() string { return mask(l.message.Subject) }

// shown is the letter as desk stores it, without a token in anything that is shown.
func (l *letter) shown() (desk.Incoming, error) {
	in, err := l.whole()
	return masked(in), err
}

// maxID is the longest Message-ID that our answers name, in bytes; with its field's name it fits on a line of 998.
const maxID = 250

// usableID is a Message-ID that can stand in the References of our answers, or nothing: with any other, a stranger could keep the
// team from answering at all (L-15). Threading then goes by the letters around it.
func usableID(id string) string {
	left, right, ok := strings.Cut(id, "@")
	odd := strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`<>(),;"`, r) })
	if !ok || left == "" || right == "" || odd || len(id) > maxID {
		return ""
	}
	return id
}

func masked(in desk.Incoming) desk.Incoming {
	in.MessageID = usableID(in.MessageID)
	in.FromName, in.Body, in.HTML, in.Quoted = mask(in.FromName), mask(in.Body), mask(in.HTML), mask(in.Quoted)
	for i := range in.Files {
		in.Files[i].Name = mask(in.Files[i].Name)
	}
	for i := range in.Warnings {
		in.Warnings[i] = mask(in.Warnings[i])
	}
	return in
}
