package mailauth

import (
	"context"
	"encoding/json"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aside/test/corpora"
)

// corpus finds a folder of letters and tables that others published. They are read
// in place and never copied into the tree.
func corpus(t *testing.T, kind string) string {
	t.Helper()
	dir := filepath.Join(corpora.Dir(t), kind)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no corpus of kind %s: set ASIDE_CORPORA to the folder that holds it", kind)
	}
	return dir
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func TestCorpusDKIM(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(corpus(t, "dkim"), "*", "*.expected.json"))
	judged := 0
	for _, file := range files {
		name := strings.TrimSuffix(file, ".expected.json")
		raw, err := os.ReadFile(name + ".eml")
		if err != nil {
			continue
		}
		t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(name), func(t *testing.T) {
			checkCorpusLetter(t, name, raw)
		})
		judged++
	}
	t.Logf("%d letters", judged)
}

// checkCorpusLetter applies score.py's rules: a pass nobody expects is an error
// always, a pass missed is one unless another verdict is acceptable.
func checkCorpusLetter(t *testing.T, name string, raw []byte) {
	var want struct {
		Now        float64
		Signatures []struct {
			Verdict, Domain, Selector string
			Alg                       string
			Acceptable                []string
		}
		MustNot bool `json:"must_not_authenticate"`
	}
	readJSON(t, name+".expected.json", &want)
	zone := MapResolver{}
	if data, err := os.ReadFile(name + ".dns.json"); err == nil {
		if zone, err = LoadMapResolver(data); err != nil {
			t.Fatal(err)
		}
	}
	c := Checker{Resolver: zone}
	if want.Now > 0 {
		c.Now = func() time.Time { return time.Unix(int64(want.Now), 0) }
	}
	got := c.Check(context.Background(), Letter{Raw: raw, From: "a@example.com"})
	for i, w := range want.Signatures {
		var have Signature
		if i < len(got.DKIM) {
			have = got.DKIM[i]
		}
		if (have.Result == pass) != (w.Verdict == pass) && len(w.Acceptable) == 0 {
			t.Errorf("signature %d: got %s (%s), want %s", i, have.Result, have.Reason, w.Verdict)
		}
		if w.Verdict == temperror && have.Result != temperror {
			t.Errorf("signature %d: temporary trouble became %s", i, have.Result)
		}
		if w.Domain != "" && (have.Domain != w.Domain || have.Selector != w.Selector || w.Alg != "" && have.Algorithm != w.Alg) {
			t.Errorf("signature %d: %+v, want %+v", i, have, w)
		}
	}
	if want.MustNot && got.Verified {
		t.Error("verified, and must not be")
	}
}

// TestCorpusOfAllKinds: whatever strangers sent to others, no letter breaks the
// checker, and without DNS none is verified.
func TestCorpusOfAllKinds(t *testing.T) {
	c := Checker{Resolver: MapResolver{}}
	letters := 0
	err := filepath.WalkDir(corpus(t, ""), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".eml") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		v := c.Check(context.Background(), Letter{Remote: goodIP, Helo: "h.test", MailFrom: "a@b.test", From: "a@b.test", Raw: raw})
		if v.Verified || v.Temporary || v.Refuse {
			t.Errorf("%s: %s", path, describe(v))
		}
		letters++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d letters", letters)
}

func TestCorpusOrganizationalDomain(t *testing.T) {
	dir := corpus(t, "dmarc")
	var table []struct{ Domain, Registrable string }
	readJSON(t, filepath.Join(dir, "publicsuffix-list", "org_domain.json"), &table)
	for _, c := range table {
		if got, want := registrable(suffixes, c.Domain), ascii(c.Registrable); got != want {
			t.Errorf("%q: got %q, want %q", c.Domain, got, want)
		}
	}
	var small struct {
		List  string
		Cases []struct {
			Domain string
			Org    string `json:"org_domain"`
		}
	}
	readJSON(t, filepath.Join(dir, "mox", "org_domain.json"), &small)
	list := smallList(small.List)
	for _, c := range small.Cases {
		got := registrable(list, c.Domain)
		if got == "" { // a suffix is its own organization
			got = ascii(c.Domain)
		}
		if want := ascii(c.Org); got != want {
			t.Errorf("%q: got %q, want %q", c.Domain, got, want)
		}
	}
}

// smallList is a public suffix list in its own text format, with the ICANN part
// only: the corpus carries one to make its answers independent of the day.
type smallList string

func (l smallList) String() string { return "small" }

