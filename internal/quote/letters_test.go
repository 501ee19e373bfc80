package quote

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ name, in, fresh string }{
		{"an answer above", "Yes.\n\nOn Mon, 2 Sep 2025 at 10:00, Ann <a@b.example> wrote:\n> Shall we?\n", "Yes."},
		{"an answer below", "On Mon, 2 Sep 2025 at 10:00, Ann <a@b.example> wrote:\n> Shall we?\n\nYes.\n", "Yes."},
		{"an answer around", "Hello,\n\nOn Mon, 2 Sep 2025 at 10:00, Ann <a@b.example> wrote:\n> Shall we?\n\nYes.\n", "Hello,\n\nYes."},
		{"an answer below quoted lines nobody introduced", "> Shall we?\n\nYes.", "Yes."},
		{"answers between quoted lines stay with what they answer, and the rest below is folded", "On Mon, 2 Sep 2025 at 10:00, Ann <a@b.example> wrote:\n> One?\n\nyes\n\n> Two?\n\nno\n\n> Bye\n> Ann\n", "On Mon, 2 Sep 2025 at 10:00, Ann <a@b.example> wrote:\n> One?\n\nyes\n\n> Two?\n\nno"},
		{"one answer between quoted lines stays too", "> One?\nyes\n> Two?\n> Bye\n", "> One?\nyes"},
		{"a quotation within the text stays", "The manual says\n> turn it off\nbut it does not work.", "The manual says\n> turn it off\nbut it does not work."},
		{"only a signature below the quotation", "Yes.\n\nOn Mon, 2 Sep 2025 at 10:00, Ann <a@b.example> wrote:\n> Shall we?\n\n-- \nBob\n", "Yes."},
		{"a quoted line wrapped on the way is no answer", "Yes.\n\nOn Mon, 2 Sep 2025 at 10:00, Ann <a@b.example> wrote:\n> a line that is longer than seventy characters and that was wrapped by\nsome program\n> and goes on\n", "Yes."},
		{"Outlook in plain text", "Yes.\n\n________________________________\nFrom: Ann <a@b.example>\nSent: Monday, 2 September 2025 10:00\nTo: Bob\nSubject: Pumps\n\nShall we?\n", "Yes."},
		{"Outlook in German", "Ja.\n\nVon: Ann <a@b.example>\nGesendet: Montag, 2. September 2025 10:00\nAn: Bob\nBetreff: Pumpen\n\nSollen wir?\n", "Ja."},
		{"Outlook in Japanese", "はい。\n\n差出人: Ann <a@b.example>\n送信日時: 2025年9月2日 10:00\n宛先: Bob\n件名: ポンプ\n\n?", "はい。"},
		{"Original Message", "Yes.\n\n-----Original Message-----\nFrom: Ann\nSent: Monday\nTo: Bob\nSubject: Pumps\n\nShall we?", "Yes."},
		{"Original Message in Russian", "Да.\n\n-------- Исходное сообщение --------\nПривет", "Да."},
		{"Proton", "Yes.\n\nSent with Proton Mail secure email.\n\nOn Monday, September 2nd, 2025 at 10:00 AM, Ann <a@b.example> wrote:\n\n> Shall we?\n", "Yes."},
		{"a telephone", "Yes.\n\nSent from my Galaxy\n\n\n-------- Original message --------\nFrom: Ann <a@b.example>\nDate: 02/09/2025 10:00 (GMT+01:00)\nTo: b@c.example\nSubject: Pumps\n\nShall we?", "Yes."},
		{"Thunderbird quoting a quotation", "Yes.\n\nOn 02.09.2025 10:00, Ann wrote:\n> On 01.09.2025 10:00, Bob wrote:\n>> Pumps?\n> Shall we?\n", "Yes."},
		{"a forwarded letter stays whole", "FYI\n\n---------- Forwarded message ---------\nFrom: Ann <a@b.example>\nDate: Mon\nSubject: x\nTo: Bob\n\ntext\n", "FYI\n\n---------- Forwarded message ---------\nFrom: Ann <a@b.example>\nDate: Mon\nSubject: x\nTo: Bob\n\ntext"},
		{"a letter forwarded by Apple Mail stays whole", "FYI\n\nBegin forwarded message:\n\n> From: Ann <a@b.example>\n> Subject: x\n> \n> text\n", "FYI\n\nBegin forwarded message:\n\n> From: Ann <a@b.example>\n> Subject: x\n> \n> text"},
		{"a letter that is nothing but a quotation stays", "> one\n> two\n", "> one\n> two"},
		{"a letter that is nothing but a signature stays", "-- \nBob\n", "-- \nBob"},
		{"our marker, behind marks, under an introduction nobody knows", "Yes.\n\nQua 2 xyz Ann <a@b.example> zzz:\n> " + Marker + "\n> Shall we?\n", "Yes."},
		{"our marker, without marks", "Yes.\n\nQua 2025-09-02 Ann zzz:\n" + Marker + "\n\nShall we?\n\n> old\n\nolder\n", "Yes."},
		{"the marker of another desk", "Yes.\n\n##- Please type your reply above this line -##\n\nTicket 5", "Yes."},
		{"nothing above our marker", Marker + "\n\nShall we?\n\nYes.", Marker + "\n\nShall we?\n\nYes."},
		{"a signature", "Yes.\n\nRegards,\nBob\n-- \nBob Lee\nPumps Ltd\n+1 555 0100\n", "Yes.\n\nRegards,\nBob"},
		{"a disclaimer", "Yes.\n\nThis email and any attachments are confidential and intended solely for the person named above; if you are not, delete it.\n", "Yes."},
		{"dashes that divide a text stay", "One\n\n---\n\nTwo is longer than a signature would be, and ends in a full stop.\n", "One\n\n---\n\nTwo is longer than a signature would be, and ends in a full stop."},
		{"a sentence about a telephone stays", "Hi\n\nSent from my desk, which is easier.\n", "Hi\n\nSent from my desk, which is easier."},
		{"a list footer", "Yes.\n\n_______________________________________________\nusers mailing list\nusers@lists.example\nhttps://lists.example/users\n", "Yes."},
		{"a letter of one emoji", "👍\n\nOn Mon, 2 Sep 2025 at 10:00, Ann <a@b.example> wrote:\n> Shall we?\n", "👍"},
		{"a journey is no header block", "Please book:\n\nFrom: Berlin\nTo: Paris\nDate: 3 May 2025\n\nThank you.", "Please book:\n\nFrom: Berlin\nTo: Paris\nDate: 3 May 2025\n\nThank you."},
		{"Outlook without addresses", "Yes.\n\nFrom: Lee, Ann\nSent: Monday, 2 September 2025 10:00\nTo: Bob\nSubject: Pumps\n\nShall we?", "Yes."},
		{"Horde", "Yes.\n\nQuoting Ann Lee <a@b.example>:\n\n> Shall we?\n", "Yes."},
		{"Usenet", "In article <1@x.example> Ann <a@b.example> writes:\n> Shall we?\n\nYes.\n", "Yes."},
		{"a group's footer", "Yes.\n\n-- \nYou received this message because you are subscribed to the group.\nTo unsubscribe from this group, send an email to x@y.example.\n", "Yes."},
		{"a small table stays", "Order:\n\nItem   Qty\n----------\nPump   42\n", "Order:\n\nItem   Qty\n----------\nPump   42"},
		{"a sum stays", "Total:\n---\n42 pumps\n", "Total:\n---\n42 pumps"},
		{"a signature under a drawn line", "Yes.\n\n____________\nBob Lee\nbob@pumps.example\n", "Yes."},
		{"CRLF", "Yes.\r\n\r\nOn 02.09.2025 10:00, Ann wrote:\r\n> x\r\n", "Yes."},
		{"nothing", "", ""},
	} {
		fresh, quoted := Text(c.in)
		if strings.TrimSpace(fresh) != c.fresh {
			t.Errorf("%s\n in    %q\n fresh %q\n want  %q", c.name, c.in, fresh, c.fresh)
		}
		if !interleaves(c.in, fresh, quoted) {
			t.Errorf("%s: %q and %q are not the whole", c.name, fresh, quoted)
		}
	}
}

