package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"aside/internal/desk"
	"aside/internal/email"
	"aside/internal/safehtml"
	"aside/internal/token"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// Answer is a filled-in form.
type Answer struct {
	Nonce, Message, Name, Email string
	Files                       []*filesystem.File
}

// Reply stores an answer. The same nonce again is the same answer: a double click, or a resend after a lost page, shows once (P-12, P-13).
func (p *Portal) Reply(v *Visit, a Answer) error {
	if !p.Tokens.IsNonce(purpose(v.Token), a.Nonce) {
		return &desk.Refusal{Kind: desk.Forbidden, Field: "nonce", Words: "This form was not made by this page, or belongs to another. Check your text and send it again from here."}
	}
	if v.Thread.Conversation.GetString("status") == "closed" {
		return &desk.Refusal{Kind: desk.Conflict, Words: "This conversation was closed while you were writing. Your text is below; it was not sent."}
	}
	in := desk.Incoming{ID: desk.NewID(), Channel: "portal", Participant: v.Reader, Body: token.Mask(strings.ReplaceAll(a.Message, "\r\n", "\n")), Kind: "reply", Accepted: true, Dedupe: "portal " + a.key()}
	if err := p.signed(v, a, &in); err != nil {
		return err
	}
	if err := desk.CheckBody("message", a.Message); err != nil {
		return err
	}
	in.HTML = string(safehtml.Text(in.Body))
	uploads, names, err := desk.Uploads(a.Files)
	if err != nil {
		return err
	}
	if err := checkTypes(names); err != nil {
		return err
	}
	if err := checkInside(uploads); err != nil {
		return err
	}
	in.Uploads, in.Files = uploads, names
	if len(names) > 0 { // words always have room
		words, err := desk.Room(p.App, v.Thread.Project, v.Thread.Conversation, total(names), v.Shared())
		if err != nil {
			return err
		}
		if words != "" {
			in.Warnings = append(in.Warnings, words)
		}
	}
	return p.App.RunInTransaction(func(tx core.App) error {
		t, err := desk.Conversation(tx, v.Thread.Conversation.Id)
		if err != nil {
			return ErrGone
		}
		_, err = desk.AddIncoming(tx, t, in)
		return err
	})
}

func total(files []desk.File) (n int) {
	for _, f := range files {
		n += int(f.Size)
	}
	return n
}

// key is what makes the same answer show once. The page one goes back to has the nonce of before: another text on it is another
// answer, and must not be lost.
func (a Answer) key() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q", a.Message, a.Name, a.Email)
	for _, f := range a.Files {
		fmt.Fprintf(h, " %q %d", f.OriginalName, f.Size)
	}
	return a.Nonce + " " + hex.EncodeToString(h.Sum(nil)[:8])
}

// signed says who answers: the reader whose page it is, or whoever the shared link's form names.
func (p *Portal) signed(v *Visit, a Answer, in *desk.Incoming) error {
	if !v.Shared() {
		in.FromName, in.FromEmail = v.Reader.GetString("name"), v.Reader.GetString("email")
		in.Trust, in.Reason = string(desk.Verified), "Written on the private page of "+desk.DisplayName(v.Reader)
		return nil
	}
	in.FromName = desk.OneLine(a.Name, 80)
	if in.FromName == "" {
		return desk.Invalidf("name", "Please say who you are.")
	}
	address, err := email.CheckAddress(a.Email)
	if err != nil {
		return desk.Invalidf("email", err.Error())
	}
	in.FromEmail, in.Trust, in.Reason = address, string(desk.SharedLink), "Via shared link, name as given"
	return nil
}

// WrongPerson is the answer behind "I am not the right person". Without a typed word it is nothing: programs that look at letters
// before people do press buttons too (P-02).
func (p *Portal) WrongPerson(v *Visit, nonce, words string) error {
	if words = strings.TrimSpace(words); words == "" {
		return desk.Invalidf("message", "Please add a word: who could help instead, or why it is not you.")
	}
	return p.Reply(v, Answer{Nonce: nonce, Message: "I am not the right person for this.\n\n" + words})
}

// purpose ties a form's nonce to its page (P-05).
func purpose(tok string) string { return "portal form " + tok }

// refusedTypes are files that run when opened on somebody's desk (F-01). By mail they cannot be kept out without losing the letter;
// here their sender can be told.
var refusedTypes = strings.Fields(".exe .scr .com .bat .cmd .pif .js .jse .vbs .vbe .wsf .wsh .hta .lnk .iso .img .html .htm .svg .xhtml .mht .docm .xlsm .pptm .jar .ps1 .chm .one .url .library-ms .msi .reg .cpl .dll .sh")

func checkTypes(files []desk.File) error {
	for _, f := range files {
		if slices.Contains(refusedTypes, strings.ToLower(path.Ext(f.Name))) {
			return desk.Invalidf("attachments", "Files like "+desk.Cut(f.Name, 80)+" cannot be sent here. Put it into a zip file if it is really needed.")
		}
	}
	return nil
}

// checkInside refuses a letter of ours as a file: the link and the address in it are its reader's own, and others here would get them.
func checkInside(uploads []*filesystem.File) error {
	for _, u := range uploads {
		f, err := u.Reader.Open()
		if err != nil {
			return err
		}
		data, err := io.ReadAll(io.LimitReader(f, email.MaxSaid+1))
		f.Close()
		if err != nil {
			return err
		}
		if (email.Attachment{Name: u.OriginalName, Data: data}).Says(token.Within) {
			return desk.Invalidf("attachments", desk.Cut(u.OriginalName, 80)+" may hold somebody’s own link or reply address, which others here would see. Please leave it out.")
		}
	}
	return nil
}
