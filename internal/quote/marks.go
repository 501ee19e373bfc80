package quote

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// Marks, in lower case, by what they mean. Outlook on the web prefixes those of older letters with "x_".
var (
	introMarks     = []string{"moz-cite-prefix", "gmail_attr", "fairemail_quote_header", "zmail_extra_hr"}
	restMarks      = []string{"divrplyfwdmsg", "appendonsend", "olk_src_body_section", "stopspelling", "yahoo_quoted", "replyforwardmessage", "mailoriginal", "outlookmessageheader", "ms-outlook-mobile-reference-message", "zmail_extra", "mail-editor-reference-message-container", "quoted-email", "quotedtext"}
	signatureMarks = []string{"gmail_signature", "moz-signature", "applemailsignature", "outlook-mobile-signature", "outlook-signature", "protonmail_signature_block", "yahoo_signature", "ymail_android_signature", "signature_block", "zmail_signature"}
)

func hintOf(tag atom.Atom, key string, val []byte) hint {
	if len(val) > 200 {
		return noHint
	}
	v := strings.ToLower(string(val))
	switch {
	case key == "data-aside" && v == "above":
		return hintRest
	case key == "data-signatureblock" && v == "true" || containsAny(v, signatureMarks):
		return hintSignature
	case tag == atom.Blockquote && strings.Contains(v, "gmail_quote"):
		return hintFormatted
	case containsAny(v, introMarks):
		return hintIntro
	case tag != atom.A && containsAny(v, restMarks):
		return hintRest
	}
	return noHint
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}