func TestHTML(t *testing.T) {
	const intro = `On Mon, Sep 2, 2025 at 10:00 AM Ann &lt;<a href="mailto:a@b.example">a@b.example</a>&gt; wrote:<br>`
	for _, c := range []struct{ name, in, fresh string }{
		{"Gmail", `<div dir="ltr">Yes.</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">` + intro + `</div><blockquote class="gmail_quote" style="margin:0"><div>Shall we?</div></blockquote></div>`, "Yes."},
		{"Gmail in a language nobody knows", `<div>Yes.</div><div class="gmail_quote"><div class="gmail_attr">Qua xyz Ann zzz<br></div><blockquote class="gmail_quote">Shall we?</blockquote></div>`, "Yes."},
		{"answers between the lines in Gmail", `<div class="gmail_quote"><div class="gmail_attr">` + intro + `</div><blockquote class="gmail_quote">One?</blockquote><div>yes</div><blockquote class="gmail_quote">Two?</blockquote><div>no</div><blockquote class="gmail_quote">Bye</blockquote></div>`,
			"On Mon, Sep 2, 2025 at 10:00 AM Ann <a@b.example> wrote:|One?|yes|Two?|no"},
		{"a letter forwarded by Gmail stays whole", `<div>FYI</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: Ann<br></div>text</div>`, "FYI|---------- Forwarded message ---------|From: Ann|text"},
		{"Apple Mail", `<html><head></head><body>Yes.<br><br>Bob<div><br><blockquote type="cite"><div>On 2 Sep 2025, at 10:00, Ann &lt;a@b.example&gt; wrote:</div><br><div>Shall we?</div></blockquote></div></body></html>`, "Yes.|Bob"},
		{"Thunderbird", `<body><p>Yes.</p><div class="moz-cite-prefix">Qua xyz Ann zzz:<br></div><blockquote type="cite" cite="mid:x"><p>Shall we?</p></blockquote></body>`, "Yes."},
		{"Thunderbird, answer below", `<body><div class="moz-cite-prefix">On 02.09.2025 10:00, Ann wrote:<br></div><blockquote type="cite" cite="mid:x"><p>Shall we?</p></blockquote><p>Yes.</p></body>`, "Yes."},
		{"Outlook", `<body><div class="WordSection1"><p class="MsoNormal">Yes.<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>From:</b> Ann &lt;a@b.example&gt; <br><b>Sent:</b> Monday, 2 September 2025 10:00<br><b>To:</b> Bob<br><b>Subject:</b> Pumps<o:p></o:p></p></div></div><p class="MsoNormal">Shall we?</p></div></body>`, "Yes."},
		{"Outlook on the web", `<div class="elementToProof">Yes.</div><div id="appendonsend"></div><hr style="width:98%" tabindex="-1"><div id="divRplyFwdMsg"><font><b>Qua:</b> Ann<br></font></div><div>Shall we?</div>`, "Yes."},
		{"Outlook on a telephone", `<div>Yes.</div><div id="ms-outlook-mobile-signature">Get <a href="https://aka.ms/x">Outlook for Android</a></div><hr><div id="divRplyFwdMsg"><b>From:</b> Ann &lt;a@b.example&gt;<br><b>Sent:</b> Monday<br></div><p>Shall we?</p>`, "Yes."},
		{"Yahoo", `<div class="ydp1">Yes.</div><div id="x" class="yahoo_quoted"><div><div>Qua xyz, Ann zzz:</div><div>Shall we?</div></div></div>`, "Yes."},
		{"Proton", `<div>Yes.</div><div class="protonmail_signature_block"><div>Bob Lee<br>Pumps Ltd</div></div><div class="protonmail_quote">On Monday, September 2nd, 2025 at 10:00 AM, Ann &lt;a@b.example&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">Shall we?</blockquote></div>`, "Yes."},
		{"a signature of Gmail", `<div>Yes.</div><div class="gmail_signature"><div>Bob Lee</div><div>Pumps Ltd</div></div>`, "Yes."},
		{"a formatted quotation stays", `<p>The manual says</p><blockquote>turn it off</blockquote><p>but it does not work.</p>`, "The manual says|turn it off|but it does not work."},
		{"cited by a mail program, an answer around", `<p>Hello,</p><blockquote type="cite"><p>Shall we?</p></blockquote><p>Yes.</p>`, "Hello,|Yes."},
		{"a sentence above what a mail program cites is a sentence", `<p>On 3 May you asked 2 things:</p><blockquote type="cite"><p>One?</p></blockquote><p>Yes.</p>`, "On 3 May you asked 2 things:|Yes."},
		{"our marker by its attribute", `<div>Yes.</div><div><p data-aside="above">x</p><p>Shall we?</p></div>`, "Yes."},
		{"our marker by its words", `<div>Yes.</div><div><p>` + Marker + `</p><p>Shall we?</p></div>`, "Yes."},
		{"a picture sent along is an answer", `<div>See</div><div><img src="cid:a@b"></div><div>` + intro + `</div><blockquote>x</blockquote>`, "See|\ufffc"},
		{"marks of plain text inside HTML", `<div>Yes.<br><br>On 02.09.2025 10:00, Ann wrote:<br>&gt; Shall we?<br>&gt; Or not?</div>`, "Yes."},
		{"a quotation in a table is cut with its table closed", `<table><tr><td>Yes.<hr>From: Ann &lt;a@b.example&gt;<br>Sent: Monday<br>To: Bob<br><br>Shall we?</td></tr></table>`, "Yes."},
	} {
		fresh, quoted := HTML(c.in)
		var lines []string
		for _, l := range splitHTML(fresh) {
			if l.text != "" {
				lines = append(lines, l.text)
			}
		}
		if got := strings.Join(lines, "|"); got != c.fresh {
			t.Errorf("%s\n in    %q\n fresh %q\n want  %q", c.name, c.in, got, c.fresh)
		}
		if !interleaves(letters(c.in), letters(fresh), letters(quoted)) {
			t.Errorf("%s: %q and %q are not the whole", c.name, fresh, quoted)
		}
		for _, part := range []string{fresh, quoted} {
			for _, tag := range []string{"div", "blockquote", "table", "td", "p", "b"} {
				if opened, closed := strings.Count(part, "<"+tag+" ")+strings.Count(part, "<"+tag+">"), strings.Count(part, "</"+tag+">"); opened != closed {
					t.Errorf("%s: %d <%s> and %d ends in %q", c.name, opened, tag, closed, part)
				}
			}
		}
	}
}
