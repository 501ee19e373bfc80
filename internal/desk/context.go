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
	c := &Context{Number: item.GetInt("number"), Status: statusWords[item.GetString("status")]}
	text, name, address := oneSpaced(item.GetString("message")), item.GetString("submitterName"), item.GetString("submitterEmail")
	if hideSubmitter {
		text = withoutPerson(text, name, address) // before it is cut, or half an address would stay at the end
	} else {
		c.SubmitterName, c.SubmitterEmail = name, address
	}
	c.Excerpt = Cut(text, ExcerptLength)
	return c
}

func oneSpaced(s string) string { return strings.Join(strings.Fields(s), " ") }

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
