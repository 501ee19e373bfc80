package desk

import "testing"

func TestMention_ErasesThemAndNobodyElse(t *testing.T) {
	m := NewMention([]string{"bob@ext.test"}, []string{"Bob Vendor", "Zoë O’Neil", "Kim Smist"}, "X")
	for name, c := range map[string][2]string{
		"an address in a sentence":         {"Ask bob@ext.test, or BOB@EXT.TEST.", "Ask X, or X."},
		"in angle brackets":                {"Bob Vendor <bob@ext.test>", "X <X>"},
		"as a link":                        {`<a href="mailto:bob@ext.test">bob@ext.test</a>`, `<a href="mailto:X">X</a>`},
		"in the address of a page":         {"/api/search?q=bob%40ext.test&n=Bob+Vendor", "/api/search?q=X&n=X"},
		"a longer address is another":      {"jimbob@ext.test and bob@ext.test.example and big-bob@ext.test and bob@ext.test-lab.example", "jimbob@ext.test and bob@ext.test.example and big-bob@ext.test and bob@ext.test-lab.example"},
		"a name across lines":              {"On Monday Bob\n> Vendor wrote", "On Monday X wrote"},
		"turned around":                    {"From: VENDOR, Bob", "From: X"},
		"a name within a word is none":     {"Bob Vendors and Rebob Vendor", "Bob Vendors and Rebob Vendor"},
		"with an accent":                   {"zoë o’neil said", "X said"},
		"cut in the middle of an address":  {"write to bob@e…", "write to X…"},
		"cut in the middle of a name":      {"this is Bob V…", "this is X…"},
		"cut after something else":         {"this is bobbery…", "this is bobbery…"},
		"with letters that fold to others": {"\u212aim Smiſt", "X"},
		"the first name alone is left":     {"Bob said", "Bob said"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := m.Erase(c[0]); got != c[1] {
				t.Errorf("got %q, want %q", got, c[1])
			}
		})
	}
	if got := m.EraseJSON(`{"a":["Bob Vendor",{"b":"<bob@ext.test>"}],"n":12345678901234567890}`); got != `{"a":["X",{"b":"<X>"}],"n":12345678901234567890}` {
		t.Errorf("JSON: %s", got)
	}
	if got := m.EraseJSON(`{"a": "nothing"}`); got != `{"a": "nothing"}` {
		t.Errorf("JSON without them is left as it is: %s", got)
	}
	if got := m.EraseHTML("<p>by <b>Bob</b> Vendor</p>"); got != "" {
		t.Errorf("a name spread over tags: %q", got)
	}
	if got := m.EraseHTML("<p>by Zo&euml; and <b>Bob</b></p>"); got != "<p>by Zo&euml; and <b>Bob</b></p>" {
		t.Errorf("HTML without them: %q", got)
	}
}
