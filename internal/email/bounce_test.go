package email

import (
	"strings"
	"testing"
)

const daemon = "From: Mail Delivery System <MAILER-DAEMON@mx.ext.test>\n"

// L-09: reports in prose, each in the manner of one mail system, none of them a multipart/report.
func TestL09_ProseBounces(t *testing.T) {
	const returned = "Received: from our.test (our.test [192.0.2.1]) by mx.ext.test for <x@y.test>\nMessage-ID: <our@in.test>\nFrom: us@in.test\nTo: x@y.test\nSubject: invoice\n"
	for name, c := range map[string]struct {
		from, subject, body string
		kind                Kind
		addrs               string
		hard                bool
	}{
		"Postfix":                            {daemon, "Undelivered Mail Returned to Sender", "This is the mail system at host mx.ext.test.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\nFor further assistance, please send mail to postmaster.\n\n<bob@ext.test>: host mx2.ext.test[192.0.2.9] said: 550 5.1.1 <bob@ext.test>:\n    Recipient address rejected: User unknown (in reply to RCPT TO command)\n", KindBounce, "bob@ext.test", true},
		"qmail":                              {daemon, "failure notice", "Hi. This is the qmail-send program at ext.test.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<bob@ext.test>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n<ann@ext.test>:\nmailbox is full\n\n--- Below this line is a copy of the message.\n\n" + returned, KindBounce, "bob@ext.test ann@ext.test", true},
		"Exim":                               {daemon, "Mail delivery failed: returning message to sender", "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  bob@ext.test\n    Unrouteable address\n\n------ This is a copy of the message, including all the headers. ------\n\n" + returned, KindBounce, "bob@ext.test", true},
		"Exim delay":                         {daemon, "Warning: message 1abc-2 delayed 24 hours", "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours.\n\nThe address to which the message has not yet been delivered is:\n\n  bob@ext.test\n\nNo action is required on your part. Delivery attempts will continue for\nsome time.\n", KindDelay, "bob@ext.test", false},
		"sendmail":                           {daemon, "Returned mail: see transcript for details", "The original message was received at Tue, 1 Sep 2026\nfrom our.test [192.0.2.1]\n\n   ----- The following addresses had permanent fatal errors -----\n<bob@ext.test>\n    (reason: 550 5.1.1 User unknown)\n\n   ----- Transcript of session follows -----\n... while talking to mx.ext.test.:\n>>> RCPT To:<bob@ext.test>\n<<< 550 5.1.1 User unknown\n\n   ----- Message header follows -----\n\n" + returned, KindBounce, "bob@ext.test", true},
		"sendmail 4h":                        {daemon, "Warning: could not send message for past 4 hours", "    **********************************************\n    **      THIS IS A WARNING MESSAGE ONLY      **\n    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n    **********************************************\n\n   ----- The following addresses had transient non-fatal errors -----\n<bob@ext.test>\n\nWarning: message still undelivered after 4 hours\nWill keep trying until message is 5 days old\n", KindDelay, "bob@ext.test", false},
		"Exchange 2003":                      {"From: System Administrator <postmaster@ext.test>\n", "Undeliverable: invoice", "Your message\n\n  To:      bob@ext.test\n  Subject: invoice\n  Sent:    Tue, 1 Sep 2026 10:00:00 +0000\n\ndid not reach the following recipient(s):\n\nbob@ext.test on Tue, 1 Sep 2026 10:00:01 +0000\n    The recipient name is not recognized\n", KindBounce, "bob@ext.test", true},
		"Exchange 2010":                      {"From: Microsoft Outlook <MicrosoftExchange329e71@ext.test>\n", "Undeliverable: invoice", "Delivery has failed to these recipients or groups:\n\nbob@ext.test<mailto:bob@ext.test>\nThe e-mail address you entered couldn't be found. Please check it.\n\nDiagnostic information for administrators:\n\nGenerating server: ext.test\n\nbob@ext.test\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\nOriginal message headers:\n\n" + returned, KindBounce, "bob@ext.test", true},
		"Domino":                             {"From: Postmaster@ext.test\n", "DELIVERY FAILURE: User bob (bob@ext.test) not listed in Domino Directory", "Your message\n\n  Subject: invoice\n\nwas not delivered to:\n\n  bob@ext.test\n\nbecause:\n\n  User bob (bob@ext.test) not listed in Domino Directory\n", KindBounce, "bob@ext.test", true},
		"Gmail":                              {"From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\n", "Delivery Status Notification (Failure)", "Delivery to the following recipient failed permanently:\n\n     bob@ext.test\n\nTechnical details of permanent failure:\nThe error that the other server returned was: 550 550 5.1.1 User unknown (state 14).\n\n----- Original message -----\n\n" + returned, KindBounce, "bob@ext.test", true},
		"Yahoo":                              {"From: MAILER-DAEMON@yahoo.test\n", "Failure Notice", "Sorry, we were unable to deliver your message to the following address.\n\n<bob@ext.test>:\n554: delivery error: dd This user doesn't have a ext.test account (bob@ext.test) [0]\n\n--- Below this line is a copy of the message.\n\n" + returned, KindBounce, "bob@ext.test", true},
		"James":                              {"From: postmaster@ext.test\n", "Re: invoice", "Hi. This is the James mail server at ext.test.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\nFailed recipient(s):\nbob@ext.test\n\nError message:\n550 5.1.1 unknown\n", KindReply, "", false},
		"OpenSMTPD":                          {"From: Mailer Daemon <MAILER-DAEMON@ext.test>\n", "Delivery status notification: error", "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\nbob@ext.test: 550 5.2.2 Mailbox Full\n\n    Below is a copy of the original message:\n\n" + returned, KindBounce, "bob@ext.test", false},
		"IMail":                              {"From: \"Postmaster\" <postmaster@ext.test>\n", "Undeliverable Mail", "Unknown user: bob@ext.test\n\nOriginal message follows.\n\n" + returned, KindBounce, "bob@ext.test", true},
		"MDaemon":                            {"From: MDaemon@ext.test\n", "Permanent Delivery Failure", "The attached message had PERMANENT fatal delivery errors!\n\nThe following addresses did NOT receive a copy of your message:\n\n> bob@ext.test\n\n--- Session Transcript ---\n RCPT To:<bob@ext.test>\n 550 no\n", KindBounce, "bob@ext.test", true},
		"Sun":                                {"From: Internet Mail Delivery <postmaster@ext.test>\n", "Delivery Notification: Delivery has failed", "Your message cannot be delivered to the following recipients:\n\n  Recipient address: bob@ext.test\n  Reason: Remote SMTP server has rejected address\n  Diagnostic code: smtp;550 5.1.1 unknown\n", KindBounce, "bob@ext.test", true},
		"a gateway":                          {"From: MAILER-DAEMON@ext.test\n", "Message status - undeliverable", "Unable to deliver message to: <bob@ext.test>\nDelivery failed for the following reason:\nServer mx.ext.test failed with: 550 no such user here\n", KindBounce, "bob@ext.test", true},
		"mobile":                             {"From: Mail Administrator <Postmaster@mobile.test>\n", "Mail System Error - Returned Mail", "The user(s) account is disabled.\n\n<bob@mobile.test>: 550 user unknown (in reply to RCPT TO command)\n", KindBounce, "bob@mobile.test", true},
		"Courier":                            {"From: \"Courier mail server at ext.test\" <@ext.test>\nReturn-Path: <>\n", "NOTICE: mail delivery status.", "This is a delivery status notification from ext.test.\n\nThe original message was received from us.\n\n---------------------------------------------------------------------------\n\n                           UNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n<bob@ext.test>:\n   mx.ext.test [192.0.2.1]:\n<<< 550 User unknown\n", KindBounce, "bob@ext.test", true},
		"German":                             {"From: \"Mail Delivery System\" <postmaster@ext.test>\n", "Unzustellbar: Rechnung", "Ihre Nachricht konnte nicht an die folgenden Empfänger zugestellt werden:\n\nbob@ext.test\n\n550 5.1.1 unbekannt\n", KindBounce, "bob@ext.test", true},
		"French":                             {"From: Administrateur <postmaster@ext.test>\n", "Non remis : facture", "Votre message n'a pas pu être remis aux destinataires suivants :\n\nbob@ext.test\n", KindBounce, "bob@ext.test", true},
		"Spanish":                            {daemon, "No se puede entregar: factura", "No se pudo entregar el mensaje a estos destinatarios:\n\nbob@ext.test (buzón llena)\n", KindBounce, "bob@ext.test", false},
		"Japanese":                           {"From: MAILER-DAEMON@ext.test\n", "配信不能通知", "次の宛先に配信できませんでした。\n\n<bob@ext.test>\n", KindBounce, "bob@ext.test", true},
		"HTML only":                          {daemon + "Content-Type: text/html\n", "Undeliverable: invoice", "<html><p><b>Delivery has failed to these recipients:</b></p><p><a href=\"mailto:bob@ext.test\">bob@ext.test</a><br>The address could not be found. 550 5.1.10</p>", KindBounce, "bob@ext.test", true},
		"only a header says whom":            {daemon + "X-Failed-Recipients: bob@ext.test\n", "Mail delivery failed", "It failed.\n", KindBounce, "bob@ext.test", true},
		"only the subject says whom":         {daemon, "Undeliverable: bob@ext.test", "Sorry.\n", KindBounce, "bob@ext.test", true},
		"only the returned letter says whom": {daemon, "failure notice", "It could not be delivered.\n\n--- Below this line is a copy of the message.\n\nReceived: by x for <bob@ext.test>; Tue\nMessage-ID: <our@in.test>\n", KindBounce, "bob@ext.test", true},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, c.from+"To: bounce+x@in.test\nSubject: "+c.subject+"\nDate: Tue, 01 Sep 2026 10:00:00 +0000\n\n"+c.body)
			if m.Kind != c.kind {
				t.Fatalf("kind = %s, want %s", m.Kind, c.kind)
			}
			if c.addrs == "" {
				return
			}
			var got []string
			for _, r := range m.Report.Recipients {
				got = append(got, r.Address)
			}
			if strings.Join(got, " ") != c.addrs || m.Report.Recipients[0].Hard != c.hard {
				t.Errorf("recipients %+v, want %s, hard %v", m.Report.Recipients, c.addrs, c.hard)
			}
			if strings.Contains(c.body, "<our@in.test>") && m.Report.OriginalMessageID != "our@in.test" {
				t.Errorf("OriginalMessageID = %q", m.Report.OriginalMessageID)
			}
		})
	}
}
