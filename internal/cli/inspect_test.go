package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aside/internal/smtpd"
)

func TestReview21_InspectRefusesWhatTheDoorWouldNotTake(t *testing.T) {
	const head = "From: Bob <bob@ext.test>\r\nSubject: large\r\n\r\n"
	line := strings.Repeat("x", 70)
	for name, x := range map[string]struct {
		letter, want string
	}{
		"a letter of 30 MB":              {head + strings.Repeat(line+"\r\n", 30_000_000/72), "552 5.3.4 Letter is larger than SIZE"},
		"too large once lines end right": {head + strings.Repeat("xy\n", smtpd.MessageBytes*3/10), "552 5.3.4 Letter is larger than SIZE"},
		"a letter that just fits":        {head + strings.Repeat("x", smtpd.MessageBytes-len(head)-2) + "\r\n", ""},
		"a small one":                    {head + "hello\r\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "a.eml")
			if err := os.WriteFile(file, []byte(x.letter), 0o600); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			c := Inspect()
			c.SetOut(&out)
			c.SetArgs([]string{"--dns", emptyZone(t), file})
			if err := c.Execute(); err != nil {
				t.Fatal(err)
			}
			var row inspection
			if err := json.Unmarshal(out.Bytes(), &row); err != nil {
				t.Fatal(err)
			}
			if row.Error != x.want || (row.Subject == "") != (x.want != "") || (row.Auth == nil) != (x.want != "") {
				t.Errorf("error %q, subject %q, auth %v", row.Error, row.Subject, row.Auth)
			}
		})
	}
}

// emptyZone is a file of DNS answers in which nothing is.
func emptyZone(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "dns.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
