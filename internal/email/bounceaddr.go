package email

import (
	"regexp"
	"strings"
)

// returnedMarks begin the returned letter in prose reports.
var returnedMarks = []string{"is a copy of", "copy of the message", "original message", "returned mail", "message header follows", "header of the source mail", "unsent message", "text of your message",
	"old message", "message follows", "mail follows", "headers follow", "header follows", "returned message", "message headers", "message text", "message body", "start of returned", "original headers", "attached message", "ursprüngliche nachricht", "message d'origine",
	"mensaje original", "messaggio originale"}

var traceLine = regexp.MustCompile(`(?i)^[> \t]*(received: +(from|by|\()|return-path: *<|x-mailer:|mime-version: *1|dkim-signature:|delivered-to: )`)

// splitReturned parts a report's own words from the letter it returns.
func splitReturned(text string) (words, original string) {
	for pos := 0; pos < len(text); {
		line, next := cutLine(text, pos)
		if pos > 0 && (traceLine.MatchString(line) || isReturnedMark(line)) {
			return text[:pos], text[pos:]
		}
		pos = next
	}
	return text, ""
}

func isReturnedMark(line string) bool {
	lower := strings.ToLower(strings.TrimSpace(line))
	if len(lower) > 100 || strings.Contains(lower, "transcript") || !containsAny(lower, returnedMarks) {
		return false
	}
	bare := strings.Trim(lower, "-=_*#+> .:")
	ruled := len(lower)-len(bare) >= 4
	return ruled || strings.HasSuffix(lower, ":") || strings.HasSuffix(lower, "follows.") || strings.HasPrefix(bare, "original message") || strings.Contains(lower, "below")
}

var anyAddress = regexp.MustCompile("[A-Za-z0-9_.+=/&'*~#!$%?^`{|}-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9-]+)*\\.[A-Za-z]{2,24}")

// failedAddresses are the recipients a prose report is about, with the words about each. X-Failed-Recipients is Exim's
// and Google's; else the strongest places in the text, else the subject, else whom the returned letter was for.
func (m *Message) failedAddresses(header, words, original string) []ReportRecipient {
	found := newFinder(m)
	for _, a := range anyAddress.FindAllString(header, maxRecipients) {
		found.add(a, 9, aboutAddress(words, a))
	}
	found.scan(words)
	if len(found.list) == 0 {
		for _, a := range anyAddress.FindAllString(m.Subject, maxRecipients) {
			found.add(a, 4, diagnostic(m.Subject))
		}
	}
	if !found.sure() {
		found.scanTrace(original)
	}
	return found.best()
}

// finder gathers candidate addresses, each once, with how sure their place makes us.
type finder struct {
	not  map[string]bool // addresses that are somebody else: who got the report, who sent it
	list []candidate
}

type candidate struct {
	ReportRecipient
	score int
}

func newFinder(m *Message) *finder {
	f := &finder{not: map[string]bool{strings.ToLower(m.From.Address): true}}
	for _, a := range m.To {
		f.not[strings.ToLower(a.Address)] = true
	}
	return f
}

func (f *finder) add(addr string, score int, words string) {
	addr = strings.Trim(looseSpec(addr), "'`*=")
	if i := strings.LastIndexByte(addr, '='); i == 4 && strings.EqualFold(addr[:4], "smtp") {
		addr = addr[5:] // X.400's way to name an Internet address
	}
	lower := strings.ToLower(addr)
	local, _, _ := strings.Cut(lower, "@")
	if f.not[lower] || local == "postmaster" || local == "mailer-daemon" || local == "abuse" || local == "" || len(f.list) >= maxRecipients {
		return
	}
	for i := range f.list {
		if strings.EqualFold(f.list[i].Address, addr) {
			f.list[i].score = max(f.list[i].score, score)
			return
		}
	}
	f.list = append(f.list, candidate{ReportRecipient{Address: addr, Status: statusCode(words), Diagnostic: diagnostic(words)}, score})
}

