package email

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestM06_EncodedWords(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                                 "plain",
		"=?utf-8?q?Gr=C3=BC=C3=9Fe?=":           "Grüße",
		"=?UTF-8?B?R3LDvMOfZQ==?=":              "Grüße",
		"=?utf-8?b?R3LDvMOfZQ?=":                "Grüße",
		"=?iso-8859-1?q?a?= =?iso-8859-1?q?b?=": "ab",
		"=?utf-8?q?a?=\n\t=?utf-8?b?Yg==?=":     "ab",
		"=?utf-8?q?a?= x =?utf-8?q?b?=":         "a x b",
		"=?utf-8?b?w?= =?utf-8?b?7w=?=":         "ï",
		"=?utf-8?q?=C3?= =?utf-8?q?=BC?=":       "ü",
		"=?utf-8?b?4oI=?= =?utf-8?b?rA==?=":     "€",
		"=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=":    "日本",
		"=?gb2312?B?1tDOxA==?=":                 "中文",
		"=?koi8-r?Q?=F0=D2=C9=D7=C5=D4?=":       "Привет",
		"=?windows-1252?q?=80?=":                "€",
		"=?utf-8*en?q?a?=":                      "a",
		"pre=?utf-8?q?fix?=ed":                  "prefixed",
		"\"=?utf-8?q?quoted?=\"":                "\"quoted\"",
		"=?utf-8?q?has spaces inside?=":         "has spaces inside",
		"=?utf-8?q?open":                        "=?utf-8?q?open",
		"=?utf-8?x?a?=":                         "=?utf-8?x?a?=",
		"=?utf-8?q?=ZZ?=":                       "=ZZ",
		"=?x-klingon?q?abc?=":                   "abc",
		"=?utf-7?q?+ADw-script+AD4-?=":          "+ADw-script+AD4-",
		"=?us-ascii?q?=E9?=":                    "é",
		"=?utf-8?q?=E9t=E9?=":                   "été",
		"??=?=?=?utf-8?q?a?==?":                 "??=?=?a=?",
		"raw \xe9":                              "raw é",
		"e\u0301":                               "é",
	} {
		if got := decodeValue(in); got != want {
			t.Errorf("decodeValue(%q) = %q, want %q", in, got, want)
		}
	}
	start := time.Now()
	decodeValue(strings.Repeat("=?utf-8?q?a?= ", 10000))
	if d := time.Since(start); d > 140*time.Millisecond {
		t.Errorf("10,000 encoded words took %v", d)
	}
}

func TestH03_NoLineEndComesOutOfAnEncodedWord(t *testing.T) {
	m := parse(t, "From: =?utf-8?q?Bob=0D=0ABcc:_e=40x.test?= <bob@ext.test>\nSubject: =?utf-8?q?x=0D=0ABcc:_e@x?=\n\n")
	if m.Subject != "x Bcc: e@x" || m.From.Name != "Bob Bcc: e@x.test" {
		t.Errorf("%q %q", m.Subject, m.From.Name)
	}
	raw, err := Draft{From: Address{Address: "a@our.test"}, To: []Address{{Name: m.From.Name, Address: "bob@ext.test"}}, Subject: "Re: " + m.Subject, MessageID: "1@our.test", Date: time.Unix(0, 0)}.Bytes()
	if err != nil || strings.Contains(string(raw), "\r\nBcc") {
		t.Errorf("quoted outbound: %v\n%s", err, raw)
	}
}

