package quote

import "strings"

// verbs end (or, in languages that put the name last, divide) an introduction: "wrote" and its like.
// Lower case; matched as whole words where the script has spaces.
var verbs = []string{
	"wrote", "writes", "sent", "said", "replied", // English
	"a écrit", "a ecrit", "écrit", // French
	"schrieb", "geschrieben", // German
	"escribió", "escribio", "escribía", // Spanish
	"ha escrit", "va escriure", // Catalan
	"escreveu", "escribiu", // Portuguese, Galician
	"ha scritto", "scrisse", // Italian
	"schreef", "geschreven", "het volgende geschreven", // Dutch
	"skrev", "skrifaði", // Danish, Norwegian, Swedish, Icelandic
	"kirjoitti",                                               // Finnish
	"kirjutas",                                                // Estonian
	"napisał", "napisała", "napisał(a)", "napisał/a", "pisze", // Polish
	"napsal", "napsala", "napsal(a)", "píše", // Czech
	"napísal", "napísal(a)", // Slovak
	"je napisao", "je napisala", "napisao", "napisala", // Croatian, Bosnian
	"je napisal", "je napisal/-a", "је написао", // Slovene, Serbian
	"írta", "ezt írta", // Hungarian
	"a scris",                                    // Romanian
	"написал", "написала", "написал(а)", "пишет", // Russian
	"написав", "написала", "пише", // Ukrainian
	"написа",                               // Bulgarian
	"έγραψε",                               // Greek
	"yazdı", "şunu yazdı", "şunları yazdı", // Turkish
	"đã viết",            // Vietnamese
	"menulis", "написао", // Indonesian, Serbian
	"rašė", "rakstīja", // Lithuanian, Latvian
	"כתב", "כתבה", "כתב/ה", "מאת", // Hebrew
	"كتب", "كتبت", // Arabic
	"نوشت",                 // Persian
	"เขียนว่า",             // Thai
	"写道", "寫道", "写到", "編寫", // Chinese
	"のメッセージ", "が書きました", "書きました", // Japanese
	"작성", "님이 작성", "썼습니다", // Korean
}

// leads open an introduction: "On" and its like. With the space or comma that follows.
var leads = []string{
	"on ", "le ", "am ", "el ", "il ", "op ", "den ", "em ", "no dia ", "a ", "på ", "w dniu ", "dnia ",
	"dne ", "dňa ", "dana ", "in data ", "il giorno ", "vào ", "pada ", "în ", "la data ",
	"στις ", "на ", "в ", "ב", "في ", "در ", "在 ", "在", "于", "於 ", "於", "เมื่อ ", "kohteessa ", "kuupäeval ",
}

// quotings open an introduction without a date, as Horde writes it: "Quoting Ann <ann@b.example>:".
var quotings = []string{"quoting ", "zitat von ", "citando ", "citando a ", "citaat van ", "citace ", "citat fra ", "citat från ", "cytowanie ", "idézet ", "citazione ", "citation de ", "quoted from ", "in article ", "in message "}

// originals stand between dashes above the letter that is answered.
var originals = set(
	"original message", "reply message", "původní e-mail", "mail original", "ursprüngliche mail", "ursprüngliche e-mail", "e-mail original", "original-mail", "message précédent", "vorige nachricht", "vorherige nachricht", "original appointment", "original email", "original mail",
	"ursprüngliche nachricht", "originalnachricht", "original-nachricht", "antwort nachricht",
	"message d'origine", "message d’origine", "message original", "message initial",
	"mensaje original", "missatge original", "mensagem original", "mensaxe orixinal",
	"messaggio originale", "oorspronkelijk bericht", "origineel bericht",
	"oprindelig meddelelse", "oprindelig besked", "opprinnelig melding", "originalmeddelande", "ursprungligt meddelande",
	"alkuperäinen viesti", "alkuperäinen viesti:", "algne sõnum", "oryginalna wiadomość", "wiadomość oryginalna", "treść oryginalnej wiadomości",
	"původní zpráva", "pôvodná správa", "izvorna poruka", "originalna poruka", "izvirno sporočilo", "оригинална порука",
	"eredeti üzenet", "mesaj original", "mesajul original", "исходное сообщение", "исходное письмо", "оригинальное сообщение",
	"вихідне повідомлення", "оригінальне повідомлення", "оригинално съобщение", "αρχικό μήνυμα", "orijinal mesaj", "özgün ileti",
	"thư gốc", "tin nhắn gốc", "pesan asli", "הודעה מקורית", "رسالة أصلية", "الرسالة الأصلية", "原始邮件", "原始郵件", "原邮件", "元のメッセージ", "원본 메시지", "원본 메일",
)

