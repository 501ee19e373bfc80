package token

import (
	"strings"
	"testing"
)

func TestT09_TokensAreMaskedInWhatIsShown(t *testing.T) {
	k, err := NewKey([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	tok := k.Make(Reply, "abcdefghij01234", 3)
	up := strings.ToUpper(tok)
	for name, c := range map[string][2]string{
		"a reply address":                     {"To: reply+" + tok + "@in.test", "To: reply+…@in.test"},
		"an upper-cased one":                  {"reply+" + up + "@in.test", "reply+…@in.test"},
		"a portal link":                       {"https://a.test/c/" + tok + "?sent=1", "https://a.test/c/…?sent=1"},
		"a link inside another one's query":   {"https://safe.test/?url=https%3A%2F%2Fa.test%2Fc%2F" + tok + "&x", "https://safe.test/?url=https%3A%2F%2Fa.test%2Fc%2F…&x"},
		"two next to each other":              {tok + tok, "……"},
		"letters glued to it":                 {"xyz" + tok + "abc", "xyz…abc"},
		"a token alone":                       {tok, "…"},
		"a token cut short is no token":       {tok[:Size-1], tok[:Size-1]},
		"a long word":                         {strings.Repeat("a", 200), strings.Repeat("a", 200)},
		"a long word of all letters":          {strings.Repeat("abcdefghijklmnopqrstuvwxyz234567", 9), strings.Repeat("abcdefghijklmnopqrstuvwxyz234567", 9)},
		"nothing":                             {"", ""},
		"text in another script is unchanged": {"Grüße aus Köln, " + strings.Repeat("ä", 60), "Grüße aus Köln, " + strings.Repeat("ä", 60)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Mask(c[0]); got != c[1] {
				t.Errorf("got %q, want %q", got, c[1])
			}
			if Within(c[0]) != (c[0] != c[1]) {
				t.Errorf("within: %v", Within(c[0]))
			}
		})
	}
}

func FuzzMask(f *testing.F) {
	k, _ := NewKey([]byte("0123456789abcdef0123456789abcdef"))
	f.Add("reply+", "@in.test")
	f.Add("%2Fc%2F", "zzz")
	f.Fuzz(func(t *testing.T, before, after string) {
		tok := k.Make(Portal, "abcdefghij01234", 65535)
		if strings.Contains(strings.ToLower(Mask(before+tok+after)), tok) {
			t.Errorf("a token is left in %q", Mask(before+tok+after))
		}
	})
}

func BenchmarkMask(b *testing.B) {
	s := strings.Repeat("mnqwertyuiopasdfghjklzxcvbnm234567", 30_000) // a megabyte without a break
	b.SetBytes(int64(len(s)))
	for range b.N {
		Mask(s)
	}
}
