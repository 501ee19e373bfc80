package email

import (
	"strings"
	"testing"
)

// answer is a person's letter with some header fields exchanged or added.
func answer(fields, body string) string {
	h := "From: Bob <bob@ext.test>\nTo: reply+x@in.test\nSubject: Re: invoice\nMessage-ID: <1@ext.test>\nDate: Tue, 01 Sep 2026 10:00:00 +0000\n"
	for _, f := range strings.Split(strings.TrimSpace(fields), "\n") {
		name, _, _ := strings.Cut(f, ":")
		if i := strings.Index(h, name+":"); i >= 0 && name != "" {
			h = h[:i] + h[i+strings.IndexByte(h[i:], '\n')+1:]
		}
	}
	return h + strings.TrimLeft(fields, "\n") + "\n\n" + body
}

func TestL01_AutomaticAnswers(t *testing.T) {
	for _, f := range []string{
		"Auto-Submitted: auto-replied (vacation)", "Auto-Submitted: Auto-Generated", "Auto-Submitted: auto-notified; owner-email=\"a@b.test\"", "auto-submitted:auto-replied",
		"X-Autoreply: yes", "X-Autorespond: Re: your mail", "X-Autoresponder: 1", "X-AutoReply-From: a@b.test", "X-Mail-Autoreply: dtc", "X-Auto-Response-Suppress: All", "X-Auto-Response-Suppress: DR, OOF, AutoReply",
		"Precedence: bulk", "Precedence: junk", "Precedence: auto_reply", "X-Precedence: auto_reply", "X-FC-MachineGenerated: true", "X-POST-MessageClass: 9; Autoresponder", "Delivered-To: Autoresponder",
		"X-Vacation: yes", "From: autoresponder@ext.test",
		"Subject: Automatic reply: invoice", "Subject: Out of Office", "Subject: Out of office AutoReply: invoice", "Subject: Auto: invoice\nIn-Reply-To: <2@in.test>", "Subject: AUTO: Bob is away", "Subject: Im Urlaub\nReferences: <2@in.test>", "Subject: [Auto-Reply] invoice", "Subject: Out of the office: invoice",
		"Subject: Bob Smith is out of the office.", "Subject: Bob Smith is out of the office (returning 09/09/2026)", "Subject: invoice\nReturn-Path: <>", "Content-Type: multipart/report; report-type=x; boundary=b",
		"Subject: Automatische Antwort: Rechnung", "Subject: Abwesenheitsnotiz: Rechnung", "Subject: Réponse automatique : facture", "Subject: =?utf-8?q?R=C3=A9ponse_automatique_:_facture?=",
		"Subject: Respuesta automática: factura", "Subject: Risposta automatica: fattura", "Subject: Resposta automática: fatura", "Subject: Automatisch antwoord: factuur", "Subject: Autosvar: faktura",
		"Subject: Automatiskt svar: faktura", "Subject: Automatisk svar: faktura", "Subject: Automaattinen vastaus: lasku", "Subject: Automatyczna odpowiedź: faktura", "Subject: Automatická odpověď: faktura",
		"Subject: Automatikus válasz: számla", "Subject: Автоматический ответ: счёт", "Subject: Otomatik yanıt: fatura", "Subject: 自動返信: 請求書", "Subject: 自动回复: 发票", "Subject: 자동 회신: 송장", "Subject: Αυτόματη απάντηση: τιμολόγιο",
	} {
		if m := parse(t, answer(f, "Thank you.")); m.Kind != KindAutoReply {
			t.Errorf("%s: %s, want auto_reply", f, m.Kind)
		}
	}
}