func (l smallList) PublicSuffix(domain string) string {
	text, _, _ := strings.Cut(string(l), "// ===END ICANN DOMAINS===")
	best := domain[strings.LastIndexByte(domain, '.')+1:]
	for line := range strings.Lines(text) {
		rule := strings.TrimSpace(line)
		if rule == "" || strings.HasPrefix(rule, "//") {
			continue
		}
		except := strings.HasPrefix(rule, "!")
		labels := strings.Split(ascii(strings.TrimPrefix(rule, "!")), ".")
		have := strings.Split(domain, ".")
		if len(have) < len(labels) {
			continue
		}
		tail := have[len(have)-len(labels):]
		if !slices.EqualFunc(labels, tail, func(r, d string) bool { return r == "*" || r == d }) {
			continue
		}
		if except {
			return strings.Join(tail[1:], ".")
		}
		if s := strings.Join(tail, "."); len(s) > len(best) {
			best = s
		}
	}
	return best
}

func TestCorpusDMARC(t *testing.T) {
	var table struct {
		DNS       json.RawMessage
		LookupDNS json.RawMessage `json:"lookup_dns"`
		Cases     []struct {
			Note, Expected, SPF string
			SPFDomain           string `json:"spf_domain"`
			From                string `json:"from_domain"`
			Reject              bool
			DKIM                []struct{ Domain, Verdict string }
		}
		Lookup []struct {
			Domain, Status, Error string
			Record                string `json:"record_domain"`
		}
	}
	readJSON(t, filepath.Join(corpus(t, "dmarc"), "mox", "verify.json"), &table)
	zone, err := LoadMapResolver(table.DNS)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range table.Cases {
		var signatures []Signature
		for _, d := range c.DKIM {
			signatures = append(signatures, Signature{Domain: d.Domain, Result: d.Verdict, counts: true})
		}
		f := checkDMARC(context.Background(), newBudget(zone, maxLookups), c.From, signatures, SPF{Result: c.SPF, Domain: c.SPFDomain})
		var v Verdict
		v.decide(f)
		if f.Result != c.Expected || v.Refuse != c.Reject {
			t.Errorf("%s: got %s refuse=%v, want %s %v", c.Note, f.Result, v.Refuse, c.Expected, c.Reject)
		}
		if v.Verified && c.Expected != pass && c.SPFDomain != c.From {
			t.Errorf("%s: verified", c.Note)
		}
	}
	zone, err = LoadMapResolver(table.LookupDNS)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range table.Lookup {
		w := walker{ctx: context.Background(), dns: newBudget(zone, maxLookups)}
		p, err := w.discover(c.Domain)
		status := none
		switch {
		case err != nil:
			status = temperror
			p.domain = c.Domain
		case p.faulty:
			status = permerror
		}
		if status != c.Status || p.domain != c.Record || p.ok != (c.Error == "" || c.Error == "syntax") {
			t.Errorf("%s: got %s at %s (%v), want %s at %s (%s)", c.Domain, status, p.domain, p.ok, c.Status, c.Record, c.Error)
		}
	}
}

func ascii(domain string) string {
	if domain == "" {
		return ""
	}
	if a, ok := addressDomain("a@" + domain); ok {
		return a
	}
	return registrableLabel(domain)
}

// registrableLabel is a rule of a suffix list as ASCII: it may be one label, or
// start with "*", which no domain may.
func registrableLabel(rule string) string {
	rest, star := strings.CutPrefix(rule, "*.")
	a, ok := addressDomain("a@x." + rest)
	if !ok {
		return rule
	}
	a = strings.TrimPrefix(a, "x.")
	if star {
		return "*." + a
	}
	return a
}

func TestCorpusSPF(t *testing.T) {
	dir := filepath.Join(corpus(t, "spf"), "rfc7208-openspf")
	var zones []map[string][]map[string]json.RawMessage
	readJSON(t, filepath.Join(dir, "zones.json"), &zones)
	var cases []struct {
		ID, IP, Helo, MailFrom, Description string
		Zone                                int
		AnyOf                               []string `json:"expected_any_of"`
	}
	readJSON(t, filepath.Join(dir, "cases.json"), &cases)
	right := 0
	for _, c := range cases {
		zone := suiteZone(t, zones[c.Zone])
		got := checkSPF(context.Background(), newBudget(zone, 200), Letter{Remote: net.ParseIP(c.IP), Helo: c.Helo, MailFrom: c.MailFrom})
		if slices.Contains(c.AnyOf, got.Result) {
			right++
			continue
		}
		t.Errorf("%s: got %s, want %v (%s)", c.ID, got.Result, c.AnyOf, c.Description)
	}
	t.Logf("%d of %d", right, len(cases))
}

