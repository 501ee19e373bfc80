package token

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"testing"
)

const someID = "a1b2c3d4e5f6g7h"

func testKey(t testing.TB) *Key {
	t.Helper()
	k, err := NewKey(bytes.Repeat([]byte{7}, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func refused(t *testing.T, k *Key, kind Kind, tok string) {
	t.Helper()
	id, version, err := k.Parse(kind, tok)
	if err != ErrUnknown || id != "" || version != 0 {
		t.Errorf("Parse(%s, %q) = %q, %d, %v; want nothing and ErrUnknown", kind, tok, id, version, err)
	}
}

func TestMakeParse(t *testing.T) {
	k := testKey(t)
	for _, kind := range []Kind{Reply, Bounce, Item, Portal, Shared} {
		for _, version := range []int{1, 2, 255, 256, 65535} {
			tok := k.Make(kind, someID, version)
			if len("bounce+"+tok) > 64 || strings.Trim(tok, alphabet) != "" || len(tok) != Size {
				t.Fatalf("%s token %q does not fit a local part", kind, tok)
			}
			id, v, err := k.Parse(kind, tok)
			if err != nil || id != someID || v != version {
				t.Errorf("Parse(Make(%s, %d)) = %q, %d, %v", kind, version, id, v, err)
			}
			if strings.Contains(tok, someID) {
				t.Errorf("token shows its id in clear: %s", tok)
			}
		}
	}
}

func TestMakeRefusesWhatIsNoRecord(t *testing.T) {
	k := testKey(t)
	for name, tok := range map[string]string{
		"unknown kind":    k.Make("admin", someID, 1),
		"empty kind":      k.Make("", someID, 1),
		"short id":        k.Make(Reply, someID[1:], 1),
		"long id":         k.Make(Reply, someID+"a", 1),
		"upper-case id":   k.Make(Reply, strings.ToUpper(someID), 1),
		"quote in the id": k.Make(Reply, "a1b2c3d4e5f6g7'", 1),
		"version 0":       k.Make(Reply, someID, 0),
		"version -1":      k.Make(Reply, someID, -1),
		"version 65536":   k.Make(Reply, someID, 65536),
	} {
		if tok != "" {
			t.Errorf("%s: made %q", name, tok)
		}
	}
}

// The shape threats.md 2.0 fixes, spelled out with the standard library alone.
func TestShapeIsVersionIDMAC(t *testing.T) {
	secret := bytes.Repeat([]byte{7}, KeySize)
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("reply\x00" + someID + "\x01\x02"))
	raw := append([]byte("\x01\x02"+someID), h.Sum(nil)[:18]...)
	want := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
	if got := testKey(t).Make(Reply, someID, 0x0102); got != want {
		t.Errorf("Make = %s, want %s", got, want)
	}
}

func TestT01_UnknownToken(t *testing.T) {
	k, r := testKey(t), mathrand.New(mathrand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 26, Size - 1, Size, Size + 1, 500} {
		for range 50 {
			b := make([]byte, n)
			for i := range b {
				b[i] = alphabet[r.IntN(32)]
			}
			refused(t, k, Reply, string(b))
		}
	}
	var other [KeySize]byte
	rand.Read(other[:])
	stranger, _ := NewKey(other[:])
	refused(t, k, Reply, stranger.Make(Reply, someID, 1))
}

func TestT02_FormatProbes(t *testing.T) {
	k := testKey(t)
	tok := k.Make(Reply, someID, 1)
	for _, probe := range []string{
		"", "a", tok + "+x", tok + "a", "a" + tok, tok[:Size-1], tok + "=", tok + "\n", "\n" + tok, tok[:8] + "\r\n" + tok[8:],
		" " + tok, tok + " ", strings.Repeat("a", 65), strings.Repeat("٣", Size), "reply+" + tok, "-" + tok[1:],
		strings.NewReplacer("k", "\u212a", "s", "\u017f").Replace(tok) + "\u212a",
		strings.Repeat("0", Size), strings.Repeat("1", Size), strings.Repeat("\x00", Size), strings.Repeat("\xff", Size),
	} {
		refused(t, k, Reply, probe)
	}
}

func TestT03_OldVersionNamesItself(t *testing.T) {
	k := testKey(t)
	old, renewed := k.Make(Reply, someID, 1), k.Make(Reply, someID, 2)
	if old == renewed {
		t.Fatal("renewing gave the same token")
	}
	if _, v, err := k.Parse(Reply, old); v != 1 || err != nil {
		t.Errorf("old token parses as version %d, %v; the record's version decides", v, err)
	}
	// The MAC covers the version: it cannot be lifted onto another one.
	refused(t, k, Reply, renewed[:4]+old[4:])
}

func TestT06_KindsAreSeparate(t *testing.T) {
	k := testKey(t)
	kinds := []Kind{Reply, Bounce, Item, Portal, Shared}
	for _, made := range kinds {
		for _, asked := range append(kinds, "", "reply\x00", "sign") {
			if made != asked {
				refused(t, k, asked, k.Make(made, someID, 1))
			}
		}
	}
}

func TestT08_CaseFolded(t *testing.T) {
	k := testKey(t)
	tok := k.Make(Reply, someID, 1)
	mixed := strings.ToUpper(tok[:20]) + tok[20:]
	for _, spelled := range []string{strings.ToUpper(tok), strings.ToLower(tok), mixed} {
		if id, _, err := k.Parse(Reply, spelled); err != nil || id != someID {
			t.Errorf("Parse(%q) = %q, %v", spelled, id, err)
		}
	}
}

func TestT13_Metacharacters(t *testing.T) {
	k := testKey(t)
	for _, probe := range []string{"%25", "_%", "'--", "%", "*", `"`, strings.Repeat("_", Size), strings.Repeat("%", Size), k.Make(Reply, someID, 1)[:Size-1] + "%"} {
		refused(t, k, Reply, probe)
	}
}

// Every token has one spelling: no change of any one character is accepted.
func TestNoBitIsMalleable(t *testing.T) {
	k := testKey(t)
	tok := k.Make(Portal, someID, 3)
	for i := range len(tok) {
		for j := range len(alphabet) {
			if alphabet[j] != tok[i] {
				refused(t, k, Portal, tok[:i]+alphabet[j:j+1]+tok[i+1:])
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	k := testKey(f)
	f.Add("reply", k.Make(Reply, someID, 1))
	f.Add("portal", strings.ToUpper(k.Make(Portal, someID, 65535)))
	f.Add("reply", "")
	f.Add("reply", strings.Repeat("a", Size))
	f.Fuzz(func(t *testing.T, kind, tok string) {
		id, version, err := k.Parse(Kind(kind), tok)
		if err != nil {
			if !errors.Is(err, ErrUnknown) || id != "" || version != 0 {
				t.Fatalf("refusal says %q, %d, %v", id, version, err)
			}
			return
		}
		if again := k.Make(Kind(kind), id, version); !strings.EqualFold(again, tok) || again == "" {
			t.Fatalf("%q parses, but is spelled %q", tok, again)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	k := testKey(b)
	for _, c := range []struct{ name, tok string }{
		{"known", k.Make(Reply, someID, 1)}, {"forged", k.Make(Bounce, someID, 1)}, {"malformed", "x"},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				k.Parse(Reply, c.tok)
			}
		})
	}
}

func ExampleKey_Make() {
	k, _ := NewKey(make([]byte, KeySize))
	fmt.Println("reply+" + k.Make(Reply, "0123456789abcde", 1) + "@in.test")
}
