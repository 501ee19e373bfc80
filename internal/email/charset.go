package email

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
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
	if isASCIILabel(label) {
		name = "" // whoever writes more than ASCII under this name has not chosen windows-1252, as WHATWG would have it
	}
	switch {
	case strings.HasPrefix(name, "utf-16") && bytes.IndexByte(b, 0) < 0 && isPlainUTF8(b):
		return string(b), true
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
	good, _ := utf8Evidence(b)
	if good >= sureUTF8 && utf8.Valid(b) {
		return string(b), true
	}
	s = decodeWith(e, b)
	if left := strings.Count(s, "\uFFFD"); left == 0 || left*mostlyLeft < highBytes(b) && !utf8.Valid(b) {
		return s, false
	}
	return decodeLatin(b, "")
}

const (
	sureUTF8   = 4 // whole characters of UTF-8, and nothing else above ASCII: no text of another encoding looks so
	mostlyLeft = 4 // a claim that leaves a fourth of the bytes above ASCII unread is none
)

// decodeLatin decides between UTF-8 and windows-1252, the two that the rest of the world is written in.
func decodeLatin(b []byte, name string) (s string, lied bool) {
	if utf8.Valid(b) {
		if bytes.Contains(b, []byte("\x1b$")) && isASCII(b) {
			e, _ := charset.Lookup("iso-2022-jp")
			return decodeWith(e, b), true
		}
		return string(b), name == "windows-1252" && !isASCII(b)
	}
	if name == "windows-1252" {
		if e := beyondLatin(b); e != nil {
			return decodeWith(e, b), true
		}
		return decodeWith(charmap.Windows1252, b), false
	}
	good, bad := utf8Evidence(b)
	if name == "utf-8" && good >= bad || good > 4*bad {
		return validUTF8(b), true
	}
	return decodeWith(guess(b), b), true
}

// Guesses at how sure a language is beside what the letter claims, see sniffTongue.
const (
	likelyMean  = -3.9 // a mean that text of East Asia, read as one of them, does not reach
	beyondDoubt = -3.5 // a mean that real text reaches
	minLieWords = 3    // words in it that outweigh a claim of windows-1252; a row of all its accents is one
	minLiePairs = 16   // bytes above ASCII that do, when most stand in pairs
)

// beyondLatin is the encoding of bytes that are called windows-1252, as every program calls them that asked nobody, and are beyond doubt
// of another script; else nil.
func beyondLatin(b []byte) encoding.Encoding {
	if e, mean, sure := sniffTongue(b); sure && mean > beyondDoubt && highWords(b) >= minLieWords {
		return e
	}
	if high, pairs := highBytes(b), highPairs(b); high >= minLiePairs && pairs*4 > high*3 {
		return sniffEastAsian(b)
	}
	return nil
}

// guess is the encoding of undeclared bytes that are not UTF-8.
func guess(b []byte) encoding.Encoding {
	tongue, mean, sure := sniffTongue(b)
	if tongue == nil || !sure || mean < likelyMean {
		if e := sniffEastAsian(b); e != nil {
			return e
		}
	}
	if tongue == nil {
		return charmap.Windows1252
	}
	return tongue
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

// highWords counts where bytes above ASCII follow a space.
func highWords(b []byte) (n int) {
	for i := 1; i < len(b) && i < maxSniff; i++ {
		if b[i] >= utf8.RuneSelf && (b[i-1] == ' ' || b[i-1] == '\n') {
			n++
		}
	}
	return n
}

// highPairs counts the bytes above ASCII that stand beside another.
func highPairs(b []byte) (n int) {
	for i, c := range b {
		if c >= utf8.RuneSelf && (i > 0 && b[i-1] >= utf8.RuneSelf || i+1 < len(b) && b[i+1] >= utf8.RuneSelf) {
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

// isPlainUTF8 says that b, claimed to be UTF-16, is UTF-8 for the most part in ASCII: as UTF-16 that would be rare Chinese throughout.
func isPlainUTF8(b []byte) bool { return utf8.Valid(b) && highBytes(b)*2 < len(b) }

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