func TestPersonsStayPersons(t *testing.T) {
	quoted := "Is this the right address?\n\n> ----- Original message -----\n> From: MAILER-DAEMON@mx.ext.test\n> Subject: Undelivered Mail Returned to Sender\n>\n> <joe@ext.test>: host mx said: 550 5.1.1 user unknown\n"
	for name, raw := range map[string]string{
		"an ordinary answer":                       answer("", "Thank you."),
		"L-02 Auto-Submitted: no":                  answer("Auto-Submitted: no", "Thank you."),
		"forwarded by a rule":                      answer("Auto-Submitted: auto-forwarded", "Thank you."),
		"L-03 a mailing list":                      answer("Precedence: list\nList-Id: <x.ext.test>", "Thank you."),
		"L-03 an old mailing list":                 answer("Precedence: bulk\nList-Post: <mailto:x@ext.test>", "Thank you."),
		"L-04 another Aside's agent":               answer("X-Auto-Response-Suppress: All\nX-Aside-Loop: abc", "Thank you."),
		"a help desk's agent, in the thread":       answer("X-Auto-Response-Suppress: All\nIn-Reply-To: <2@in.test>", "Thank you."),
		"suppressing receipts only":                answer("X-Auto-Response-Suppress: DR, RN, NRN", "Thank you."),
		"a header that says no":                    answer("X-Autoreply: no", "Thank you."),
		"a bulk sender's feedback id":              answer("Feedback-ID: 1.us-east-1.x:AmazonSES", "Thank you."),
		"an answer to a vacation note":             answer("Subject: Re: Automatic reply: invoice", "Enjoy."),
		"a letter about being away":                answer("Subject: Out of office next week, call me", "Hi"),
		"a letter about a car":                     answer("Subject: Auto: Reparatur", "Hallo"),
		"a letter to be read":                      answer("Subject: Read: the contract", "Please."),
		"a letter about something accepted":        answer("Subject: Accepted: your offer", "We take it."),
		"a letter about automatic answers":         answer("Subject: Automatic replying rules", "How do I set them?"),
		"an answer that quotes a bounce":           answer("Subject: Re: Undelivered Mail Returned to Sender", quoted),
		"a forwarded bounce":                       answer("Subject: Fwd: Undelivered Mail Returned to Sender", quoted),
		"an answer about a bounce":                 answer("", "Your mail to joe@ext.test could not be delivered, user unknown, 550 5.1.1."),
		"a postmaster answers":                     answer("From: postmaster@ext.test\nIn-Reply-To: <2@in.test>", "The user does not exist, 550 5.1.1, I removed joe@ext.test."),
		"a subject with a failure in it":           answer("Subject: Ticket by unknown user", "The user unknown to you is me."),
		"a subject that begins like one, no words": answer("Subject: Delivery report for July", "All parcels arrived."),
		"undelivered goods":                        answer("Subject: Undelivered goods", "The goods for joe@ext.test were not delivered, they are on a truck."),
		"a parcel that could not be delivered":     answer("Subject: Delivery failure of the parcel", "The parcel to joe@ext.test could not be delivered, the address does not exist."),
		"a forwarded bounce as a file": answer("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b",
			"--b\n\nSee this.\n--b\nContent-Type: message/rfc822\n\nFrom: MAILER-DAEMON@x.test\nContent-Type: multipart/report; boundary=c\n\n--c\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.test\nAction: failed\n--c--\n--b--\n"),
		"the word noreply in the sender":      answer("From: Forum <noreply@ext.test>", "Ann wrote: thank you."),
		"an answer with an empty return path": answer("Return-Path: <>", "Thank you."),
		"a subject about somebody's absence":  answer("Subject: Ann is out of the office, please call Joe", "Hi"),
	} {
		t.Run(name, func(t *testing.T) {
			if m := parse(t, raw); m.Kind != KindReply || m.Report != nil {
				t.Errorf("kind %s, want reply", m.Kind)
			}
		})
	}
}

func report(kind, machine string) string {
	return "From: MAILER-DAEMON@mx.ext.test\nTo: bounce+x@in.test\nSubject: Undelivered\nContent-Type: multipart/report; report-type=" + kind + "; boundary=b\n\n" +
		"--b\nContent-Type: text/plain\n\nSorry <script>alert(1)</script>\n--b\n" + machine + "\n--b\nContent-Type: text/rfc822-headers\n\nSubject: x\nMessage-ID: <our@in.test>\n\n--b--\n"
}

