// Package intake is the way in: a whole letter from the SMTP door becomes a message in a thread, a feedback item, a changed
// delivery or held mail, and is on disk before the door says 250.
//
// Receive reads as its list of stages, in the order of docs/flow.md. Routing is by the address alone: Subject, From, References
// and Message-ID never put a letter into a conversation. Nothing here sends anything, adds anybody or grants anything.
//
// One goroutine at a time commits, Run's or that of a letter which finds nobody there: letters that arrive together share one transaction
// and its fsync.
package intake

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"aside/internal/crash"
	"aside/internal/desk"
	"aside/internal/email"
	"aside/internal/mailauth"
	"aside/internal/smtpd"
	"aside/internal/token"

	"github.com/pocketbase/pocketbase/core"
)

// Intake receives letters. All fields but Now and Log must be set.
type Intake struct {
	App      core.App
	Tokens   *token.Key
	Check    *mailauth.Checker
	Domain   string // the mail domain
	Instance string // ours, as X-Aside-Loop says it
	Now      func() time.Time
	Log      *slog.Logger
	Observer Observer // nil: nobody counts

	writer writer
	tries  tries
	pace   pace
	full   full
	doubts doubts
	turns  turns
}

// ErrUnknown is the one answer for every address that is not there: never made, malformed, revoked, removed (T-01…T-03).
var ErrUnknown = errors.New("address not known")

// ErrTemporary asks the sender to come again: a DNS answer was missing, or something of ours failed.
var ErrTemporary = errors.New("temporary failure of a look-up")

// Refused is a letter that may not come in; Policy is the domain that asks for it.
type Refused struct{ Words string }

func (r *Refused) Error() string { return r.Words }

// maxHops of Received fields is a loop (RFC 5321 6.3 asks for at least 100 to be allowed, threats L-04 for 50).
const maxHops = 50

// ErrHops refuses a letter that has been going round.
var ErrHops = errors.New("too many hops")

// Known answers RCPT: nil for an address that takes mail now, else ErrUnknown or a fault of ours.
func (in *Intake) Known(_ context.Context, addr string) error {
	if in.full.is(addr, in.now()) {
		return ErrFull
	}
	if t, ok := in.replyToken(addr); ok { // the busiest kind: one look-up instead of the thread's four
		there, err := desk.TakesReplies(in.App, t.id, t.version)
		if err == nil && !there {
			return ErrUnknown
		}
		return err
	}
	_, err := in.route(in.App, addr)
	return err
}

// Receive takes a letter in. nil means: stored whole and durable. Every other outcome stored nothing.
func (in *Intake) Receive(ctx context.Context, e *smtpd.Envelope) error {
	err := guard(func() error { return in.receive(ctx, e) })
	in.keepPoison(e, err)
	in.observer().Letter(outcome(err))
	return err
}