func TestFileNames(t *testing.T) {
	for name, c := range map[string]struct{ header, want string }{
		"F-04 RTL override":                        {`attachment; filename*=utf-8''invoice%E2%80%AEfdp.exe`, "invoicefdp.exe"},
		"F-03 Windows path":                        {`attachment; filename="..\..\x.lnk"`, "x.lnk"},
		"F-03 Unix path":                           {`attachment; filename="../../etc/passwd"`, "passwd"},
		"F-03 drive":                               {`attachment; filename="C:\x"`, "x"},
		"F-03 trailing dots and spaces":            {`attachment; filename="a.txt . ."`, "a.txt"},
		"F-03 dot file":                            {`attachment; filename=".htaccess"`, "htaccess"},
		"F-03 device":                              {`attachment; filename="nul.txt"`, "_nul.txt"},
		"F-03 device alone":                        {`attachment; filename=CON`, "_CON"},
		"H-04 escaped line end":                    {`attachment; filename*=utf-8''a%0d%0ab.txt`, "a b.txt"},
		"H-04 percent signs are only text":         {`attachment; filename="a%0d%0aX-Y: z.txt"`, "a%0d%0aX-Y_ z.txt"},
		"empty":                                    {`attachment; filename=""`, ""},
		"M-06 filename* wins":                      {`attachment; filename="b.txt"; filename*=utf-8''%C3%A4.txt`, "ä.txt"},
		"M-06 filename before name":                {`attachment; filename="b.txt"; name=c.txt`, "b.txt"},
		"M-06 pieces in disorder":                  {`attachment; filename*1*=%BC.txt; filename*0*=utf-8''%C3`, "ü.txt"},
		"M-06 pieces with and without encoding":    {`attachment; filename*0*=iso-8859-1''%FC; filename*1=" b.txt"`, "ü b.txt"},
		"M-06 pieces without charset":              {`attachment; filename*0="a"; filename*1="b.txt"`, "ab.txt"},
		"M-06 encoded words where they may not be": {`attachment; filename="=?utf-8?q?=C3=BC.txt?="`, "ü.txt"},
		"M-06 double-byte pieces":                  {`attachment; filename*=gb2312''%D6%D0.txt`, "中.txt"},
		"spaces without quotation marks":           {`attachment; filename=my file.pdf`, "my file.pdf"},
		"a quotation mark never closed":            {`attachment; filename="my file.pdf`, "my file.pdf"},
		"no semicolon":                             {`attachment filename=a.txt`, "a.txt"},
		"raw 8-bit":                                {"attachment; filename=\"\xfc.txt\"", "ü.txt"},
		"raw UTF-8":                                {"attachment; filename=\"ü.txt\"", "ü.txt"},
		"doubled semicolons":                       {`attachment;; filename="a.txt";;`, "a.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, "Content-Type: application/pdf\nContent-Disposition: "+c.header+"\n\nx")
			if got := m.Attachments[0].Name; got != c.want {
				t.Errorf("%s = %q, want %q", c.header, got, c.want)
			}
		})
	}
	for _, long := range []string{strings.Repeat("ä", 300) + ".exe", strings.Repeat("a", 300), strings.Repeat("a", 300) + "." + strings.Repeat("b", 300)} {
		got := cleanFilename(long)
		if len(got) > maxNameBytes || !utf8.ValidString(got) || strings.HasSuffix(long, ".exe") && !strings.HasSuffix(got, ".exe") {
			t.Errorf("%d bytes became %q", len(long), got)
		}
	}
	var stars strings.Builder
	for i := range 100 {
		stars.WriteString("; filename*" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + "*=a")
	}
	if got := parseMedia("attachment" + stars.String()).text("filename"); len(got) == 0 {
		t.Errorf("*0* to *99*: %q", got)
	}
	m := parse(t, "Content-Type: text/plain; name=a.txt\n\nx")
	if len(m.Attachments) != 1 || m.Text != "" {
		t.Errorf("a named text is a file: %+v", m)
	}
}