func TestL06_DeliveryReports(t *testing.T) {
	group := func(s string) string {
		return report("delivery-status", "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.ext.test\n\n"+s)
	}
	const bob = "Final-Recipient: rfc822; bob@ext.test\n"
	for name, c := range map[string]struct {
		raw  string
		kind Kind
		want ReportRecipient
	}{
		"failed":       {group("Original-Recipient: rfc822;Bob@ext.test\n" + bob + "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such\n user"), KindBounce, ReportRecipient{"Bob@ext.test", "failed", "5.1.1", "550 5.1.1 no such user", true}},
		"full":         {group(bob + "Action: failed\nStatus: 5.2.2"), KindBounce, ReportRecipient{"bob@ext.test", "failed", "5.2.2", "", false}},
		"policy":       {group(bob + "Action: failed\nStatus: 5.7.1"), KindBounce, ReportRecipient{"bob@ext.test", "failed", "5.7.1", "", false}},
		"code within":  {group(bob + "Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp;550-5.1.1 gone"), KindBounce, ReportRecipient{"bob@ext.test", "failed", "5.1.1", "550-5.1.1 gone", true}},
		"delayed":      {group(bob + "Action: delayed\nStatus: 4.4.1"), KindDelay, ReportRecipient{"bob@ext.test", "delayed", "4.4.1", "", false}},
		"delivered":    {group(bob + "Action: delivered\nStatus: 2.0.0"), KindReceipt, ReportRecipient{"bob@ext.test", "delivered", "2.0.0", "", false}},
		"relayed":      {group(bob + "Action: relayed\nStatus: 2.0.0"), KindReceipt, ReportRecipient{"bob@ext.test", "relayed", "2.0.0", "", false}},
		"expanded":     {group(bob + "Action: expanded\nStatus: 2.0.0"), KindReceipt, ReportRecipient{"bob@ext.test", "expanded", "2.0.0", "", false}},
		"odd action":   {group(bob + "Action: Failure (final)\nStatus: 553 no"), KindBounce, ReportRecipient{"bob@ext.test", "failed", "", "", true}},
		"no action":    {group(bob + "Status: 4.2.0"), KindDelay, ReportRecipient{"bob@ext.test", "delayed", "4.2.0", "", false}},
		"in brackets":  {group("Final-Recipient: RFC822; <bob@ext.test>\nAction: failed\nStatus: 5.1.1"), KindBounce, ReportRecipient{"bob@ext.test", "failed", "5.1.1", "", true}},
		"RFC 6533":     {strings.ReplaceAll(group("Final-Recipient: utf-8; b\u00f6b@ext.test\nAction: failed\nStatus: 5.1.1"), "message/delivery-status", "message/global-delivery-status"), KindBounce, ReportRecipient{"b\u00f6b@ext.test", "failed", "5.1.1", "", true}},
		"mixed: worst": {group(bob + "Action: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; c@d.test\nAction: delayed\nStatus: 4.0.0"), KindBounce, ReportRecipient{"bob@ext.test", "failed", "5.1.1", "", true}},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, c.raw)
			if m.Kind != c.kind || m.Report == nil || len(m.Report.Recipients) == 0 || m.Report.Recipients[0] != c.want {
				t.Fatalf("%s %+v, want %s %+v", m.Kind, m.Report, c.kind, c.want)
			}
			if m.Report.OriginalMessageID != "our@in.test" {
				t.Errorf("OriginalMessageID = %q", m.Report.OriginalMessageID)
			}
		})
	}
}

func TestL11_Receipts(t *testing.T) {
	m := parse(t, report("disposition-notification", "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; bob@ext.test\nOriginal-Message-ID: <our@in.test>\nDisposition: automatic-action/MDN-sent-automatically; displayed\n"))
	if m.Kind != KindReceipt || m.Report.Recipients[0].Action != "displayed" || m.Report.OriginalMessageID != "our@in.test" {
		t.Errorf("%s %+v", m.Kind, m.Report)
	}
	if m := parse(t, answer("Disposition-Notification-To: evil@attacker.test\nReturn-Receipt-To: evil@attacker.test", "hi")); m.Kind != KindReply {
		t.Errorf("asking for a receipt makes it %s", m.Kind)
	}
}

func TestL12_Complaints(t *testing.T) {
	m := parse(t, report("feedback-report", "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: <bob@ext.test>\n"))
	if m.Kind != KindComplaint || m.Report.Recipients[0].Address != "bob@ext.test" || m.Report.OriginalMessageID != "our@in.test" {
		t.Errorf("%s %+v", m.Kind, m.Report)
	}
}

func TestL18_CalendarAnswersAndChallenges(t *testing.T) {
	ics := "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nSUMMARY:x\nATTENDEE;PARTSTAT=ACCEPTED;CN=Bob:mailto:bob@ext.test\nEND:VEVENT\nEND:VCALENDAR"
	m := parse(t, answer("MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b", "--b\n\n\n--b\n"+ics+"\n--b--\n"))
	if m.Kind != KindAutoReply || m.Events[0].Answer != "ACCEPTED" || m.Events[0].Attendee != "bob@ext.test" {
		t.Errorf("%s %+v", m.Kind, m.Events)
	}
	m = parse(t, answer("MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b", "--b\n\nI will come,\nbut later:\nthe train\nis late.\n--b\n"+ics+"\n--b--\n"))
	if m.Kind != KindReply {
		t.Errorf("an acceptance with words is a person's: %s", m.Kind)
	}
	if m := parse(t, answer("Subject: Please confirm your message", "Click here to release it.")); m.Kind != KindAutoReply {
		t.Errorf("a challenge: %s", m.Kind)
	}
}
