// Package cli holds Aside's own commands beside PocketBase's: one file each.
package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"aside/internal/email"
	"aside/internal/intake"
	"aside/internal/mailauth"
	"aside/internal/quote"
	"aside/internal/safehtml"
	"aside/internal/smtpd"

	"github.com/spf13/cobra"
)

// inspection is one letter as `aside inspect` prints it (interface.md).
type inspection struct {
	File        string            `json:"file"`
	Error       string            `json:"error,omitempty"`
	Subject     string            `json:"subject"`
	From        address           `json:"from"`
	To          []address         `json:"to"`
	Cc          []address         `json:"cc"`
	Date        string            `json:"date"`
	MessageID   string            `json:"messageId"`
	InReplyTo   string            `json:"inReplyTo"`
	References  []string          `json:"references"`
	Kind        email.Kind        `json:"kind"`
	Report      *report           `json:"report,omitempty"`
	Text        string            `json:"text"`
	Fresh       string            `json:"fresh"`
	Quoted      string            `json:"quoted"`
	HTML        string            `json:"html"`
	Attachments []attachment      `json:"attachments"`
	Auth        *mailauth.Verdict `json:"auth,omitempty"`
	Warnings    []string          `json:"warnings,omitempty"`
}

type address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

type report struct {
	Recipients []recipient `json:"recipients"`
}

type recipient struct {
	Address    string `json:"address"`
	Action     string `json:"action"`
	Status     string `json:"status"`
	Diagnostic string `json:"diagnostic"`
	Hard       bool   `json:"hard"`
}

type attachment struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Size      int    `json:"size"`
	Inline    bool   `json:"inline"`
	ContentID string `json:"contentId"`
}

// inspector reads files as the SMTP door would.
type inspector struct {
	dns, ip, helo, mailFrom, as string
	now                         int64
	checker                     *mailauth.Checker
}

// Inspect is `aside inspect`: what would be read in these letters, one JSON object a line. It never writes.
func Inspect() *cobra.Command {
	in := &inspector{}
	c := &cobra.Command{Use: "inspect FILE…", Short: "Read letters as the SMTP door would and print what is in them", Args: cobra.MinimumNArgs(1), SilenceUsage: true,
		RunE: func(cmd *cobra.Command, files []string) error { return in.run(cmd, files) }}
	f := c.Flags()
	f.StringVar(&in.dns, "dns", "", `a JSON file of DNS answers {"name.": ["txt", …]}, or host:port of a resolver`)
	f.Int64Var(&in.now, "now", 0, "unix time to judge at")
	f.StringVar(&in.ip, "ip", "", "address of the sending server")
	f.StringVar(&in.helo, "helo", "", "name it gave in EHLO")
	f.StringVar(&in.mailFrom, "mailfrom", "", "envelope sender")
	f.StringVar(&in.as, "as", "mail", "mail, text (a plain body) or html (a fragment)")
	return c
}

func (in *inspector) run(cmd *cobra.Command, files []string) error {
	in.checker = &mailauth.Checker{}
	if in.now != 0 {
		in.checker.Now = func() time.Time { return time.Unix(in.now, 0) }
	}
	if err := in.resolver(); err != nil {
		return err
	}
	out := bufio.NewWriter(cmd.OutOrStdout())
	defer out.Flush()
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for _, file := range files {
		if err := enc.Encode(in.file(file)); err != nil {
			return err
		}
	}
	return nil
}

func (in *inspector) resolver() error {
	if _, _, err := net.SplitHostPort(in.dns); err == nil || in.dns == "" {
		in.checker.Resolver = mailauth.NewResolver(in.dns)
		return nil
	}
	data, err := os.ReadFile(in.dns)
	if err != nil {
		return err
	}
	in.checker.Resolver, err = mailauth.LoadMapResolver(data)
	if err != nil {
		return fmt.Errorf("--dns: %w", err)
	}
	return nil
}

