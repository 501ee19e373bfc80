package email

import (
	"strings"
	"testing"

	"golang.org/x/net/html/charset"
)

// encoded writes text in an encoding, or fails.
func encoded(t *testing.T, text, label string) []byte {
	t.Helper()
	e, _ := charset.Lookup(label)
	out, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatalf("%s in %s: %v", text, label, err)
	}
	return out
}

func TestM04_UndeclaredTextIsReadInItsOwnLanguage(t *testing.T) {
	for text, labels := range map[string]string{
		"Уважаемая Ольга, груз вышел со склада во вторник, накладную высылаю завтра утром.\n": "windows-1251 koi8-r iso-8859-5 ibm866 x-mac-cyrillic",
		"Да, всё верно.\n": "windows-1251 koi8-r ibm866",
		"Шановна пані, вантаж вийшов зі складу у вівторок, чекаємо на відповідь.\n":               "windows-1251 koi8-u",
		"Αγαπητή Ελένη, το φορτίο έφυγε από την αποθήκη την Τρίτη. Άννα\n":                        "windows-1253 iso-8859-7",
		"המשלוח יצא מהמחסן ביום שלישי, החשבונית תגיע מחר.\n":                                      "windows-1255",
		"خرجت الشحنة من المستودع يوم الثلاثاء وسأرسل الفاتورة غدا.\n":                             "windows-1256 iso-8859-6",
		"สินค้าออกจากคลังเมื่อวันอังคาร จะส่งใบแจ้งหนี้พรุ่งนี้\n":                                "windows-874",
		"Szanowna Pani, ładunek opuścił magazyn we wtorek, fakturę prześlę jutro. Życzę miło.\n":  "windows-1250 iso-8859-2",
		"Vážená paní, náklad opustil sklad v úterý, fakturu zašlu zítra. Děkuji, Řehoř Šťastný\n": "windows-1250 iso-8859-2",
		"Tisztelt Asszonyom, a szállítmány kedden elhagyta a raktárt, őszinte üdvözlettel.\n":     "windows-1250 iso-8859-2",
		"Sayın Ayşe, yük salı günü depodan çıktı, faturayı yarın göndereceğiz, teşekkürler.\n":    "windows-1254",
		"Gerbiama ponia, krovinys išvyko antradienį, sąskaitą atsiųsime rytoj. Ačiū, būkite.\n":   "windows-1257",
		"Grüße aus Köln, das Gemäß der Größe wird über Nacht geändert.\n":                         "windows-1252",
		"L’expédition a été confirmée à Orléans, où le délai a dû être allongé.\n":                "windows-1252",
		"As informações não estão disponíveis; amanhã às três haverá reunião.\n":                  "windows-1252",
		"Forsendelsen går på tirsdag, vi ønsker også å få en kopi på lørdag.\n":                   "windows-1252",
		"Þetta er bréf á íslensku, við sækjum kassann á þriðjudaginn.\n":                          "windows-1252",
		"¿Cuándo llegará el camión? Mañana estaré aquí, señor Ibáñez.\n":                          "windows-1252",
		"商品は火曜日に倉庫を出ました。請求書は明日お送りいたします。\n":                                                        "shift_jis euc-jp iso-2022-jp",
		"货物星期二已经离开仓库，发票我们明天寄给您。\n":                                                                "gbk",
		"貨物星期二已經離開倉庫，發票我們明天寄給您。\n":                                                                "big5",
		"화물은 화요일에 창고를 떠났습니다. 송장은 내일 보내 드리겠습니다.\n":                                                 "euc-kr",
	} {
		for _, label := range strings.Fields(labels) {
			b := encoded(t, text, label)
			for name, field := range map[string]string{"undeclared": "", "called ASCII": "Content-Type: text/plain; charset=us-ascii\n",
				"called something unknown": "Content-Type: text/plain; charset=x-user-defined-8\n", "called UTF-8": "Content-Type: text/plain; charset=utf-8\n"} {
				if m := parse(t, field+"Subject: x\n\n"+string(b)); m.Text != text {
					t.Errorf("%s, %s: %q, want %q", label, name, m.Text, text)
				}
			}
		}
	}
}

