package intake

import (
	"strings"
	"unicode"

	"aside/internal/desk"
	"aside/internal/email"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// lookalikes says in words when a sender's name or domain seems to be somebody else's. It never changes what a letter may do: names
// prove nothing either way.
func lookalikes(from email.Address, known []desk.Known) (list []string) {
	if strings.Contains(from.Name, "@") && !strings.Contains(strings.ToLower(from.Name), strings.ToLower(from.Address)) {
		list = append(list, "Its name looks like another address than the one it came from, "+from.Address+".")
	}
	if k, is := borrowed(from, known); is {
		who := "somebody on this conversation"
		if k.Team {
			who = "your team"
		}
		list = append(list, "It calls itself “"+from.Name+"”, like "+who+", but comes from "+from.Address+".")
	}
	local, domain, _ := strings.Cut(from.Address, "@")
	if !isASCII(local) {
		list = append(list, "Its address has letters that can be mistaken for others: "+from.Address+".")
	}
	return append(list, foreignDomain(domain, known)...)
}

// borrowed finds the known person whose name a stranger uses.
func borrowed(from email.Address, known []desk.Known) (whose desk.Known, is bool) {
	name := skeleton(from.Name)
	if name == "" {
		return whose, false
	}
	for _, k := range known {
		if desk.SameAddress(k.Email, from.Address) {
			return whose, false
		}
		if !is && skeleton(k.Name) == name {
			whose, is = k, true
		}
	}
	return whose, is
}

// foreignDomain says of a domain in another alphabet how it reads, and whose it resembles. It is shown as punycode everywhere.
func foreignDomain(domain string, known []desk.Known) []string {
	if !strings.Contains(domain, "xn--") {
		return nil
	}
	read, err := idna.Punycode.ToUnicode(domain)
	if err != nil {
		return []string{"Its domain, " + domain + ", is not written as a domain should be."}
	}
	for _, k := range known {
		if _, theirs, _ := strings.Cut(k.Email, "@"); theirs != "" && skeleton(theirs) == skeleton(read) {
			return []string{"Its domain, " + domain + ", looks like " + theirs + " but is another one."}
		}
	}
	if mixed(read) {
		return []string{"Its domain, " + domain + ", mixes letters of several alphabets, which honest ones do not."}
	}
	return []string{"Its domain, " + domain + ", reads “" + read + "”."}
}

// mixed tells whether one label has letters of two scripts, Latin among them or not. Japanese mixes three by rule.
func mixed(domain string) bool {
	for label := range strings.SplitSeq(domain, ".") {
		seen := map[string]bool{}
		for _, r := range label {
			for _, script := range []string{"Latin", "Cyrillic", "Greek", "Armenian", "Hebrew", "Arabic", "Cherokee", "Thai"} {
				if unicode.Is(unicode.Scripts[script], r) {
					seen[script] = true
				}
			}
		}
		if len(seen) > 1 {
			return true
		}
	}
	return false
}

// twins are letters of other alphabets that look like Latin ones in most faces (a part of Unicode's confusables, UTS 39).
var twins = strings.NewReplacer(
	"а", "a", "в", "b", "с", "c", "ԁ", "d", "е", "e", "һ", "h", "і", "i", "ї", "i", "ј", "j", "к", "k", "ӏ", "l", "м", "m", "п", "n", "о", "o", "р", "p", "ԛ", "q", "г", "r",
	"ѕ", "s", "т", "t", "у", "y", "ү", "y", "ѵ", "v", "ԝ", "w", "х", "x", "ѐ", "e", "ё", "e",
	"α", "a", "β", "b", "ε", "e", "η", "n", "ι", "i", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "τ", "t", "υ", "u", "χ", "x", "ϲ", "c", "ω", "w",
	"ı", "i", "ɑ", "a", "ɡ", "g", "ł", "l", "ø", "o", "đ", "d", "ß", "b", "ſ", "s", "ⅼ", "l", "0", "o", "1", "l",
	"\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "", "\ufeff", "", "\u00ad", "")

// skeleton is what a word looks like: compatibility forms, accents, case, twins and invisible characters taken out, spaces made one.
func skeleton(s string) string {
	s = strings.ToLower(norm.NFKD.String(strings.ToLower(s)))
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(twins.Replace(s)), " ")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
