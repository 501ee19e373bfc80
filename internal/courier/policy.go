package courier

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

const (
	maxPolicy    = 64 << 10               // RFC 8461 3.3 suggests this limit
	maxPolicyAge = 31557600 * time.Second // a year, RFC 8461 3.2
	stsVersion   = "STSv1"                // the only one
	alnum        = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	maxPolicyID  = 32 // RFC 8461 3.1
)

// policy is what a domain says of its mail servers (RFC 8461 3.2). A nil policy says
// nothing.
type policy struct {
	id      string
	mode    string // enforce, testing, none
	mx      []string
	maxAge  time.Duration
	expires time.Time
}

// enforced: mail that cannot go by the policy stays.
func (p *policy) enforced() bool { return p != nil && p.mode == "enforce" }

// allows matches host against the mx patterns; a "*" stands for exactly one label
// (RFC 8461 4.1).
func (p *policy) allows(host string) bool {
	_, parent, _ := strings.Cut(host, ".")
	for _, pattern := range p.mx {
		if wild, ok := strings.CutPrefix(pattern, "*."); (ok && parent != "" && wild == parent) || pattern == host {
			return true
		}
	}
	return false
}

// stsID finds the id in a domain's TXT records: one record of version STSv1, else none
// counts (RFC 8461 3.1).
func stsID(txts []string) (id string, ok bool) {
	for _, txt := range txts {
		version, rest, _ := strings.Cut(txt, ";")
		if strings.TrimSpace(version) != "v="+stsVersion {
			continue
		}
		if ok {
			return "", false
		}
		if id, ok = recordID(rest); !ok {
			return "", false
		}
	}
	return id, ok
}

func recordID(fields string) (string, bool) {
	for field := range strings.SplitSeq(fields, ";") {
		if id, ok := strings.CutPrefix(strings.TrimSpace(field), "id="); ok {
			return id, id != "" && len(id) <= maxPolicyID && strings.Trim(id, alnum) == ""
		}
	}
	return "", false
}

// parsePolicy reads the policy text. Unknown fields are skipped; of a field that may
// stand once the first counts.
func parsePolicy(text string) (*policy, error) {
	p := &policy{maxAge: -1}
	version := ""
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(name) {
		case "version":
			version = first(version, value)
		case "mode":
			p.mode = first(p.mode, value)
		case "max_age":
			if seconds, err := strconv.ParseUint(value, 10, 31); err == nil && p.maxAge < 0 {
				p.maxAge = min(time.Duration(seconds)*time.Second, maxPolicyAge)
			}
		case "mx":
			p.mx = append(p.mx, strings.ToLower(strings.TrimSuffix(value, ".")))
		}
	}
	switch {
	case version != stsVersion:
		return nil, errors.New("not a policy of version STSv1")
	case p.mode != "enforce" && p.mode != "testing" && p.mode != "none":
		return nil, errors.New("a policy without a known mode")
	case p.maxAge < 0:
		return nil, errors.New("a policy without max_age")
	case p.mode != "none" && len(p.mx) == 0:
		return nil, errors.New("a policy without mx")
	}
	return p, nil
}

func first(have, next string) string {
	if have != "" {
		return have
	}
	return next
}
