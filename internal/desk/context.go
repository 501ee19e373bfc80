package desk

import (
	"fmt"
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

// Context is the feedback context: the only thing of an item that an outsider may be shown, and only when an agent ticked it (SC-05).
// It is frozen with the message, so that what was sent stays what was sent.
type Context struct {
	Number         int    `json:"number"`
	SubmitterName  string `json:"submitterName,omitempty"`
	SubmitterEmail string `json:"submitterEmail,omitempty"`
	Status         string `json:"status"`
	Excerpt        string `json:"excerpt"`
}

// ContextOf makes the context of an item. Without the submitter it names nobody.
func ContextOf(item *core.Record, hideSubmitter bool) *Context {
	c := &Context{Number: item.GetInt("number"), Status: statusWords[item.GetString("status")], Excerpt: Cut(strings.Join(strings.Fields(cutBytes(item.GetString("message"), 8*ExcerptLength)), " "), ExcerptLength)}
	if !hideSubmitter {
		c.SubmitterName, c.SubmitterEmail = item.GetString("submitterName"), item.GetString("submitterEmail")
		return c
	}
	for _, known := range []string{item.GetString("submitterEmail"), item.GetString("submitterName")} {
		c.Excerpt = without(c.Excerpt, known)
	}
	return c
}

// without blanks a known name or address out of the excerpt, whatever its case, when the submitter is to stay unnamed.
func without(s, known string) string {
	if len(known) < 3 {
		return s
	}
	lower, low := strings.ToLower(s), strings.ToLower(known)
	if len(lower) != len(s) { // a case mapping that changes length: leave the text alone rather than cut it wrongly
		return strings.ReplaceAll(s, known, "…")
	}
	var b strings.Builder
	for {
		i := strings.Index(lower, low)
		if i < 0 {
			return b.String() + s
		}
		b.WriteString(s[:i] + "…")
		s, lower = s[i+len(low):], lower[i+len(low):]
	}
}

// ContextFrom reads the context frozen with a message; nil when none was ticked.
func ContextFrom(message *core.Record) *Context {
	c := &Context{}
	if err := message.UnmarshalJSONField("context", c); err != nil || c.Number == 0 {
		return nil
	}
	return c
}

// Heading is the context's first line.
func (c *Context) Heading() string { return fmt.Sprintf("Feedback #%d · %s", c.Number, c.Status) }
