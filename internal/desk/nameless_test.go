package desk

import (
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
)

// saying is an item of Carla's.
func saying(message, name, address string) *core.Record {
	item := core.NewRecord(core.NewBaseCollection("feedback"))
	item.Collection().Fields.Add(&core.TextField{Name: "message"}, &core.TextField{Name: "submitterName"}, &core.TextField{Name: "submitterEmail"})
	item.Load(map[string]any{"message": message, "submitterName": name, "submitterEmail": address})
	return item
}

func TestReview17_AHiddenSubmitterIsInNoPartOfTheExcerpt(t *testing.T) {
	const name, address = "Carla Customer", "carla@customer.test"
	for title, x := range map[string]struct{ text, name, address, want string }{
		"an address":                      {"Write to carla@customer.test please.", name, address, "Write to … please."},
		"in capitals":                     {"CARLA@CUSTOMER.TEST or CARLA CUSTOMER", name, address, "… or …"},
		"over a line":                     {"I am Carla\n  Customer.", name, address, "I am …."},
		"her first name":                  {"Carla here, carla's widget. Scarlatti, Carla2.", name, address, "… here, …'s widget. Scarlatti, Carla2."},
		"her last name":                   {"Ms. Customer wants it.", name, address, "Ms. … wants it."},
		"a name of two letters":           {"Li says: Liquid in the box. LI.", "Li", "", "… says: Liquid in the box. …."},
		"short parts stay":                {"de la Cruz lives de facto there", "Ana de la Cruz", "", "de la … lives de facto there"},
		"hyphens and apostrophes":         {"Anna, Maria and O'Brien", "Anna-Maria O'Brien", "", "…, … and O'…"},
		"İ somewhere in the text":         {"İyi günler, CARLA@customer.test", name, address, "İyi günler, …"},
		"İ in the name":                   {"ipek and IPEK and İPEK and ıpek", "İpek", "", "… and … and … and …"},
		"ß, and letters that grow":        {"ẞ Ⱥ carla@customer.test", name, address, "ẞ Ⱥ …"},
		"a script without spaces":         {"私は王小明です", "王小明", "", "私は…です"},
		"nobody is known":                 {"Hello there", "", "", "Hello there"},
		"as one would not cut it":         {strings.Repeat("x", ExcerptLength-10) + " carla@customer.test", name, address, strings.Repeat("x", ExcerptLength-10) + " …"},
		"a name where the excerpt ends":   {strings.Repeat("x", ExcerptLength-5) + " Carla Customer came", name, address, strings.Repeat("x", ExcerptLength-5) + " … c…"},
		"many, so that the far end shows": {strings.Repeat("carla@customer.test ", 200) + "the end", name, address, strings.Repeat("… ", 139) + "……"},
	} {
		if got := ContextOf(saying(x.text, x.name, x.address), true).Excerpt; got != x.want {
			t.Errorf("%s: got %q, want %q", title, got, x.want)
		}
	}
	c := ContextOf(saying("I am Carla.", name, address), false)
	if c.SubmitterName != name || c.SubmitterEmail != address || c.Excerpt != "I am Carla." {
		t.Errorf("not hidden: %+v", c)
	}
}

func FuzzWithoutPerson(f *testing.F) {
	f.Add("I am ", "Carla Customer", "carla@customer.test", " really")
	f.Add("İ", "İpek", "İ@x", "ß")
	f.Fuzz(func(t *testing.T, before, name, address, after string) {
		got := withoutPerson(before+" "+address+" "+after, name, address)
		if len(address) > 3 && strings.Contains(strings.ToValidUTF8(got, ""), address) && !strings.Contains(address, "…") {
			t.Fatalf("%q stays in %q", address, got)
		}
	})
}
