package quote

import (
	"strings"
	"testing"
)

// introductions as mail programs write them, by language: enough of each to see word order, date and ending. One behind "*" is no
// proof unless quoted lines follow.
var introductions = map[string][]string{
	"English":    {"On Mon, Apr 2, 2012 at 6:26 PM, Ann Lee <ann@b.example> wrote:", "On 3 Sep 2025, at 14:02, Ann Lee wrote:", "On 2025-09-03 14:02, Ann Lee wrote:", "On Wednesday, September 3rd, 2025 at 2:02 PM, Ann Lee <ann@b.example> wrote:", "---- On Wed, 03 Sep 2025 14:02:50 +0530 ann@b.example wrote ----", "On Wed, Sep 3, 2025, 14:02 Ann Lee\n<ann@b.example> wrote:"},
	"German":     {"Am Mi., 3. Sept. 2025 um 14:02 Uhr schrieb Ann Lee <ann@b.example>:", "Am 03.09.2025 um 14:02 schrieb Ann Lee:", "Ann Lee <ann@b.example> schrieb am Mi., 3. Sept. 2025, 14:02:"},
	"French":     {"Le mer. 3 sept. 2025 à 14:02, Ann Lee <ann@b.example> a écrit :", "Le 03/09/2025 à 14:02, Ann Lee a écrit :", "Le mercredi 3 septembre 2025, Ann Lee <ann@b.example> a\nécrit :"},
	"Spanish":    {"El mié, 3 sept 2025 a las 14:02, Ann Lee (<ann@b.example>) escribió:", "El 3/9/25 a las 14:02, Ann Lee escribió:"},
	"Catalan":    {"El dc., 3 de set. 2025, 14:02, Ann Lee <ann@b.example> va escriure:"},
	"Portuguese": {"Em qua., 3 de set. de 2025 às 14:02, Ann Lee <ann@b.example> escreveu:", "Em 03/09/2025 14:02, Ann Lee escreveu:", "Ann Lee <ann@b.example> escreveu (quarta, 3/09/2025 à(s) 14:02):"},
	"Italian":    {"Il giorno mer 3 set 2025 alle ore 14:02 Ann Lee <ann@b.example> ha scritto:", "Il 03/09/2025 14:02, Ann Lee ha scritto:"},
	"Dutch":      {"Op wo 3 sep 2025 om 14:02 schreef Ann Lee <ann@b.example>:", "Op 03-09-2025 om 14:02 schreef Ann Lee:", "Op 3 sep 2025, om 14:02 heeft Ann Lee <ann@b.example> het volgende geschreven:"},
	"Danish":     {"Den ons. 3. sep. 2025 kl. 14.02 skrev Ann Lee <ann@b.example>:", "ons. 3. sep. 2025 kl. 14.02 skrev Ann Lee <ann@b.example>:"},
	"Norwegian":  {"ons. 3. sep. 2025 kl. 14:02 skrev Ann Lee <ann@b.example>:", "Den 03.09.2025 14:02, skrev Ann Lee:"},
	"Swedish":    {"Den ons 3 sep. 2025 kl 14:02 skrev Ann Lee <ann@b.example>:", "3 sep. 2025 kl. 14:02 skrev Ann Lee <ann@b.example>:"},
	"Finnish":    {"ke 3.9.2025 klo 14.02 Ann Lee (ann@b.example) kirjoitti:", "*Ann Lee kirjoitti 3.9.2025 klo 14.02:"},
	"Polish":     {"śr., 3 wrz 2025 o 14:02 Ann Lee <ann@b.example> napisał(a):", "W dniu 3.09.2025 o 14:02, Ann Lee pisze:"},
	"Czech":      {"st 3. 9. 2025 v 14:02 odesílatel Ann Lee <ann@b.example> napsal:", "Dne 03. 09. 25 v 14:02 Ann Lee napsal(a):"},
	"Slovak":     {"st 3. 9. 2025 o 14:02 Ann Lee <ann@b.example> napísal(a):"},
	"Hungarian":  {"Ann Lee <ann@b.example> ezt írta (időpont: 2025. szept. 3., Sze, 14:02):", "2025. 09. 03. 14:02 keltezéssel, Ann Lee írta:"},
	"Romanian":   {"În mie., 3 sept. 2025 la 14:02, Ann Lee <ann@b.example> a scris:"},
	"Croatian":   {"sri, 3. ruj 2025. u 14:02 Ann Lee <ann@b.example> napisao je:"},
	"Russian":    {"ср, 3 сент. 2025 г. в 14:02, Ann Lee <ann@b.example>:", "03.09.2025 14:02, Ann Lee пишет:", "Среда, 3 сентября 2025, 14:02 +03:00 от Ann Lee <ann@b.example>:"},
	"Ukrainian":  {"ср, 3 вер. 2025 р. о 14:02 Ann Lee <ann@b.example> пише:"},
	"Bulgarian":  {"На ср, 3.09.2025 г. в 14:02 Ann Lee <ann@b.example> написа:"},
	"Greek":      {"Στις Τετ 3 Σεπ 2025 στις 14:02, ο χρήστης Ann Lee <ann@b.example> έγραψε:"},
	"Turkish":    {"Ann Lee <ann@b.example>, 3 Eyl 2025 Çar, 14:02 tarihinde şunu yazdı:"},
	"Vietnamese": {"Vào Th 4, 3 thg 9, 2025 vào lúc 14:02 Ann Lee <ann@b.example> đã viết:"},
	"Indonesian": {"Pada Rab, 3 Sep 2025 pukul 14.02 Ann Lee <ann@b.example> menulis:"},
	"Hebrew":     {"\u202bבתאריך יום ד׳, 3 בספט׳ 2025 ב-14:02 מאת \u202aAnn Lee\u202c\u200f <\u202aann@b.example\u202c\u200f>:\u202c"},
	"Arabic":     {"في الأربعاء، 3 سبتمبر 2025 في 14:02 كتب Ann Lee <ann@b.example>:"},
	"Thai":       {"ในวันที่ พ. 3 ก.ย. 2025 เวลา 14:02 Ann Lee <ann@b.example> เขียนว่า:"},
	"Chinese":    {"Ann Lee <ann@b.example> 于2025年9月3日周三 14:02写道：", "在 2025年9月3日，下午2:02，Ann Lee <ann@b.example> 写道：", "Ann Lee <ann@b.example> 於 2025年9月3日 週三 下午2:02寫道："},
	"Japanese":   {"2025年9月3日(水) 14:02 Ann Lee <ann@b.example>:", "2025/09/03 14:02、Ann Lee <ann@b.example>のメール:"},
	"Korean":     {"2025년 9월 3일 (수) 오후 2:02, Ann Lee <ann@b.example>님이 작성:"},
}

