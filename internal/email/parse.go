package email

import (
	"bytes"
	"strings"
)

// Parse reads any letter. Only a letter over the structural budget is an error (*TooComplex); whatever else is wrong
// with it is named in Defects, and what cannot be read as text is an attachment. CRLF, LF and CR files read alike.
// Data of attachments may share memory with raw, which must not be changed afterwards.
func Parse(raw []byte) (*Message, error) { return read(raw, nil) }

// ParseFrom is Parse for a letter as it came over SMTP, whose envelope sender is known; "" is the null sender of reports (RFC 5321
// 4.5.5). What the letter claims in Return-Path, which only the last server may write, then counts for nothing.
func ParseFrom(raw []byte, mailFrom string) (*Message, error) {
	path := "<" + mailFrom + ">"
	return read(raw, &path)
}

func read(raw []byte, path *string) (*Message, error) {
	raw = oneLineEnd(raw)
	w := &walker{raw: raw}
	w.skipBlankStart()
	h, err := w.walk()
	if err != nil {
		return nil, err
	}
	m := &Message{Header: h, Defects: w.defects, path: h.Get("Return-Path")}
	if path != nil {
		m.path = *path
	}
	h.charset = charsetOf(h, w.leaves)
	m.readFields()
	m.collect(w.leaves, w.epilogue())
	m.classify(w.leaves)
	return m, nil
}

// oneLineEnd turns a letter that knows only CR (old Macs) into one that knows LF.
func oneLineEnd(raw []byte) []byte {
	if bytes.IndexByte(raw, '\n') < 0 && bytes.IndexByte(raw, '\r') >= 0 {
		return bytes.ReplaceAll(raw, []byte{'\r'}, []byte{'\n'})
	}
	return raw
}

// skipBlankStart passes over empty lines ahead of a header.
func (w *walker) skipBlankStart() {
	if bytes.HasPrefix(w.raw, []byte("\xef\xbb\xbf")) {
		w.pos = 3
	}
	p := w.pos
	for p < len(w.raw) && (w.raw[p] == '\r' || w.raw[p] == '\n') {
		p++
	}
	if line, _, _ := cutEOL(w.raw[p:]); p > w.pos {
		if name, _, ok := looseName(string(line[:min(len(line), 80)])); ok && isKnownField(name) {
			w.pos = p
		}
	}
}

// readFields takes what people and threads need from the header.
func (m *Message) readFields() {
	h := m.Header
	m.From = h.looseFrom()
	h.from = m.From
	m.Sender = firstAddress(h.raw8("Sender"))
	m.To, m.Cc, m.ReplyTo = listOf(h, "To"), listOf(h, "Cc"), listOf(h, "Reply-To")
	m.Subject = decodeValue(h.raw8("Subject"))
	m.MessageID = firstID(h.Get("Message-ID"))
	m.InReplyTo = firstID(h.Get("In-Reply-To"))
	m.References = lastIDs(messageIDs(strings.Join(h.Values("References"), " ")))
	m.Date = parseDate(h.Get("Date"))
	for _, name := range h.Ambiguous() {
		m.defect("more than one " + name)
	}
}

// looseFrom is what the strict lexer would say wherever it would say anything, so that what is shown is what was
// authenticated (D7); only for letters it refuses is it a guess.
func (h *Header) looseFrom() Address {
	v := h.Get("From")
	if h.Count("From") == 1 {
		if a, err := oneAddress(v); err == nil {
			return a
		}
	}
	return firstAddress(rawText(v, h.charset))
}

// charsetOf is the first one a text of the letter names.
func charsetOf(h *Header, leaves []leaf) string {
	label := parseMedia(h.Get("Content-Type")).get("charset")
	for i := 0; i < len(leaves) && label == ""; i++ {
		if strings.HasPrefix(leaves[i].media.name, "text/") {
			label = leaves[i].media.get("charset")
		}
	}
	return label
}

func (m *Message) defect(s string) { (*defects)(&m.Defects).add(s) }

// firstAddress prefers the first that has an address over one that is only a name.
func firstAddress(v string) Address {
	list := addressList(v)
	for _, a := range list {
		if strings.Contains(a.Address, "@") {
			return a
		}
	}
	if len(list) > 0 {
		return list[0]
	}
	return Address{}
}

func listOf(h *Header, name string) []Address {
	return addressList(rawText(strings.Join(h.Values(name), ", "), h.charset))
}
