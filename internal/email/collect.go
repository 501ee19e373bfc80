package email

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html/charset"
)

// collect sorts the leaves: inline text and HTML to be read, everything else attachments. Nothing is dropped.
func (m *Message) collect(leaves []leaf, epilogue []byte) {
	var text, html []string
	var pieces pieces
	room := maxHTML
	for i := range leaves {
		l := &leaves[i]
		disposition := parseMedia(l.header.Get("Content-Disposition"))
		name := l.filename(disposition, m.Header.charset)
		readable := disposition.name != "attachment" && name == "" && !l.husk
		if readable && l.media.name == "text/html" {
			whole := len(l.body)
			if l.body = wholeLines(l.body, 4*room); len(l.body) < whole { // quoted-printable takes three bytes for one
				m.defect(tooLong)
			}
		}
		data, defect := l.decode(readable && strings.HasPrefix(l.media.name, "text/"))
		m.defect(defect)
		switch {
		case readable && l.media.name == "text/plain":
			text = append(text, m.plainText(l, data))
			pieces.add(l.either, Piece{Text: text[len(text)-1]})
		case readable && l.media.name == "text/html":
			if len(data) > room { // CRLF and LF files are cut alike
				data = bytes.ReplaceAll(data[:min(len(data), 2*room)], []byte("\r\n"), []byte("\n"))
				data = data[:min(len(data), room)]
				m.defect(tooLong)
			}
			room -= len(data)
			html = append(html, m.htmlText(l, data))
			pieces.add(l.either, Piece{HTML: html[len(html)-1]})
		default:
			m.attach(l, disposition, name, data)
		}
	}
	m.Text, m.HTML, m.Pieces = joinTexts(text), joinTexts(html), pieces.whole()
	if len(m.Text) > maxPieces && m.Pieces != nil {
		m.Pieces = nil
		m.defect("more of it stands in its HTML")
	}
	if m.Text == "" && m.HTML == "" {
		m.readHusk(leaves)
	}
	if m.Text == "" && m.HTML == "" {
		m.readOther(leaves)
	}
	if m.isBlank() {
		m.readEpilogue(epilogue)
	}
	if m.isBlank() {
		m.defect("nothing to display")
	}
	m.Security = security(leaves)
	if m.Security == SMIMEEncrypted || m.Security == PGPEncrypted {
		m.defect("encrypted, cannot be displayed")
	}
	if m.Text == "" && m.HTML == "" && len(m.Events) > 0 {
		m.Text = m.Events[0].String()
	}
}

// decode undoes the transfer encoding of a leaf.
func (l *leaf) decode(isText bool) (data []byte, defect string) {
	encoding := l.header.Get("Content-Transfer-Encoding")
	if isText && transferName(encoding) == "base64" {
		data, ok := textBase64(l.body, l.media.get("charset"))
		return data, unless(ok, "base64 was damaged")
	}
	return decodeTransfer(l.body, encoding)
}

const tooLong = "its HTML is too long to be shown whole"

// wholeLines cuts b to at most n bytes, behind a line of an encoding (RFC 2045 6.7, 6.8) where there is one.
func wholeLines(b []byte, n int) []byte {
	if len(b) <= n {
		return b
	}
	if i := bytes.LastIndexByte(b[:n], '\n'); i >= n-maxIDBytes {
		return b[:i+1]
	}
	return b[:n]
}

// readHusk shows the raw text of a multipart without parts when the letter has no other text: better odd than blank.
func (m *Message) readHusk(leaves []leaf) {
	for i := range leaves {
		if l := &leaves[i]; l.husk && len(bytes.TrimSpace(l.body)) > 0 {
			data, _ := decodeTransfer(l.body, l.header.Get("Content-Transfer-Encoding"))
			m.Text = m.plainText(l, data)
			m.defect("no part could be found in a multipart")
			return
		}
	}
}

// readOther shows text of another kind, such as text/markdown, when there is no better; it stays a file besides.
func (m *Message) readOther(leaves []leaf) {
	for i := range leaves {
		l := &leaves[i]
		sub, isText := strings.CutPrefix(l.media.name, "text/")
		disposition := parseMedia(l.header.Get("Content-Disposition"))
		if !isText || disposition.name == "attachment" || l.filename(disposition, "") != "" || slices.Contains(notForReading, sub) {
			continue
		}
		data, _ := l.decode(true)
		if m.Text = m.plainText(l, data); strings.TrimSpace(m.Text) != "" {
			return
		}
	}
}

// notForReading are the subtypes of text that are for programs.
var notForReading = []string{"calendar", "rtf", "rfc822-headers", "vcard", "x-vcard", "directory", "csv", "css", "javascript", "xml"}

