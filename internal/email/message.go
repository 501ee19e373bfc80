// Package email turns bytes into a Message and a Draft into bytes.
//
// It is: the strict header lexer that stands ahead of every library (ReadHeader), the lenient reader of any letter in
// the world (Parse), the classification of letters no person wrote (Kind, Report), the composer of our own letters
// (Draft) and the two grammars an address must pass (the strangers' in ReadHeader, ours in CheckAddress).
//
// It is not: a judge of who sent a letter (mailauth), of what in it is new (quote), or of what may be shown (safehtml:
// Message.HTML is as hostile as the letter). It has never heard of a record, and it opens neither socket nor file.
//
// Reading is one walk over the bytes, without recursion: lines are compared with the boundaries that are open, so a
// letter costs time in proportion to its size whatever its shape. What cannot be read is kept and named in Defects.
package email

import "time"

// Kind says what wrote a letter: a person, or which sort of machine.
type Kind string

const (
	KindReply     Kind = "reply"      // a person's letter, or one that nothing marks as automatic
	KindAutoReply Kind = "auto_reply" // RFC 3834 and its many forerunners: vacation notes, tickets, calendar answers
	KindBounce    Kind = "bounce"     // a recipient was given up
	KindDelay     Kind = "delay"      // still trying
	KindReceipt   Kind = "receipt"    // delivered, relayed, or read (RFC 8098)
	KindComplaint Kind = "complaint"  // RFC 5965 feedback report
)

// Message is a letter, read. All strings are valid UTF-8; header strings hold no control and no bidi characters.
type Message struct {
	From, Sender    Address
	To, Cc, ReplyTo []Address
	Subject         string
	MessageID       string   // without <>
	InReplyTo       string   // the first id, without <>
	References      []string // the last MaxReferences ids, oldest first, without <>
	Date            time.Time
	Kind            Kind
	Report          *Report // for bounce, delay, receipt and complaint
	Text, HTML      string  // LF line ends; the inline text/plain (text/html) leaves, in order
	Pieces          []Piece // what a reader of text must see, in order, when Text alone leaves words out; else nil
	Attachments     []Attachment
	Events          []Event  // what the calendar files say, by fixed fields
	Security        Security // signature or encryption found; says nothing about its worth
	Defects         []string // what was wrong with the letter, each once
	Header          *Header  // the letter's own header, leniently lexed

	path string // the envelope sender in <>, or what Return-Path says of it
}

// Piece is a part of what a letter says that has one form alone: text, or HTML to which no text is an alternative.
type Piece struct{ Text, HTML string }

// Security labels a letter that carries S/MIME or PGP. It is a label only: nothing is verified or decrypted.
type Security string

const (
	SMIMESigned    Security = "S/MIME signed"
	SMIMEEncrypted Security = "S/MIME encrypted"
	PGPSigned      Security = "PGP signed"
	PGPEncrypted   Security = "PGP encrypted"
)

// Report is what a delivery report, receipt or complaint says. It is a claim by whoever sent it.
type Report struct {
	Recipients        []ReportRecipient
	OriginalMessageID string // without <>; empty when the original was not returned
}

// ReportRecipient is one address of a report.
type ReportRecipient struct {
	Address    string
	Action     string // RFC 3464 2.3.3: failed, delayed, delivered, relayed, expanded; for receipts the disposition
	Status     string // RFC 3463 code such as 5.1.1, or empty
	Diagnostic string // the far server's words, one line, at most maxDiagnostic bytes
	Hard       bool   // true when writing again to the address is pointless
}

// Attachment is a leaf that is not text to be read in place.
type Attachment struct {
	Name      string // cleaned; empty when the letter names none, see Label
	Type      string // lower-case media type as claimed
	Size      int    // bytes of Data
	Inline    bool   // meant to be seen within the letter
	ContentID string // without <>
	Data      []byte // after transfer decoding; may share memory with the letter
}

// TooComplex is a letter over the structural budget. Its message is a sentence for the sending server.
type TooComplex struct{ Reason string }

func (e *TooComplex) Error() string { return e.Reason }

// Malformed is a header that different readers would read differently. Its message is a sentence for the sending server.
type Malformed struct{ Reason string }

func (e *Malformed) Error() string { return e.Reason }
