package intake

import (
	"aside/internal/desk"
	"aside/internal/token"
)

// mask takes tokens out of what is shown: mail programs quote the address they answer to, and what one outsider quotes is read by
// others (T-09). The letter itself is kept as it came.
func mask(s string) string { return token.Mask(s) }

func (l *letter) subject() string { return mask(l.message.Subject) }

// shown is the letter as desk stores it, without a token in anything that is shown.
func (l *letter) shown() (desk.Incoming, error) {
	in, err := l.incoming()
	return masked(in), err
}

func masked(in desk.Incoming) desk.Incoming {
	in.FromName, in.Body, in.HTML, in.Quoted = mask(in.FromName), mask(in.Body), mask(in.HTML), mask(in.Quoted)
	for i := range in.Files {
		in.Files[i].Name = mask(in.Files[i].Name)
	}
	for i := range in.Warnings {
		in.Warnings[i] = mask(in.Warnings[i])
	}
	return in
}