// readEpilogue shows what stands behind the last part of a letter whose parts are empty: better odd than blank.
func (m *Message) readEpilogue(epilogue []byte) {
	if text := decodeCharset(bytes.TrimSpace(epilogue), m.Header.charset); text != "" {
		m.Text = textLines(text)
		m.defect("its text stands behind the end of its parts")
	}
}

// isBlank says that there is nothing a person could see.
func (m *Message) isBlank() bool {
	return strings.TrimSpace(m.Text) == "" && strings.TrimSpace(m.HTML) == "" && len(m.Attachments) == 0
}

// joinTexts sets texts below one another, each from a new line.
func joinTexts(texts []string) string {
	if len(texts) == 1 {
		return texts[0]
	}
	size := len(texts)
	for _, t := range texts {
		size += len(t)
	}
	var b strings.Builder
	b.Grow(size) // once: a large letter is not copied as it grows
	for _, t := range texts {
		if b.Len() > 0 && !strings.HasSuffix(b.String()[b.Len()-1:], "\n") {
			b.WriteByte('\n')
		}
		b.WriteString(t)
	}
	return b.String()
}

func (m *Message) plainText(l *leaf, data []byte) string {
	s, lied := decodeClaimed(data, l.media.get("charset"))
	if lied {
		m.defect("the character set was wrong or missing")
	}
	s = textLines(s)
	if strings.EqualFold(l.media.get("format"), "flowed") {
		s = unflow(s, strings.EqualFold(l.media.get("delsp"), "yes"))
	}
	return s
}

// htmlText asks the document itself when the header names no charset, or one that would be any program's guess.
func (m *Message) htmlText(l *leaf, data []byte) string {
	label := l.media.get("charset")
	if !isASCII(data) && isLatinLabel(label) {
		if own := documentCharset(data); label == "" || own != "" && decodeCharset(data, own) == decodeCharset(data, "") {
			label = own
		}
	}
	s, lied := decodeClaimed(data, label)
	if lied {
		m.defect("the character set was wrong or missing")
	}
	return textLines(s)
}

// documentCharset is what the document calls itself in its first lines, "" when it does not.
func documentCharset(html []byte) string {
	top := html[:min(len(html), 1024)]
	_, label, _ := charset.DetermineEncoding(top, "")
	if label == "windows-1252" && !bytes.Contains(bytes.ToLower(top), []byte("charset")) {
		return "" // what it says when nothing is known
	}
	return label
}

// textLines gives every line the end LF and removes NUL, which neither JSON nor a database welcomes (M-16).
func textLines(s string) string {
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", " ") // a space: nothing may close up over it, and the text may not grow
	}
	return s
}

// filename is the name a part gives itself: the disposition's word before the type's (RFC 2183 2.3).
func (l *leaf) filename(disposition mediaType, charset string) string {
	if n := cleanFilename(rawText(disposition.text("filename"), charset)); n != "" {
		return n
	}
	return cleanFilename(rawText(l.media.text("name"), charset))
}

func (m *Message) attach(l *leaf, disposition mediaType, name string, data []byte) {
	if len(bytes.TrimSpace(data)) == 0 && name == "" && disposition.name != "attachment" && l.header.Get("Content-Type") == "" {
		return // an empty part between two boundaries holds nothing to keep
	}
	id := firstID(l.header.Get("Content-ID"))
	m.Attachments = append(m.Attachments, Attachment{
		Name: name, Type: l.media.name, Size: len(data), ContentID: id, Data: data,
		Inline: disposition.name == "inline" || id != "" && disposition.name != "attachment",
	})
	if l.media.name == "text/calendar" || l.media.name == "application/ics" {
		m.Events = append(m.Events, readEvents(decodeCharset(data, l.media.get("charset")))...)
	}
}

// security labels what signs or seals a letter.
func security(leaves []leaf) Security {
	for i := range leaves {
		switch l := &leaves[i]; l.media.name {
		case "application/pkcs7-mime", "application/x-pkcs7-mime":
			if t := strings.ToLower(l.media.get("smime-type")); t == "signed-data" || t == "certs-only" {
				return SMIMESigned
			}
			return SMIMEEncrypted
		case "application/pkcs7-signature", "application/x-pkcs7-signature":
			return SMIMESigned
		case "application/pgp-encrypted":
			return PGPEncrypted
		case "application/pgp-signature":
			return PGPSigned
		case "text/plain":
			if bytes.Contains(l.body, []byte("-----BEGIN PGP MESSAGE-----")) {
				return PGPEncrypted
			}
			if bytes.Contains(l.body, []byte("-----BEGIN PGP SIGNED MESSAGE-----")) {
				return PGPSigned
			}
		}
	}
	return ""
}
