package desk

import (
	"strconv"

	"github.com/pocketbase/pocketbase/core"
)

// logPrivacy writes down, for a project's managers, what was done to people's data.
func logPrivacy(tx core.App, values map[string]any) error {
	r, err := newRecord(tx, "privacy_log")
	if err != nil {
		return err
	}
	r.Load(values)
	return put(tx, r)
}

// plural is "1 item", "2 items".
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}
