package templates

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestNewTheme(t *testing.T) {
	cases := []struct{ name, project, wantName, wantInitial string }{
		{"a plain name", "Acme Hardware", "Acme Hardware", "A"},
		{"a name with spaces around", "  acme ", "acme", "A"},
		{"no name", "", "Support", "S"},
		{"a name that starts with a sign", "“¡9 lives", "“¡9 lives", "9"},
		{"another script", "שלום", "שלום", "ש"},
		{"no letter at all", "—", "—", "·"},
	}
	for _, c := range cases {
		th := NewTheme(c.project)
		if th.Name != c.wantName || th.Initial != c.wantInitial || th != NewTheme(c.project) {
			t.Errorf("%s: %+v", c.name, th)
		}
	}
	if c := (Theme{Hue: 99}).Class(); c != "hue0" {
		t.Errorf("a hue out of range gives %s", c)
	}
}

func TestAProjectsColorIsOneOfThePaletteEverywhere(t *testing.T) {
	named := NewTheme("Acme Hardware")
	for i, name := range Colors {
		if th := named.Colored(name); th.Hue != i || th.Name != named.Name {
			t.Errorf("%s: %+v", name, th)
		}
	}
	if th := named.Colored("none of them"); th != named {
		t.Errorf("an unknown colour: %+v", th)
	}
	css, err := os.ReadFile("../pb_public/css/tokens.css") // the inbox offers them
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range Colors {
		if want := fmt.Sprintf("--portal-%s: %s;", name, palette[i]); !strings.Contains(string(css), want) {
			t.Errorf("tokens.css lacks %s", want)
		}
	}
}

// TestContrast measures every pair of colours that text or a control stands on, in both modes (WCAG 2.2, 1.4.3 and 1.4.11).
func TestContrast(t *testing.T) {
	light, dark, ok := strings.Cut(portalStyle, "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("portal.css has no dark mode")
	}
	modes := map[string]string{"light": light, "dark": dark}
	for mode, css := range modes {
		root := tokens(t, css, ":root")
		for i := range palette {
			hue := tokens(t, css, fmt.Sprintf(".hue%d", i))
			brand := palette[i]
			if mode == "light" && hue["brand"] != brand {
				t.Errorf("hue%d: portal.css says %s, theme.go says %s", i, hue["brand"], brand)
			}
			at := func(min float64, what, a, b string) {
				if c := contrast(t, a, b); c < min {
					t.Errorf("%s hue%d, %s: %.2f, want %.1f (%s on %s)", mode, i, what, c, min, a, b)
				}
			}
			at(4.5, "button text", "#ffffff", brand)
			at(3, "button on page", brand, root["bg"])
			for _, ground := range []string{root["bg"], root["surface"], hue["wash"]} {
				at(4.5, "link", hue["link"], ground)
				at(4.5, "ink", root["ink"], ground)
				at(4.5, "ink-2", root["ink-2"], ground)
				at(4.5, "ink-3", root["ink-3"], ground)
				at(4.5, "fault", root["bad"], ground)
			}
			at(4.5, "good notice", root["good"], root["good-wash"])
			at(4.5, "bad notice", root["bad"], root["bad-wash"])
			at(4.5, "link in a notice", hue["link"], root["good-wash"])
			at(3, "field border", root["field"], root["bg"])
			at(3, "field border inside", root["field"], root["surface"])
		}
	}
}

var token = regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]{6})`)

// tokens are the colours of the first rule with that selector.
func tokens(t *testing.T, css, selector string) map[string]string {
	t.Helper()
	_, rest, ok := strings.Cut(css, selector+" {")
	if !ok {
		t.Fatalf("no rule %s", selector)
	}
	rule, _, _ := strings.Cut(rest, "}")
	found := map[string]string{}
	for _, m := range token.FindAllStringSubmatch(rule, -1) {
		found[m[1]] = m[2]
	}
	return found
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + .05) / (math.Min(x, y) + .05)
}

// luminance is WCAG's relative luminance of #rrggbb.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		t.Fatalf("colour %q: %v", hex, err)
	}
	lin := func(v uint64) float64 {
		c := float64(v&255) / 255
		if c <= .04045 {
			return c / 12.92
		}
		return math.Pow((c+.055)/1.055, 2.4)
	}
	return .2126*lin(n>>16) + .7152*lin(n>>8) + .0722*lin(n)
}

// Sizes, colours and radii are tokens; a bare colour below the tokens is a mistake.
func TestColoursOutsideTokensDoNotExist(t *testing.T) {
	_, rules, _ := strings.Cut(portalStyle, "box-sizing")
	if m := regexp.MustCompile(`#[0-9a-f]{3,8}\b|rgba?\(|!important`).FindString(rules); m != "" {
		t.Errorf("portal.css says %q outside its tokens", m)
	}
}