// scan weighs every address of the report's own words by the line it stands in and the lines above.
func (f *finder) scan(words string) {
	lines := strings.Split(words, "\n")
	intro := 0 // lines since one that announces addresses
	for i, line := range lines {
		lower := strings.ToLower(line)
		addrs := anyAddress.FindAllString(line, 8)
		for _, a := range addrs {
			if i+1 < len(lines) && strings.Contains(lines[i+1], "(expanded from: ") {
				if e := anyAddress.FindString(lines[i+1]); e != "" {
					a, line = e, strings.Replace(line, a, e, 1) // sendmail's alias: the address that was written to
					lower = strings.ToLower(line)
				}
			}
			f.add(a, lineScore(lower, strings.ToLower(a), intro > 0), strings.Join(lines[i:min(len(lines), i+6)], "\n"))
		}
		if containsAny(lower, []string{"following", "recipient", "address", "delivered", "deliver ", "did not receive", "reach", "failed", "undeliverable", "user"}) {
			intro = 6
		} else if strings.TrimSpace(line) != "" && len(addrs) == 0 {
			intro--
		}
	}
}

// opensLine: an address alone on its line, or opening it, is what a list of failures looks like.
func opensLine(line, addr string) bool {
	before, after, _ := strings.Cut(line, addr)
	before, after = strings.Trim(before, " \t<>\"'(*-:;,"), strings.TrimLeft(after, " \t>\"')")
	return before == "" && (after == "" || strings.IndexByte(":;,.([-", after[0]) >= 0 || strings.HasPrefix(after, "on "))
}

// lineScore says how sure a line makes us that an address in it is one that failed.
func lineScore(line, addr string, introduced bool) int {
	score := 0
	if opensLine(line, addr) {
		score += 4
	}
	if introduced {
		score += 2
	}
	if containsAny(line, undelivered) || containsAny(line, []string{"rcpt to", "recipient", "userid", "unknown", "invalid", "user ", "failed"}) {
		score += 4
	}
	if containsAny(line, []string{"mail from", "from:", "sender", "contact", "help", "assist", "reply", "please", "subject:", "sent:", "via ", "postmaster", "support", "for <"}) {
		score -= 4
	}
	if strings.HasPrefix(strings.TrimSpace(line), "to:") || strings.HasPrefix(strings.TrimSpace(line), "cc:") {
		score -= 3
	}
	return score
}

var traceFor = regexp.MustCompile(`(?i)(?:^|\s)(?:for|delivered-to:|x-original-to:|to:)\s+<?(` + anyAddress.String() + `)`)

// scanTrace asks the returned letter's own trace whom it was for.
func (f *finder) scanTrace(original string) {
	for _, g := range traceFor.FindAllStringSubmatch(original[:min(len(original), 8192)], 4) {
		n := len(f.list)
		if f.add(g[1], sureScore, ""); len(f.list) > n || f.sure() {
			return
		}
	}
}

// sureScore is what a place must be worth for an address in it to be believed.
const sureScore = 4

func (f *finder) sure() bool {
	for i := range f.list {
		if f.list[i].score >= sureScore {
			return true
		}
	}
	return false
}

// best keeps the sure ones, or, when none is sure, the first of the likeliest.
func (f *finder) best() []ReportRecipient {
	top, at := -99, 0
	var sure []ReportRecipient
	for i, c := range f.list {
		if c.score >= sureScore {
			sure = append(sure, c.ReportRecipient)
		}
		if c.score > top {
			top, at = c.score, i
		}
	}
	if len(sure) == 0 && len(f.list) > 0 && top >= 0 {
		return []ReportRecipient{f.list[at].ReportRecipient}
	}
	return sure
}

// aboutAddress is the text that follows an address.
func aboutAddress(words, addr string) string {
	if _, after, ok := strings.Cut(words, addr); ok {
		return after[:min(len(after), 600)]
	}
	return ""
}

// idIn finds the Message-ID of a returned letter within text.
func idIn(original string) string {
	for pos := 0; pos < len(original); {
		line, next := cutLine(original, pos)
		line = strings.TrimLeft(line, "> \t")
		if len(line) > 11 && strings.EqualFold(line[:11], "message-id:") {
			return firstID(line[11:])
		}
		pos = next
	}
	return ""
}
