package email

import (
	"strings"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// isASCIILabel knows the names of ASCII, which WHATWG takes for names of windows-1252.
func isASCIILabel(label string) bool {
	switch label {
	case "us-ascii", "ascii", "us", "iso646-us", "iso-ir-6", "csascii", "ansi_x3.4-1968", "ansi_x3.4-1986", "iso_646.irv:1991":
		return true
	}
	return false
}

// isLatinLabel knows the names that windows-1252 goes by, ASCII's and none among them.
func isLatinLabel(label string) bool {
	_, name := lookup(strings.ToLower(strings.Trim(label, " \t\"';")))
	return label == "" || name == "windows-1252"
}

var labelDashes = strings.NewReplacer("_", "-", " ", "-")

// lookup knows the WHATWG labels, the names Windows and old mailers use instead, and the code pages of DOS.
func lookup(label string) (encoding.Encoding, string) {
	if e, name := charset.Lookup(label); e != nil && name != "replacement" {
		return e, name
	}
	switch l := labelDashes.Replace(label); l {
	case "hz-gb-2312", "hz":
		return simplifiedchinese.HZGB2312, l
	case "cp437", "ibm437", "437":
		return charmap.CodePage437, l
	case "cp850", "ibm850", "850", "dos-850":
		return charmap.CodePage850, l
	case "cp852", "ibm852", "852":
		return charmap.CodePage852, l
	case "cp858", "ibm00858":
		return charmap.CodePage858, l
	case "cp932", "ms932", "windows-932", "sjis-win":
		return charset.Lookup("shift_jis")
	case "cp949", "ms949", "uhc", "ks-c-5601", "ksc5601":
		return charset.Lookup("euc-kr")
	case "cp950", "ms950", "big5hkscs":
		return charset.Lookup("big5")
	case "cp936", "ms936", "windows-936", "gb18030-2000":
		return charset.Lookup("gb18030")
	case "eucjp", "x-euc", "euc":
		return charset.Lookup("euc-jp")
	case "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "iso-2022-jp-ms", "cp50220", "cp50221", "jis":
		return charset.Lookup("iso-2022-jp")
	case "ucs-2", "unicode":
		return charset.Lookup("utf-16")
	case "utf-16-le":
		return charset.Lookup("utf-16le")
	}
	if e, name := charset.Lookup(looseLabel(label)); name != "replacement" {
		return e, name
	}
	return nil, ""
}

// looseLabel makes a known label of one that was misspelt: "3Dutf-8", "win-1251", "Windows1251", "8859-2", "iso-8859-1 (Latin)".
func looseLabel(l string) string {
	l = strings.TrimPrefix(strings.Trim(l, "=_\"'\\"), "3d")
	if i := strings.IndexAny(l, " ;,("); i > 0 {
		l = l[:i]
	}
	digits := strings.Map(onlyDigit, l)
	switch part, is8859 := strings.CutPrefix(digits, "8859"); {
	case strings.Contains(l, "utf8") || strings.Contains(l, "utf-8") || digits == "65001":
		return "utf-8"
	case is8859 && part != "":
		return "iso-8859-" + part
	case len(digits) == 4 && strings.HasPrefix(digits, "125"):
		return "windows-" + digits
	case digits == "874" || digits == "620":
		return "windows-874"
	case digits == "866":
		return "ibm866"
	}
	return strings.Map(onlyName, l)
}

func onlyDigit(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}

func onlyName(r rune) rune {
	if r == '-' || r == '_' {
		return -1
	}
	return r
}
