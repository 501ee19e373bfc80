package token

import "encoding/base32"

const alphabet = "abcdefghijklmnopqrstuvwxyz234567"

var encoding = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// digits maps a byte to its five bits, for both cases of ASCII and nothing else:
// 'ſ' and the Kelvin sign fold to ASCII letters under Unicode, and must not here.
var digits = func() (d [256]byte) {
	for i := range d {
		d[i] = invalid
	}
	for i := range len(alphabet) {
		d[alphabet[i]] = byte(i)
		if c := alphabet[i]; c >= 'a' {
			d[c-'a'+'A'] = byte(i)
		}
	}
	return d
}()

const invalid = 0xFF

func encode(raw *[rawSize]byte) string { return encoding.EncodeToString(raw[:]) }

// decode fills raw whatever the input is, so that the caller does the same work for
// every input. It walks Size characters always and strays from that path nowhere:
// encoding/base32 would skip line breaks and stop at the first bad character.
func decode(tok string) (raw [rawSize]byte, shaped bool) {
	var text [Size]byte // NUL is no digit, so what is missing is malformed
	copy(text[:], tok)
	shaped = len(tok) == Size
	bad := byte(0)
	acc, bits, n := uint(0), 0, 0
	for _, c := range text {
		d := digits[c]
		bad |= d & 0x80
		acc = acc<<5 | uint(d&0x1F)
		if bits += 5; bits >= 8 {
			bits -= 8
			raw[n] = byte(acc >> bits)
			n++
		}
	}
	return raw, shaped && bad == 0
}
