package test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"aside/internal/desk"

	"github.com/pocketbase/pocketbase/core"
)

// The rows of threats.md 2.7: files, by mail and by the portal. Everything is kept, nothing is opened here, and a browser is given
// nothing that it would run.

// enclosure is one part of a letter beside its text.
type enclosure struct {
	head string // its header lines
	data []byte
}

// withFiles is a letter of text and parts.
func withFiles(text string, parts ...enclosure) (kind, body string) {
	var b strings.Builder
	b.WriteString("--b\n" + text + "\n")
	for _, p := range parts {
		b.WriteString("--b\n" + p.head + "\nContent-Transfer-Encoding: base64\n\n")
		for enc := base64.StdEncoding.EncodeToString(p.data); enc != ""; enc = enc[min(76, len(enc)):] {
			b.WriteString(enc[:min(76, len(enc))] + "\n")
		}
	}
	return "multipart/mixed; boundary=b", b.String() + "--b--\n"
}

func named(mediaType, name string, data []byte) enclosure {
	return enclosure{head: fmt.Sprintf("Content-Type: %s\nContent-Disposition: attachment; filename=%q", mediaType, name), data: data}
}

// mailed sends Bob's letter with files and gives the message it became.
func (c *chat) mailed(t *testing.T, parts ...enclosure) *core.Record {
	t.Helper()
	kind, body := withFiles("Content-Type: text/plain\n\nSee the files.", parts...)
	before := len(c.in())
	if code, said := c.send(letter{from: fromBob, sign: "ext.test", to: c.to, kind: kind, body: body}); code != 250 {
		t.Fatal(code, said)
	}
	in := c.in()
	if len(in) != before+1 {
		t.Fatalf("%d messages, held %v", len(in), facts(c.held()))
	}
	return in[len(in)-1]
}

// get downloads a file of a message as an agent.
func (p *post) get(m *core.Record, f desk.File, query string) *Answer {
	p.T.Helper()
	return p.Guest().Do("GET", "/api/files/side_messages/"+m.Id+"/"+f.Stored+"?token="+p.ada.fileToken()+query, nil)
}

// harmless fails the test unless an answer can only be a download.
func harmless(t *testing.T, what string, a *Answer, media string) {
	t.Helper()
	h := a.Header
	if a.Status != 200 || h.Get("Content-Type") != media || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || h.Get("Cache-Control") != "private, no-store" {
		t.Errorf("%s: %d, want type %s: %v", what, a.Status, media, h)
	}
}

// png is a picture that claims a size; its pixels are not there, for nobody here may look for them.
func png(width, height uint32) []byte {
	b := bytes.NewBufferString("\x89PNG\r\n\x1a\n")
	ihdr := append([]byte("IHDR"), make([]byte, 13)...)
	binary.BigEndian.PutUint32(ihdr[4:], width)
	binary.BigEndian.PutUint32(ihdr[8:], height)
	ihdr[12], ihdr[13] = 8, 2
	_ = binary.Write(b, binary.BigEndian, uint32(13))
	b.Write(ihdr)
	_ = binary.Write(b, binary.BigEndian, crc32.ChecksumIEEE(ihdr))
	return b.Bytes()
}

const octets = "application/octet-stream"

// dangerous are the types of the row.
var dangerous = strings.Fields(".exe .scr .js .vbs .hta .lnk .iso .img .html .svg .xhtml .mht .docm .xlsm .jar .ps1 .chm .one .url .library-ms")

