package email

import "strings"

// messageIDs finds every <id> of a value; a value without brackets is split at white space, as old mailers wrote it.
func messageIDs(v string) []string {
	var ids []string
	if !strings.Contains(v, "<") {
		for _, w := range strings.Fields(v) {
			if strings.Contains(w, "@") || len(ids) == 0 {
				ids = appendID(ids, strings.Trim(w, ">,;"))
			}
		}
		return ids
	}
	for {
		open := strings.IndexByte(v, '<')
		if open < 0 {
			return ids
		}
		v = v[open+1:]
		end := strings.IndexByte(v, '>')
		if end < 0 {
			return appendID(ids, v)
		}
		ids = appendID(ids, v[:end])
		v = v[end+1:]
	}
}

// appendID keeps ids that are ids: not empty, not absurdly long, clean (L-15).
func appendID(ids []string, id string) []string {
	if id = cleanValue(id); id == "" || len(id) > maxIDBytes {
		return ids
	}
	return append(ids, id)
}

// firstID is the first id of a value, or "".
func firstID(v string) string {
	if ids := messageIDs(v); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

// lastIDs keeps the newest MaxReferences.
func lastIDs(ids []string) []string {
	return ids[max(0, len(ids)-MaxReferences):]
}
