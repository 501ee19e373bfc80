package cli

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"aside/internal/desk"
	"aside/internal/email"
)

// mailPage is the caught-mail page: mailboxes, the letters of one, and one letter open.
type mailPage struct {
	Version int
	Inbox   string // where the agents' inbox is
	Box     string // the mailbox shown; "" for all
	Total   int
	Boxes   []mailbox
	Rows    []letterRow
	Letter  *openLetter
}

// mailbox is one address that got mail. Audience is customer, team or outside, as everywhere in Aside.
type mailbox struct {
	Address, Name, Audience string
	Count                   int
	On                      bool
}

type letterRow struct {
	URL, From, To, Subject, Snippet, At, Audience string
	On, Answered                                  bool
}

// openLetter is a letter as its recipient's mail program shows it, with the form to answer it.
type openLetter struct {
	ID                          int
	Box, View, Audience         string
	Subject, From, Address, Me  string
	MyAddress, At, Returns      string
	HasHTML                     bool
	Height                      int // of the frame, in pixels: a sandboxed letter cannot tell, so it is guessed
	Text, Source                string
	Header                      [][2]string
	Files                       []letterFile
	Answerable                  bool
	AnswerTo, AnswerName, First string
	Modes                       []modeChoice
	Answers                     []answerRow
	Draft, Trouble              string
}

type letterFile struct {
	N    int
	Name string
	Size string
}

type modeChoice struct {
	Mode         answerMode
	Label, Tells string
	On           bool
}

type answerRow struct {
	N                             int
	At, From, Text, How, Response string
	Taken                         bool
}

func boxQuery(box string) string {
	if box == "" {
		return ""
	}
	return "?box=" + url.QueryEscape(box)
}

// list fills in the mailboxes and the letters of the one that is shown.
func (p *mailPage) list(letters []caughtLetter, open *caughtLetter, audience func(string) string) {
	p.Total = len(letters)
	for _, l := range letters {
		i := slices.IndexFunc(p.Boxes, func(b mailbox) bool { return b.Address == l.To })
		if i < 0 {
			i = len(p.Boxes)
			p.Boxes = append(p.Boxes, mailbox{Address: l.To, Name: cmp.Or(l.who().Name, l.To), Audience: audience(l.To), On: l.To == p.Box})
		}
		p.Boxes[i].Count++
		if p.Box != "" && p.Box != l.To {
			continue
		}
		p.Rows = append(p.Rows, letterRow{URL: fmt.Sprintf("/letters/%d%s", l.ID, boxQuery(p.Box)), From: cmp.Or(l.Message.From.Name, l.Message.From.Address),
			To: cmp.Or(l.who().Name, l.To), Subject: l.Message.Subject, Snippet: gist(l.Message), At: shortTime(l.At, time.Now()), Audience: audience(l.To),
			On: open != nil && open.ID == l.ID, Answered: slices.ContainsFunc(l.Answers, func(a sentAnswer) bool { return a.Taken })})
	}
	order := map[string]int{"outside": 0, "customer": 1, "team": 2}
	slices.SortStableFunc(p.Boxes, func(a, b mailbox) int { return cmp.Compare(order[a.Audience], order[b.Audience]) })
}

// open fills in the letter that is read.
func (p *mailPage) open(l caughtLetter, view, audience string) {
	m, me := l.Message, l.who()
	o := &openLetter{ID: l.ID, Box: p.Box, Audience: audience, Subject: m.Subject, From: cmp.Or(m.From.Name, m.From.Address), Address: m.From.Address,
		Me: cmp.Or(me.Name, l.To), MyAddress: l.To, At: l.At.Format("Mon, 2 Jan 2006, 15:04"), Returns: l.From, HasHTML: m.HTML != "", Height: frameHeight(m.Text),
		Text: m.Text, Source: string(l.Raw), Header: headerRows(l.Raw), Files: []letterFile{}}
	o.View = view
	if !slices.Contains([]string{"text", "headers", "source"}, view) {
		o.View = "letter"
	}
	for i, a := range m.Attachments {
		o.Files = append(o.Files, letterFile{i, a.Name, sizeWords(a.Size)})
	}
	to, known := l.answerTo()
	o.Answerable = known && m.Header.Get("Auto-Submitted") == ""
	o.AnswerTo, o.AnswerName, o.First = to.Address, cmp.Or(to.Name, to.Address), desk.FirstName(o.Me)
	o.Modes = modes(l)
	for i, a := range l.Answers {
		o.Answers = append(o.Answers, answerRow{i, shortTime(a.At, time.Now()), a.From, a.Text, modeWords[a.Mode], a.Response, a.Taken})
	}
	p.Letter = o
}

