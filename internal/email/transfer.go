package email

import (
	"bytes"
	"strings"
)

// decodeTransfer undoes a Content-Transfer-Encoding as far as it goes; defect is "" when nothing was wrong. Data that
// needs no decoding is returned as it lies in the letter.
func decodeTransfer(data []byte, encoding string) (out []byte, defect string) {
	switch transferName(encoding) {
	case "", "7bit", "8bit", "binary", "plain", "none":
		return data, ""
	case "base64", "b":
		out, ok := decodeBase64(data)
		return out, unless(ok, "base64 was damaged")
	case "quotedprintable", "qp":
		out, ok := decodeQP(data)
		return out, unless(ok, "quoted-printable was damaged")
	case "xuuencode", "uuencode", "xuue", "uue":
		out, ok := decodeUU(data)
		return out, unless(ok, "uuencode was damaged")
	}
	return data, "unknown transfer encoding"
}

// transferName is the encoding's bare name: lower case, without comment, parameter and punctuation.
func transferName(encoding string) string {
	if bare, _, err := stripComments(encoding); err == nil {
		encoding = bare
	}
	encoding, _, _ = strings.Cut(strings.ToLower(strings.Trim(encoding, " \t\"';")), ";")
	return strings.Map(dropNonName, encoding)
}

func unless(ok bool, defect string) string {
	if ok {
		return ""
	}
	return defect
}

// dropNonName lets "7-bit", "quoted printable" and "base64." be what they mean.
func dropNonName(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// decodeQP is RFC 2045 6.7; a broken escape stays as it is, trailing white space goes, as it must.
func decodeQP(in []byte) (out []byte, ok bool) {
	out, ok = make([]byte, 0, len(in)), true
	for len(in) > 0 {
		line, eol, rest := cutEOL(in)
		in = rest
		line = bytes.TrimRight(line, " \t")
		soft := len(line) > 0 && line[len(line)-1] == '='
		if soft {
			line = line[:len(line)-1]
		}
		var whole bool
		if out, whole = appendQP(out, line); !whole {
			ok = false
		}
		if !soft {
			out = append(out, eol...)
		}
	}
	return out, ok
}

func appendQP(out, line []byte) (_ []byte, ok bool) {
	ok = true
	for {
		i := bytes.IndexByte(line, '=')
		if i < 0 {
			return append(out, line...), ok
		}
		out = append(out, line[:i]...)
		if i+2 < len(line) && isHex(line[i+1]) && isHex(line[i+2]) {
			out = append(out, unhex(line[i+1])<<4|unhex(line[i+2]))
			line = line[i+3:]
		} else {
			out, line, ok = append(out, '='), line[i+1:], false
		}
	}
}

// cutEOL is a line, the LF or CRLF that ended it, and what follows.
func cutEOL(b []byte) (line, eol, rest []byte) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return b, nil, nil
	}
	n := i
	if n > 0 && b[n-1] == '\r' {
		n--
	}
	return b[:n], b[n : i+1], b[i+1:]
}

// decodeUU reads the lines between begin and end.
func decodeUU(in []byte) (out []byte, ok bool) {
	started := false
	for rest := in; len(rest) > 0; {
		var line []byte
		line, _, rest = cutEOL(rest)
		if !started {
			started = bytes.HasPrefix(line, []byte("begin "))
			continue
		}
		if len(line) == 0 || line[0] == '`' || line[0] == ' ' || bytes.Equal(line, []byte("end")) {
			return out, true
		}
		out = appendUU(out, line)
	}
	if !started {
		return in, false
	}
	return out, false
}

func appendUU(out, line []byte) []byte {
	want, line := int(line[0]-' ')&63, line[1:]
	from := len(out)
	for i := 0; i < len(line); i += 4 {
		var acc uint32
		for j := range 4 {
			acc <<= 6
			if i+j < len(line) {
				acc |= uint32(line[i+j]-' ') & 63
			}
		}
		out = append(out, byte(acc>>16), byte(acc>>8), byte(acc))
	}
	return out[:min(len(out), from+want)]
}