func TestM04_Charsets(t *testing.T) {
	for name, c := range map[string]struct{ label, bytes, want string }{
		"unknown":                        {"x-klingon", "abc \xc3\xbc", "abc ü"},
		"unknown and not UTF-8":          {"x-klingon", "abc \xfc", "abc ü"},
		"none, UTF-8":                    {"", "\xc3\xbc", "ü"},
		"none, Latin":                    {"", "gr\xfc\xdfe", "grüße"},
		"claimed UTF-8, is Latin":        {"utf-8", "gr\xfc\xdfe", "grüße"},
		"claimed UTF-8, one byte broken": {"utf-8", "\xc3\xbc\xc3\xa4\xff", "üä\uFFFD"},
		"claimed Latin, is UTF-8":        {"iso-8859-1", "gr\xc3\xbc\xc3\x9fe", "grüße"},
		"claimed ASCII, is UTF-8":        {"us-ascii", "\xe2\x82\xac", "€"},
		"Latin-1 is windows-1252":        {"iso-8859-1", "\x80 \x93x\x94", "€ “x”"},
		"UTF-7 stays what it is":         {"utf-7", "+ADw-script+AD4-", "+ADw-script+AD4-"},
		"UTF-7 by its long name":         {"unicode-1-1-utf-7", "+ADw-b+AD4-", "+ADw-b+AD4-"},
		"UTF-16 with mark":               {"utf-16", "\xff\xfea\x00\xfc\x00", "aü"},
		"UTF-16 without mark, big":       {"utf-16", "\x00a\x00b", "ab"},
		"UTF-16 without mark, little":    {"utf-16", "a\x00b\x00", "ab"},
		"ISO-2022-JP":                    {"iso-2022-jp", "\x1b$BF|K\\\x1b(B!", "日本!"},
		"ISO-2022-JP left open":          {"iso-2022-jp", "\x1b$BF|K\\", "日本"},
		"ISO-2022-JP undeclared":         {"", "\x1b$BF|K\\\x1b(B", "日本"},
		"Shift_JIS":                      {"shift_jis", "\x93\xfa\x96\x7b", "日本"},
		"cp932":                          {"cp932", "\x87\x40", "①"},
		"EUC-JP":                         {"euc-jp", "\xc6\xfc\xcb\xdc", "日本"},
		"GBK with a backslash inside":    {"gbk", "\x95\x5c", "昞"},
		"gb18030":                        {"gb18030", "\xa1\xec", "§"},
		"Big5":                           {"big5", "\xa4\xa4\xa4\xe5", "中文"},
		"Korean by its old name":         {"ks_c_5601-1987", "\xc7\xd1\xb1\xdb", "한글"},
		"HZ":                             {"hz-gb-2312", "~{VPND~}", "中文"},
		"KOI8-R":                         {"koi8-r", "\xf0\xd2\xc9", "При"},
		"windows-1251":                   {"cp1251", "\xcf\xf0\xe8", "При"},
		"DOS":                            {"ibm850", "\x81", "ü"},
		"quotation mark never closed":    {`"utf-8`, "ü", "ü"},
		"underscores":                    {"iso8859_2", "\xb1", "ą"},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, "Content-Type: text/plain; charset="+c.label+"\n\n"+c.bytes)
			if m.Text != c.want {
				t.Errorf("%s %q = %q, want %q", c.label, c.bytes, m.Text, c.want)
			}
		})
	}
	m := parse(t, "Content-Type: text/html\n\n<meta charset=koi8-r><p>\xf0\xd2\xc9")
	if !strings.Contains(m.HTML, "При") {
		t.Errorf("a document that names its own charset: %q", m.HTML)
	}
	m = parse(t, "Content-Type: text/html; charset=utf-7\n\n+ADw-script+AD4-")
	if strings.Contains(m.HTML, "<script") {
		t.Errorf("UTF-7 was decoded: %q", m.HTML)
	}
}

func TestM05_TransferEncodings(t *testing.T) {
	for name, c := range map[string]struct {
		encoding, body, want string
		whole                bool
	}{
		"base64":                     {"base64", "aGVs\nbG8=", "hello", true},
		"base64 with junk":           {"base64", "aGVs!!!bG8=", "hello", false},
		"base64 without padding":     {"base64", "aGVsbG8", "hello", false},
		"base64 end to end":          {"base64", "aGVsbG8=aGVsbG8=", "hellohello", true},
		"base64 with a remark":       {"base64", "aGVsbG8= ignored\naGVsbG8=", "hellohello", true},
		"base64 that is none":        {"base64", "This is not base64 at all, it is a plain sentence.", "This is not base64 at all, it is a plain sentence.", false},
		"quoted-printable":           {"quoted-printable", "a=3Db=\nc  \nd", "a=bc\nd", true},
		"quoted-printable garbage":   {"quoted-printable", "=ZZ =4", "=ZZ =4", false},
		"soft break at the end":      {"quoted-printable", "abc=", "abc", true},
		"lower case":                 {"Quoted-Printable", "=c3=bc", "ü", true},
		"7-bit with a hyphen":        {"7-bit", "a=3D", "a=3D", true},
		"binary":                     {"binary", "a=3D", "a=3D", true},
		"a semicolon behind it":      {"base64;", "aGVsbG8=", "hello", true},
		"uuencode":                   {"x-uuencode", "begin 644 a\n%:&5L;&\\`\n`\nend", "hello", true},
		"uuencode without its end":   {"x-uuencode", "begin 644 a\n%:&5L;&\\`", "hello", false},
		"uuencode that never begins": {"x-uuencode", "hello", "hello", false},
		"unknown":                    {"x-rot13", "uryyb", "uryyb", false},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, "Content-Transfer-Encoding: "+c.encoding+"\n\n"+c.body)
			if strings.TrimRight(m.Text, "\n") != c.want || (len(m.Defects) == 0) != c.whole {
				t.Errorf("Text = %q, want %q; defects %q", m.Text, c.want, m.Defects)
			}
		})
	}
}