// modeWords say how an answer was sent.
var modeWords = map[answerMode]string{asThemselves: "signed", asOther: "from another address", asSilent: "unsigned", asVacation: "as a vacation note", asForged: "forged"}

// modes are the ways to answer, each with what it will show in the inbox.
func modes(l caughtLetter) []modeChoice {
	_, domain, _ := strings.Cut(l.To, "@")
	from := func(m answerMode) string { return demoAnswer{Letter: l, Mode: m}.sender().Address }
	return []modeChoice{
		{asThemselves, "As themselves", "From " + l.To + ", signed by " + domain + ". The inbox shows it as verified.", true},
		{asOther, "From another address", "From " + from(asOther) + ", signed there. The team sees it, with a question: is this the same person?", false},
		{asSilent, "Unsigned", "From " + from(asSilent) + ", a domain that says nothing about its mail. Nobody can tell who wrote it.", false},
		{asVacation, "As a vacation note", "What a mail program sends by itself. It is kept, folded, and nobody is told.", false},
		{asForged, "Forged", "Somebody else in the name of " + l.To + ". " + domain + " asks that such mail be refused, and the door does.", false},
	}
}

// audience is who an address belongs to: an agent, a customer, or somebody outside.
func (d *Demo) audience(address string) string {
	if _, err := d.App.FindAuthRecordByEmail("users", address); err == nil {
		return "team"
	}
	if _, err := d.App.FindFirstRecordByData("feedback", "submitterEmail", address); err == nil {
		return "customer"
	}
	return "outside"
}

// frame is a letter's HTML as a page: links open elsewhere, pictures come from the letter itself.
func frame(l caughtLetter) string {
	page := l.Message.HTML
	for i, a := range l.Message.Attachments {
		if a.ContentID != "" && isPicture(a) {
			page = strings.ReplaceAll(page, "cid:"+a.ContentID, fmt.Sprintf("/letters/%d/files/%d", l.ID, i))
		}
	}
	const target = `<base target="_blank">`
	if i := strings.Index(page, "<head>"); i >= 0 {
		return page[:i+len("<head>")] + target + page[i+len("<head>"):]
	}
	return "<!doctype html>" + target + page
}

// isPicture tells what a frame may load: drawings that are programs (SVG) are not among them.
func isPicture(a email.Attachment) bool {
	return a.Inline && slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "image/webp"}, a.Type)
}

// gist is the beginning of what was written, without the marker line that our letters begin with.
func gist(m *email.Message) string {
	for line := range strings.Lines(m.Text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") && !strings.Contains(line, "above this line") {
			return desk.Cut(line, 120)
		}
	}
	return ""
}

// frameHeight guesses how high a letter is: lines of 68 characters and 24 pixels, half as much between paragraphs, two for a button
// (an address in the text). A frame scrolls when that is wrong.
func frameHeight(text string) int {
	const line, gap, margins = 24, 14, 72
	height := margins
	for s := range strings.Lines(text) {
		switch s = strings.TrimSpace(s); {
		case s == "":
			height += gap
		case strings.Contains(s, "://"):
			height += 2 * line
		default:
			height += line * (1 + utf8.RuneCountInString(s)/68)
		}
	}
	return min(max(height, 220), 900)
}

func headerRows(raw []byte) (rows [][2]string) {
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			if n := len(rows); n > 0 {
				rows[n-1][1] += "\n" + line
			}
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		rows = append(rows, [2]string{name, strings.TrimSpace(value)})
	}
	return rows
}

func shortTime(t, now time.Time) string {
	y, m, d := now.Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	switch {
	case !t.Before(midnight):
		return t.Format("15:04")
	case !t.Before(midnight.AddDate(0, 0, -1)):
		return "Yesterday"
	case !t.Before(midnight.AddDate(0, 0, -6)):
		return t.Format("Mon")
	}
	return t.Format("2 Jan")
}

func sizeWords(n int) string {
	switch {
	case n < 1000:
		return strconv.Itoa(n) + " B"
	case n < 1000_000:
		return strconv.Itoa((n+500)/1000) + " kB"
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
