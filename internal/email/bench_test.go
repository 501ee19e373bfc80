package email

import (
	"strings"
	"testing"
)

// tenKilobytes is the ordinary letter of issue 5: text and HTML of about 5 kB each.
func tenKilobytes() []byte {
	line := "The quick brown fox jumps over the lazy dog, gr\u00fc\u00dft und l\u00e4uft.\n"
	d := draft()
	d.Attachments = nil
	d.Text = strings.Repeat(line, 55)
	d.HTML = "<html><body>" + strings.Repeat("<p>"+line+"</p>\n", 55) + "</body></html>\n"
	raw, _ := d.Bytes()
	return raw
}

func BenchmarkParse10kB(b *testing.B) {
	raw := tenKilobytes()
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadHeader(b *testing.B) {
	raw := tenKilobytes()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadHeader(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse25MiB(b *testing.B) {
	d := draft()
	d.Attachments = []Attachment{{Name: "a.bin", Type: "application/octet-stream", Data: make([]byte, 18<<20)}}
	raw, _ := d.Bytes()
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDraftBytes(b *testing.B) {
	d := draft()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Bytes(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkContentHash(b *testing.B) {
	raw := tenKilobytes()
	m, _ := Parse(raw)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		ContentHash(m, raw)
	}
}