func TestF01_FilesThatRunAreKeptByMailNeverShownAndRefusedOnThePortal(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	var parts []enclosure
	for _, ext := range dangerous {
		parts = append(parts, named("text/html", "invoice"+ext, []byte("<script>alert(1)</script>")))
	}
	m := c.mailed(t, parts...)
	files := desk.Files(m)
	if len(files) != len(dangerous) {
		t.Fatalf("%d of %d are kept", len(files), len(dangerous))
	}
	for i, f := range files {
		if f.Name != "invoice"+dangerous[i] {
			t.Errorf("%s is shown as %s", dangerous[i], f.Name)
		}
		a := p.get(m, f, "")
		harmless(t, f.Name, a, octets)
		if string(a.Body) != "<script>alert(1)</script>" || !strings.Contains(a.Header.Get("Content-Disposition"), f.Name) {
			t.Errorf("%s: %q as %s", f.Name, a.Body, a.Header.Get("Content-Disposition"))
		}
		harmless(t, "on the portal, "+f.Name, c.Guest().Do("GET", c.page+"/files/"+m.Id+"/"+f.Stored, nil), octets)
	}
	for _, ext := range append(dangerous, ".EXE", strings.Repeat("x", 300)+".exe", ".exe.", `\..\x.lnk`) { // a conversation each: one page takes six answers at once
		q := p.chat()
		form := q.form(t, "")
		res := q.Guest().Do("POST", q.page+"/replies", NewForm("nonce", form.Get("nonce"), "message", "Here is what you asked for.").File("attachments", "invoice"+ext, []byte("x")))
		if res.Status != 400 || !bytes.Contains(res.Body, []byte("cannot be sent here")) || !bytes.Contains(res.Body, []byte("Here is what you asked for.")) || len(q.in()) != 0 {
			t.Errorf("%s on the portal: %d, %d messages", ext, res.Status, len(q.in()))
		}
	}
}

