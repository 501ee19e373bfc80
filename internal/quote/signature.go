package quote

import "strings"

// Bounds of what may be a signature. A longer ending is text, and stays.
const (
	maxSignature     = 12  // lines with text after "-- "
	maxRuled         = 8   // lines with text after another drawn line
	maxSignatureLine = 140 // bytes
	minDisclaimer    = 80  // bytes: shorter ones are a person's words
)

// foldSignatures folds the ending of each part that is still in sight: above the quotation, and below.
func foldSignatures(lines []line, folded []bool, top int) {
	for start := top; start < len(lines); {
		if folded[start] {
			start++
			continue
		}
		end := start
		for end < len(lines) && !folded[end] {
			end++
		}
		if at := signatureStart(lines, start, end); at < end && (at > start && hasText(lines, start, at) || start > top && hasText(lines, 0, start)) {
			mark(folded, at, end)
		}
		start = end
	}
}

// signatureStart gives the first line of the signature at the end of lines[from:to], or to.
func signatureStart(lines []line, from, to int) int {
	end := to
	for changed := true; changed; {
		changed = false
		texts := 0
		for i := end - 1; i >= from && texts <= maxSignature; i-- {
			if lines[i].blank() {
				continue
			}
			texts++
			if opensSignature(lines, i, end) {
				end, changed = i, true
				break
			}
		}
	}
	return end
}

// opensSignature says whether everything in lines[i:to] is a signature, a list footer or a disclaimer that
// begins at line i.
func opensSignature(lines []line, i, to int) bool {
	s := lines[i].text
	n, long := measure(lines, i+1, to)
	switch {
	case lines[i].quoted:
		return false
	case lines[i].hint == hintSignature:
		return insideSignature(lines, i, to)
	case isSignatureRule(s) && len(s) == 2:
		return n <= maxSignature && !long
	case isSignatureRule(s):
		return n > 0 && n <= maxRuled && !long && (len(s) == 3 || i == 0 || lines[i-1].blank()) && looksSigned(lines, i+1, to)
	case isDeviceLine(s):
		return n == 0 || n <= 2 && deviceTail(lines, i+1, to)
	}
	return n <= 2*maxSignature && (isDisclaimer(s) || isFooter(s))
}

// insideSignature says whether all of lines[i:to] stands in the part the mail program marked as signature.
func insideSignature(lines []line, i, to int) bool {
	for _, l := range lines[i:to] {
		if !l.blank() && l.hint != hintSignature {
			return false
		}
	}
	return true
}

// measure counts the lines with text and says whether one is too long for a signature.
func measure(lines []line, from, to int) (n int, long bool) {
	for _, l := range lines[from:to] {
		if l.blank() {
			continue
		}
		n++
		long = long || len(l.text) > maxSignatureLine
	}
	return n, long
}

// isSignatureRule: "--" (RFC 3676 section 4.3 wants a space after it, programs on the way take it off), "__", "---".
func isSignatureRule(s string) bool {
	return len(s) >= 2 && s != "—" && len(s) <= 200 && strings.Trim(s, "-_—–─") == ""
}

// looksSigned: under a drawn line that is not "--" a way to reach someone is asked for, and no sentence; people draw
// lines to divide their text, and under the heads of their tables.
func looksSigned(lines []line, from, to int) bool {
	reachable := false
	for _, l := range lines[from:to] {
		s := l.text
		if isSignatureRule(s) || sentenceEnds(s) && len(s) > 40 {
			return false
		}
		reachable = reachable || hasContact(s)
	}
	return reachable
}

// hasContact: an address, a page or a telephone number.
func hasContact(s string) bool {
	if plus := strings.IndexByte(s, '+'); plus >= 0 && plus+2 < len(s) && s[plus+1] >= '1' && s[plus+1] <= '9' && s[plus+2] >= '0' && s[plus+2] <= '9' {
		return true
	}
	return strings.Contains(s, "@") || strings.Contains(s, "://") || strings.Contains(s, "www.") || strings.Contains(s, "mailing list")
}

// deviceOpenings are how phones and mail programs begin the line they add.
var deviceOpenings = []string{
	"sent from ", "sent via ", "sent with ", "sent by ", "sent using ", "sent on the go", "get outlook for ", "download outlook for ", "envoyé de ", "envoyé depuis ", "envoyé à partir ", "envoyé avec ", "gesendet von ", "gesendet mit ", "von meinem ",
	"enviado desde ", "enviado do ", "enviado de ", "enviado a partir ", "enviado con ", "enviado através", "enviat des ", "inviato da ", "inviato dal", "inviato con ", "verzonden vanaf ", "verstuurd vanaf ", "verzonden met ", "verstuurd met ",
	"sendt fra ", "sendt med ", "skickat från ", "skickades från ", "lähetetty ", "wysłano z ", "wysłane z ", "odesláno z ", "odoslané z ", "poslano s ", "poslano z ", "küldve ", "elküldve ", "trimis de pe ", "отправлено с ", "отправлено из ", "надіслано з ", "изпратено от ",
	"στάλθηκε από ", "gönderen: ", "iphone'umdan gönderildi", "iphone’umdan gönderildi", "gửi từ ", "đã gửi từ ", "dikirim dari ", "נשלח מ", "أُرسلت من ", "مرسل من ", "发自我的", "发自", "從我的", "從我的 ", "iphoneから送信", "androidから送信", "나의 iphone에서 보냄", "내 iphone에서 보냄", "sent by my ", "via mobile", "mobile mail",
}

