package email

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// decodeCharset turns bytes into valid UTF-8. The label is a claim: bytes that are UTF-8 beyond doubt are read as such
// whatever it says, and bytes it cannot explain are explained another way. UTF-7 is never decoded (M-04): the label is
// unknown here, so that its bytes stay the ASCII they are.
func decodeCharset(b []byte, label string) string {
	s, _ := decodeClaimed(b, label)
	return s
}

// decodeClaimed also says whether the claim was false or unknown.
func decodeClaimed(b []byte, label string) (s string, lied bool) {
	label = strings.ToLower(strings.Trim(label, " \t\"';"))
	if e := byteOrderMark(b); e != nil {
		return decodeWith(e, b), false
	}
	e, name := lookup(label)
	if label == "us-ascii" || label == "ascii" {
		name = "" // whoever writes more than ASCII under this name has not chosen windows-1252, as WHATWG would have it
	}
	switch {
	case strings.HasPrefix(name, "utf-16"):
		if label == "utf-16" || label == "ucs-2" || label == "unicode" {
			e = guessUTF16(b)
		}
		return decodeWith(e, b), false
	case name == "" || name == "utf-8" || name == "windows-1252":
		return decodeLatin(b, name)
	case name == "iso-2022-jp" && !bytes.Contains(b, []byte{0x1b}) && !isASCII(b):
		return decodeLatin(b, "")
	}
	s = decodeWith(e, b)
	if strings.ContainsRune(s, utf8.RuneError) && utf8.Valid(b) {
		return string(b), true
	}
	return s, false
}

// decodeLatin decides between UTF-8 and windows-1252, the two that the rest of the world is written in.
func decodeLatin(b []byte, name string) (s string, lied bool) {
	if utf8.Valid(b) {
		if name == "" && bytes.Contains(b, []byte("\x1b$")) && isASCII(b) {
			e, _ := charset.Lookup("iso-2022-jp")
			return decodeWith(e, b), true
		}
		return string(b), name == "windows-1252" && !isASCII(b)
	}
	if name == "windows-1252" {
		return decodeWith(charmap.Windows1252, b), false
	}
	good, bad := utf8Evidence(b)
	if name == "utf-8" && good >= bad || good > 4*bad {
		return validUTF8(b), true
	}
	if e := sniffEastAsian(b); e != nil && name != "utf-8" {
		return decodeWith(e, b), true
	}
	return decodeWith(charmap.Windows1252, b), true
}

// lookup knows the WHATWG labels, the names Windows and old mailers use instead, and the code pages of DOS.
func lookup(label string) (encoding.Encoding, string) {
	if e, name := charset.Lookup(label); e != nil && name != "replacement" {
		return e, name
	}
	switch l := strings.NewReplacer("_", "-", " ", "-").Replace(label); l {
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
	default:
		if n, ok := strings.CutPrefix(l, "iso8859-"); ok {
			return charset.Lookup("iso-8859-" + n)
		}
		if n, ok := strings.CutPrefix(l, "cp-"); ok {
			return charset.Lookup("windows-" + n)
		}
	}
	return nil, ""
}

// decodeWith decodes in pieces into one string that is allocated once: a letter of 25 MiB is not held three times.
func decodeWith(e encoding.Encoding, b []byte) string {
	var out strings.Builder
	out.Grow(len(b) + highBytes(b))
	var buf [16 << 10]byte
	d := e.NewDecoder()
	for {
		n, used, err := d.Transform(buf[:], b, true)
		out.Write(buf[:n])
		b = b[used:]
		if err == transform.ErrShortDst {
			continue
		}
		if err != nil && len(b) > 0 { // no decoder of ours gives up; if one did, the rest would still be shown
			out.WriteString(validUTF8(b))
		}
		return out.String()
	}
}

func highBytes(b []byte) (n int) {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			n++
		}
	}
	return n
}

// validUTF8 puts U+FFFD for every run of bytes that is not UTF-8.
func validUTF8(b []byte) string {
	var out strings.Builder
	out.Grow(len(b) + 2*brokenRuns(b))
	for broken := false; len(b) > 0; {
		r, n := utf8.DecodeRune(b)
		if r != utf8.RuneError || n > 1 {
			out.Write(b[:n])
			broken = false
		} else if !broken {
			out.WriteRune(utf8.RuneError)
			broken = true
		}
		b = b[n:]
	}
	return out.String()
}

func brokenRuns(b []byte) (runs int) {
	for broken := false; len(b) > 0; {
		r, n := utf8.DecodeRune(b)
		now := r == utf8.RuneError && n == 1
		if now && !broken {
			runs++
		}
		broken, b = now, b[n:]
	}
	return runs
}

func byteOrderMark(b []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return unicode.UTF8BOM
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return nil
}

// guessUTF16 looks where the zero bytes of ASCII stand; without any it is big-endian (RFC 2781 4.3).
func guessUTF16(b []byte) encoding.Encoding {
	even, odd := 0, 0
	for i := 0; i+1 < len(b) && i < maxSniff; i += 2 {
		if b[i] == 0 {
			even++
		}
		if b[i+1] == 0 {
			odd++
		}
	}
	if odd > even {
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	}
	return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
}

// utf8Evidence counts whole multi-byte sequences and bytes that belong to none.
func utf8Evidence(b []byte) (good, bad int) {
	for b = b[:min(len(b), maxSniff)]; len(b) > 0; {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		b = b[n:]
	}
	return good, bad
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
