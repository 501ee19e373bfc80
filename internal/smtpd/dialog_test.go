package smtpd

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A dialog file holds the cases of one row of threats.md. Its lines:
//
//	# remark
//	limits idle=200ms errors=3  of the server, for all dialogs that follow
//	trusted 127.0.0.1/32        likewise
//	dialog NAME                 a new server, a new connection
//	modes plain tls slicer      how to run it; all three when not said
//	c -> TEXT                   send TEXT and CRLF; escapes as in Go (\r \n \x00 \\)
//	c => TEXT                   send TEXT alone
//	c * N TEXT                  send TEXT N times
//	c drip DURATION TEXT        send TEXT byte by byte, DURATION apart, until all is sent or refused
//	c base                      read the greeting, EHLO, MAIL, RCPT, each answered 2xx
//	c pause DURATION
//	c half-close                say that we are done (close_notify under TLS)
//	c cut                       TCP's FIN alone, also under TLS
//	c reset                     TCP's RST
//	c starttls                  shake hands
//	c open                      leave this connection for a new one
//	s <- TEXT                   the next reply's last line begins with TEXT
//	s ~> TEXT                   some later reply's last line begins with TEXT
//	s has TEXT, s lacks TEXT    about all lines of the last reply
//	s-raw has TEXT              about the bytes of the last reply, or the next, well formed or not
//	s closed                    nothing more comes but the end
//	stored N                    letters until now
//	stored has TEXT, lacks TEXT, is TEXT, from TEXT, to TEXT    about the last letter (lacks: all of them)
//	log lacks TEXT
type dialog struct {
	name    string
	modes   []string
	lines   []dialogLine
	limits  Limits
	trusted []netip.Prefix
	wait    time.Duration // for an answer, before the server counts as hung
}

type dialogLine struct {
	number     int
	verb, text string
}

var modes = []string{"plain", "tls", "slicer"}

// patience is how long tests wait for an answer before they call the server hung.
const patience = 20 * time.Second

func readDialogs(path string) ([]*dialog, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []*dialog
	limits, trusted := Limits{Greeting: -1}, []netip.Prefix(nil)
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimRight(line, " ")
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "", "#":
		case "limits":
			err = limits.parse(rest)
		case "trusted":
			trusted = []netip.Prefix{netip.MustParsePrefix(rest)}
		case "dialog":
			all = append(all, &dialog{name: rest, modes: modes, limits: limits, trusted: trusted, wait: patience})
		case "modes":
			all[len(all)-1].modes = strings.Fields(rest)
		case "c", "s", "s-raw", "stored", "log":
			arg, text, _ := strings.Cut(rest, " ")
			d := all[len(all)-1]
			d.lines = append(d.lines, dialogLine{i + 1, word + " " + arg, text})
		default:
			err = fmt.Errorf("unknown line %q", line)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
	}
	return all, nil
}

// parse reads name=value pairs, for the limits that dialogs change.
func (l *Limits) parse(s string) error {
	durations := map[string]*time.Duration{"idle": &l.Idle, "data": &l.Data, "grace": &l.DataGrace, "session": &l.Session, "write": &l.Write, "greeting": &l.Greeting, "handshake": &l.Handshake}
	numbers := map[string]*int64{"size": &l.MessageBytes, "held": &l.HeldBytes, "free": &l.FreeBytes}
	for pair := range strings.FieldsSeq(s) {
		name, value, _ := strings.Cut(pair, "=")
		var err error
		if d := durations[name]; d != nil {
			*d, err = time.ParseDuration(value)
		} else if n := numbers[name]; n != nil {
			*n, err = strconv.ParseInt(value, 10, 64)
		} else {
			err = fmt.Errorf("unknown limit %s", name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func TestDialogs(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no dialogs", err)
	}
	for _, file := range files {
		dialogs, err := readDialogs(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			for _, d := range dialogs {
				for _, mode := range d.modes {
					t.Run(d.name+"/"+mode, func(t *testing.T) {
						t.Parallel()
						door, _ := open(t, func(s *Server) { s.Limits, s.Trusted = d.limits, d.trusted })
						if err := d.run(door, mode); err != nil {
							t.Errorf("%s%v", file, err)
						}
						if log := door.log.String(); strings.Contains(log, "reply+good") {
							t.Errorf("a reply address is in the log: %s", log)
						}
					})
				}
			}
		})
	}
}

// run plays the dialog and returns the first line that went otherwise.
func (d *dialog) run(door *door, mode string) error {
	p := &player{door: door, mode: mode, wait: d.wait}
	defer p.close()
	if err := p.connect(); err != nil {
		return err
	}
	for _, line := range d.lines {
		if err := p.play(line.verb, unescape(line.text)); err != nil {
			return fmt.Errorf(":%d: (%s) %s %s: %w", line.number, mode, line.verb, line.text, err)
		}
	}
	return nil
}

// unescape reads Go's escapes, and leaves quotes alone.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\x22`) + `"`)
	if err != nil {
		panic(fmt.Sprintf("bad escape in %s", s)) // a mistake in a test file
	}
	return text
}
