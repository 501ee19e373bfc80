package intake

import (
	"slices"
	"strings"

	"aside/internal/email"
	"aside/internal/mailauth"

	"golang.org/x/net/publicsuffix"
)

// maxAddressed is how many addresses of To and Cc are looked at: each of ours is a MAC to check.
const maxAddressed = 100

// addressed tells whether the participant's address stands in a To or Cc that the sender vouches for. A genuine letter that somebody
// else sends on to another conversation does not have its address, and one put in on the way is not signed.
func (l *letter) addressed(r *route) bool {
	var list []email.Address
	if l.vouched("to") {
		list = append(list, l.message.To...)
	}
	if l.vouched("cc") {
		list = append(list, l.message.Cc...)
	}
	for _, a := range list[:min(len(list), maxAddressed)] {
		if l.in.isReplyAddressOf(r.participant, a.Address) {
			return true
		}
	}
	return false
}

// vouched tells whether a header field is covered by what proves the sender: a signature of their organization that names it, or
// their own machine that handed the letter over.
func (l *letter) vouched(field string) bool {
	v := l.verdict
	_, from, _ := strings.Cut(l.header.From().Address, "@")
	if v.SPF.Result == "pass" && sameOrganization(v.SPF.Domain, from) && !slices.Contains(v.Flags, mailauth.FlagSPFEveryone) {
		return true
	}
	signatures := l.header.Values("DKIM-Signature")
	for i, s := range v.DKIM {
		if i < len(signatures) && s.Result == "pass" && sameOrganization(s.Domain, from) && slices.Contains(signedFields(signatures[i]), field) {
			return true
		}
	}
	return false
}

// signedFields reads a signature's h= (RFC 6376 3.5), lower case.
func signedFields(signature string) (names []string) {
	for tag := range strings.SplitSeq(signature, ";") {
		name, value, _ := strings.Cut(tag, "=")
		if strings.TrimSpace(name) != "h" {
			continue
		}
		for n := range strings.SplitSeq(value, ":") {
			names = append(names, strings.ToLower(strings.TrimSpace(n)))
		}
	}
	return names
}

// sameOrganization compares registrable domains; the verdict has settled alignment already, this only picks the signature that made it.
func sameOrganization(a, b string) bool {
	if strings.EqualFold(a, b) {
		return a != ""
	}
	x, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(a))
	if err != nil {
		return false
	}
	y, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(b))
	return err == nil && x == y
}
