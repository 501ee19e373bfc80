package mailauth

import "strings"

// maxDMARCRecord bounds a policy record in bytes; real ones stay under 512.
const maxDMARCRecord = 4096

// record is a DMARC policy record, read (RFC 9989 4.7).
type record struct {
	policy      string // p=: none, quarantine or reject
	below       string // sp=, or p= without it
	nonexistent string // np=, or what stands in for it
	psd         byte   // y, n or u
	strictDKIM  bool   // adkim=s
	strictSPF   bool   // aspf=s
	testing     bool   // t=y
	faulty      bool   // some part had to be discarded
	unprocessed bool   // no usable policy and nobody to report to: RFC 9989 4.10.1 applies no DMARC
}

// readRecord reads a TXT record. ok is false for what is not a policy record at
// all: another text, or one whose first tag is not v=DMARC1 to the letter. Faults
// behind that are discarded for the defaults, unknown tags are ignored.
func readRecord(text string) (r record, ok bool) {
	first, rest, _ := strings.Cut(text, ";")
	name, version, _ := strings.Cut(first, "=")
	if asciiLower(trimFWS(name)) != "v" || trimFWS(version) != "DMARC1" || len(text) > maxDMARCRecord {
		return r, false
	}
	r.psd = 'u'
	tags := r.readTags(rest)
	r.applyPolicies(tags)
	r.psd = choice(tags["psd"], "ynu", 'u')
	r.testing = choice(tags["t"], "yn", 'n') == 'y'
	r.strictDKIM = choice(tags["adkim"], "rs", 'r') == 's'
	r.strictSPF = choice(tags["aspf"], "rs", 'r') == 's'
	return r, true
}

// readTags gives the tags in lower case. Of a tag given twice the first holds.
func (r *record) readTags(s string) map[string]string {
	tags := make(map[string]string, 8)
	for part := range strings.SplitSeq(s, ";") {
		name, value, ok := strings.Cut(part, "=")
		name = asciiLower(trimFWS(name))
		_, twice := tags[name]
		switch {
		case trimFWS(part) == "":
		case !ok || twice || !isTagName(name):
			r.faulty = true
		default:
			tags[name] = asciiLower(trimFWS(value))
		}
	}
	return tags
}

// applyPolicies sets the three policies (RFC 9989 4.7, 4.10.1): with one of them
// missing or wrong the whole record asks for nothing, and without a reporting
// address either it is not processed.
func (r *record) applyPolicies(tags map[string]string) {
	p, sound := tags["p"], isPolicy(tags["p"])
	r.policy, r.below, r.nonexistent = p, p, p
	if sp, ok := tags["sp"]; ok {
		r.below, r.nonexistent, sound = sp, sp, sound && isPolicy(sp)
	}
	if np, ok := tags["np"]; ok {
		r.nonexistent, sound = np, sound && isPolicy(np)
	}
	if !sound {
		r.policy, r.below, r.nonexistent, r.faulty = none, none, none, true
		r.unprocessed = !hasReportURI(tags["rua"])
	}
}

func isPolicy(s string) bool { return s == none || s == "quarantine" || s == "reject" }

// schemeMarks are what a URI's scheme may have and a tag's name may not (RFC 3986 3.1).
var schemeMarks = strings.NewReplacer("+", "_", "-", "_", ".", "_")

// hasReportURI wants one syntactically valid URI; mailto: is the one every receiver
// knows (RFC 9989 4.6), other schemes only have to look like one.
func hasReportURI(rua string) bool {
	for uri := range strings.SplitSeq(rua, ",") {
		scheme, rest, ok := strings.Cut(trimFWS(uri), ":")
		if !ok || !isTagName(schemeMarks.Replace(scheme)) || rest == "" {
			continue
		}
		if scheme != "mailto" || strings.Contains(strings.Trim(rest, "@"), "@") {
			return true
		}
	}
	return false
}

// choice takes a one-letter value, or the default for anything else.
func choice(value, allowed string, otherwise byte) byte {
	if len(value) == 1 && strings.Contains(allowed, value) {
		return value[0]
	}
	return otherwise
}
