package smtpd

import (
	"flag"
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
	// Dialogs mostly wait for clocks, so far more of them run at once than there are cores.
	flag.Parse()
	flag.Set("test.parallel", "32")
	code := m.Run()
	for _, dir := range tempDirs {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}
