package test

import (
	"strings"
	"testing"
)

// The findings of the second review about letters: what of them others may see, and when they are one letter or two.

// forwarded is a letter of Bob's with our letter to him in it, as programs attach what they answer to.
func (c *chat) forwarded(media, name, text string) enclosure {
	return named(media, name, []byte("From: Acme Hardware <"+c.to+">\r\nTo: bob@ext.test\r\nSubject: Invoice 77\r\n\r\n"+text+"\r\n"+c.URL+c.page+"\r\n"))
}

func TestReview02_AViewerDownloadsNoRawLetterForItHoldsTheLinksOfParticipants(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	m := c.mailed(t, c.forwarded("message/rfc822", "ours.eml", "Can you send the invoice?"))
	vic, mel := p.As(p.team.Viewer), p.As(p.team.Member)
	raw := "/api/side-messages/" + m.Id + "/raw"
	vic.Must(403, "GET", raw, nil)
	p.Guest().Must(403, "GET", raw+"?token="+vic.fileToken(), nil)
	p.Guest().Must(404, "GET", raw, nil)
	if res := mel.Must(200, "GET", raw, nil); !strings.Contains(string(res.Body), "From: Bob") {
		t.Errorf("a member got %.200s", res.Body)
	}
	p.Guest().Must(200, "GET", raw+"?token="+mel.fileToken(), nil)
	for _, path := range []string{"/body", "/trace"} { // what is masked stays readable
		res := vic.Must(200, "GET", "/api/side-messages/"+m.Id+path, nil)
		if strings.Contains(string(res.Body), c.page) || strings.Contains(string(res.Body), c.to) {
			t.Errorf("%s shows a token", path)
		}
	}
}
