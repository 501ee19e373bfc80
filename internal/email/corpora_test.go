package email

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"aside/test/corpora"
)

type expectation map[string]any

func load(path string) expectation {
	var e expectation
	if raw, err := os.ReadFile(path); err == nil {
		_ = json.Unmarshal(raw, &e)
	}
	return e
}

// letters are the paths of the letters of some kinds, without .eml.
func letters(t *testing.T, kinds ...string) []string {
	var stems []string
	for _, kind := range kinds {
		files, _ := filepath.Glob(filepath.Join(corpora.Dir(t), kind, "*", "*.eml"))
		for _, f := range files {
			stems = append(stems, strings.TrimSuffix(f, ".eml"))
		}
	}
	return stems
}

func readLetter(t *testing.T, stem string) ([]byte, *Message) {
	t.Helper()
	raw, err := os.ReadFile(stem + ".eml")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse(raw)
	if err != nil {
		t.Errorf("%s is refused: %v", stem, err)
		return raw, nil
	}
	checkMessage(t, raw, m)
	return raw, m
}

// share logs what fell short and fails below the bar.
func share(t *testing.T, ok, all int, bar float64, short []string) {
	t.Helper()
	got := 100 * float64(ok) / float64(max(all, 1))
	t.Logf("%d of %d, %.1f %%; not as expected: %s", ok, all, got, strings.Join(short, "; "))
	if got < bar {
		t.Errorf("%.1f %% is below %.0f %%", got, bar)
	}
}

var white = regexp.MustCompile(`\s+`)

func squeeze(s string) string { return white.ReplaceAllString(s, "") }

// readOtherwise are the letters that we mean to read in another way than their oracle does, and why.
var readOtherwise = map[string]string{
	"obsolete":          "white space before the colon of a field is legal (RFC 5322 4.5); the oracle takes the header for text",
	"rfc2822_example13": "the same",
	"plain_emails_raw_email_incorrect_header":      "one junk line in a header does not make text of the fields below it",
	"parts_chardet-success-big-5":                  "called ASCII, is Big5 and is read so; the oracle shows it as Latin",
	"parts_extra-base64-character":                 "one character too many is no reason to show base64 undecoded",
	"attachment_emails_attachment_pdf_non_ascii":   "called Latin, is UTF-8 (as its subject is)",
	"error_emails_content_transfer_encoding_7-bit": "called Latin, is UTF-8",
	"plain_emails_mix_caps_content_type":           "the oracle's address holds the name and spaces",
	"plain_emails_raw_email_multiple_from":         "the oracle's address has no local part; the door refuses the letter",
	"rfc6532_utf8_headers":                         "a domain is shown as punycode (threats A-23)",
	"msg_25":                                       "the boundary is lost from the header, the parts are found all the same",
	"msg_31":                                       "another boundary is declared, the parts are found all the same",
	"msg_39":                                       "a boundary used twice: all six files are kept, the oracle loses three",
	"003":                                          "an empty multipart is no file",
	"000":                                          "no NUL and no bare CR leaves us (threats M-16)",
	"002":                                          "base64 that is none stays as it was written; the two oracles do not agree",
	"invalid_utf8":                                 "the byte that is not UTF-8 is U+FFFD, not a question mark",
	"subject_japanese_3":                           "a circled digit is read as the vendors' ISO-2022-JP has it; the oracle gives up",
}

func TestCorpusLettersAreReadRightly(t *testing.T) {
	for kind, bar := range map[string]float64{"mime": 95, "helpdesk": 97} {
		t.Run(kind, func(t *testing.T) {
			ok, short := 0, []string(nil)
			stems := letters(t, kind)
			for _, stem := range stems {
				_, m := readLetter(t, stem)
				if wrong := compare(m, load(stem+".expected.json"), load(stem+".cpython.json")); wrong == "" {
					ok++
				} else if short = append(short, filepath.Base(stem)+" "+wrong); readOtherwise[filepath.Base(stem)] == "" {
					t.Errorf("%s: %s, and no reason is known", stem, wrong)
				}
			}
			share(t, ok, len(stems), bar, short)
		})
	}
}

// compare judges by upstream's word or the oracle's, whichever agrees, as score.py does.
func compare(m *Message, up, oracle expectation) string {
	if m == nil {
		return "refused"
	}
	either := func(field, have string) bool {
		want, stated := up[field].(string)
		other, _ := oracle[field].(string)
		if !stated {
			want = other
		}
		return strings.TrimSpace(want) == "" || squeeze(want) == squeeze(have) || squeeze(other) == squeeze(have)
	}
	switch {
	case !either("subject", m.Subject):
		return "subject"
	case !either("text", m.Text):
		return "text"
	case !sameSender(m, up, oracle):
		return "from"
	case !sameFiles(m, up, oracle):
		return "attachments"
	}
	return ""
}