// suiteZone turns the suite's records into ours. Its SPF records stand for TXT
// where no TXT is given: they date from before RFC 7208 dropped the type.
func suiteZone(t *testing.T, zone map[string][]map[string]json.RawMessage) MapResolver {
	t.Helper()
	m := MapResolver{}
	for name, records := range zone {
		var r MapRecords
		var spf []string
		for _, record := range records {
			for kind, value := range record {
				switch kind {
				case "TXT":
					r.TXT = append(r.TXT, suiteText(value)...)
				case "SPF":
					spf = append(spf, suiteText(value)...)
				case "MX":
					var mx []any
					if err := json.Unmarshal(value, &mx); err != nil {
						t.Fatal(err)
					}
					r.MX = append(r.MX, mx[1].(string))
				case "A", "AAAA":
					r.A = append(r.A, suiteText(value)...)
				case "PTR":
					r.PTR = append(r.PTR, suiteText(value)...)
				case "CNAME":
					r.CNAME = suiteText(value)[0]
				case "TIMEOUT":
					r.Error = "timeout"
				case "CNAMELOOP":
					r.CNAME = name
				default:
					t.Fatalf("%s: unknown record %s", name, kind)
				}
			}
		}
		if len(r.TXT) == 0 {
			r.TXT = spf
		} else if r.TXT[0] != "NONE" {
			r.Error = "" // it was the SPF type that timed out
		}
		m[mapName(name)] = r
		if ip := reversed(name); ip != "" {
			m[mapName(ip)] = r
		}
	}
	return m
}

// suiteText is one record: a string, or several to be joined.
func suiteText(value json.RawMessage) []string {
	var one string
	if json.Unmarshal(value, &one) == nil {
		return []string{one}
	}
	var parts []string
	_ = json.Unmarshal(value, &parts)
	return []string{strings.Join(parts, "")}
}

// reversed gives the address a reverse name stands for, or "".
func reversed(name string) string {
	if four, ok := strings.CutSuffix(name, ".in-addr.arpa"); ok {
		labels := strings.Split(four, ".")
		slices.Reverse(labels)
		return strings.Join(labels, ".")
	}
	six, ok := strings.CutSuffix(name, ".ip6.arpa")
	if !ok {
		return ""
	}
	labels := strings.Split(strings.ToLower(six), ".")
	slices.Reverse(labels)
	var b strings.Builder
	for i, l := range labels {
		if i > 0 && i%4 == 0 {
			b.WriteByte(':')
		}
		b.WriteString(l)
	}
	return net.ParseIP(b.String()).String()
}

// TestCorpusARC reads the chains others published. cv_fail_i1_as_cv_fail and the like leave the word open.
func TestCorpusARC(t *testing.T) {
	dir := filepath.Join(corpus(t, "dkim"), "valimail-arc_test_suite", "validation")
	data, err := os.ReadFile(filepath.Join(dir, "dns.json"))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := LoadMapResolver(data)
	if err != nil {
		t.Fatal(err)
	}
	for name, record := range suiteKeys(t, filepath.Join(dir, "..", "arc-draft-validation-tests.yml")) {
		if _, ok := zone[name]; !ok {
			zone[name] = MapRecords{TXT: []string{record}}
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.eml"))
	right := 0
	for _, file := range files {
		var want struct {
			CV          string `json:"arc_cv"`
			Description string
		}
		name := strings.TrimSuffix(file, ".eml")
		readJSON(t, name+".expected.json", &want)
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := ARC{Result: none}
		if fields, body, err := splitLetter(raw); err != nil {
			got = ARC{Result: fail, Reason: err.Error()}
		} else {
			got = checkARC(context.Background(), newBudget(zone, maxARCLookups), &keyCache{}, fields, body, "d1.example", time.Unix(1e9, 0))
		}
		if want.CV != "" && got.Result != strings.ToLower(want.CV) {
			t.Errorf("%s: got %+v, want %s (%s)", filepath.Base(name), got, want.CV, want.Description)
			continue
		}
		right++
	}
	t.Logf("%d of %d", right, len(files))
}

// suiteKeys are the key records that the suite's own file holds beside its letters: "  512._domainkey.example.org: >-" and the lines
// below it that are indented further.
func suiteKeys(t *testing.T, path string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	keys, name := map[string]string{}, ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n")
		if key, ok := strings.CutSuffix(line, ": >-"); ok && strings.Contains(key, "._domainkey.") {
			name = mapName(strings.TrimSpace(key))
			keys[name] = ""
		} else if name != "" && strings.HasPrefix(line, "    ") {
			keys[name] += strings.TrimSpace(line) + " "
		} else {
			name = ""
		}
	}
	return keys
}
