package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"aside/internal/courier"
	"aside/internal/doctor"
	"aside/internal/email"
	"aside/internal/mailauth"

	"github.com/pocketbase/dbx"
	"github.com/spf13/cobra"
)

// answerTime is how long the round trip waits for an answer: a person finds the letter and presses Reply.
const answerTime = 3 * time.Minute

func (m *Mail) doctorCommand() *cobra.Command {
	var to string
	var wait time.Duration
	c := &cobra.Command{Use: "doctor", Short: "Check everything that makes mail work, and say what to paste where it does not", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return m.examine(c, to, wait) }}
	c.Flags().StringVar(&to, "to", "", "an address of yours elsewhere: a letter is sent there, and its answer waited for")
	c.Flags().DurationVar(&wait, "wait", answerTime, "how long to wait for that answer")
	return c
}

func (m *Mail) examine(c *cobra.Command, to string, wait time.Duration) error {
	keys, err := m.signer()
	if err != nil && !errors.Is(err, errNoDomain) {
		return err
	}
	out, resolver := c.OutOrStdout(), mailauth.NewResolver(m.Config.DNS)
	d := doctor.Doctor{Resolver: resolver}
	if _, domain, found := strings.Cut(to, "@"); found {
		d.Outside = domain
	}
	checks := d.Examine(c.Context(), m.patient(keys))
	show(out, checks)
	if to != "" && keys != nil {
		trip := roundTrip{m, keys, to, wait, out}
		last := trip.checks(c.Context())
		show(out, last)
		checks = append(checks, last...)
	}
	if doctor.Failed(checks) {
		return plain("not everything works yet")
	}
	return nil
}

// show prints findings as lines, each with what to paste below it.
func show(out io.Writer, checks []doctor.Check) {
	for _, c := range checks {
		fmt.Fprintf(out, "%-4s  %-20s  %s\n", c.Status, c.Name, c.Says)
		if c.Paste != "" {
			fmt.Fprintf(out, "      %-20s  %s\n", "", c.Paste)
		}
	}
}

// roundTrip is a letter out and its answer back.
type roundTrip struct {
	m    *Mail
	keys *mailauth.Signer
	to   string
	wait time.Duration
	out  io.Writer
}

func (r *roundTrip) checks(ctx context.Context) []doctor.Check {
	began := time.Now().Add(-time.Second)
	way, err := r.send(ctx)
	if err != nil {
		return []doctor.Check{{Name: "letter out", Status: doctor.Fail, Says: err.Error()}}
	}
	checks := []doctor.Check{{Name: "letter out", Status: doctor.Pass, Says: way}}
	if r.m.Config.SMTP == "" || r.wait <= 0 {
		return append(checks, doctor.Check{Name: "answer back", Status: doctor.Warn, Says: "Not tried: the SMTP door is off, or nothing was to be waited for."})
	}
	show(r.out, checks)
	fmt.Fprintf(r.out, "      Now press Reply on the letter to %s. Waiting %s.\n", r.to, r.wait)
	return []doctor.Check{r.answer(ctx, began)}
}

// send hands a signed letter over as the server would.
func (r *roundTrip) send(ctx context.Context) (string, error) {
	address, err := email.CheckAddress(r.to)
	if err != nil {
		return "", err
	}
	me := "postmaster@" + r.m.Config.MailDomain
	text := "This is a test of the mail server " + r.m.Config.MailDomain + ", sent by `aside doctor`.\n\nPress Reply and send anything: when the answer arrives, the way back works too.\n"
	raw, err := email.Draft{From: email.Address{Name: "Aside doctor", Address: me}, To: []email.Address{{Address: address}}, Subject: "A test of " + r.m.Config.MailDomain,
		MessageID: fmt.Sprintf("doctor.%d@%s", time.Now().UnixNano(), r.m.Config.MailDomain), Date: time.Now(), Text: text}.Bytes()
	if err == nil {
		raw, err = r.keys.Sign(raw)
	}
	if err != nil {
		return "", err
	}
	road := &courier.Courier{Relay: r.m.Relay(), Resolver: mailauth.NewResolver(r.m.Config.DNS), Hello: r.m.Config.MailDomain, MXAllow: r.m.Config.MXAllow}
	defer road.Close()
	took, err := road.Deliver(ctx, courier.Parcel{From: me, To: address, Data: raw})
	if err != nil {
		return "", err
	}
	way := "in clear"
	if took.TLS != "" {
		way = "over " + took.TLS
	}
	return took.Remote + " took it " + way + " and said: " + took.Response, nil
}

// answer waits until the running server has taken in mail of that address for the postmaster, which it holds for the operator.
func (r *roundTrip) answer(ctx context.Context, began time.Time) doctor.Check {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(r.wait); time.Now().Before(end); {
		held, err := r.m.App.FindFirstRecordByFilter("held_mail", "from ~ {:from} && to ~ 'postmaster' && created >= {:since}",
			dbx.Params{"from": r.to, "since": began.UTC().Format("2006-01-02 15:04:05.000Z")})
		if err == nil {
			return doctor.Check{Name: "answer back", Status: doctor.Pass, Says: "The answer arrived: " + held.GetString("subject")}
		}
		select {
		case <-ctx.Done():
			return doctor.Check{Name: "answer back", Status: doctor.Fail, Says: "Stopped before an answer came."}
		case <-tick.C:
		}
	}
	return doctor.Check{Name: "answer back", Status: doctor.Fail, Says: "No answer arrived in " + r.wait.String() + ". Was one sent? Then it did not find the way: see MX and port 25 in."}
}