func sameSender(m *Message, up, oracle expectation) bool {
	for _, e := range []expectation{up, oracle} {
		list, _ := e["from"].([]any)
		if len(list) == 0 {
			continue
		}
		first, _ := list[0].(map[string]any)
		want, _ := first["address"].(string)
		return want == "" || strings.EqualFold(want, m.From.Address)
	}
	return true
}

func sameFiles(m *Message, up, oracle expectation) bool {
	stated := false
	for _, e := range []expectation{up, oracle} {
		for _, field := range []string{"attachment_names", "attachments"} {
			if list, ok := e[field].([]any); ok {
				if stated = true; len(list) == len(m.Attachments) {
					return true
				}
			}
		}
	}
	return !stated
}

func TestCorpusLettersReadAlikeWithAnyLineEnd(t *testing.T) {
	for _, stem := range letters(t, "mime", "helpdesk", "bounces") {
		raw, m := readLetter(t, stem)
		lf := strings.ReplaceAll(string(raw), "\r\n", "\n")
		if m == nil || strings.Contains(lf, "\r") || strings.Contains(strings.ToLower(lf), "binary") {
			continue // bytes that are not line ends may not be changed
		}
		for name, end := range map[string]string{"LF": "\n", "CRLF": "\r\n", "CR": "\r"} {
			got, err := Parse([]byte(strings.ReplaceAll(lf, "\n", end)))
			if err != nil || got.Text != m.Text || got.HTML != m.HTML || got.Subject != m.Subject || got.From != m.From || got.Kind != m.Kind || len(got.Attachments) != len(m.Attachments) {
				t.Errorf("%s reads otherwise with %s", stem, name)
			}
		}
	}
}

func TestCorpusBounces(t *testing.T) {
	kinds := map[string]string{"bounce": "bounce", "delay": "delay bounce", "feedback": "complaint", "delivered": "receipt delay", "not_bounce": "reply auto_reply delay receipt"}
	ok, all, short := 0, 0, []string(nil)
	for _, stem := range letters(t, "bounces") {
		e := load(stem + ".expected.json")
		if e == nil {
			continue
		}
		all++
		_, m := readLetter(t, stem)
		class, _ := e["class"].(string)
		switch {
		case !strings.Contains(kinds[class], string(m.Kind)):
			short = append(short, filepath.Base(stem)+" is "+string(m.Kind))
		case class == "bounce" && !names(m.Report, e):
			short = append(short, filepath.Base(stem)+" address")
		default:
			ok++
		}
	}
	share(t, ok, all, 95, short)
}

// names says whether a report names one of the expected addresses.
func names(r *Report, e expectation) bool {
	want, _ := e["recipients"].([]any)
	if len(want) == 0 {
		want, _ = e["recipients_dsn"].([]any)
	}
	for _, w := range want {
		for _, got := range r.Recipients {
			if s, _ := w.(string); strings.EqualFold(s, got.Address) {
				return true
			}
		}
	}
	return len(want) == 0
}

func TestCorpusAutoReplies(t *testing.T) {
	ok, all, short := 0, 0, []string(nil)
	files, _ := filepath.Glob(filepath.Join(corpora.Dir(t), "autoreply", "*", "vectors.json"))
	for _, f := range files {
		var vectors []struct {
			Headers    map[string]string
			From, Body string
			Auto, Weak bool
		}
		raw, _ := os.ReadFile(f)
		if err := json.Unmarshal(raw, &vectors); err != nil {
			t.Fatal(err)
		}
		for _, v := range vectors {
			fields := ""
			for name, value := range v.Headers {
				fields += name + ": " + value + "\n"
			}
			if v.From != "" {
				fields += "From: " + v.From + "\n"
			}
			if m := parse(t, answer(fields, v.Body)); (m.Kind != KindReply) == v.Auto {
				ok++
			} else if !v.Weak {
				short = append(short, strings.TrimSpace(fields))
			}
			all++
		}
	}
	share(t, ok, all, 95, short)
}

// No letter of the other kinds may be called automatic, unless a header or a report says that it is.
func TestCorpusNoFalseAlarm(t *testing.T) {
	says := regexp.MustCompile(`(?im)^(auto-submitted|x-auto|precedence|content-type: *multipart/report|from:.*(mailer-daemon|postmaster)|content-type: *message/delivery-status)`)
	for _, stem := range letters(t, "mime", "helpdesk", "trimming") {
		raw, m := readLetter(t, stem)
		if m != nil && m.Kind != KindReply && !says.Match(raw) {
			t.Errorf("%s: %s, subject %q", stem, m.Kind, m.Subject)
		}
	}
}

func TestCorpusIsFast(t *testing.T) {
	var bytes int
	start := time.Now()
	stems := letters(t, "mime", "helpdesk", "bounces", "trimming")
	for _, stem := range stems {
		raw, _ := os.ReadFile(stem + ".eml")
		bytes += len(raw)
		one := time.Now()
		_, _ = Parse(raw)
		if d := time.Since(one); d > 2*time.Second {
			t.Errorf("%s took %v", stem, d)
		}
	}
	t.Logf("%d letters, %d bytes in %v", len(stems), bytes, time.Since(start))
}
