package intake

import (
	"strings"
	"testing"

	"aside/internal/email"
)

const footer = "-- \nyard mailing list\nhttps://lists.yard.test/"

// letterOfParts is a multipart of a kind, with a border named after it.
func letterOfParts(kind string, parts ...string) string {
	return "Content-Type: multipart/" + kind + "; boundary=" + kind + "\n\n--" + kind + "\n" + strings.Join(parts, "\n--"+kind+"\n") + "\n--" + kind + "--\n"
}

func plain(text string) string { return "Content-Type: text/plain; charset=utf-8\n\n" + text }
func html(text string) string  { return "Content-Type: text/html; charset=utf-8\n\n" + text }

// A letter may say one thing in HTML and another in text: nobody may be shown the half of it.
func TestM08_WordsInHTMLAloneAreNotLostBesideText(t *testing.T) {
	picture := "Content-Type: image/png\nContent-Disposition: inline; filename=a.png\n\nx"
	for name, c := range map[string]struct {
		raw                string
		has, not, inQuoted string
	}{
		"a list's footer below HTML":             {letterOfParts("mixed", html("<p>The lorry left.</p>"), plain(footer)), "The lorry left.", "", ""},
		"and the HTML answers something":         {letterOfParts("mixed", html("<p>The lorry left.</p><div class=gmail_quote>On Mon, Ann &lt;ann@ext.test&gt; wrote:<blockquote class=gmail_quote>Did it leave?</blockquote></div>"), plain("yard list")), "The lorry left.", "Did it leave?", "Did it leave?"},
		"HTML behind a picture":                  {letterOfParts("mixed", plain("See the picture:"), picture, html("<p>It left at noon.</p>")), "It left at noon.", "", ""},
		"HTML for the text above it":             {letterOfParts("alternative", plain("The lorry left."), html("<p>The lorry left, in HTML.</p>")), "The lorry left.", "in HTML", ""},
		"the same with pictures":                 {letterOfParts("alternative", plain("The lorry left."), letterOfParts("related", html("<p>The lorry left, in HTML.</p>"), picture)), "The lorry left.", "in HTML", ""},
		"the same with a footer":                 {letterOfParts("mixed", letterOfParts("alternative", plain("The lorry left."), html("<p>The lorry left, in HTML.</p>")), plain(footer)), "The lorry left.", "in HTML", ""},
		"an empty text for the HTML, and footer": {letterOfParts("mixed", letterOfParts("alternative", plain(" "), html("<p>The lorry left.</p>")), plain(footer)), "The lorry left.", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := email.Parse([]byte("From: bob@ext.test\n" + c.raw))
			if err != nil {
				t.Fatal(err)
			}
			r := Read(m)
			if !strings.Contains(r.Fresh, c.has) || c.not != "" && strings.Contains(r.Fresh, c.not) || !strings.Contains(r.Quoted, c.inQuoted) {
				t.Errorf("fresh %q, quoted %q; want %q, not %q", r.Fresh, r.Quoted, c.has, c.not)
			}
		})
	}
}

func TestM08_TheOrderOfThePiecesIsTheLetters(t *testing.T) {
	m, err := email.Parse([]byte("From: bob@ext.test\n" + letterOfParts("mixed", plain("One."), html("<p>Two.</p>"), plain("Three."), html("<p>Four.</p>"))))
	if err != nil {
		t.Fatal(err)
	}
	if r := Read(m); r.Fresh != "One.\n\nTwo.\n\nThree.\n\nFour." {
		t.Errorf("got %q", r.Fresh)
	}
}