func (in *Intake) receive(ctx context.Context, e *smtpd.Envelope) error {
	crash.Point("c1")
	header, err := in.readHeader(e) // 1. lexed strictly, before any library
	if err != nil {
		return err
	}
	if header.Count("Received") > maxHops {
		return ErrHops
	}
	l := &letter{in: in, envelope: e, header: header, pace: map[string]bool{}}
	judged := beside(func() { l.judge(ctx) }) // 2. who really sent it
	leave, err := in.turns.take(ctx, len(e.Data))
	if err != nil {
		return err
	}
	defer leave()
	if l.message, err = email.ParseFrom(e.Data, e.From); err != nil { // 3. read, whatever it is
		return err
	}
	crash.Point("c2")
	l.read() // 4. what is new in it, and what of it may be shown
	if err := judged(); err != nil {
		return err
	}
	l.identify()
	crash.Point("c3")
	if err := l.prepare(); err != nil { // 5. what it becomes; its files on the disk
		l.settle(err)
		return err
	}
	err = in.writer.store(ctx, func(tx core.App) error {
		l.draft.named = false
		for i, addr := range e.To { // 6. placed and stored, all recipients or none
			if err := l.place(tx, addr); i == 0 && isVerdict(err) {
				return untouched{err}
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	l.settle(err)
	return err
}

// isVerdict tells an answer to the letter itself from a fault of ours. It is found before anything is written for that recipient.
func isVerdict(err error) bool {
	var refused *Refused
	return errors.As(err, &refused) || errors.Is(err, ErrUnknown) || errors.Is(err, ErrTemporary) || errors.Is(err, ErrFull)
}

// readHeader is strict about From, which is what is authenticated and shown. Only a report to a delivery's own address may have none: mail
// systems write "From: <>" and "From: MAILER-DAEMON", and what a report may do hangs on the address alone (L-06).
func (in *Intake) readHeader(e *smtpd.Envelope) (*email.Header, error) {
	isReport := func(addr string) bool { return len(addr) > 7 && strings.EqualFold(addr[:7], "bounce+") }
	if e.From == "" && !slices.ContainsFunc(e.To, func(a string) bool { return !isReport(a) }) {
		return email.ReadReportHeader(e.Data)
	}
	return email.ReadHeader(e.Data)
}

// Run commits what Receive gathers, until ctx ends and nothing waits.
func (in *Intake) Run(ctx context.Context) {
	in.writer.committed = func(letters int, took time.Duration, err error) {
		in.observer().Commit(letters, took, err)
		if err == nil {
			in.clearDoubts()
		}
	}
	in.writer.run(ctx, in.App)
}

func (in *Intake) now() time.Time {
	if in.Now == nil {
		return time.Now()
	}
	return in.Now()
}

// letter is one letter on its way through the stages.
type letter struct {
	in       *Intake
	envelope *smtpd.Envelope
	header   *email.Header
	message  *email.Message
	verdict  mailauth.Verdict
	reading  Reading
	draft    draft
	hash     string          // its identity
	missing  bool            // a DNS answer that the decision may need was missing, and its sender may be asked to come again
	pace     map[string]bool // what was found of its senders' pace: a letter counts once, however often it is placed
	addr     string          // the recipient whose copy is being placed
}

// judge asks SPF, DKIM and DMARC once for all recipients.
func (l *letter) judge(ctx context.Context) {
	remote, _ := netip.AddrFromSlice(l.envelope.Remote.Addr().AsSlice())
	l.verdict = l.in.Check.Check(ctx, mailauth.Letter{Remote: remote.Unmap().AsSlice(), Helo: l.envelope.Helo, MailFrom: l.envelope.From, From: l.header.From().Address, Raw: l.envelope.Data})
}

// beside does something in a goroutine of its own. The function it returns waits for it, once, and has its panic as an error.
func beside(do func()) (wait func() error) {
	done := make(chan error, 1)
	go func() { done <- guard(func() error { do(); return nil }) }()
	return func() error { return <-done }
}

// identify names the letter's content.
func (l *letter) identify() {
	l.hash = identity(l.message, l.envelope.Data, l.envelope.Received)
	l.missing = l.verdict.Temporary && !l.in.tries.enough(l.hash)
}

// identity is what a letter and its repeated delivery have in common: email.ContentHash. With neither Message-ID nor Date in it, a
// second "Yes." of next week has that in common with the first too, so such letters count as the same within one day (UTC) only.
// A retry over midnight is then shown twice, which is the milder fault: nothing is lost after our 250.
func identity(m *email.Message, raw []byte, received time.Time) string {
	hash := email.ContentHash(m, raw)
	if m.MessageID == "" && m.Date.IsZero() {
		hash += received.UTC().Format("-2006-01-02")
	}
	return hash
}

// place routes one recipient's copy and stores it.
func (l *letter) place(tx core.App, addr string) error {
	l.addr = addr
	r, err := l.in.route(tx, addr) // again: what RCPT knew may be revoked by now
	if err != nil {
		return err
	}
	switch r.kind {
	case toReply:
		return l.toConversation(tx, r)
	case toItem:
		return l.toCustomerThread(tx, r)
	case toBounce:
		return l.toDelivery(tx, r)
	case toProject:
		return l.toProject(tx, r)
	}
	return l.hold(tx, r, desk.Hold{Reason: desk.HeldOperator, Words: "Mail to " + r.address + " is for the operator of this server."})
}
