package email

import "strings"

// The phrases below are tried in lower case. Each is long enough that a person does not write it by chance in a
// subject; in a body they only count together with a mail system's name or subject.

var bounceSubjects = []string{
	"undeliver", "delivery status notification", "delivery failure", "delivery fail", "delivery report", "delivery notification", "delivery has failed",
	"delivery error", "delivery problem", "failure delivery", "failure notice", "failed mail", "failed delivery", "mail delivery fail", "mail delivery problem",
	"mail delivery error", "mail delivery warning", "mail delivery system", "mail error", "mail system error", "mail failed", "mail failure", "returned mail", "returned email",
	"returned to sender", "returning to sender", "returning message to sender", "could not be delivered", "couldn't be delivered", "cannot be delivered", "not delivered",
	"not be delivered", "non-deliver", "nondeliver", "non deliver", "not yet been delivered", "processing error", "user unknown", "message delayed", "delayed mail",
	"delivery delayed", "delivery delay", "warning: message", "warning: could not send", "unable to deliver", "message rejected", "message not accepted", "address not found",
	"message you sent blocked",
	// German, French, Italian, Spanish, Portuguese, Dutch
	"unzustellbar", "nicht zugestellt", "nicht zustellbar", "zustellung fehlgeschlagen", "zustellungsfehler", "fehler bei der zustellung",
	"non remis", "non distribué", "échec de la remise", "échec de remise", "échec de distribution", "échec d'envoi", "non délivré", "notification d'état de remise", "non recensé", "retour à l'expéditeur",
	"non recapitabile", "mancata consegna", "recapito non riuscito", "errore di consegna", "impossibile recapitare", "notifica sullo stato di recapito",
	"no se puede entregar", "no se pudo entregar", "no se ha podido entregar", "no entregado", "error de entrega", "correo devuelto", "mensaje devuelto", "fallo en la entrega",
	"não entregue", "não foi entregue", "falha na entrega", "falha de entrega", "não pôde ser entregue", "não é possível entregar",
	"onbestelbaar", "niet bezorgd", "niet afgeleverd", "kan niet worden bezorgd", "aflevering mislukt",
	// Nordic, Slavic, Hungarian, Turkish
	"kan inte levereras", "kunde inte levereras", "gick inte att leverera", "olevererbar", "kan ikke leveres", "kunne ikke leveres", "ikke levert", "ikke leveret", "ei voitu toimittaa", "toimitus epäonnistui",
	"niedostarczon", "nie można dostarczyć", "nie dostarczono", "zwrot wiadomości", "nedoručiteln", "nedoručen", "nelze doručit", "doručení se nezdařilo",
	"недоставлен", "не доставлен", "не может быть доставлен", "ошибка доставки", "невозможно доставить", "kézbesíthetetlen", "nem kézbesíthető", "sikertelen kézbesítés", "teslim edilemedi", "iletilemedi",
	"не удалось доставить", "не удается доставить", "αποτυχία παράδοσης", "δεν ήταν δυνατή η παράδοση",
	// East Asia
	"配信不能", "配信できません", "配送不能", "配達できません", "送信できません", "エラーメール", "退信", "无法投递", "未能送达", "无法送达", "投递失败", "無法傳遞", "無法遞送", "傳送失敗", "반송", "배달 실패", "전달할 수 없", "발송 실패",
	"ваше сообщение не до",
}

// opensLikeBounce is the stricter test for senders that are no mail system by name: the phrase begins the subject, at
// most after the words machines put before it.
func opensLikeBounce(lower string) bool {
	for _, p := range bounceSubjects {
		i := strings.Index(lower, p)
		if i < 0 || i > 24 {
			continue
		}
		before := strings.Trim(lower[:i], " :-[]*!")
		if before == "" {
			return true
		}
		switch before {
		case "mail", "e-mail", "email", "message", "your message", "your mail", "your email", "the message", "warning", "automatic", "error", "notice", "smtp", "auto", "permanent", "temporary":
			return true
		}
	}
	return false
}

var undelivered = []string{
	"not be delivered", "n't be delivered", "cannot be delivered", "was not delivered", "were not delivered", "not delivered to", "been undeliverable", "undeliverable",
	"unable to deliver", "unable to be delivered", "able to deliver your", "couldn't deliver", "could not deliver", "cannot deliver", "can't be delivered", "did not reach", "didn't reach", "delivery failed", "delivery to the following",
	"failed to deliver", "failed permanently", "failed recipient", "address(es) failed", "addresses failed", "fatal delivery error", "fatal errors", "fatal errors", "permanent error", "permanent failure",
	"user unknown", "unknown user", "unknown recipient", "unknown or illegal", "no such user", "no such mailbox", "no mailbox here", "no such recipient", "no such address", "mailbox unavailable", "mailbox not found", "mailbox full", "mailbox is full",
	"does not exist", "doesn't exist", "address rejected", "recipient rejected", "not listed in", "did not receive a copy", "not yet been delivered", "has not been delivered", "have not been delivered",
	"delivery notifications", "been delayed", "has been returned", "being returned", "is being returned", "been bounced", "over quota", "exceeding their quota", "invalid final delivery", "intended recipient:", "not accepting mail",
	"message was rejected", "have been rejected", "returned mail", "transcript of session", "giving up", "host unknown", "unrouteable", "unroutable", "not local; please try", "smtp error", "remote host said", "not known here", "not recognized",
	"konnte nicht zugestellt", "konnte nicht an", "nicht zugestellt werden", "wurde nicht zugestellt", "n'a pas pu", "n'a pu être", "n'existe pas", "non è stato possibile", "non può essere", "no se pudo entregar", "no pudo ser entregado",
	"no ha podido", "não pôde ser", "não foi possível", "kon niet worden", "niet worden bezorgd", "kunde inte levereras", "kunne ikke leveres", "nie mogła", "nie można", "nelze doručit", "не может быть доставлено", "не удалось доставить",
	"не доставлено", "невозможно доставить", "配信できません", "送信できません", "届けることができません", "无法送达", "无法投递", "退信", "無法傳遞", "전달할 수 없", "550 ", "554 ", "5.1.1", "5.1.0", "5.4.4",
}

func saysUndelivered(words string) bool { return containsAny(strings.ToLower(words), undelivered) }

var delayedWords = []string{"action: delayed", "not yet been delivered", "still being retried", "will keep trying", "will continue", "will be retried", "warning message only", "has not yet been", "have not yet been",
	"you do not need to resend", "delivery attempts will", "will retry", "will try again", "be retried for", "is delayed", "been delayed", "delivery delayed", "noch nicht zugestellt", "wird weiterhin versucht",
	"pas encore été", "aún no se ha", "non è ancora", "ainda não foi", "nog niet", "ещё не", "еще не", "まだ配信"}

// saysDelayed holds unless the same words also say that it is over.
func saysDelayed(words string) bool {
	lower := strings.ToLower(words)
	return containsAny(lower, delayedWords) && !containsAny(lower, []string{"gave up", "given up", "giving up", "permanent fatal", "permanent error", "will not be retried", "no longer be retried"})
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