func TestM04_AClaimThatCannotBeTrue(t *testing.T) {
	russian, german := "Груз вышел со склада во вторник", "Die Größe wird über Nacht geändert, Grüße"
	for name, c := range map[string]struct{ label, bytes, want string }{
		"Cyrillic called Latin":          {"iso-8859-1", string(encoded(t, russian, "windows-1251")), russian},
		"Chinese called Latin":           {"iso-8859-1", string(encoded(t, "货物已经离开仓库，发票我们明天寄给您。", "gbk")), "货物已经离开仓库，发票我们明天寄给您。"},
		"Japanese called Latin":          {"iso-8859-1", string(encoded(t, "商品は火曜日に倉庫を出ました。", "shift_jis")), "商品は火曜日に倉庫を出ました。"},
		"ISO-2022-JP called Latin":       {"iso-8859-1", "\x1b$BF|K\\\x1b(B", "日本"},
		"KOI8 called windows-1252":       {"windows-1252", string(encoded(t, russian, "koi8-r")), russian},
		"Latin called Latin":             {"iso-8859-1", string(encoded(t, german, "windows-1252")), german},
		"a row of accents is no Russian": {"iso-8859-1", "\xe0\xe2\xe4\xe6\xe7\xe8\xe9\xea\xeb\xec\xed\xee\xef\xf0\xf1\xf2", "àâäæçèéêëìíîïðñò"},
		"accents that stand alone":       {"iso-8859-1", "\xe0 5 et \xe0 7, ou \xe0 8 h, \xe7a va \xe0 Orl\xe9ans", "à 5 et à 7, ou à 8 h, ça va à Orléans"},
		"UTF-8 called windows-1251":      {"windows-1251", russian, russian},
		"UTF-8 called Shift_JIS":         {"shift_jis", german, german},
		"Latin called Korean":            {"euc-kr", string(encoded(t, german, "windows-1252")), german},
		"ASCII called UTF-16":            {"utf-16", "Dear Bob, hello", "Dear Bob, hello"},
		"ISO-2022-JP called UTF-8":       {"utf-8", "\x1b$BF|K\\\x1b(B", "日本"},
		"a true claim stays":             {"windows-1251", "\xcf\xf0\xe8", "При"},
	} {
		t.Run(name, func(t *testing.T) {
			if m := parse(t, "Content-Type: text/plain; charset="+c.label+"\n\n"+c.bytes); m.Text != c.want {
				t.Errorf("%q, want %q", m.Text, c.want)
			}
		})
	}
}

func TestM04_MisspeltCharsets(t *testing.T) {
	for label, want := range map[string]string{"3Dutf-8": "\xc3\xbc", "=utf-8": "\xc3\xbc", "utf-8mb4": "\xc3\xbc", "win-1251": "\xfc", "Windows1251": "\xfc", "cp-866": "\xa0",
		"8859-2": "\xb1", "latin-1": "\xfc", "iso-8859-1 (Latin)": "\xfc", "windows-1252http-equiv": "\xfc", "tis620": "\xa1"} {
		proper := map[string]string{"win-1251": "ь", "Windows1251": "ь", "cp-866": "а", "8859-2": "ą", "tis620": "ก"}[label]
		if proper == "" {
			proper = "ü"
		}
		if m := parse(t, "Content-Type: text/plain; charset=\""+label+"\"\n\n"+want); m.Text != proper {
			t.Errorf("%s: %q, want %q", label, m.Text, proper)
		}
	}
	for _, label := range []string{"utf-7", "x-utf-7", "unicode-1-1-utf-7", "utf7"} {
		if got := decodeCharset([]byte("+ADw-b+AD4-"), label); got != "+ADw-b+AD4-" {
			t.Errorf("%s was decoded: %q", label, got)
		}
	}
}

