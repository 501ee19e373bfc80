package token

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestNewKeyWantsExactly32Bytes(t *testing.T) {
	for _, n := range []int{0, 31, 33, 64} {
		if _, err := NewKey(make([]byte, n)); err == nil {
			t.Errorf("NewKey took %d bytes", n)
		}
	}
}

func TestLoadKeyMakesThenKeeps(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "token.key")
	first, err := LoadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	info, _ := os.Stat(path)
	if info.Mode().Perm() != 0o600 || info.Size() != 2*KeySize+1 {
		t.Errorf("key file has mode %v and %d bytes", info.Mode(), info.Size())
	}
	second, err := LoadKey(path)
	if err != nil || second.secret != first.secret {
		t.Errorf("second start has another key (%v)", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func TestLoadKeyByManyAtOnceIsOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token.key")
	keys := make([]*Key, 16)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() { keys[i], _ = LoadKey(path) })
	}
	wg.Wait()
	for _, k := range keys {
		if k == nil || k.secret != keys[0].secret {
			t.Fatal("two processes started with two keys")
		}
	}
}

func TestLoadKeyRefuses(t *testing.T) {
	good := strings.Repeat("ab", KeySize)
	for _, c := range []struct {
		name, text string
		mode       os.FileMode
	}{
		{"a file the group may read", good, 0o640},
		{"a file the world may read", good, 0o604},
		{"a file the group may write", good, 0o620},
		{"an empty file", "", 0o600},
		{"half a key", good[:32], 0o600},
		{"a key and more", good + "ab", 0o600},
		{"what is not hex", strings.Repeat("zz", KeySize), 0o600},
		{"a huge file", strings.Repeat("ab", 1<<20), 0o600},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "k")
			os.WriteFile(path, []byte(c.text), 0o600)
			os.Chmod(path, c.mode)
			k, err := LoadKey(path)
			if err == nil || k != nil {
				t.Fatal("was accepted")
			}
			if strings.Contains(err.Error(), "abab") {
				t.Errorf("error shows the key: %v", err)
			}
			if text, _ := os.ReadFile(path); string(text) != c.text {
				t.Error("the file was changed")
			}
		})
	}
	if _, err := LoadKey(t.TempDir()); err == nil {
		t.Error("a directory was accepted")
	}
	if _, err := LoadKey(filepath.Join(t.TempDir(), "no", "dir")); err == nil {
		t.Error("a key in a missing directory was made")
	}
}

func TestLoadKeyTakesWhiteSpaceAtTheEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	os.WriteFile(path, []byte("\n"+strings.Repeat("AB", KeySize)+"\r\n"), 0o400)
	if _, err := LoadKey(path); err != nil {
		t.Error(err)
	}
}

func TestSignIsBoundToPurposeAndData(t *testing.T) {
	k := testKey(t)
	mac := k.Sign("portal-form", []byte("data"))
	if !k.Verify("portal-form", []byte("data"), mac) {
		t.Error("own signature is refused")
	}
	for name, ok := range map[string]bool{
		"other purpose":         k.Verify("other-form", []byte("data"), mac),
		"other data":            k.Verify("portal-form", []byte("datb"), mac),
		"moved border":          k.Verify("portal-formd", []byte("ata"), mac),
		"shortened mac":         k.Verify("portal-form", []byte("data"), mac[:16]),
		"no mac":                k.Verify("portal-form", []byte("data"), nil),
		"a kind's own mac":      k.Verify("", []byte("data"), mac),
		"token mac as nonce":    bytes.HasPrefix(k.Sign("reply", []byte(someID)), []byte(k.Make(Reply, someID, 1))),
		"signature of key zero": (&Key{}).Verify("portal-form", []byte("data"), mac),
	} {
		if ok {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestKeyNeverPrints(t *testing.T) {
	k := testKey(t)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "key", k)
	shown := fmt.Sprintf("%v %+v %#v %s %x %d", k, k, k, k, k, k) + log.String()
	for _, secret := range []string{hex.EncodeToString(k.secret[:4]), "7 7 7", "0x7", "\a\a"} {
		if strings.Contains(shown, secret) {
			t.Errorf("%q shows the secret", shown)
		}
	}
}