// isDeviceLine knows "Sent from my iPhone" and its like: short, one clause, no sentence. A person who writes
// "Sent from my desk, is easier." has written a sentence.
func isDeviceLine(s string) bool {
	if len(s) < 6 || len(s) > maxSignatureLine*2 {
		return false
	}
	low := strings.ToLower(s[:min(len(s), maxSignatureLine)])
	low = strings.TrimLeft(low, "_*-– ")
	for _, o := range deviceOpenings {
		if strings.HasPrefix(low, o) {
			words := withoutLink(low)
			return strings.Count(words, " ") <= 8 && !strings.ContainsAny(words, ",;?") && (!strings.HasSuffix(words, ".") || namesDevice(words))
		}
	}
	return false
}

// namesDevice: with a full stop at its end the line must name what it was sent from.
func namesDevice(s string) bool {
	for _, d := range []string{"mail", "phone", "ipad", "android", "outlook", "blackberry", "mobile", "galaxy", "samsung", "huawei"} {
		if strings.Contains(s, d) {
			return true
		}
	}
	return false
}

func withoutLink(s string) string {
	if at := strings.IndexAny(s, "<(["); at > 0 {
		return strings.TrimSpace(s[:at])
	}
	return s
}

// deviceTail: under the line of the program only a link or another such line may stand.
func deviceTail(lines []line, from, to int) bool {
	for _, l := range lines[from:to] {
		s := strings.TrimLeft(l.text, "<([")
		if s != "" && !strings.HasPrefix(s, "http") && !isDeviceLine(l.text) {
			return false
		}
	}
	return true
}

// disclaimers are openings of the legal text companies add below every letter.
var disclaimers = []string{
	"this e-mail and any", "this email and any", "this e-mail message", "this email message", "this message and any", "this message is intended", "this message contains confidential", "this e-mail is confidential", "this email is confidential", "this e-mail is intended", "this email is intended", "this communication is", "this transmission",
	"the information contained in this", "the information transmitted", "the contents of this e", "confidentiality notice", "confidentiality:", "disclaimer:", "legal disclaimer", "notice: this e", "privileged and confidential", "important notice:", "if you are not the intended recipient", "please consider the environment before printing", "internet communications are not secure",
	"diese e-mail enthält", "diese nachricht enthält", "diese e-mail ist vertraulich", "der inhalt dieser e-mail", "ce message et toutes", "ce message est confidentiel", "ce courriel", "cet e-mail", "les informations contenues", "este mensaje", "este correo", "la información contenida", "esta mensagem", "questo messaggio", "le informazioni contenute", "dit bericht", "deze e-mail", "de informatie verzonden",
	"denne e-mail", "detta meddelande", "tämä viesti", "niniejsza wiadomość", "tato zpráva", "настоящее сообщение", "данное сообщение", "本邮件", "本メール", "bu e-posta",
}

func isDisclaimer(s string) bool {
	if len(s) < minDisclaimer && !strings.HasSuffix(s, ":") {
		return false
	}
	low := strings.ToLower(strings.TrimLeft(s[:min(len(s), 200)], "*_-#=> "))
	return hasPrefix(low, disclaimers)
}

// footers are what lists and trackers write below every letter.
var footers = []string{
	"you received this message because", "you are receiving this because", "you're receiving this because", "you are subscribed to", "to unsubscribe from this", "to unsubscribe:", "to stop receiving", "unsubscribe from this", "reply to this email directly", "view it on github", "to post to this group",
	"vous recevez ce message", "pour vous désabonner", "sie erhalten diese", "um sich von diese", "has recibido este mensaje porque", "recibes este", "você recebeu esta", "hai ricevuto questo messaggio", "je ontvangt dit",
	"avast", "virus-free", "this email has been checked for viruses", "l'absence de virus", "diese e-mail wurde von avast",
}

func isFooter(s string) bool {
	low := strings.ToLower(strings.TrimLeft(s[:min(len(s), 100)], "*_-#=> "))
	return len(low) >= 12 && hasPrefix(low, footers)
}
