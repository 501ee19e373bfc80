package templates

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"
)

// Theme is how a project looks to strangers: its own name, initial and colour, never ours.
type Theme struct {
	Name    string // the project's name, one line
	Initial string // one letter or digit
	Hue     int    // index into the palette, 0 to len(palette)-1
}

// palette holds the colours a project can have. Each bears white text at 4.5:1 and stands out from a dark page at 3:1; the pages'
// variants for dark mode and for washes are the classes .hue0 to .hue11 of portal.css (theme_test.go measures them all).
var palette = [...]string{
	"#07796a", "#6956d7", "#b44901", "#006dbd", "#b9348b", "#037c37",
	"#c92e41", "#03758e", "#9347c2", "#926101", "#4c7602", "#c32e6e",
}

// Colors are the names of the palette's colours, in its order; a project may choose one.
var Colors = [len(palette)]string{
	"teal", "violet", "orange", "blue", "magenta", "green", "red", "cyan", "purple", "brown", "olive", "rose",
}

// Colored is the theme in a colour that its project has chosen, one of Colors; any other word leaves the colour of the name.
func (t Theme) Colored(name string) Theme {
	if i := slices.Index(Colors[:], name); i >= 0 {
		t.Hue = i
	}
	return t
}

// NewTheme derives a theme from a project's name: the same name always has the same colour.
func NewTheme(name string) Theme {
	name = line(name)
	if name == "" {
		name = "Support"
	}
	h := fnv.New32a()
	h.Write([]byte(strings.ToLower(name)))
	return Theme{Name: name, Initial: initial(name), Hue: int(h.Sum32() % uint32(len(palette)))}
}

// Color is the theme's colour as #rrggbb, for letters, which have no stylesheet; it bears white text.
func (t Theme) Color() string { return palette[t.hue()] }

// Class is the class of portal.css that sets the theme's colours on a page.
func (t Theme) Class() string { return hueClasses[t.hue()] }

var hueClasses = [len(palette)]string{
	"hue0", "hue1", "hue2", "hue3", "hue4", "hue5", "hue6", "hue7", "hue8", "hue9", "hue10", "hue11",
}

func (t Theme) hue() int {
	if t.Hue < 0 || t.Hue >= len(palette) {
		return 0
	}
	return t.Hue
}

// complete fills what a caller left out, so that no page goes without a name on it.
func (t Theme) complete() Theme {
	whole := NewTheme(t.Name)
	if t.Name == "" {
		return whole
	}
	if t.Initial == "" {
		t.Initial = whole.Initial
	}
	t.Name = whole.Name
	return t
}

// initial is the first letter or digit of a name in upper case, or a middle dot when it has none.
func initial(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "·"
}
