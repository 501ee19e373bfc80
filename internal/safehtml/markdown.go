package safehtml

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// Bounds of Markdown. goldmark's cost grows with the square of the nesting: 50 000 marks of quotation take it
// seconds. What is over a bound is shown as the plain text it also is.
const (
	maxMarkdown = 64 << 10 // bytes
	maxNesting  = 20       // marks at the beginning of one line
	maxOpen     = 200      // brackets that are open at once
	maxMarks    = 4000     // marks of emphasis in one letter
)

// markdown is goldmark as it comes, without raw HTML. Link definitions ("[a]: https://…") are left out: a few
// bytes that name one, many times over, would grow to hundreds of megabytes.
var markdown = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		parser.WithInlineParsers(parser.DefaultInlineParsers()...),
	)),
	goldmark.WithRenderer(renderer.NewRenderer(renderer.WithNodeRenderers(util.Prioritized(html.NewRenderer(html.WithHardWraps()), 1000)))),
	goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify),
)

// Markdown shows what an agent or a visitor wrote. Raw HTML in it is not read; the result goes through the same policy
// as a stranger's letter. Longer than 64 kB, or nested without reason, it is shown as plain text.
func Markdown(md string) HTML {
	md = valid(md)
	if len(md) > maxMarkdown || tangled(md) {
		return Text(md)
	}
	var b bytes.Buffer
	if err := markdown.Convert([]byte(md), &b); err != nil {
		return Text(md)
	}
	return Clean(b.String(), nil)
}

// tangled says whether s nests deeper or is marked more often than a person would write.
func tangled(s string) bool {
	for line := range strings.SplitSeq(s, "\n") {
		if nesting(line) > maxNesting {
			return true
		}
	}
	open, marks := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '[', '(', '<':
			open++
		case ']', ')', '>':
			open = max(open-1, 0)
		case '*', '_', '~', '`', '!', '|':
			marks++
		}
		if open > maxOpen || marks > maxMarks {
			return true
		}
	}
	return false
}

// nesting counts the marks of quotation and of lists, and the steps of indentation, before a line's first word.
func nesting(line string) int {
	n, spaces := 0, 0
	for i := range len(line) {
		switch c := line[i]; {
		case c == '>' || c == '-' || c == '*' || c == '+':
			n++
		case c == ' ':
			spaces++
		case c == '\t':
			spaces += 4
		case c >= '0' && c <= '9' || c == '.' || c == ')':
		default:
			return n + spaces/4
		}
	}
	if strings.Trim(line, "-*_=+ \t\r") == "" {
		return 0 // a drawn line
	}
	return n + spaces/4
}