func TestL15_MessageIDs(t *testing.T) {
	for in, want := range map[string]string{"<a@b>": "a@b", " <a@b> junk": "a@b", "a@b": "a@b", "<>": "", "": "", "<a\n b@c>": "a b@c", "<a@b": "a@b", "<" + strings.Repeat("x", 10<<10) + "@y>": ""} {
		if got := parse(t, "Message-ID: "+in+"\n\n").MessageID; got != want {
			t.Errorf("Message-ID: %.40q = %.40q, want %q", in, got, want)
		}
	}
	m := parse(t, "In-Reply-To: <1@x> <2@x>\nReferences: <0@x>\n\t<1@x>,<2@x>\n\n")
	if m.InReplyTo != "1@x" || strings.Join(m.References, " ") != "0@x 1@x 2@x" {
		t.Errorf("%q %q", m.InReplyTo, m.References)
	}
}

func TestL16_Dates(t *testing.T) {
	for in, want := range map[string]string{
		"Tue, 01 Sep 2026 10:00:00 +0000":                 "2026-09-01T10:00:00Z",
		"1 Sep 26 10:00 GMT":                              "2026-09-01T10:00:00Z",
		"Tue, 1 Sep 2026 10:00:00 -0330 (XYZ)":            "2026-09-01T13:30:00Z",
		"Tue Sep  1 10:00:00 2026":                        "2026-09-01T10:00:00Z",
		"2026-09-01 10:00:00 +0200":                       "2026-09-01T08:00:00Z",
		"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600": "",
		"Thu, 01 Jan 1970 00:00:00 +0000":                 "1970-01-01T00:00:00Z",
		"Thu, 31 Dec 2099 23:59:60 EST":                   "2100-01-01T05:00:00Z",
		"31 Feb 2026 10:00:00 +0000":                      "",
		"yesterday":                                       "",
		"99999999999999999999":                            "",
		"":                                                "",
	} {
		got := parseDate(in)
		if s := got.UTC().Format(time.RFC3339); got.IsZero() != (want == "") || want != "" && s != want {
			t.Errorf("%q = %s, want %q", in, s, want)
		}
	}
}

func TestAddressListsAsTheyCome(t *testing.T) {
	for in, want := range map[string]string{
		"a@b.test, Bob <c@d.test>":            "|a@b.test Bob|c@d.test",
		`"Smith, Bob" <c@D.test>`:             "Smith, Bob|c@d.test",
		"Team: a@b.test, c@d.test;, e@f.test": "|a@b.test |c@d.test |e@f.test",
		"undisclosed-recipients:;":            "",
		"c@d.test (Bob)":                      "Bob|c@d.test",
		"<@x.test:c@d.test>":                  "|c@d.test",
		"<mailto:c@d.test>":                   "|c@d.test",
		"Bob <<c@d.test>>":                    "Bob|c@d.test",
		"Bob <c@d.test":                       "Bob|c@d.test",
		"=?utf-8?q?B=C3=B6b?= <c@d.test>":     "Böb|c@d.test",
		`"=?utf-8?q?B=C3=B6b?=" <c@d.test>`:   "Böb|c@d.test",
		"bob @ ext . test, Bob J. c@d.test":   "|bob@ext.test Bob J.|c@d.test",
		"Bob c@d.test":                        "Bob|c@d.test",
		"'c@d.test'":                          "|c@d.test",
		"Bob":                                 "|Bob",
		",,;":                                 "",
	} {
		var got []string
		for _, a := range addressList(in) {
			got = append(got, a.Name+"|"+a.Address)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s = %q, want %q", in, s, want)
		}
	}
}

func TestJunkInHeaders(t *testing.T) {
	for name, c := range map[string]struct{ raw, subject, text string }{
		"mbox separators":             {"From a@b Tue Sep  1 10:00:00 2026\nSubject: s\n\nt", "s", "t"},
		"a line without a colon":      {"Subject: s\njunk\nTo: a@b.test\n\nt", "s", "t"},
		"the blank line is missing":   {"To: a@b.test\nSubject: s\nDear Bob\nhow are you\n\nt", "s", "Dear Bob\nhow are you\n\nt"},
		"a space before the colon":    {"Subject : s\n\nt", "s", "t"},
		"wrapped without indentation": {"Subject: s\nTo: \"a,\nb\" <a@b.test>\nDate: x\n\nt", "s", "t"},
		"blank lines first":           {"\n\nSubject: s\n\nt", "s", "t"},
		"a byte order mark first":     {"\ufeffSubject: s\n\nt", "s", "t"},
	} {
		t.Run(name, func(t *testing.T) {
			if m := parse(t, c.raw); m.Subject != c.subject || m.Text != c.text {
				t.Errorf("%q %q", m.Subject, m.Text)
			}
		})
	}
}
