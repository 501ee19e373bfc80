package test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime/quotedprintable"
	"regexp"
	"strconv"
	"strings"
)

// decode undoes a transfer encoding; line ends come out as LF.
func decode(encoding string, r io.Reader) (string, error) {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	b, err := io.ReadAll(r)
	return strings.ReplaceAll(string(b), "\r\n", "\n"), err
}

// pick reads a value out of JSON by path, or out of any text by a regular expression with one group.
func pick(text, how string) (string, error) {
	if pattern, ok := strings.CutPrefix(how, "/"); ok {
		m := regexp.MustCompile(strings.TrimSuffix(pattern, "/")).FindStringSubmatch(text)
		if len(m) < 2 {
			return "", fmt.Errorf("%s is not in:\n%s", how, text)
		}
		return m[1], nil
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return "", err
	}
	for _, key := range strings.Split(how, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(x) {
				return "", fmt.Errorf("no %s in %s", how, text)
			}
			v = x[i]
		}
	}
	if v == nil {
		return "", fmt.Errorf("no %s in %s", how, text)
	}
	return fmt.Sprint(v), nil
}
