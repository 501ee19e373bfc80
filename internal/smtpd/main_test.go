package smtpd

import (
	"os"
	"testing"
)

var tempDirs []string

// tempDir outlives a single test: making keys is slow, so all tests share a certificate.
func tempDir() (string, error) {
	dir, err := os.MkdirTemp("", "aside-smtpd-")
	tempDirs = append(tempDirs, dir)
	return dir, err
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, dir := range tempDirs {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}
