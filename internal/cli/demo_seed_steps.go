package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"aside/internal/desk"
	"aside/internal/email"

	"github.com/pocketbase/pocketbase/core"
)

// sampleStep is one thing that happened on an item, and when.
type sampleStep struct {
	at time.Time
	do func(ctx context.Context, s *seed, item *core.Record) error
}

// noteBy is a team-only remark.
func noteBy(by, text string) func(context.Context, *seed, *core.Record) error {
	return func(_ context.Context, s *seed, item *core.Record) error {
		return s.app.RunInTransaction(func(tx core.App) error {
			_, err := desk.AddNote(tx, s.people[by], item.Id, text, "", nil)
			return err
		})
	}
}

// toCustomer is the team's answer in the customer thread.
func toCustomer(by, text string) func(context.Context, *seed, *core.Record) error {
	return func(ctx context.Context, s *seed, item *core.Record) error {
		return s.call(ctx, by, "/api/collections/customer_messages/records", map[string]any{"feedback": item.Id, "body": text})
	}
}

// toOutside starts a side conversation.
func toOutside(by, to, subject, text string) func(context.Context, *seed, *core.Record) error {
	return func(ctx context.Context, s *seed, item *core.Record) error {
		return s.call(ctx, by, "/api/side-conversations", map[string]any{"feedback": item.Id, "to": []string{to}, "subject": subject, "message": text,
			"includeContext": true, "hideSubmitter": true, "sharePortal": true})
	}
}

// fromMailbox is an answer to the newest letter in a mailbox, signed, through the SMTP door.
func fromMailbox(address, text string, files ...email.Attachment) func(context.Context, *seed, *core.Record) error {
	return func(ctx context.Context, s *seed, _ *core.Record) error {
		letter, err := s.newestTo(ctx, address)
		if err != nil {
			return err
		}
		sent, err := s.d.answer(demoAnswer{Letter: letter, Mode: asThemselves, Text: text, Quote: true, Files: files})
		if err == nil && !sent.Taken {
			err = errors.New(sent.Response)
		}
		return err
	}
}

// toProject is a colleague's letter to the project's own address that answers one of ours: it is held, with the thread it may belong to.
func toProject(from email.Address, mailbox, text string) func(context.Context, *seed, *core.Record) error {
	return func(ctx context.Context, s *seed, _ *core.Record) error {
		letter, err := s.newestTo(ctx, mailbox)
		if err != nil {
			return err
		}
		_, domain, _ := strings.Cut(from.Address, "@")
		raw, err := email.Draft{From: from, To: []email.Address{letter.Message.From}, Subject: "Re: " + letter.Message.Subject, Date: time.Now(),
			MessageID: strings.ToLower(rand.Text()) + "@" + domain, InReplyTo: letter.Message.MessageID, References: []string{letter.Message.MessageID}, Text: text}.Bytes()
		if err == nil {
			raw, err = signAs(domain, s.d.names.private, raw)
		}
		if err != nil {
			return err
		}
		reply, taken, err := carry(s.d.SMTPAddr(), posting{Source: honestSource, Helo: "mail." + domain, From: from.Address, To: letter.Message.From.Address, Raw: raw})
		if err == nil && !taken {
			err = errors.New(reply)
		}
		return err
	}
}

// newestTo is the last letter in a mailbox; the first is waited for.
func (s *seed) newestTo(ctx context.Context, address string) (caughtLetter, error) {
	if _, err := s.d.catcher.wait(ctx, address, 0); err != nil {
		return caughtLetter{}, fmt.Errorf("no letter to %s: %w", address, err)
	}
	letters, _ := s.d.catcher.all()
	for _, l := range letters {
		if l.To == address {
			return l, nil
		}
	}
	return caughtLetter{}, fmt.Errorf("no letter to %s", address)
}

// call uses the HTTP API as one of the agents.
func (s *seed) call(ctx context.Context, by, path string, body any) error {
	token, err := s.people[by].NewAuthToken()
	if err != nil {
		return err
	}
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.d.Config.PublicURL+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", token)
	req.Header.Set("Content-Type", "application/json")
	res, err := loopbackClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if answer, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("POST %s: %s %s %w", path, res.Status, answer, err)
	}
	return nil
}
