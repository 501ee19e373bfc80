package email

import "strings"

// autoSubjects open the subject of an automatic answer in the languages of the big mail systems. They count only at
// the very start, so that an answer to such a letter ("Re: Automatic reply: …") stays a person's.
var autoSubjects = []string{
	"automatic reply", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse", "automated response", "automated reply", "automatic response", "automatic answer", "[auto-reply]", "[auto reply]",
	"automatische antwort", "automatische rückantwort", "autom. antwort", "abwesenheitsnotiz", "abwesenheitsbenachrichtigung", "abwesenheitsmeldung", "abwesenheitsassistent", "automatische abwesenheit",
	"réponse automatique", "reponse automatique", "réponse d'absence", "message automatique", "notification d'absence", "message d'absence", "absence du bureau", "absent du bureau",
	"respuesta automática", "respuesta automatica", "respuesta de ausencia", "fuera de la oficina", "fuera de oficina", "contestación automática",
	"risposta automatica", "fuori sede", "fuori ufficio", "assenza dall'ufficio", "messaggio automatico",
	"resposta automática", "resposta automatica", "ausência temporária", "fora do escritório", "fora do escritorio", "ausente do escritório", "resposta de ausência",
	"automatisch antwoord", "automatisch bericht", "automatische reactie", "automatische beantwoording", "afwezigheidsbericht",
	"automatiskt svar", "autosvar", "automatisk svar", "ej på kontoret", "ikke på kontoret", "automaattinen vastaus", "poissaoloilmoitus",
	"automatyczna odpowiedź", "odpowiedź automatyczna", "autoodpowiedź", "poza biurem", "automatická odpověď", "automatická odpoveď", "mimo kancelář", "automatikus válasz", "házon kívül", "răspuns automat", "raspuns automat",
	"автоматический ответ", "автоответ", "автоматична відповідь", "автоматичен отговор", "вне офиса", "αυτόματη απάντηση", "εκτός γραφείου", "otomatik yanıt", "otomatik cevap", "ofis dışında",
	"automatski odgovor", "samodejni odgovor", "automatinis atsakymas", "automātiskā atbilde", "automaatvastus", "tự động trả lời", "trả lời tự động", "balasan otomatis", "jawapan automatik",
	"自動返信", "自動応答", "不在通知", "自动回复", "自动答复", "自動回覆", "自動回复", "外出自动回复", "자동 회신", "자동 응답", "자동응답", "부재중", "부재 중", "ตอบกลับอัตโนมัติ", "ตอบรับอัตโนมัติ", "תשובה אוטומטית", "מענה אוטומטי", "رد تلقائي", "الرد التلقائي", "स्वचालित उत्तर",
}

// shortSubjects are words people begin a subject with as well ("Auto: repair", in German a car): they count only on a
// letter that answers one of ours.
var shortSubjects = []string{"auto:", "absence :", "absence:", "urlaub:", "im urlaub", "nicht im büro", "vacation:", "en vacances", "de vacaciones", "in vacanza", "in ferie", "em férias", "met vakantie", "niet aanwezig:", "afwezig:",
	"frånvarande:", "fraværende:", "fravær:", "på semester", "på ferie", "poissa:", "lomalla", "nieobecność:", "na urlopie", "нет на работе:", "в отпуске", "不在:", "不在："}

// calendarSubjects begin what a calendar writes when somebody clicks on an answer.
var calendarSubjects = []string{"accepted:", "declined:", "tentative:", "tentatively accepted:", "zugesagt:", "abgesagt:", "mit vorbehalt:", "accepté", "refusé", "aceptad", "rechazad", "accettat", "rifiutat", "aceit", "recusad", "geaccepteerd:", "afgewezen:",
	"accepterad:", "accepteret:", "akseptert:", "zaakceptowan", "odrzucon", "принято:", "отклонено:", "承諾:", "辞退:", "已接受:", "已拒绝:", "수락:"}