// forwards stand above a letter that is handed on: it is the message, and stays in sight.
var forwards = set(
	"forwarded message", "forwarded by", "begin forwarded message", "fwd", "forwarded mail", "forwarded email",
	"weitergeleitete nachricht", "anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail",
	"message transféré", "message transmis", "début du message transféré", "début du message réexpédié",
	"mensaje reenviado", "inicio del mensaje reenviado", "missatge reenviat", "mensagem encaminhada", "mensagem reencaminhada", "início da mensagem encaminhada", "início da mensagem reenviada",
	"messaggio inoltrato", "inizio messaggio inoltrato", "doorgestuurd bericht", "begin doorgestuurd bericht",
	"videresendt meddelelse", "videresendt besked", "videresendt melding", "vidarebefordrat meddelande", "vidarebefordrat mejl", "start på videresendt besked", "påbörjat vidarebefordrat brev",
	"välitetty viesti", "edelleenlähetetty viesti", "przekazana wiadomość", "wiadomość przekazana dalej", "początek przekazywanej wiadomości",
	"přeposlaná zpráva", "preposlaná správa", "proslijeđena poruka", "posredovano sporočilo", "továbbított üzenet", "továbbított levél", "mesaj redirecționat",
	"пересылаемое сообщение", "пересланное сообщение", "начало переадресованного сообщения", "переслане повідомлення", "препратено съобщение",
	"προωθημένο μήνυμα", "iletilen mesaj", "yönlendirilmiş ileti", "thư đã chuyển tiếp", "pesan terusan", "pesan yang diteruskan", "הודעה שהועברה", "رسالة مُعاد توجيهها",
	"转发的邮件", "转发邮件信息", "轉寄的郵件", "轉寄郵件", "転送されたメッセージ", "전달된 메시지", "전달된 메일",
)

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// framed gives the lower-case words of a line that stands between dashes ("---- Original Message ----") or,
// as Apple Mail has it, before a colon ("Begin forwarded message:").
func framed(s string) (words string, dashes bool) {
	if len(s) > 120 {
		return "", false
	}
	inner := strings.Trim(s, "-—–_=*# \t>")
	dashes = len(s)-len(inner) >= 4
	if !dashes && !endsInColon(inner) {
		return "", false
	}
	return strings.ToLower(strings.TrimRight(inner, ":：\u00a0 *")), dashes
}

func isOriginal(s string) bool {
	w, dashes := framed(s)
	return dashes && originals[w]
}

func isForward(s string) bool {
	w, _ := framed(s)
	return w != "" && (forwards[w] || strings.HasPrefix(w, "forwarded by "))
}

// isMarker knows our own line and the ones other desks write ("Please type your reply above this line").
func isMarker(s string) bool {
	if len(s) < 20 || len(s) > 160 || !strings.Contains(s, "bove this line") {
		return false
	}
	w := strings.ToLower(strings.TrimFunc(s, func(r rune) bool { return strings.ContainsRune("-–—=#*_<>~. \u00a0", r) }))
	w = strings.TrimPrefix(w, "please ")
	for _, verb := range []string{"write ", "type ", "enter ", "add ", "reply ", "respond "} {
		if strings.HasPrefix(w, verb) {
			return true
		}
	}
	return false
}