func TestF02_ATypeIsWhatTheBytesAndTheNameAgreeOn(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	page := []byte("<html><script>alert(1)</script>")
	truePNG := png(2, 2)
	for name, x := range map[string]struct {
		part enclosure
		want string
	}{
		"HTML named photo.png":            {named("image/png", "photo.png", page), octets},
		"a PNG with HTML behind it":       {named("text/html", "photo.png", append(truePNG, page...)), "image/png"},
		"a PNG named page.html":           {named("image/png", "page.html", truePNG), octets},
		"a PNG called text/html":          {named("text/html", "photo.png", truePNG), "image/png"},
		"SVG called a JPEG":               {named("image/jpeg", "photo.jpg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)), octets},
		"SVG by its name":                 {named("image/svg+xml", "photo.svg", []byte(`<svg onload="alert(1)"/>`)), octets},
		"a GIF with an archive behind it": {named("image/gif", "photo.gif", []byte("GIF89a\x01\x00\x01\x00PK\x03\x04")), "image/gif"},
		"a GIF named photo.png":           {named("image/png", "photo.png", []byte("GIF89a\x01\x00\x01\x00")), octets},
		"a PDF with a script":             {named("application/pdf", "invoice.pdf", []byte("%PDF-1.7\n/OpenAction /S /JavaScript")), octets},
		"a text":                          {named("text/plain", "a.txt", page), octets},
		"a name without an end":           {named("image/png", "photo", truePNG), octets},
	} {
		q := p.chat()
		m := q.mailed(t, x.part)
		f := desk.Files(m)[0]
		a := p.get(m, f, "")
		harmless(t, name, a, x.want)
		if !bytes.Equal(a.Body, x.part.data) {
			t.Errorf("%s: other bytes came back", name)
		}
		harmless(t, name+" on the portal", q.Guest().Do("GET", q.page+"/files/"+m.Id+"/"+f.Stored, nil), x.want)
	}
	form := c.form(t, "A photo.")
	c.Guest().Must(303, "POST", c.page+"/replies", NewForm("nonce", form.Get("nonce"), "message", "A photo.").File("attachments", "photo.png", page))
	m := c.in()[0]
	harmless(t, "uploaded on the portal", p.get(m, desk.Files(m)[0], ""), octets)
}

func TestF03_ANameIsShownCleanAndNeverWhereAFileLies(t *testing.T) {
	p := newPost(t)
	names := []string{"../../etc/passwd", `..\..\x.lnk`, `C:\x`, "/abs", "a/b", ".htaccess", "CON", "nul.txt", "trailing. ", strings.Repeat("ä", 300) + ".pdf", "", "a%00b.txt", "..", "a\tb.txt", `"><img src=x>.txt`}
	shown := map[string]string{"../../etc/passwd": "passwd", `C:\x`: "x", "/abs": "abs", "a/b": "b", "CON": "_CON", "nul.txt": "_nul.txt", "trailing. ": "trailing", "": "attachment", "..": "attachment"}
	for _, door := range []string{"mail", "portal"} {
		for _, name := range names {
			c := p.chat()
			if door == "portal" && strings.HasSuffix(name, ".lnk") {
				continue // refused there
			}
			if door == "mail" {
				part := enclosure{head: "Content-Type: text/plain\nContent-Disposition: attachment; filename*=utf-8''" + urlQuote(name), data: []byte("x")}
				if name == "" {
					part.head = "Content-Type: text/plain\nContent-Disposition: attachment; filename=\"\""
				}
				c.mailed(t, part)
			} else {
				form := c.form(t, "")
				if res := c.Guest().Do("POST", c.page+"/replies", NewForm("nonce", form.Get("nonce"), "message", "m").File("attachments", name, []byte("x"))); res.Status != 303 {
					t.Errorf("%.20q: %d", name, res.Status)
					continue
				}
			}
			m := c.in()[0]
			files := desk.Files(m)
			if len(files) == 0 && door == "portal" && (name == "" || name == "..") {
				continue // a browser's empty file field
			}
			if len(files) != 1 {
				t.Fatalf("%s: %q: %d files", door, name, len(files))
			}
			f := files[0]
			if !regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9]+)?$`).MatchString(strings.ToLower(f.Stored)) || len(f.Stored) > 150 {
				t.Errorf("%s: %q is stored as %q", door, name, f.Stored)
			}
			if want := shown[name]; want != "" && f.Name != want && !(door == "portal" && strings.Contains("CON nul.txt", name)) || f.Name == "" || len(f.Name) > 255 || strings.ContainsAny(f.Name, "/\\\x00\r\n\t") || strings.HasPrefix(f.Name, "..") {
				t.Errorf("%s: %q is shown as %q, want %q", door, name, f.Name, want)
			}
			if strings.HasSuffix(name, ".pdf") && !strings.HasSuffix(f.Name, ".pdf") && door == "mail" {
				t.Errorf("a long name lost its end: %q", f.Name)
			}
			if _, err := os.Stat(filepath.Join(p.Dir(), "storage", m.BaseFilesPath(), f.Stored)); err != nil {
				t.Errorf("%s: %q: %v", door, name, err)
			}
			a := p.get(m, f, "")
			harmless(t, door+" "+name, a, octets)
			if d := a.Header.Get("Content-Disposition"); strings.ContainsAny(d, "\r\n\x00") {
				t.Errorf("%q makes the header %q", name, d)
			}
		}
	}
	for _, root := range []string{"passwd", "x.lnk", "abs", ".htaccess"} {
		if found, _ := filepath.Glob(filepath.Join(p.Dir(), "*", root)); len(found) > 0 {
			t.Errorf("%v was written outside of the storage", found)
		}
	}
}

func urlQuote(s string) (out string) {
	for _, b := range []byte(s) {
		out += fmt.Sprintf("%%%02X", b)
	}
	return out
}

func TestF04_ADisguisedNameIsShownAsItTrulyEnds(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	m := c.mailed(t, enclosure{head: "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''invoice%E2%80%AEfdp.exe", data: []byte("MZ")},
		enclosure{head: "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''a%E2%81%A6%E2%80%8Eb%EF%BB%BF.scr", data: []byte("MZ")})
	for i, want := range []string{"invoicefdp.exe", "ab.scr"} {
		if f := desk.Files(m)[i]; f.Name != want || !strings.HasSuffix(f.Stored, want[len(want)-4:]) {
			t.Errorf("shown as %q, stored as %q, want %q", f.Name, f.Stored, want)
		}
	}
	page := string(c.Guest().Must(200, "GET", c.page, nil).Body)
	if !strings.Contains(page, "invoicefdp.exe") || strings.ContainsAny(page, "\u202e\u2066\u200e") {
		t.Errorf("the page shows a name turned around")
	}
	q := p.chat()
	form := q.form(t, "")
	res := q.Guest().Do("POST", q.page+"/replies", NewForm("nonce", form.Get("nonce"), "message", "m").File("attachments", "invoice\u202efdp.exe", []byte("MZ")))
	if res.Status != 400 || len(q.in()) != 0 {
		t.Errorf("a disguised program on the portal: %d", res.Status)
	}
}

func TestF05_AnArchiveIsAFileLikeAnyOther(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	bomb := append([]byte("PK\x03\x04\x14\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x20\x00\x00\x00\xff\xff\xff\xff\x05\x00\x00\x00"), "0.dll\x4b\x4c"...) // says it unpacks to 4 GB
	m := c.mailed(t, named("application/zip", "42.zip", bomb))
	f := desk.Files(m)[0]
	if f.Size != int64(len(bomb)) || f.Picture != "" || f.Inline {
		t.Errorf("%+v", f)
	}
	a := p.get(m, f, "")
	harmless(t, "the archive", a, octets)
	left, _ := os.ReadDir(filepath.Join(p.Dir(), "storage", m.BaseFilesPath()))
	for _, e := range left {
		if !strings.HasPrefix(e.Name(), strings.TrimSuffix(f.Stored, ".zip")) {
			t.Errorf("something was unpacked: %s", e.Name())
		}
	}
	if !bytes.Equal(a.Body, bomb) {
		t.Errorf("it is not whole")
	}
}

func TestF06_NoPictureIsDecodedHere(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	bomb := png(50_000, 50_000)
	m := c.mailed(t, named("image/png", "big.png", bomb), named("image/gif", "many.gif", append([]byte("GIF89a\xff\xff\xff\xff"), bytes.Repeat([]byte{0x2c, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0}, 1000)...)))
	for _, f := range desk.Files(m) {
		for _, thumb := range []string{"100x100", "0x0", "50000x50000", "1x1f"} {
			a := p.get(m, f, "&thumb="+thumb)
			if a.Status != 200 || int64(len(a.Body)) != f.Size {
				t.Errorf("%s?thumb=%s: %d, %d bytes", f.Name, thumb, a.Status, len(a.Body))
			}
		}
	}
	if thumbs, _ := filepath.Glob(filepath.Join(p.Dir(), "storage", m.BaseFilesPath(), "thumbs_*")); len(thumbs) > 0 {
		t.Errorf("a picture was decoded: %v", thumbs)
	}
	q := p.chat()
	kind, body := withFiles("Content-Type: text/html\n\n<p>Look: <img src=\"cid:big@x\" alt=\"the photo\"></p>", enclosure{"Content-Type: image/png\nContent-ID: <big@x>", bomb})
	if code, said := q.send(letter{from: fromBob, sign: "ext.test", to: q.to, kind: kind, body: body}); code != 250 {
		t.Fatal(code, said)
	}
	if got := q.in()[0].GetString("html"); strings.Contains(got, "<img") || !strings.Contains(got, "the photo") {
		t.Errorf("a picture of 2.5 gigapixels is shown: %s", got)
	}
}

func TestF07_WhoFillsTheRoomIsPutOffAndAgentsAreToldBefore(t *testing.T) {
	p := newPost(t)
	desk.SetRooms(p, desk.Rooms{Conversation: 200_000, Project: 600_000})
	send := func(c *chat, size int, l letter) (int, string) {
		l.to = c.to
		l.kind, l.body = withFiles("Content-Type: text/plain\n\nA file.", named("application/pdf", "a.pdf", bytes.Repeat([]byte{byte(c.n)}, size*3/4)))
		return c.send(l)
	}
	bob := letter{from: fromBob, sign: "ext.test"}
	c := p.chat()
	var codes []int
	for range 5 {
		code, said := send(c, 45_000, bob)
		if codes = append(codes, code); code == 452 && !strings.Contains(said, "no room") {
			t.Errorf("it said %q", said)
		}
	}
	in := c.in()
	if fmt.Sprint(codes) != "[250 250 250 250 452]" || len(in) != 4 {
		t.Fatalf("answers %v, %d stored", codes, len(in))
	}
	if hasWarning(in[2], "of the room") || !hasWarning(in[3], "of the room") {
		t.Errorf("warnings %v, then %v", warnings(in[2]), warnings(in[3]))
	}
	if code, said := c.send(letter{from: fromBob, sign: "ext.test", to: c.to, body: "small"}); code != 452 || !strings.Contains(said, "no room") {
		t.Errorf("at RCPT: %d %s", code, said)
	}
	other := p.chat() // who fills one does not close another
	if code, said := send(other, 45_000, bob); code != 250 {
		t.Errorf("another conversation: %d %s", code, said)
	}
	forged := p.chatWith("Bob", "bob@open.test") // and a forger does not keep the real one out
	open := []int{}
	for range 3 {
		code, _ := send(forged, 45_000, letter{from: "bob@open.test"})
		open = append(open, code)
	}
	if fmt.Sprint(open) != "[250 250 452]" {
		t.Errorf("unproved letters: %v", open)
	}

	form := c.form(t, "") // the portal: files are too much, words are not
	res := c.Guest().Do("POST", c.page+"/replies", NewForm("nonce", form.Get("nonce"), "message", "I typed this.").File("attachments", "a.pdf", make([]byte, 60_000)))
	if res.Status != 413 || !bytes.Contains(res.Body, []byte("no room for more files")) || !bytes.Contains(res.Body, []byte("I typed this.")) {
		t.Errorf("a file on the portal: %d", res.Status)
	}
	c.Guest().Must(303, "POST", c.page+"/replies", c.form(t, "Only words."))

	p.restart(t) // what is taken is counted from what is stored
	desk.SetRooms(p, desk.Rooms{Conversation: 200_000, Project: 600_000})
	c.post, other.post = p, p
	if code, _ := send(c, 45_000, bob); code != 452 {
		t.Errorf("after a restart: %d", code)
	}
	for _, m := range in[:3] {
		if err := p.Delete(p.Find("side_messages", m.Id)); err != nil {
			t.Fatal(err)
		}
	}
	p.restart(t)
	desk.SetRooms(p, desk.Rooms{Conversation: 200_000, Project: 350_000})
	c.post = p
	if code, said := send(c, 45_000, bob); code != 250 {
		t.Errorf("with room again: %d %s", code, said)
	}
	if code, _ := p.send(letter{from: "eve@attacker.test", sign: "attacker.test", to: "acme@" + MailDomain, kind: "text/plain", body: strings.Repeat("flood flood flood\n", 9_000)}); code != 452 {
		t.Errorf("over the project's room: %d", code)
	}
}

func TestF08_ALetterOf501PartsIsRefusedAndOneOf400KeepsWhatARecordCanHold(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	parts := func(n int) (list []enclosure) {
		for i := range n {
			list = append(list, named("text/plain", fmt.Sprintf("%d.txt", i), []byte("x")))
		}
		return list
	}
	kind, body := withFiles("Content-Type: text/plain\n\nMany.", parts(501)...)
	c.expect(t, letter{from: fromBob, sign: "ext.test", kind: kind, body: body}, want{code: 554, said: "too many parts"})
	m := c.mailed(t, parts(400)...)
	if n := len(desk.Files(m)); n != 99 || !hasWarning(m, "more than 99 files") {
		t.Errorf("%d files, warnings %v", n, warnings(m))
	}
	raw := p.Guest().Must(200, "GET", "/api/side-messages/"+m.Id+"/raw?token="+p.ada.fileToken(), nil)
	if !bytes.Contains(raw.Body, []byte("399.txt")) {
		t.Errorf("the original lacks the last file")
	}
}

func TestF11_PicturesOfTheSameLetterAreShownAndNothingElse(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	picture := png(2, 2)
	earlier := p.chat()
	kind, body := withFiles("Content-Type: text/html\n\n<img src=\"cid:other@x\">", enclosure{"Content-Type: image/png\nContent-ID: <other@x>", picture})
	earlier.send(letter{from: fromBob, sign: "ext.test", to: earlier.to, kind: kind, body: body})
	kind, body = withFiles("Content-Type: text/html; charset=utf-8\n\n<p>See <img src=\"cid:one@x\" alt=\"the crack\" width=\"40\"> and <img src=\"cid:page@x\" alt=\"a page\"><img src=\"cid:svg@x\" alt=\"a drawing\">"+
		"<img src=\"cid:other@x\" alt=\"another letter's\"><img src=\"cid:none@x\" alt=\"missing\"><img src=\"CID:lie%40x\" alt=\"named png\"><img src=\"https://evil.test/p.png\" alt=\"remote\" width=\"40\"><img src=\"/api/files/x\" alt=\"ours\">"+
		"<img src=\"cid:one@x&quot; onerror=&quot;alert(1)\"></p>",
		enclosure{"Content-Type: image/png; name=crack.png\nContent-ID: <one@x>\nContent-Disposition: inline", picture},
		enclosure{"Content-Type: image/png\nContent-ID: <page@x>", []byte("<html><script>alert(1)</script>")},
		enclosure{"Content-Type: image/svg+xml\nContent-ID: <svg@x>", []byte("<svg onload=alert(1)/>")},
		enclosure{"Content-Type: text/html; name=page.html\nContent-ID: <lie@x>", picture})
	if code, said := c.send(letter{from: fromBob, sign: "ext.test", to: c.to, kind: kind, body: body}); code != 250 {
		t.Fatal(code, said)
	}
	m := c.in()[0]
	token := p.ada.fileToken()
	frame := p.Guest().Must(200, "GET", "/api/side-messages/"+m.Id+"/body?token="+token, nil)
	shown := regexp.MustCompile(`<img src="([^"]*)" alt="([^"]*)"`).FindAllStringSubmatch(string(frame.Body), -1)
	if len(shown) != 2 || shown[0][2] != "the crack" || shown[1][2] != "named png" {
		t.Fatalf("shown: %q", shown)
	}
	if csp := frame.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "img-src 'self';") || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "sandbox") || strings.Contains(csp, "allow-scripts") || strings.Contains(csp, "allow-same-origin") {
		t.Errorf("its policy: %s", csp)
	}
	for _, img := range shown {
		a := p.Guest().Do("GET", strings.ReplaceAll(img[1], "&amp;", "&"), nil)
		harmless(t, img[1], a, "image/png")
		if !bytes.Equal(a.Body, picture) {
			t.Errorf("%s is another picture", img[1])
		}
		bare, _, _ := strings.Cut(img[1], "?")
		for who, query := range map[string]string{"nobody": "", "a stranger": "?token=" + p.As(p.team.Stranger).fileToken()} {
			p.Guest().Must(404, "GET", bare+query, nil)
			_ = who
		}
	}
	for _, never := range []string{"onerror", "evil.test/p.png\"", "cid:", "<svg", "src=\"/api/files/x"} {
		if strings.Contains(strings.ReplaceAll(string(frame.Body), `href="https://evil.test/p.png"`, ""), never) {
			t.Errorf("the frame has %s:\n%s", never, frame.Body)
		}
	}
	plain := p.chat()
	plain.send(letter{from: fromBob, sign: "ext.test", to: plain.to, kind: "text/html", body: "<p>No <img src=cid:one@x> picture</p>"})
	if csp := p.Guest().Must(200, "GET", "/api/side-messages/"+plain.in()[0].Id+"/body?token="+token, nil).Header.Get("Content-Security-Policy"); !strings.Contains(csp, "img-src 'none'") {
		t.Errorf("a letter without pictures may load some: %s", csp)
	}
	page := string(c.Guest().Must(200, "GET", c.page, nil).Body)
	onPage := regexp.MustCompile(`<img src="([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(onPage) != 2 || strings.Contains(page, "cid:") || strings.Contains(page, "/api/files") {
		t.Fatalf("on the portal: %q", onPage)
	}
	harmless(t, "on the portal", c.Guest().Do("GET", onPage[0][1], nil), "image/png")
	earlier.Guest().Must(404, "GET", strings.Replace(onPage[0][1], c.page, earlier.page, 1), nil)
}

func TestF12_NoScannerIsAskedAndTheWordsSaySo(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	eicar := `X5O!P%@AP[4\PZX54(P^)7CC)7}` + `$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`
	m := c.mailed(t, named("application/octet-stream", "eicar.com", []byte(eicar)))
	if f := desk.Files(m); len(f) != 1 || f[0].Name != "eicar.com" {
		t.Errorf("%v", f)
	}
	if strings.Contains(strings.ToLower(string(fields(m))), "scanned") {
		t.Errorf("it claims that a file was scanned")
	}
	root, _ := filepath.Abs("..")
	for path, words := range map[string]string{"pb_public/js/parts/files.js": "not checked for viruses", "docs/decisions.md": "not scanned for viruses"} {
		if text, err := os.ReadFile(filepath.Join(root, path)); err != nil || !strings.Contains(string(text), words) {
			t.Errorf("%s does not say “%s”", path, words)
		}
	}
}

func TestF13_AnUploadIsCountedWhileItComes(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	n := c.form(t, "").Get("nonce")
	withNonce := func(fill func(*Form)) *Form {
		f := NewForm("nonce", n, "message", "I typed this.")
		fill(f)
		return f
	}
	res := c.Guest().Do("POST", c.page+"/replies", withNonce(func(f *Form) {
		for i := range 21 {
			f.File("attachments", fmt.Sprintf("%d.txt", i), []byte("x"))
		}
	}))
	if res.Status != 400 || !bytes.Contains(res.Body, []byte("At most 20 files")) || !bytes.Contains(res.Body, []byte("I typed this.")) {
		t.Errorf("21 files: %d", res.Status)
	}
	endless := &flood{}
	req, err := http.NewRequest("POST", p.URL+c.page+"/replies", endless) // no Content-Length: chunked
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	answer, err := http.DefaultClient.Do(req)
	if err == nil {
		answer.Body.Close()
		if answer.StatusCode != 413 {
			t.Errorf("1 GB in chunks: %d", answer.StatusCode)
		}
	}
	if endless.sent > 64<<20 {
		t.Errorf("%d bytes were taken before it was stopped", endless.sent)
	}
	tooBig := c.Guest().Do("POST", c.page+"/replies", withNonce(func(f *Form) { f.File("attachments", "a.bin", make([]byte, 25<<20+1)) }))
	if tooBig.Status != 413 {
		t.Errorf("a file of 25 MiB and a byte: %d", tooBig.Status)
	}
	for what, header := range map[string]string{"gzip": "Content-Encoding"} {
		a := c.Guest().Do("POST", c.page+"/replies", c.form(t, "squeezed"), header, what)
		if a.Status < 300 && len(c.in()) > 0 {
			t.Errorf("a body that says it is gzip: %d", a.Status)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "multipart-*")); len(left) > 3 {
		t.Logf("temporary files of uploads: %d", len(left))
	}
	for _, m := range c.in() {
		if strings.Contains(m.GetString("body"), "I typed this.") {
			t.Errorf("a refused answer is stored")
		}
	}
}

// flood is a form whose file never ends; it counts what was taken of it.
type flood struct{ sent int64 }

func (f *flood) Read(b []byte) (int, error) {
	if f.sent == 0 {
		n := copy(b, "--b\r\nContent-Disposition: form-data; name=\"attachments\"; filename=\"a.bin\"\r\n\r\n")
		f.sent = int64(n)
		return n, nil
	}
	if f.sent > 1<<30 {
		return 0, fmt.Errorf("all of it was taken")
	}
	n := min(len(b), 32<<10)
	clear(b[:n])
	f.sent += int64(n)
	return n, nil
}

// What is known of a letter's files has an end: a message of which more was kept than its column takes could never be accepted.
func TestF03_EndlessNamesOfFilesDoNotKeepAMessageFromBeingAccepted(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	var b strings.Builder
	b.WriteString("--b\nContent-Type: text/plain\n\nHello\n")
	for i := range 99 {
		fmt.Fprintf(&b, "--b\nContent-Type: image/png\nContent-ID: <%s%d@x>\nContent-Disposition: attachment; filename=\"%s%d.png\"\n\nx\n", strings.Repeat("&", 900), i, strings.Repeat("&", 200), i)
	}
	b.WriteString("--b--\n")
	for _, to := range []string{c.to, "acme@" + MailDomain} {
		if code, said := p.send(letter{from: "Eve <eve@open.test>", sign: "open.test", to: to, kind: "multipart/mixed; boundary=b", body: b.String()}); code != 250 {
			t.Fatal(to, code, said)
		}
	}
	m := c.in()[0]
	files := desk.Files(m)
	if len(files) != 99 || !strings.HasPrefix(files[98].Name, "&&&&") || !strings.HasSuffix(files[98].Name, ".png") {
		t.Errorf("%d files, the last %v", len(files), files[len(files)-1])
	}
	p.ada.Must(200, "POST", "/api/side-messages/"+m.Id+"/accept", map[string]any{"as": "message"})
}
