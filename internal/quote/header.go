package quote

import "strings"

// A field is what a header line of a quoted letter says, whatever its language.
type field uint8

const (
	noField field = 1 << iota >> 1
	fieldFrom
	fieldDate
	fieldSent // a date too, by a word no person heads a line with
	fieldTo
	fieldSubject
	fieldOther
)

// Bounds of a block of header lines.
const (
	maxBlock        = 24 // lines; long lists of addressees wrap
	maxContinuation = 4  // lines between two labels, the wrapped rest of a value
	maxLabel        = 40 // bytes
)

// labels: the header lines mail programs write above what they quote, in lower case.
var labels = fields(map[field]string{
	fieldFrom: "from|von|de|da|van|od|fra|från|lähettäjä|saatja|kimden|gönderen|от|от кого|від|від кого|από|feladó|de la|expediteur|expéditeur|remitente|mittente|remetente|" +
		"afzender|avsender|avsändare|absender|nadawca|odesílatel|odosielateľ|pošiljatelj|из|dari|từ|người gửi|发件人|寄件者|寄件人|差出人|送信者|보낸 사람|보낸사람|発信者|מאת|من|จาก|from|reply-to",
	fieldDate: "date|datum|fecha|data|dato|päiväys|pvm|päivämäärä|kuupäev|dátum|дата|ημερομηνία|tarih|tanggal|ngày|日期|日時|날짜|תאריך|التاريخ|تاريخ",
	fieldSent: "sent|gesendet|gesendet am|envoyé|envoyé le|date d'envoi|enviado|enviado el|enviat|inviato|data invio|inviato il|verzonden|verzonden op|datum van verzending|" +
		"sendt|sendt den|skickat|skickat den|lähetetty|saadetud|wysłano|wysłane|data wysłania|odesláno|odoslané|poslano|poslato|trimis|trimis la|küldve|elküldve|küldés ideje|" +
		"отправлено|послано|надіслано|изпратено|στάλθηκε|gönderildi|gönderme tarihi|terkirim|dikirim|đã gửi|gửi|发送时间|发送日期|寄件日期|傳送時間|送信日時|送信日|보낸 날짜|보낸시간|נשלח|تاريخ الإرسال|ส่ง|message du",
	fieldTo: "to|an|à|a|para|per|aan|do|komu|til|till|vastaanottaja|saaja|kellele|kime|alıcı|кому|до|към|προς|címzett|către|catre|destinataire|destinatario|destinatário|" +
		"ontvanger|mottaker|mottagare|empfänger|adresat|prima|za|kepada|đến|tới|gửi đến|người nhận|收件人|收件者|宛先|받는 사람|받는사람|אל|إلى|ถึง",
	fieldSubject: "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|emne|ämne|aihe|teema|temat|předmět|predmet|zadeva|konu|тема|относно|предмет|θέμα|tárgy|subiect|assumpte|asunto|" +
		"perihal|subjek|chủ đề|tiêu đề|主题|主題|主旨|件名|제목|נושא|الموضوع|موضوع|เรื่อง|re|sujet",
	fieldOther: "cc|bcc|kopie|copie|copie à|cc à|copia|cópia|kopi|kopia|kopio|dw|udw|ccn|копия|копія|κοιν|másolatot kap|másolat|bilgi|抄送|副本|참조|עותק|نسخة|importance|priority|wichtigkeit|priorité|attachments|anlagen|anhänge|pièces jointes|" +
		"adjuntos|allegati|bijlagen|reply to|antwort an|répondre à|responder a|organization|organisation|newsgroups|message-id|requester",
})

func fields(byField map[field]string) map[string]field {
	m := map[string]field{}
	for f, words := range byField {
		for _, w := range strings.Split(words, "|") {
			m[w] = f
			m[strings.ToUpper(w)] = f
			if r := []rune(w); len(r) > 0 {
				m[strings.ToUpper(string(r[0]))+string(r[1:])] = f
			}
		}
	}
	return m
}

// fieldOf reads the label of a line such as "*From:* Ann" or "Von : Ann". It does not allocate: every
// line of every letter passes here.
func fieldOf(s string) (f field, value string) {
	s = strings.TrimLeft(s, "*_|> \t\u00a0")
	window := s[:min(len(s), maxLabel)]
	at, width := strings.IndexByte(window, ':'), 1
	if wide := strings.Index(window, "："); wide >= 0 && (at < 0 || wide < at) {
		at, width = wide, len("：")
	}
	if at <= 0 {
		return noField, ""
	}
	label := strings.TrimRight(s[:at], "* \u00a0")
	f = labels[label]
	if f == noField {
		var low [maxLabel]byte
		for i := range len(label) {
			low[i] = label[i]
			if c := label[i]; c >= 'A' && c <= 'Z' {
				low[i] = c | 0x20
			}
		}
		f = labels[string(low[:len(label)])]
	}
	return f, strings.Trim(s[at+width:], "* \t\u00a0")
}

// blockEnd gives the index after the block of header lines that begins at line i, or 0. A block has a
// sender and one more field, or at least two others that no person types above each other.
func blockEnd(lines []line, i int) int {
	f, value := fieldOf(lines[i].text)
	if f == noField || f == fieldOther || f == fieldTo && !strings.Contains(value, "@") {
		return 0
	}
	seen, address, end := f|within(value), strings.Contains(value, "@"), i+1
	for j, gap := i+1, 0; j < len(lines) && j < i+maxBlock; j++ {
		l := lines[j]
		if l.blank() || l.quoted != lines[i].quoted {
			break
		}
		if f, value := fieldOf(l.text); f != noField {
			seen |= f
			address = address || strings.Contains(value, "@")
			end, gap = j+1, 0
		} else if gap++; gap > maxContinuation {
			break
		}
	}
	if end = wrapped(lines, i, end); isBlock(seen, address) {
		return end
	}
	return 0
}

// within reads further labels on the same line: "From: ann@example.com Date: Thu, 24 Mar …".
func within(value string) (seen field) {
	value = value[:min(len(value), maxLook)]
	for at := 0; ; {
		n := strings.Index(value[at:], ": ")
		if n < 0 {
			return seen
		}
		if label := lastWord(value[:at+n]); label != "" && label[0] >= 'A' && label[0] <= 'Z' && len(label) < at+n {
			seen |= labels[label]
		}
		at += n + 2
	}
}

// wrapped takes the rest of the last value along: a subject or an address list that goes on in the next line.
func wrapped(lines []line, i, end int) int {
	for j := end; j < len(lines) && j <= end+maxContinuation; j++ {
		if lines[j].blank() {
			return j
		}
		if lines[j].quoted != lines[i].quoted {
			break
		}
	}
	return end
}

// isBlock judges the fields seen. Without an address among them a subject, or the word "Sent", is asked for: "From: Berlin, To: Paris, Date:
// 3 May" is a person's words.
func isBlock(seen field, address bool) bool {
	n := 0
	for f := fieldFrom; f < fieldOther; f <<= 1 {
		if seen&f != 0 {
			n++
		}
	}
	switch {
	case !address:
		return n >= 3 && seen&(fieldSubject|fieldSent) != 0
	case seen&fieldFrom != 0:
		return n >= 2 || seen&fieldOther != 0
	}
	return n >= 3 || seen&(fieldDate|fieldSent) != 0 && seen&fieldTo != 0
}

// isRule says whether s is a line drawn of dashes, underscores or equal signs.
func isRule(s string) bool {
	return len(s) >= 5 && strings.Trim(s, "-_=—–─* ") == "" && len(s) <= 200
}