func (in *inspector) file(name string) (row inspection) {
	row = inspection{File: name, To: []address{}, Cc: []address{}, References: []string{}, Attachments: []attachment{}, Kind: email.KindReply}
	raw, err := readLetter(name)
	if err != nil {
		row.Error = err.Error()
		return row
	}
	switch in.as {
	case "text":
		row.Text = string(raw)
		row.Fresh, row.Quoted = quote.Text(row.Text)
	case "html":
		fresh, quoted := quote.HTML(string(raw))
		row.HTML, row.Text = string(safehtml.Clean(string(raw), nil)), safehtml.Plain(string(raw))
		row.Fresh, row.Quoted = safehtml.Plain(fresh), safehtml.Plain(quoted)
	default:
		in.letter(raw, &row)
	}
	return row
}

// errOverSize is what the door says to a letter over its SIZE (RFC 1870), which nobody reads then.
var errOverSize = errors.New("552 5.3.4 Letter is larger than SIZE")

// readLetter reads a file, but no more of it than the door would take.
func readLetter(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, smtpd.MessageBytes+1))
	if err == nil && len(raw) > smtpd.MessageBytes {
		return nil, errOverSize
	}
	return raw, err
}

// letter runs the stages of intake up to the point where records begin.
func (in *inspector) letter(raw []byte, row *inspection) {
	data := wire(raw)
	if len(data) > smtpd.MessageBytes {
		row.Error = errOverSize.Error()
		return
	}
	header, err := email.ReadHeader(data)
	if err != nil {
		row.Error = "550 5.6.0 " + err.Error()
	}
	m, err := email.Parse(raw)
	var complex *email.TooComplex
	if errors.As(err, &complex) {
		row.Error = "554 5.6.0 " + err.Error()
		return
	}
	row.describe(m, intake.Read(m))
	from := m.From.Address
	if header != nil {
		from = header.From().Address
	}
	v := in.checker.Check(context.Background(), mailauth.Letter{Remote: net.ParseIP(in.ip), Helo: in.helo, MailFrom: in.mailFrom, From: from, Raw: data})
	if header == nil {
		v.Verified = false // the door refuses it, whatever its signatures say
	}
	if v.DKIM == nil {
		v.DKIM = []mailauth.Signature{}
	}
	row.Auth = &v
}

func (row *inspection) describe(m *email.Message, r intake.Reading) {
	row.Subject, row.From, row.To, row.Cc = m.Subject, address(m.From), addresses(m.To), addresses(m.Cc)
	row.MessageID, row.InReplyTo, row.Kind = m.MessageID, m.InReplyTo, m.Kind
	row.References = append(row.References, m.References...)
	if !m.Date.IsZero() {
		row.Date = m.Date.Format(time.RFC3339)
	}
	row.Text, row.Fresh, row.Quoted, row.HTML, row.Warnings = r.Text, r.Fresh, r.Quoted, r.HTML, r.Warnings
	for _, a := range m.Attachments {
		row.Attachments = append(row.Attachments, attachment{a.Name, a.Type, a.Size, a.Inline, a.ContentID})
	}
	if m.Report != nil {
		row.Report = &report{Recipients: []recipient{}}
		for _, x := range m.Report.Recipients {
			row.Report.Recipients = append(row.Report.Recipients, recipient(x))
		}
	}
}

func addresses(list []email.Address) []address {
	out := make([]address, len(list))
	for i, a := range list {
		out[i] = address(a)
	}
	return out
}

// wire is a file as it would come over SMTP: every line ends in CRLF (RFC 5321 2.3.8). A file that has only such lines is left alone.
func wire(raw []byte) []byte {
	lines := bytes.Count(raw, []byte("\n"))
	if bytes.Count(raw, []byte("\r")) == lines && bytes.Count(raw, []byte("\r\n")) == lines {
		return raw
	}
	s := strings.NewReplacer("\r\n", "\r\n", "\n", "\r\n", "\r", "\r\n").Replace(string(raw))
	return []byte(s)
}
