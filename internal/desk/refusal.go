package desk

import "errors"

// Kind says what sort of refusal it is; each door has one table from kinds to its own codes.
type Kind int

const (
	NotFound  Kind = iota + 1 // not there, or not yours: alike
	Forbidden                 // yours to see, not to do
	Invalid                   // a value that cannot be
	Conflict                  // true at another time: a closed conversation, an unconfirmed submitter
	TooLarge                  // over a size
	TooMany                   // over a number in a time
)

// Refusal is an error whose words are meant for the person who asked. Field names the input at fault, if one is.
type Refusal struct {
	Kind  Kind
	Field string
	Words string
}

func (r *Refusal) Error() string { return r.Words }

// ErrNotFound is the one answer for what is not there and for what is not yours.
var ErrNotFound = &Refusal{Kind: NotFound, Words: "This is not here, or not yours to see."}

func forbidden(words string) error { return &Refusal{Kind: Forbidden, Words: words} }

// Invalidf refuses a value of a named field.
func Invalidf(field, words string) error { return &Refusal{Kind: Invalid, Field: field, Words: words} }

// IsKind tells whether err is a refusal of that kind.
func IsKind(err error, kind Kind) bool {
	var r *Refusal
	return errors.As(err, &r) && r.Kind == kind
}
