package templates

import (
	"os"
	"path/filepath"
	"testing"
)

// TestRenderForLooking writes every sample as files for a browser, when ASIDE_RENDER names a folder.
func TestRenderForLooking(t *testing.T) {
	dir := os.Getenv("ASIDE_RENDER")
	if dir == "" {
		t.Skip("ASIDE_RENDER names no folder to render into")
	}
	all := samples()
	for name, r := range map[string]renderer{"hostile-portal": hostilePortal, "hostile-mail": hostileSideMessage().Render} {
		all[name] = r
	}
	for name, r := range all {
		text, html := must(t, r)
		write(t, filepath.Join(dir, name+".html"), html)
		if text != "" {
			write(t, filepath.Join(dir, name+".txt"), text)
		}
	}
}

func write(t *testing.T, path, s string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
}
