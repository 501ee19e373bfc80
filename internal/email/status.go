package email

import (
	"regexp"
	"strings"
)

var (
	enhancedCode = regexp.MustCompile(`(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:$|[^\d.]|\.(?:\D|$))`)
	replyCode    = regexp.MustCompile(`(?:^|[^\d.])([45])\d\d(?:[ -]|$)`)
)

// statusCode finds an RFC 3463 code, or "".
func statusCode(s string) string {
	if m := enhancedCode.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return ""
}

// softWords are reasons that pass: writing again later may well succeed.
var softWords = []string{"quota", "mailbox full", "mailbox is full", "mailfolder is full", "space not enough", "insufficient storage",
	"insufficient disk", "out of space", "temporar", "try again", "try later", "too large", "too big", "exceeds", "exceeded maximum",
	"timed out", "timeout", "greylist", "connection refused", "too many hops", "loop", "rate limit", "blocked", "spam", "blacklist",
	"policy", "over the maximum", "storage limit", "voll", "llena", "pleine", "piena", "переполнен"}

// isHard tells an address that is no good from a letter that did not get through: a 5.x.x code about the address, or
// words that do not sound as if they would pass. Full (x.2.2), size (x.3.4, x.2.3), network, protocol and policy
// codes (x.4.x, x.5.x, x.7.x) say nothing against the address.
func isHard(status, words string) bool {
	if status != "" && !strings.HasSuffix(status, ".0.0") {
		class, rest, _ := strings.Cut(status, ".")
		subject, detail, _ := strings.Cut(rest, ".")
		switch {
		case class != "5", subject == "4", subject == "5", subject == "6", subject == "7", subject == "3":
			return false
		case subject == "2":
			return detail == "1" // disabled; full, too long and list expansion pass
		}
		return true
	}
	lower := strings.ToLower(words)
	for _, w := range softWords {
		if strings.Contains(lower, w) {
			return false
		}
	}
	m := replyCode.FindStringSubmatch(words)
	return m == nil || m[1] == "5"
}
