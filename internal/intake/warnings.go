package intake

import (
	"strings"

	"aside/internal/desk"
	"aside/internal/email"

	"github.com/pocketbase/pocketbase/core"
)

// maxWarnings keeps a letter with a thousand names in Cc readable.
const maxWarnings = 20

// warnings are what an agent should know besides the verdict, the most telling first. sameID: the conversation has its Message-ID already.
func (l *letter) warnings(tx core.App, r *route, sameID bool) (list []string, err error) {
	from := l.header.From()
	var known []desk.Known
	if !desk.IsThem(r.participant, from.Address) || strings.Contains(from.Address, "xn--") { // else nobody's name or domain is borrowed
		if known, err = desk.KnownPeople(tx, r.thread); err != nil {
			return nil, err
		}
	}
	list = append(lookalikes(from, known), l.oddities(sameID)...)
	for _, a := range l.message.ReplyTo {
		if !desk.SameAddress(a.Address, from.Address) && !l.ours(a.Address) {
			list = append(list, "It asks for answers to "+a.Address+" instead. Yours go to the people on this conversation.")
		}
	}
	for _, a := range append(append([]email.Address{}, l.message.To...), l.message.Cc...) {
		if len(list) >= maxWarnings {
			break
		}
		if a.Address != "" && !l.ours(a.Address) && !desk.SameAddress(a.Address, from.Address) && !desk.IsThem(r.participant, a.Address) {
			list = append(list, "Also addressed to "+a.Address+".")
		}
	}
	for i := range list {
		list[i] = mask(desk.OneLine(list[i], 500))
	}
	return list[:min(len(list), maxWarnings)], nil
}

// oddities are facts of the letter itself.
func (l *letter) oddities(sameID bool) (list []string) {
	if sameID {
		list = append(list, "Another letter with the same Message-ID and other content is here already.") // L-14
	}
	if h := l.header; h.Count("List-Id") > 0 || strings.EqualFold(strings.TrimSpace(h.Get("Precedence")), "list") {
		list = append(list, "It came through a mailing list, so others read it too.") // L-03
	}
	for _, flag := range l.verdict.Flags {
		if words := flagWords[flag]; words != "" {
			list = append(list, words)
		}
	}
	return list
}

// flagWords are the findings of mailauth that an agent can do something with.
var flagWords = map[string]string{
	"partially_signed": "Its signature leaves out a part of what is shown, which somebody on the way could have changed.",
}

// ours tells addresses of our own mail domain, which are never named: they may hold a token.
func (l *letter) ours(address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	return strings.EqualFold(domain, l.in.Domain)
}
