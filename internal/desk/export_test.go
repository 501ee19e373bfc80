package desk

import "testing"

func TestZipName_LeadsNowhere(t *testing.T) {
	for in, want := range map[string]string{"../../etc/passwd": "passwd", `C:\evil\x.txt`: "x.txt", "/abs": "abs", "..": "attachment", "": "attachment", ".htaccess": "htaccess", "CON": "_CON", "nul.txt": "_nul.txt", "com1 .log": "_com1 .log",
		"trailing. ": "trailing", "-rf": "_-rf", "~root": "_~root", "a\x00b\nc": "a b c", "bad\xffbytes.txt": "badbytes.txt", "é menu.pdf": "é menu.pdf", "console.txt": "console.txt", "what?.txt": "what_.txt", "\u202egpj.exe": "gpj.exe"} {
		if got := zipName(in); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

func TestZipNames_AreApartWhateverTheirCase(t *testing.T) {
	z := newZipNames()
	for _, c := range [][2]string{{"f/a.txt", "f/a.txt"}, {"f/A.TXT", "f/A (2).TXT"}, {"f/a.txt", "f/a (3).txt"}, {"g/a.txt", "g/a.txt"}, {"f/noend", "f/noend"}, {"f/noend", "f/noend (2)"}} {
		if got := z.unique(c[0]); got != c[1] {
			t.Errorf("%q became %q, not %q", c[0], got, c[1])
		}
	}
	if len(z.taken) != 6 {
		t.Errorf("%d names for six files", len(z.taken))
	}
}
