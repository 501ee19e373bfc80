package smtpd

import (
	"cmp"
	"time"
)

// The limits of threats.md 2.0, with their reasons.
const (
	// PerIP connections at once: big senders open a handful to one host; a flood opens hundreds.
	PerIP = 20
	// PerNet connections at once from one /24 (IPv6: /64), so that a rented block is no way around PerIP.
	PerNet = 100
	// Total connections at once: what a small machine serves without swapping.
	Total = 500
	// TrustedReserve more are kept for trusted peers, so that a flood cannot shut out our own relay.
	TrustedReserve = 50

	// Recipients per transaction. One letter belongs to one conversation; the second is a courtesy.
	Recipients = 2
	// BadRecipients per connection: who guesses tokens gets five guesses, then has to connect anew.
	BadRecipients = 5
	// BadPerIP refused recipients from one address within PenaltyWindow close the door to it for the rest of the window.
	BadPerIP = 50
	// BadPerNet is the same for its /24 (/64).
	BadPerNet = 200
	// PenaltyWindow is also the time a sender who is shut out keeps its mail queued: far below any queue's lifetime.
	PenaltyWindow = time.Hour
	// Forgiven refusals per letter that was accepted, so that a large provider's shared relay is not shut out for one user.
	Forgiven = 10
	// Commands per connection: twenty letters of four commands, a greeting, STARTTLS, a goodbye, and some air.
	Commands = 100
	// Errors per connection. A program that errs ten times is not a mail client.
	Errors = 10
	// Transactions per connection.
	Transactions = 20

	// MessageBytes is the advertised SIZE (RFC 1870): most providers refuse to send more.
	MessageBytes = 25 << 20
	// HeldBytes of unfinished and unstored letters of all sessions together, beyond FreeBytes each.
	// Three letters of the largest size; what is turned away with 452 comes again.
	HeldBytes = 96 << 20
	// FreeBytes each session may hold outside the budget, so that a few huge letters never keep
	// out ordinary ones. Total times this (32 MiB) is the price.
	FreeBytes = 64 << 10
	// Line is the longest line of a letter in octets, CRLF included: twice RFC 5321's 1000, as others grant.
	Line = 2000
	// CommandLine is the longest command in octets: RFC 5321 asks for 512 plus what extensions add.
	CommandLine = 2048

	// Idle is how long one whole command may take to come. RFC 5321 4.5.3.2 asks for 5 minutes;
	// slow typing is how connections are held, and no real sender pauses for one.
	Idle = 60 * time.Second
	// StressIdle replaces Idle while three quarters of Total are taken.
	StressIdle = 10 * time.Second
	// Data is how long one letter may take, from DATA to its end.
	Data = 5 * time.Minute
	// DataGrace is how long a letter may take before Rate counts.
	DataGrace = 30 * time.Second
	// Rate in bytes per second that a letter must keep up on average; a modem did ten times this.
	Rate = 256
	// Session is the longest a connection may last.
	Session = 15 * time.Minute
	// Write is how long a client may leave our answers unread.
	Write = 30 * time.Second
	// Handshake is how long TLS may take to come up.
	Handshake = 30 * time.Second
	// Greeting is how long a stranger must keep silent before we greet. Programs that do not wait
	// for the greeting send right behind their SYN's last answer, so very little finds them; a
	// stranger who has delivered a letter within a day is greeted at once.
	Greeting = 20 * time.Millisecond
	// Ask bounds one question to Known, Store one to Receive: what the sender is made to wait at most.
	// RFC 5321 4.5.3.2 lets it wait 5 minutes for RCPT and 10 after the final dot.
	Ask   = 30 * time.Second
	Store = 5 * time.Minute
)

// Limits overrides the constants of the same name. A zero field means the constant.
type Limits struct {
	PerIP, PerNet, Total, TrustedReserve                     int
	Recipients, BadRecipients, BadPerIP, BadPerNet           int
	Commands, Errors, Transactions                           int
	MessageBytes, HeldBytes, FreeBytes                       int64
	Line, Rate                                               int
	Idle, StressIdle, Data, DataGrace, Session, Write        time.Duration
	Handshake, Greeting /* negative = none */, PenaltyWindow time.Duration
}

func (l Limits) withDefaults() Limits {
	return Limits{
		PerIP: cmp.Or(l.PerIP, PerIP), PerNet: cmp.Or(l.PerNet, PerNet),
		Total: cmp.Or(l.Total, Total), TrustedReserve: cmp.Or(l.TrustedReserve, TrustedReserve),
		Recipients: cmp.Or(l.Recipients, Recipients), BadRecipients: cmp.Or(l.BadRecipients, BadRecipients),
		BadPerIP: cmp.Or(l.BadPerIP, BadPerIP), BadPerNet: cmp.Or(l.BadPerNet, BadPerNet),
		Commands: cmp.Or(l.Commands, Commands), Errors: cmp.Or(l.Errors, Errors), Transactions: cmp.Or(l.Transactions, Transactions),
		MessageBytes: cmp.Or(l.MessageBytes, MessageBytes), HeldBytes: cmp.Or(l.HeldBytes, HeldBytes), FreeBytes: cmp.Or(l.FreeBytes, FreeBytes),
		Line: cmp.Or(l.Line, Line), Rate: cmp.Or(l.Rate, Rate),
		Idle: cmp.Or(l.Idle, Idle), StressIdle: cmp.Or(l.StressIdle, StressIdle),
		Data: cmp.Or(l.Data, Data), DataGrace: cmp.Or(l.DataGrace, DataGrace),
		Session: cmp.Or(l.Session, Session), Write: cmp.Or(l.Write, Write), Handshake: cmp.Or(l.Handshake, Handshake),
		Greeting: cmp.Or(l.Greeting, Greeting), PenaltyWindow: cmp.Or(l.PenaltyWindow, PenaltyWindow),
	}
}