// outOfOffice needs more than its three words: people write about being out of office, too.
var outOfOffice = []string{"out of office", "out of the office", "out-of-office", "ooo:", "[ooo]", "vacation reply", "away from my mail", "away from the office", "i am out of", "i'm out of"}

// absences close a subject that begins with somebody's name, as Notes writes it: "Bob Smith is out of the office."
var absences = []string{" is out of the office", " is out of office", " is away from the office", " is on vacation", " ist außer haus", " ist nicht im büro", " ist nicht im hause", " ist abwesend", " est absent", " est absente",
	" est absent du bureau", " è fuori ufficio", " è assente", " está fuera de la oficina", " está ausente", " is afwezig", " är inte på kontoret", " er ikke på kontoret", " jest poza biurem"}

// outOfOfficeEnds are what follows those words in a machine's subject.
var outOfOfficeEnds = []string{"", ":", "autoreply", "auto reply", "auto-reply", "auto response", "reply", "response", "notification", "message", "notice", "re:", "- re:", "(was:", "(re:", "- auto"}

// hasAutoSubject takes the subject in lower case.
func hasAutoSubject(lower string) bool {
	for _, p := range autoSubjects {
		if rest, ok := strings.CutPrefix(lower, p); ok && endsWord(p, rest) {
			return true
		}
	}
	for _, p := range outOfOffice {
		if rest, ok := strings.CutPrefix(lower, p); ok {
			rest = strings.TrimLeft(rest, " !.")
			if rest == "" || strings.HasSuffix(p, ":") {
				return true
			}
			for _, end := range outOfOfficeEnds[1:] {
				if strings.HasPrefix(rest, end) {
					return true
				}
			}
		}
	}
	for _, a := range absences {
		if _, rest, ok := strings.Cut(lower, a); ok {
			rest = strings.Trim(rest, " .!")
			return rest == "" || rest[0] == '(' || strings.HasPrefix(rest, "until") || strings.HasPrefix(rest, "returning") || strings.HasPrefix(rest, "bis ")
		}
	}
	return false
}

// endsWord keeps "automatic replying rules" from being "automatic reply": a phrase must end where a word ends, and go
// on with nothing, a mark or the old subject.
func endsWord(p, rest string) bool {
	if rest == "" || p[len(p)-1] >= 0x80 || strings.HasSuffix(p, ":") || strings.HasSuffix(p, "]") {
		return true
	}
	rest = strings.TrimLeft(rest, " ")
	return rest == "" || strings.IndexByte(":-([|!.,", rest[0]) >= 0 || strings.HasPrefix(rest, "re:") || strings.HasPrefix(rest, "from ") || strings.HasPrefix(rest, "to ") || rest[0] >= 0x80
}

// challenges ask the sender to prove they are a person, or say that something was released or queued (L-18).
var challenges = []string{"please confirm your message", "confirm your email to", "click to release", "click the link below to release", "sender verification required", "please verify your email address to deliver", "spam arrest", "spamarrest", "boxbe",
	"your message is awaiting verification", "to complete the delivery of your message", "verification request for your message", "challenge/response", "i apologize for this automatic", "bitte bestätigen sie ihre nachricht"}

// isChallenge looks at the subject, and at the body only of a letter whose sender's name is a filter's.
func (m *Message) isChallenge() bool {
	lower := strings.ToLower(m.Subject)
	if isThreaded(lower) {
		return false
	}
	if containsAny(lower, challenges) || m.Header.has("X-Spamarrest-Noth") || m.Header.has("X-ChoiceMail-Registration-Request") || m.Header.has("X-TMDA-Fingerprint") && strings.Contains(strings.ToLower(m.From.Address), "confirm") {
		return true
	}
	from := strings.ToLower(m.From.Address)
	return (strings.Contains(from, "challenge") || strings.Contains(from, "confirm+") || strings.Contains(from, "spamarrest")) && containsAny(strings.ToLower(m.Text[:min(len(m.Text), 4096)]), challenges)
}