func TestIntroductionsOfTheWorld(t *testing.T) {
	if len(introductions) < 15 {
		t.Fatalf("%d languages", len(introductions))
	}
	for language, all := range introductions {
		for _, intro := range all {
			for name, below := range map[string]string{"marked": "\n> the old text\n> goes on\n", "unmarked": "\n\nthe old text\ngoes on\n", "after a blank line": "\n\n> the old text\n"} {
				intro, weak := strings.CutPrefix(intro, "*")
				if weak && name == "unmarked" {
					continue
				}
				letter := "My answer.\n\n" + intro + below
				if fresh, quoted := Text(letter); strings.TrimSpace(fresh) != "My answer." || !strings.Contains(quoted, "old text") {
					t.Errorf("%s, %s: fresh %q of %q", language, name, fresh, letter)
				}
			}
			markup := "<div>My answer.</div><div>" + strings.NewReplacer("<", "&lt;", ">", "&gt;", "\n", "<br>", "*", "").Replace(intro) + "</div><blockquote>the old text</blockquote>"
			if fresh, _ := HTML(markup); plain(fresh) != "My answer.\n" {
				t.Errorf("%s, HTML: fresh %q", language, plain(fresh))
			}
		}
	}
}

// TestProseIsNoIntroduction: sentences that share words, dates or colons with one keep every line in sight.
func TestProseIsNoIntroduction(t *testing.T) {
	for _, s := range []string{
		"On 3/4/2024 we met Bob. Here is what we agreed on:\n\n- one\n- two",
		"As Ann wrote on 3 May, the price holds.\nWe need to act.",
		"Please call on 12.05.2025 or write to ann@b.example.\nThank you:\nBob",
		"The vendor (ann@b.example) says:\n\nno more pumps.",
		"Steps:\n1. open 10:30\n2. close 11:30\n\nOn Thursday:\nnothing",
		"Date: Wednesday 3 October\nTime: 7:00\nPlace: 130 Fox St\n\nBring your card.",
		"I saw it on 2024-01-02.\nThe log said (from host a@b.example) this:\n\nerror 5\n\nWhat now?",
		"In 2019 he wrote\na book.",
		"To: the whole team\n\nwell done",
		"Re: your question, yes.\nFrom: what I know it is fine.",
		"He said:\n\nwe will be there at 10:30.\n\nFine with me.",
	} {
		if fresh, quoted := Text(s); fresh != s || quoted != "" {
			t.Errorf("folded %q of %q", quoted, s)
		}
	}
}
