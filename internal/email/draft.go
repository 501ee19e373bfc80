package email

import "time"

// Draft is a letter going out.
type Draft struct {
	From, ReplyTo        Address // ReplyTo may be empty
	To                   []Address
	Subject              string
	MessageID, InReplyTo string   // without <>
	References           []string // without <>
	Date                 time.Time
	Text, HTML           string // either may be empty, not both
	Attachments          []Attachment
	Extra                [][2]string // further header fields, in order: name, value
}

// Bytes is the letter as it goes over the wire.
func (d Draft) Bytes() ([]byte, error) { return nil, nil }