func TestHeadersAreReadInTheCharsetOfTheirText(t *testing.T) {
	for label, c := range map[string]struct{ subject, body string }{
		"windows-1251": {"Счёт №5", "Груз вышел со склада."},
		"gb2312":       {"发票", "货物已经离开仓库。"},
		"iso-2022-jp":  {"請求書", "商品は倉庫を出ました。"},
		"iso-8859-2":   {"Žádost", "Náklad opustil sklad."},
	} {
		raw := "From: b@ext.test\nSubject: " + string(encoded(t, c.subject, label)) + "\nMIME-Version: 1.0\n" +
			"Content-Type: multipart/mixed; boundary=zz\n\n--zz\nContent-Type: text/plain; charset=" + label + "\n\n" + string(encoded(t, c.body, label)) +
			"\n--zz\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"" + string(encoded(t, c.subject, label)) + ".pdf\"\n\nx\n--zz--\n"
		m := parse(t, raw)
		if m.Subject != c.subject || m.Text != c.body || len(m.Attachments) != 1 || m.Attachments[0].Name != c.subject+".pdf" {
			t.Errorf("%s: %q %q %+v", label, m.Subject, m.Text, m.Attachments)
		}
	}
	if got := decodeValue("caf\xe9 =?utf-8?q?Gr=C3=BC=C3=9Fe?="); got != "café Grüße" {
		t.Errorf("raw Latin beside an encoded word: %q", got)
	}
}

func TestM04_HTMLIsReadAsWhatItIs(t *testing.T) {
	polish, chinese, french := "Proszę przesłać fakturę za ładunek", "货物星期二已经离开仓库，发票我们明天寄给您。", "L'expédition a été confirmée, voilà."
	for name, c := range map[string]struct{ field, meta, text, label string }{
		"undeclared":                         {"", "", chinese, "gbk"},
		"undeclared Latin":                   {"", "", french, "windows-1252"},
		"undeclared Polish":                  {"", "", polish, "windows-1250"},
		"called Latin by the header alone":   {"; charset=iso-8859-1", "windows-1250", polish, "windows-1250"},
		"called Latin by both, and it is":    {"; charset=iso-8859-1", "iso-8859-1", french, "windows-1252"},
		"called Polish by itself, and isn't": {"; charset=iso-8859-1", "windows-1250", french, "windows-1252"},
		"called Latin by both, and it isn't": {"; charset=iso-8859-1", "iso-8859-1", chinese, "gbk"},
		"called Japanese by itself":          {"", "shift_jis", "商品は火曜日に倉庫を出ました。", "shift_jis"},
	} {
		t.Run(name, func(t *testing.T) {
			page := "<html><head>"
			if c.meta != "" {
				page += "<meta http-equiv=Content-Type content='text/html; charset=" + c.meta + "'>"
			}
			m := parse(t, "Content-Type: text/html"+c.field+"\n\n"+page+"</head><p>"+string(encoded(t, c.text, c.label)))
			if !strings.HasSuffix(m.HTML, "<p>"+c.text) {
				t.Errorf("%q, want %q", m.HTML, c.text)
			}
		})
	}
}

// No text costs more than a moment to guess at, however many parts of it there are (M-01).
func TestGuessingIsCheap(t *testing.T) {
	if raceDetector {
		t.Skip("measures time")
	}
	part := "--zz\n\n" + strings.Repeat("\xcf\xd0\xc8 \xe5\xf4\xfe\xb7", 400) + "\n"
	raw := "Content-Type: multipart/mixed; boundary=zz\n\n" + strings.Repeat(part, MaxParts-2) + "--zz--\n"
	m, err := budget(t, raw)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(m.Text, "\n"); n < MaxParts-10 {
		t.Errorf("parts were lost: %d lines", n)
	}
	if e, _, _ := sniffTongue([]byte("caf\xe9")); e != nil {
		t.Errorf("one accent is no evidence: %v", e)
	}
}
