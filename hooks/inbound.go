package hooks

import (
	"context"
	"errors"
	"net"

	"aside/internal/email"
	"aside/internal/intake"
	"aside/internal/smtpd"

	"github.com/pocketbase/pocketbase/core"
)

// openDoor starts the SMTP listener and the writer behind it. Without a mail domain there is no address to take mail for.
func (a *Aside) openDoor(ctx context.Context, e *core.ServeEvent) error {
	a.running.Go(func() { a.intake.Run(ctx) })
	a.running.Go(func() { a.checkpoints.run(ctx, e.App) })
	if a.cfg.MailDomain == "" || a.cfg.SMTP == "" {
		return nil
	}
	a.door = &smtpd.Server{Domain: a.cfg.MailDomain, Trusted: a.cfg.SMTPTrusted, Log: e.App.Logger(), Known: a.known, Receive: a.receive}
	var err error
	if a.door.TLS, err = a.certificate(e); err != nil {
		return err
	}
	l, err := net.Listen("tcp", a.cfg.SMTP)
	if err != nil {
		return err
	}
	a.smtpAddr = l.Addr()
	a.doorUp.Store(true)
	a.running.Go(func() {
		defer a.doorUp.Store(false)
		if err := a.door.Serve(l); err != nil && !errors.Is(err, net.ErrClosed) {
			e.App.Logger().Error("the SMTP door closed", "error", err)
		}
	})
	return nil
}

func (a *Aside) known(ctx context.Context, addr string) error {
	return smtpReply(a.intake.Known(ctx, addr))
}

func (a *Aside) receive(ctx context.Context, e *smtpd.Envelope) error {
	err := a.intake.Receive(ctx, e)
	if err == nil {
		a.checkpoints.note(len(e.Data))
	}
	answer := smtpReply(err)
	var known *smtpd.Reply
	if err != nil && !errors.As(answer, &known) {
		a.app.Logger().Error("a letter could not be taken in", "error", err)
	}
	return answer
}

// smtpReply is the one table from the flow's errors to SMTP (RFC 5321 4.2, RFC 3463). What is not in it is 451 4.3.0, so that a
// fault of ours never makes a sender give up, and no text of it leaves (D3).
func smtpReply(err error) error {
	var malformed *email.Malformed
	var complex *email.TooComplex
	var refused *intake.Refused
	switch {
	case err == nil:
		return nil
	case errors.Is(err, intake.ErrUnknown):
		return &smtpd.Reply{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "Address not known here"}
	case errors.Is(err, intake.ErrTemporary):
		return &smtpd.Reply{Code: 451, Enhanced: [3]int{4, 4, 3}, Text: "A DNS look-up about the sender did not answer, try later"}
	case errors.Is(err, intake.ErrFull):
		return &smtpd.Reply{Code: 452, Enhanced: [3]int{4, 2, 2}, Text: "There is no room for more mail here, try later"}
	case errors.Is(err, intake.ErrHops):
		return &smtpd.Reply{Code: 554, Enhanced: [3]int{5, 4, 6}, Text: "Too many hops, this letter goes round"}
	case errors.As(err, &refused):
		return &smtpd.Reply{Code: 550, Enhanced: [3]int{5, 7, 1}, Text: refused.Words}
	case errors.As(err, &malformed):
		return &smtpd.Reply{Code: 550, Enhanced: [3]int{5, 6, 0}, Text: malformed.Error()}
	case errors.As(err, &complex):
		return &smtpd.Reply{Code: 554, Enhanced: [3]int{5, 6, 0}, Text: complex.Error()}
	}
	return err
}
